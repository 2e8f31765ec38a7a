// What one client's request holds: its subscriptions, and what becomes of the items that come by them. They stay while its
// origin is asked again, when items wait; else a long poll or a stream has them.
import type { Batch as EngineBatch } from '../../../engine/reader/subscriber.ts'
import type { CloseReason } from '../../../engine/words/refusal.ts'
import type { GateResponse } from '../../../net/gate/gate-exchange.ts'
import type { Load, Pending, Verdict } from '../filter/party.ts'
import type { Hold as HoldInstruct, Instruct } from '../instruct/instruct.ts'
import type { Batch } from '../item/batch.ts'
import type { Item, ResponseSend } from '../item/item.ts'
import { bytesOf, isFor } from '../item/transport.ts'
import type { EndCause, Mode } from './ends.ts'
import { type Held, Hold, type HoldOwner, type JoinRefusal } from './hold.ts'
import type { HoldingContext, HoldingOwner } from './holding-owner.ts'
import { Paced, type PacedOwner } from './paced.ts'
import { Poll, type PollOwner } from './poll.ts'
import type { StoredResponse } from './response-of.ts'
import { storedBytesOf } from './stored-bytes.ts'
import { Stream, type StreamOwner } from './stream.ts'
import { Waiting } from './waiting.ts'

/** `hasMissed`: publications that nobody heard are missing. */
interface Asking {
  readonly kind: 'asking'
  readonly waiting: Waiting
  hasMissed: boolean
}

type State =
  | Asking
  | { readonly kind: 'polling'; readonly poll: Poll }
  | { readonly kind: 'streaming'; readonly stream: Stream }
  | { readonly kind: 'over' }

const noMeta: ReadonlyMap<string, string> = new Map()

export class Holding implements HoldOwner, StreamOwner, PollOwner, PacedOwner {
  readonly #context: HoldingContext
  readonly #owner: HoldingOwner
  readonly #hold: Hold
  #state: State = askingAnew()
  #storedBytes = 0
  /** Of the subscription: each page brings its own. */
  #meta = noMeta
  /** Made where something had to wait. */
  #paced: Paced | undefined

  constructor(context: HoldingContext, owner: HoldingOwner) {
    this.#context = context
    this.#owner = owner
    this.#hold = new Hold(context.holds, this)
  }

  get channels(): readonly Held[] {
    return this.#hold.channels
  }

  /** Undefined: it holds nothing yet. */
  get mode(): Mode | undefined {
    return this.#hold.mode
  }

  get route(): string {
    return this.#owner.route
  }

  get stream(): Stream | undefined {
    return this.#state.kind === 'streaming' ? this.#state.stream : undefined
  }

  /** Holds exactly these channels from now on. A refusal: none. */
  join(hold: HoldInstruct): JoinRefusal | undefined {
    const channels = this.#owner.channelsOf(hold)
    if (channels === undefined) return 'channel-invalid'
    this.#meta = hold.meta
    // Who polls comes again: what he is at must be known then.
    return this.#hold.set(channels, hold.mode)
  }

  /**
   * Its answer is stored, and items that waited may be the answer. Join first. Where there is no room for it and so many bytes of
   * its request, it is answered as if its time had come: the client has a sound answer, and asks again.
   */
  poll(stored: StoredResponse, timeoutMs: number, requestBytes: number): void {
    const bytes = storedBytesOf(stored) + requestBytes
    const hasRoom = this.#context.stored.take(bytes)
    if (hasRoom) this.#storedBytes = bytes
    const { waiting, hasMissed } = this.#whatWaits()
    const poll = new Poll(stored, timeoutMs, this.#context.timers, this)
    this.#state = { kind: 'polling', poll }
    for (const { held, item } of waiting.take()) {
      const now = this.#hold.find(held.full)
      if (now === undefined) continue
      // Behind a hint the others wait on, for what the origin says then.
      if (this.#state.kind === 'polling') poll.heardBefore(now, item)
      else this.hear(now, item)
    }
    if (hasMissed) poll.ask()
    if (!hasRoom) {
      this.#context.stored.refused++
      poll.expire('full')
    }
    if (this.#hold.isLive) poll.begin(this.channels)
  }

  /** Its answer has begun, and items that waited follow the first page. */
  open(response: GateResponse, instruct: Instruct): Stream {
    const { waiting, hasMissed } = this.#whatWaits()
    const stream = new Stream(response, { instruct, waiting }, this.#context.timers, this)
    this.#state = { kind: 'streaming', stream }
    if (hasMissed) stream.missed()
    return stream
  }

  get isDebug(): boolean {
    return this.#owner.isDebug
  }

  fetch(uri: string, isAtOnce: boolean): void {
    this.#owner.fetch(uri, isAtOnce)
  }

  answer(stored: StoredResponse, format: ResponseSend | undefined, why: EndCause): void {
    this.#owner.answer(stored, format, why)
  }

  askAgain(isAtOnce: boolean): void {
    this.#owner.askAgain(isAtOnce)
  }

  sift(held: Held, item: Item, load: Load, done: (verdict: Verdict) => void): Verdict | Pending {
    const party = { meta: this.#meta, channels: this.channels, origin: this.#owner.filterOrigin() }
    return this.#context.filters.sift({ held, item, load, party }, done)
  }

  blocked(bytes: Uint8Array): void {
    this.#hold.blocked(bytes)
    this.#owner.behind()
  }

  ended(why: EndCause): void {
    this.#owner.ended(why)
  }

  torn(why: EndCause): void {
    this.#owner.torn(why)
  }

  find(full: string): Held | undefined {
    return this.#hold.find(full)
  }

  /** The origin is being asked: what comes waits. */
  wait(): void {
    this.#giveBack()
    this.#state = askingAnew()
  }

  /** The client takes more. */
  drained(): void {
    this.stream?.drained()
    if (this.#paced?.drained() !== false) this.#hold.drained()
  }

  /** What is held is looked at anew, as `/recover` asks. */
  recover(): void {
    const state = this.#state
    this.#hold.forgetLastIds()
    if (state.kind === 'polling') state.poll.ask()
    else if (state.kind === 'streaming') state.stream.recover()
  }

  leave(): void {
    const state = this.#state
    this.#state = { kind: 'over' }
    this.#giveBack()
    this.#paced?.leave()
    if (state.kind === 'polling') state.poll.stop()
    else if (state.kind === 'streaming') state.stream.stop()
    this.#hold.leave()
  }

  attached(): void {
    this.#owner.joined()
    const state = this.#state
    if (state.kind === 'polling') state.poll.begin(this.channels)
    else if (state.kind === 'streaming') state.stream.begin()
  }

  heard(held: Held, batch: EngineBatch): boolean {
    const { frames, rate } = this.#context
    const items = frames.of(batch)
    if (rate === undefined) return this.deliver(held, items)
    this.#paced ??= new Paced(rate, this)
    return this.#paced.offer(held, items)
  }

  /** What is not for the client now, or waits for a page, is no delivery. */
  bytesFor(item: Item): number | undefined {
    const { kind } = this.#state
    const transport = kind === 'streaming' ? 'http-stream' : kind === 'polling' ? 'http-response' : undefined
    return transport && (isFor(item, transport) ? bytesOf(item, transport) : undefined)
  }

  deliver(held: Held, batch: Batch): boolean {
    const state = this.#state
    if (this.#paced?.hasRest === true) {
      this.#hold.progressed()
      // A page may have left the channel while it waited.
      if (this.#hold.find(held.full) !== held) return true
    }
    const { lastInOrder } = batch
    if (lastInOrder !== undefined) held.lastId = lastInOrder.id
    if (state.kind === 'streaming') {
      this.#context.observer?.delivered(this.route, 'http-stream', batch)
      return state.stream.heard(held, batch)
    }
    for (const [at, { item }] of batch.arrivals.entries()) {
      if (this.#state.kind === 'polling' && isFor(item, 'http-response'))
        this.#context.observer?.delivered(this.route, 'http-response', batch.one(at))
      this.hear(held, item)
    }
    return true
  }

  caughtUp(): void {
    this.#hold.drained()
  }

  overrun(): void {
    this.#owner.torn('rate')
  }

  /** One item may change what becomes of the next. */
  hear(held: Held, item: Item): void {
    const state = this.#state
    if (state.kind === 'polling') state.poll.heard(held, item)
    // Who cannot be told everything is not answered as if he were: he comes again.
    else if (state.kind === 'asking' && !state.waiting.add(held, item)) this.#owner.torn('overflow')
  }

  missed(): void {
    const state = this.#state
    if (state.kind === 'polling') state.poll.ask()
    else if (state.kind === 'streaming') state.stream.missed()
    else if (state.kind === 'asking') state.hasMissed = true
  }

  letGo(reason: CloseReason, returnMs?: number): void {
    const state = this.#state
    if (reason === 'slow') return this.#owner.torn(this.#paced?.hasRest === true ? 'rate' : 'slow')
    const why = reason === 'draining' ? 'stopped' : 'lost'
    if (state.kind === 'polling') state.poll.expire(why)
    else if (state.kind === 'streaming') state.stream.fail(why)
    else if (state.kind === 'asking') this.#owner.lost(why, returnMs)
  }

  #giveBack(): void {
    this.#context.stored.giveBack(this.#storedBytes)
    this.#storedBytes = 0
  }

  #whatWaits(): Asking {
    return this.#state.kind === 'asking' ? this.#state : askingAnew()
  }
}

function askingAnew(): Asking {
  return { kind: 'asking', waiting: new Waiting(), hasMissed: false }
}
