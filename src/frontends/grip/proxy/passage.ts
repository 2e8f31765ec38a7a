// The life of one client's request: asked of its origin, relayed or held, asked again while its subscriptions stay, and
// answered once.
//
//   asking ─┬─► relaying ──────────► over     plain answer
//           ├─► streaming ⇄ paging ─► over     stream hold
//           ├─► polling ⇄ asking ───► over     response hold
//           └───────────────────────► over     failure, or the client left
import type { GateExchange } from '../../../net/gate/gate-exchange.ts'
import type { Connection, ConnectionFacts } from '../control/connection.ts'
import type { FilterOrigin } from '../filter/party.ts'
import type { EndCause } from '../hold/ends.ts'
import type { Channels, JoinRefusal } from '../hold/hold.ts'
import { Holding } from '../hold/holding.ts'
import type { HoldingOwner } from '../hold/holding-owner.ts'
import { headOf, responseOf, type StoredResponse } from '../hold/response-of.ts'
import { headerBytesOf } from '../hold/stored-bytes.ts'
import { type Hold as HoldInstruct, type Instruct, noHold } from '../instruct/instruct.ts'
import type { ResponseSend } from '../item/item.ts'
import { deaf, type Head, type Receiver } from './answer.ts'
import { Asking, type AskingOwner } from './asking.ts'
import type { Failure as AttemptFailure } from './attempt.ts'
import type { Choice } from './choice.ts'
import { Errand } from './errand.ts'
import { factsOf } from './facts.ts'
import { causeOf, type Failure, notHeld, originFailed, requestTooLarge, unavailable } from './failures.ts'
import type { Gateway } from './gateway.ts'
import { Opening } from './opening.ts'
import { Outlet } from './outlet.ts'
import { RequestBody } from './request-body.ts'

export class Passage implements HoldingOwner, AskingOwner, Connection {
  readonly #gateway: Gateway
  readonly #choice: Choice
  readonly #outlet: Outlet
  readonly #body: RequestBody
  readonly #holding: Holding
  readonly #asking: Asking
  /** A stream whose head waits for its channels. */
  #opening: Opening | undefined
  /** What it waits for, once it has waited for something. */
  #errand: Errand | undefined
  /** Of the first answer that is held: who is told at the end. */
  #gone: string | undefined
  /** How often something was missing. An origin whose ids are never those of its channels must not be asked without end. */
  #timesAgain = 0
  #isOver = false

  constructor(gateway: Gateway, exchange: GateExchange, choice: Choice) {
    this.#gateway = gateway
    this.#choice = choice
    const decorate = (raw: readonly string[]) => gateway.decorated(choice, exchange.rawHeaders, raw)
    this.#outlet = new Outlet(exchange, decorate, choice.wrapping)
    this.#body = new RequestBody(exchange.body, gateway)
    this.#holding = new Holding(gateway, this)
    this.#asking = new Asking(gateway, choice, this)
    exchange.onAborted(() => this.#over('client-left'))
    gateway.observer.opened(this)
  }

  serve(): void {
    this.#body.prepare(
      () => this.#ask(),
      failure => this.#fail(failure),
    )
  }

  get isDebug(): boolean {
    return this.#choice.rule.debug || this.#gateway.settings.debug
  }

  get route(): string {
    return this.#choice.rule.id ?? ''
  }

  get facts(): ConnectionFacts {
    return factsOf(this.#choice, this.#holding)
  }

  close(): void {
    this.torn('closed')
  }

  /** For WebSockets alone. */
  refresh(): void {}

  recover(): void {
    this.#holding.recover()
  }

  // What the origin says.

  #ask(): void {
    this.#asking.ask(this.#body, this.#holding.channels)
  }

  relay(head: Head): Receiver {
    this.#gateway.connections.release(this, 'origin')
    this.#holding.leave()
    this.#asking.count(false)
    this.#body.forget()
    return this.#outlet.relay(head, {
      drained: () => this.#asking.resume(),
      ended: () => this.#over('origin'),
    })
  }

  accept(instruct: Instruct, head: Head, body: Uint8Array): void {
    const { hold, next } = instruct
    if (!this.#mayRepeat()) return
    if (hold?.mode === 'response') return this.#poll(instruct, hold, { ...headOf(head, instruct), body })
    if (hold === undefined && next === undefined) {
      this.#outlet.reply(headOf(head, instruct), body)
      return this.#over('origin')
    }
    const receiver = this.openStream(instruct, head)
    if (body.length > 0) receiver.piece(body)
    receiver.end()
  }

  unfit(instruct: Instruct, head: Head, cause: string): void {
    this.#gateway.bodyUnfit(cause, this.#choice.rule)
    this.#outlet.reply(headOf(head, instruct), Buffer.from(this.isDebug ? `\n\n${cause}\n` : ''))
    this.#over('origin-failed')
  }

  unusable(cause: string): void {
    this.#fail(originFailed(cause, this.isDebug))
  }

  failed(failure: AttemptFailure): void {
    // What the client has of an answer is torn, and must not look whole (contract §14, fault 5).
    if (this.#outlet.hasBegun) {
      this.#gateway.failed(originFailed(causeOf(failure), false), this.#choice.rule)
      this.torn('origin-failed')
    } else this.#fail(originFailed(causeOf(failure), this.isDebug))
  }

  /** What is held may have to be asked again: so its request must be at hand. */
  #mayRepeat(): boolean {
    if (this.#body.isKept) return true
    this.#fail(requestTooLarge)
    return false
  }

  // Holds.

  channelsOf(hold: HoldInstruct): Channels | undefined {
    return this.#gateway.channelsOf(hold, this.#choice.rule.prefix, this.#asking.subscriptions)
  }

  joined(): void {
    const opening = this.#opening
    this.#opening = undefined
    if (opening === undefined) return
    opening.open()
    this.#asking.resume()
  }

  #poll(instruct: Instruct, hold: HoldInstruct, stored: StoredResponse): void {
    const refusal = this.#join(instruct, hold)
    if (refusal !== undefined) this.#fail(notHeld(refusal, this.isDebug, this.#gateway.holds.engine.returns))
    else {
      this.#asking.count(false)
      const requestBytes = headerBytesOf(this.#choice.exchange.rawHeaders)
      this.#holding.poll(stored, hold.timeoutMs, requestBytes)
    }
  }

  answer(stored: StoredResponse, format: ResponseSend | undefined, why: EndCause): void {
    const { body, ...head } = format === undefined ? stored : responseOf(stored, format)
    this.#outlet.release(head, body)
    this.#over(why)
  }

  /** The hold is handed back, and whatever the origin answers begins anew (contract §5.7). */
  askAgain(isAtOnce: boolean): void {
    this.#gateway.counters.askedAgain++
    this.#asking.count(true)
    this.#holding.wait()
    this.#tellGone()
    if (isAtOnce) this.#ask()
    else this.#errands().turn(this.#gateway.later(++this.#timesAgain, () => this.#ask()))
  }

  openStream(instruct: Instruct, origin: Head): Receiver {
    if (!this.#mayRepeat()) return deaf
    const head = headOf(origin, { ...instruct, hold: instruct.hold ?? noHold })
    // Next pages are asked for by requests of their own.
    this.#body.forget()
    const opening = new Opening(instruct, () => {
      this.#asking.count(false)
      const stream = this.#holding.open(this.#outlet.open(head), instruct)
      // There is nothing to hold behind a head alone (contract §16).
      if (this.#choice.exchange.method === 'HEAD') stream.end('origin')
      return stream
    })
    this.#opening = opening
    const refusal = this.#join(instruct, instruct.hold ?? noHold)
    if (refusal !== undefined) {
      this.#fail(notHeld(refusal, this.isDebug, this.#gateway.holds.engine.returns))
      return deaf
    }
    return opening
  }

  fetch(uri: string, isAtOnce: boolean): void {
    this.#errands().fetch(uri, isAtOnce)
  }

  filterOrigin(): FilterOrigin {
    return this.#gateway.filterOrigin(this.#choice, this.#errand?.uri)
  }

  behind(): void {
    this.#outlet.onDrained(() => {
      // In this order: who goes on may have the client behind again before it returns.
      this.#holding.drained()
      this.#asking.resume()
      this.#errand?.resume()
    })
  }

  #join(instruct: Instruct, hold: HoldInstruct): JoinRefusal | undefined {
    this.#gone ??= instruct.gone?.uri
    this.#gateway.counters.ignoredChannels += instruct.ignoredChannels
    this.#gateway.connections.hold(this)
    return this.#holding.join(hold)
  }

  // The end.

  ended(why: EndCause): void {
    this.#over(why)
  }

  lost(why: EndCause, returnMs?: number): void {
    this.#fail(unavailable(returnMs), why)
  }

  torn(why: EndCause): void {
    this.#over(why)
    this.#outlet.cut()
  }

  #fail(failure: Failure, why: EndCause = 'origin-failed'): void {
    if (this.#isOver) return
    this.#gateway.failed(failure, this.#choice.rule)
    this.#outlet.refuse(failure)
    this.#over(why)
  }

  /** Whatever ended it, the client's leaving too. Calling it twice is harmless. */
  #over(why: EndCause): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#asking.stop()
    this.#opening = undefined
    this.#errand?.giveUp()
    this.#gateway.connections.release(this, why)
    this.#holding.leave()
    this.#gateway.connections.close(this)
    this.#body.drop()
    this.#tellGone()
  }

  #errands(): Errand {
    this.#errand ??= new Errand(this.#gateway, this.#choice, this.#holding)
    return this.#errand
  }

  #tellGone(): void {
    if (this.#gone !== undefined) this.#gateway.tellGone(this.#gone, this.#choice)
    this.#gone = undefined
  }
}
