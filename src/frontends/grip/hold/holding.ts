// What one client's request holds: its subscriptions, and what becomes of the items that come by them. They stay while its
// origin is asked again, when items wait; else a long poll or a stream has them.
import type { Batch as EngineBatch } from '../../../engine/reader/subscriber.ts'
import type { CloseReason, Refusal } from '../../../engine/words/refusal.ts'
import type { GateResponse } from '../../../net/gate/gate-exchange.ts'
import type { Filters } from '../filter/filters.ts'
import type { FilterOrigin, Load, Pending, Verdict } from '../filter/party.ts'
import type { Frames } from '../format.ts'
import type { Hold as HoldInstruct, Instruct } from '../instruct/instruct.ts'
import type { Item, ResponseSend } from '../item/item.ts'
import { type Channels, type Held, Hold, type HoldContext, type HoldOwner } from './hold.ts'
import { Poll, type PollOwner } from './poll.ts'
import type { StoredResponse } from './response-of.ts'
import { type StoredBytes, storedBytesOf } from './stored-bytes.ts'
import { Stream, type StreamOwner } from './stream.ts'
import type { Timers } from './timers.ts'
import { Waiting } from './waiting.ts'

export interface HoldingContext {
  readonly holds: HoldContext
  readonly frames: Frames
  readonly timers: Timers
  readonly stored: StoredBytes
  readonly filters: Filters
}

export interface HoldingOwner {
  /** Causes are shown to the client. */
  readonly isDebug: boolean
  /** By their full names; undefined: no channel has one of them. */
  channelsOf(hold: HoldInstruct): Channels | undefined
  /** Everything that was joined is live: once for each `join`. */
  joined(): void
  /** Of a long poll, once: an item's answer, or the stored one itself. */
  answer(stored: StoredResponse, format: ResponseSend | undefined): void
  /** Of a long poll: its whole request is made again, at once or in a while, since more may follow. */
  askAgain(isAtOnce: boolean): void
  /** Of a stream: its next page is wanted. */
  fetch(uri: string, isAtOnce: boolean): void
  /** Of a stream: it has ended in order. */
  ended(): void
  /** Of a stream: its client is behind. */
  behind(): void
  /** It cannot be held any more, and its client is told nothing whole. */
  torn(): void
  /** It cannot be held any more, and nothing was answered yet. */
  lost(): void
  /** Where the filters of its items ask. */
  filterOrigin(): FilterOrigin
}

/** The engine's own, or a name that no channel can have. */
export type JoinRefusal = Refusal | 'channel-invalid'

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

export class Holding implements HoldOwner, StreamOwner, PollOwner {
  readonly #context: HoldingContext
  readonly #owner: HoldingOwner
  readonly #hold: Hold
  #state: State = askingAnew()
  #storedBytes = 0
  /** Of the subscription: each page brings its own. */
  #meta = noMeta

  constructor(context: HoldingContext, owner: HoldingOwner) {
    this.#context = context
    this.#owner = owner
    this.#hold = new Hold(context.holds, this)
  }

  get channels(): readonly Held[] {
    return this.#hold.channels
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
    return this.#hold.set(channels, hold.mode === 'response')
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
      poll.expire()
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

  answer(stored: StoredResponse, format: ResponseSend | undefined): void {
    this.#owner.answer(stored, format)
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

  ended(): void {
    this.#owner.ended()
  }

  torn(): void {
    this.#owner.torn()
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
    this.#hold.drained()
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
    const state = this.#state
    const items = this.#context.frames.of(batch)
    const { lastInOrder } = items
    if (lastInOrder !== undefined) held.lastId = lastInOrder.id
    if (state.kind === 'streaming') return state.stream.heard(held, items)
    for (const { item } of items.arrivals) this.hear(held, item)
    return true
  }

  /** One item may change what becomes of the next. */
  hear(held: Held, item: Item): void {
    const state = this.#state
    if (state.kind === 'polling') state.poll.heard(held, item)
    // Who cannot be told everything is not answered as if he were: he comes again.
    else if (state.kind === 'asking' && !state.waiting.add(held, item)) this.#owner.torn()
  }

  missed(): void {
    const state = this.#state
    if (state.kind === 'polling') state.poll.ask()
    else if (state.kind === 'streaming') state.stream.missed()
    else if (state.kind === 'asking') state.hasMissed = true
  }

  letGo(reason: CloseReason): void {
    const state = this.#state
    if (reason === 'slow') this.#owner.torn()
    else if (state.kind === 'polling') state.poll.expire()
    else if (state.kind === 'streaming') state.stream.fail()
    else if (state.kind === 'asking') this.#owner.lost()
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
