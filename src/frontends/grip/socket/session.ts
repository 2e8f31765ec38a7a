// The life of one client's WebSocket: its origin is asked, the client gets its 101, and what both say and what is published meets
// here until somebody closes. What its origin is, an `OriginEnd` hides.
//
//   asking ─► joining ─► open ─► over    open: `parting.ts` knows who closed, and whose answer is awaited
//      └─────────┴───────────────► over    refused, failed, gone
import { closeReason } from '../../session/coming-back.ts'
import type { FilterOrigin } from '../filter/party.ts'
import type { EndCause } from '../hold/ends.ts'
import type { JoinRefusal } from '../hold/hold.ts'
import type { Head } from '../proxy/answer.ts'
import type { Choice } from '../proxy/choice.ts'
import { type Failure, notHeld, originFailed, unavailable } from '../proxy/failures.ts'
import { Client, type ClientOwner } from './client.ts'
import { closeCodes, codeForRefusal } from './close-words.ts'
import { Entry, type EntryOwner } from './entry.ts'
import { Listed, type ListedOwner } from './listed.ts'
import { Orders, type OrdersOwner } from './orders.ts'
import type { Acceptance, MessageKind, OriginEnd, OriginEndOwner } from './origin-end.ts'
import { Parting, type PartingOwner } from './parting.ts'
import type { Reach } from './reach.ts'
import type { Dismissible, SessionContext } from './surroundings.ts'

type State = 'asking' | 'joining' | 'open' | 'over'

export class Session
  implements Dismissible, ListedOwner, OriginEndOwner, EntryOwner, ClientOwner, OrdersOwner, PartingOwner
{
  readonly #context: SessionContext
  readonly #choice: Choice
  readonly #client: Client
  readonly #listed: Listed
  /** Until the handshake is answered. */
  #entry: Entry | undefined
  /** Undefined: there is none any more, or nobody speaks to it. */
  #origin: OriginEnd | undefined
  #state: State = 'asking'
  /** While it is asked. */
  #reach: Reach | undefined
  #orders: Orders | undefined
  /** Once the 101 has left. */
  #parting: Parting | undefined
  /** How its origin, or an order of it, ended it before. */
  #ending: (() => void) | undefined

  constructor(context: SessionContext, choice: Choice) {
    this.#context = context
    this.#choice = choice
    this.#client = new Client(context.counters, this)
    this.#listed = new Listed(context, choice, this)
    this.#entry = new Entry(choice, this)
  }

  begin(): void {
    this.#reach = this.#context.reach(this.#choice, this)
    this.#origin = this.#reach.next()
    // By the id that its origin knows, where it has one.
    this.#listed.begin()
  }

  /** The node stops, and says when it is to come back, or has no more of it; before the 101 it cannot be served. */
  dismiss(code: number, why: EndCause, returnMs?: number): void {
    if (this.#isAsking) this.#refuse(unavailable(returnMs))
    else this.closeWith(code, closeReason(returnMs), why)
  }

  get isParting(): boolean {
    return this.#parting?.isOpen === false
  }

  get connectionId(): string | undefined {
    return this.#origin?.connectionId
  }

  get channels(): readonly string[] {
    return this.#orders?.channels ?? []
  }

  close(): void {
    if (this.#isAsking) this.#refuse(unavailable())
    else this.closeWith(closeCodes.normal, '', 'closed')
  }

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
    this.over()
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
    const peer = this.#context.accept(this.#choice.exchange, rawHeaders, this.#client)
    if (peer === undefined) return this.left()
    this.#entry = undefined
    this.#state = 'open'
    this.#parting = new Parting(this.#context.clock, this.#client, this)
    this.#listed.open()
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
    this.#parting?.clientClosed(code, reason)
  }

  /** With a close of its own it has said so itself. */
  left(): void {
    if (this.#parting?.isAnswering !== true) this.#origin?.gone()
    this.over()
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
    this.#onceOpen(() => this.#parting?.originClosed(code, reason))
  }

  ended(): void {
    this.#parting?.originEnded()
  }

  disconnected(): void {
    this.#onceOpen(() => {
      this.#origin = undefined
      this.#parting?.cutByOrigin()
    })
  }

  lost(cause: string): void {
    if (this.#state === 'over') return
    this.#origin = undefined
    const failure = originFailed(cause, this.#isDebug)
    if (this.#isAsking) return this.#refuse(failure)
    this.#context.gateway.failed(failure, this.#choice.rule)
    this.#context.counters.socketOriginsLost++
    this.#parting?.originLost(this.#isDebug ? cause : '')
  }

  drained(): void {
    this.#client.resume()
  }

  /** Its origin is told that it is over. */
  closeWith(code: number, reason: string, why: EndCause): void {
    this.#onceOpen(() => {
      if (this.#parting?.isOpen !== true) return
      this.#parting.close(code, reason, why)
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
    const { returns } = this.#context.gateway.holds.engine
    if (this.#state === 'joining') this.#refuse(notHeld(refusal, this.#isDebug, returns))
    else this.closeWith(codeForRefusal(refusal), this.#isDebug ? refusal : '', 'lost')
  }

  cut(why: EndCause): void {
    this.release(why)
    this.#client.cut()
    this.left()
  }

  get origin(): OriginEnd | undefined {
    return this.#origin
  }

  release(why: EndCause): void {
    this.#listed.release(why)
    this.#orders?.stop()
  }

  /** Calling it twice is harmless. */
  over(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#listed.end()
    this.#orders?.stop()
    this.#parting?.stop()
    this.#origin = undefined
    this.#context.left(this)
  }

  get #isDebug(): boolean {
    return this.#choice.rule.debug || this.#context.gateway.settings.debug
  }

  get #isAsking(): boolean {
    return this.#state === 'asking' || this.#state === 'joining'
  }

  /** What the origin says is for the client. */
  get #isSpeaking(): boolean {
    return this.#state === 'joining' || this.#parting?.isOriginHeard === true
  }

  #sentByOrigin(isTaken: boolean, bytes: Uint8Array): void {
    if (isTaken) return
    this.#orders?.blocked(bytes)
    this.#origin?.pause()
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
    this.over()
  }
}
