// The life of one client's WebSocket: its origin is asked, the client gets its 101, and what both say and what is published meets
// here until somebody closes. What its origin is, an `OriginEnd` hides.
//
//   asking ─► joining ─► open ─┬─► answering ─► over    the client closed: its origin has the word
//      │         │             ├─► closing ───► over    its origin, a publisher or we did: the client has it
//      └─────────┴─────────────┴──────────────► over    refused, failed, gone
import type { CloseReason } from '../../../engine/words/refusal.ts'
import type { FrameFault } from '../../../net/gate/frame-peer.ts'
import type { Cancel } from '../../../std/clock.ts'
import type { Connection, ConnectionFacts } from '../control/connection.ts'
import type { FilterOrigin } from '../filter/party.ts'
import type { EndCause } from '../hold/ends.ts'
import type { JoinRefusal } from '../hold/holding.ts'
import type { Head } from '../proxy/answer.ts'
import type { Choice } from '../proxy/choice.ts'
import { factsOfSocket } from '../proxy/facts.ts'
import { type Failure, notHeld, originFailed, unavailable } from '../proxy/failures.ts'
import { Client, type ClientOwner } from './client.ts'
import {
  causeOfLoss,
  closeCodes,
  codeForClient,
  codeForLoss,
  codeForOrigin,
  codeForRefusal,
} from './close-words.ts'
import { Entry, type EntryOwner } from './entry.ts'
import { Orders, type OrdersOwner } from './orders.ts'
import type { Acceptance, MessageKind, OriginEnd, OriginEndOwner } from './origin-end.ts'
import type { Reach } from './reach.ts'
import type { Dismissible, SessionContext } from './surroundings.ts'

type State = 'asking' | 'joining' | 'open' | 'answering' | 'closing' | 'over'

/** How long a close waits for its answer (contract §14, fault 29). A whole request to an origin, or a client far away, takes less. */
const closeMs = 5_000

export class Session
  implements Connection, Dismissible, OriginEndOwner, EntryOwner, ClientOwner, OrdersOwner
{
  readonly #context: SessionContext
  readonly #choice: Choice
  readonly #client: Client
  /** Until the handshake is answered. */
  #entry: Entry | undefined
  /** Undefined: there is none any more, or nobody speaks to it. */
  #origin: OriginEnd | undefined
  #state: State = 'asking'
  /** While it is asked. */
  #reach: Reach | undefined
  #orders: Orders | undefined
  /** What its origin said before the 101 had left; while it has the word, what is answered without it. */
  #ending: (() => void) | undefined
  #timer: Cancel | undefined

  constructor(context: SessionContext, choice: Choice) {
    this.#context = context
    this.#choice = choice
    this.#client = new Client(context.counters, this)
    this.#entry = new Entry(choice, this)
  }

  begin(): void {
    this.#count(1)
    this.#reach = this.#context.reach(this.#choice, this)
    this.#origin = this.#reach.next()
    // By the id that its origin knows, where it has one.
    this.#context.gateway.observer.opened(this)
  }

  /** The node stops, or has no more of it. */
  dismiss(code: number, why: EndCause = 'stopped'): void {
    if (this.#isAsking) this.#refuse(unavailable)
    else this.closeWith(code, '', why)
  }

  get facts(): ConnectionFacts {
    return factsOfSocket(this.#choice, {
      id: this.#origin?.connectionId,
      channels: this.#orders?.channels ?? [],
    })
  }

  close(): void {
    if (this.#isAsking) this.#refuse(unavailable)
    else this.closeWith(closeCodes.normal, '', 'closed')
  }

  /** Its ids are the engine's business alone. */
  recover(): void {}
  opened({ messagePrefix, rawHeaders, subscriptions }: Acceptance): void {
    if (this.#state !== 'asking') return
    this.#state = 'joining'
    this.#reach = undefined
    const { gateway, counters } = this.#context
    const { prefix: channelPrefix, id: route = '' } = this.#choice.rule
    const context = { gateway, counters, isDebug: this.#isDebug, channelPrefix, route }
    this.#orders = new Orders({ ...context, messagePrefix }, this.#client, this)
    this.#orders.joinImplicit(subscriptions)
    this.#entry?.accept(rawHeaders)
  }

  refused(head: Head, body: Uint8Array): void {
    if (this.#state !== 'asking') return
    this.#context.counters.socketsRefused++
    this.#entry?.refuse(head, body)
    this.#over()
  }

  failed(failure: Failure): void {
    if (!this.#isAsking) return
    const next = this.#reach?.after(failure) ?? failure
    if ('status' in next) return this.#refuse(next)
    this.#origin = next
  }

  get isLive(): boolean {
    return this.#orders?.isLive ?? true
  }

  live(): void {
    this.#entry?.proceed()
  }

  enter(rawHeaders: readonly string[]): void {
    const { accept, counters, gateway } = this.#context
    const peer = accept(this.#choice.exchange, rawHeaders, this.#client)
    if (peer === undefined) return this.left()
    this.#entry = undefined
    this.#count(-1)
    this.#state = 'open'
    this.#count(1)
    counters.socketsOpened++
    gateway.connections.hold(this)
    this.#client.open(peer)
    this.#ending?.()
  }

  /** Until the client answers a close of the origin's, too. */
  said(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): boolean {
    if (isFirst) this.#context.counters.clientMessages++
    return this.#origin?.message(kind, piece, isFirst, isLast) ?? true
  }

  pinged(payload: Buffer): boolean {
    return this.#origin?.ping(payload) ?? true
  }

  ponged(payload: Buffer): boolean {
    return this.#origin?.pong(payload) ?? true
  }

  parting(code: number | undefined, reason: Buffer): void {
    const origin = this.#origin
    const sound = codeForOrigin(code)
    if (this.#state === 'closing') {
      origin?.close(sound, reason)
      this.#part()
    } else if (this.#state === 'open') {
      // Nobody is left who would say more (contract §8.5).
      if (origin === undefined) return this.#answer(closeCodes.normal, '')
      this.#release('client-left')
      this.#state = 'answering'
      this.#orders?.stop()
      const echo = () => this.#answer(sound, reason)
      this.#ending = echo
      this.#timer = this.#context.clock.after(closeMs, echo)
      origin.close(sound, reason)
    }
  }

  /** With a close of its own it has said so itself. */
  left(fault?: FrameFault): void {
    if (fault !== undefined) this.#context.counters.socketFaults++
    if (this.#state !== 'answering') this.#origin?.gone()
    this.#over()
  }

  freed(): void {
    if (!this.#isSpeaking) return
    this.#origin?.resume()
    if (!this.#client.mustWait) this.#orders?.drained()
  }

  message(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): void {
    if (!this.#isSpeaking) return
    const isTaken = this.#orders?.message(kind, piece, isFirst, isLast) ?? true
    this.#sentByOrigin(isTaken, piece)
  }

  ping(payload: Buffer): void {
    if (this.#isSpeaking) this.#sentByOrigin(this.#client.passPing(payload), payload)
  }

  pong(payload: Buffer): void {
    if (this.#isSpeaking) this.#sentByOrigin(this.#client.passPong(payload), payload)
  }

  closed(code: number | undefined, reason: Buffer): void {
    this.#onceOpen(() => {
      if (this.#state === 'answering') this.#answer(codeForClient(code), reason)
      // It hears the client's answer.
      else if (this.#state === 'open') this.#closeClient(codeForClient(code), reason, 'origin')
    })
  }

  /** Contract §8.4, row 226. */
  ended(): void {
    if (this.#state === 'answering') this.#part()
  }

  disconnected(): void {
    this.#onceOpen(() => {
      this.#origin = undefined
      this.#release('origin')
      this.#part()
    })
  }

  lost(cause: string): void {
    if (this.#state === 'over') return
    this.#origin = undefined
    const failure = originFailed(cause, this.#isDebug)
    if (this.#isAsking) return this.#refuse(failure)
    this.#context.gateway.failed(failure, this.#choice.rule)
    this.#context.counters.socketOriginsLost++
    if (this.#state === 'open')
      this.#closeClient(closeCodes.failed, this.#isDebug ? cause : '', 'origin-failed')
    else if (this.#state === 'answering') this.#ending?.()
  }

  drained(): void {
    this.#client.resume()
  }

  /** Its origin is told that it is over. */
  closeWith(code: number, reason: string, why: EndCause): void {
    this.#onceOpen(() => {
      if (this.#state !== 'open') return
      this.#closeClient(code, reason, why)
      this.leaveOrigin()
    })
  }

  leaveOrigin(): void {
    this.#origin?.leave()
    this.#origin = undefined
    // It may have been told to wait for the origin.
    this.#client.resume()
  }

  refresh(): void {
    this.#origin?.refresh()
  }

  filterOrigin(): FilterOrigin {
    return this.#context.gateway.filterOrigin(this.#choice)
  }

  /** Whoever cannot be told closes its client: a hole is never silent. */
  strandedAt(channel: string, id: string): void {
    if (this.#origin?.tellLastId({ channel, id }) === true) return
    this.closeWith(closeCodes.failed, `channel '${channel}' cannot be resumed`, 'missed')
  }

  notJoined(refusal: JoinRefusal): void {
    if (this.#state === 'joining') this.#refuse(notHeld(refusal, this.#isDebug))
    else this.closeWith(codeForRefusal(refusal), this.#isDebug ? refusal : '', 'lost')
  }

  letGo(reason: CloseReason): void {
    const why = reason === 'slow' && this.#orders?.isPacing === true ? 'rate' : causeOfLoss(reason)
    if (reason !== 'slow' || !this.#client.isBehind) return this.dismiss(codeForLoss(reason), why)
    this.#release(why)
    // What would be said to it waits behind all that it does not read.
    this.#client.cut()
    this.left()
  }

  overrun(): void {
    this.dismiss(closeCodes.tryAgain, 'rate')
  }

  get #isDebug(): boolean {
    return this.#choice.rule.debug || this.#context.gateway.settings.debug
  }

  get #isAsking(): boolean {
    return this.#state === 'asking' || this.#state === 'joining'
  }

  /** What the origin says is for the client, up to its answer to a close. */
  get #isSpeaking(): boolean {
    return this.#state === 'open' || this.#state === 'joining' || this.#state === 'answering'
  }

  #sentByOrigin(isTaken: boolean, bytes: Uint8Array): void {
    if (isTaken) return
    this.#orders?.blocked(bytes)
    this.#origin?.pause()
  }

  /** Before it leaves its channels; the first cause counts. */
  #release(why: EndCause): void {
    this.#context.gateway.connections.release(this, why)
  }

  #onceOpen(run: () => void): void {
    if (this.#state === 'joining') this.#ending ??= run
    else run()
  }

  /** Before the 101. */
  #refuse(failure: Failure): void {
    this.#origin?.gone()
    this.#context.gateway.failed(failure, this.#choice.rule)
    this.#entry?.fail(failure)
    this.#over()
  }

  #closeClient(code: number, reason: string | Uint8Array, why: EndCause): void {
    this.#release(why)
    this.#state = 'closing'
    this.#orders?.stop()
    this.#timer = this.#context.clock.after(closeMs, () => {
      this.#origin?.gone()
      this.#part()
    })
    this.#client.close(code, reason)
  }

  /** The client's close is answered, and that is all. */
  #answer(code: number | undefined, reason: string | Uint8Array): void {
    this.#client.close(code ?? closeCodes.normal, reason)
    this.#part()
  }

  #part(): void {
    this.#client.end()
    this.#over()
  }

  /** Calling it twice is harmless. */
  #over(): void {
    if (this.#state === 'over') return
    this.#count(-1)
    this.#release('client-left')
    this.#context.gateway.connections.close(this)
    this.#state = 'over'
    this.#orders?.stop()
    this.#timer?.()
    this.#origin = undefined
    this.#context.left(this)
  }

  #count(by: number): void {
    this.#context.counters[this.#isAsking ? 'socketsAsking' : 'sockets'] += by
  }
}
