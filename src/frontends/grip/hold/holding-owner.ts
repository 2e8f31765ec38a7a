// What a holding has of its worker, and what it tells the request that it belongs to. Shapes only.
import type { Observer } from '../control/observer.ts'
import type { Filters } from '../filter/filters.ts'
import type { FilterOrigin } from '../filter/party.ts'
import type { Frames } from '../format.ts'
import type { Hold as HoldInstruct } from '../instruct/instruct.ts'
import type { ResponseSend } from '../item/item.ts'
import type { EndCause } from './ends.ts'
import type { Channels, HoldContext } from './hold.ts'
import type { DeliveryRate } from './rate.ts'
import type { StoredResponse } from './response-of.ts'
import type { StoredBytes } from './stored-bytes.ts'
import type { Timers } from './timers.ts'

export interface HoldingContext {
  readonly holds: HoldContext
  readonly frames: Frames
  readonly timers: Timers
  readonly stored: StoredBytes
  readonly filters: Filters
  /** Undefined: items are delivered as they come. */
  readonly rate?: DeliveryRate | undefined
  readonly observer?: Pick<Observer, 'delivered'> | undefined
}

export interface HoldingOwner {
  /** Causes are shown to the client. */
  readonly isDebug: boolean
  /** Explicit id of its rule; empty: it has none. */
  readonly route: string
  /** By their full names; undefined: no channel has one of them. */
  channelsOf(hold: HoldInstruct): Channels | undefined
  /** Everything that was joined is live: once for each `join`. */
  joined(): void
  /** Of a long poll, once: an item's answer, or the stored one itself. */
  answer(stored: StoredResponse, format: ResponseSend | undefined, why: EndCause): void
  /** Of a long poll: its whole request is made again, at once or in a while, since more may follow. */
  askAgain(isAtOnce: boolean): void
  /** Of a stream: its next page is wanted. */
  fetch(uri: string, isAtOnce: boolean): void
  /** Of a stream: it has ended in order. */
  ended(why: EndCause): void
  /** Of a stream: its client is behind. */
  behind(): void
  /** It cannot be held any more, and its client is told nothing whole. */
  torn(why: EndCause): void
  /** It cannot be held any more, and nothing was answered yet. `returnMs`: when its client is to come back, where the node stops. */
  lost(why: EndCause, returnMs?: number): void
  /** Where the filters of its items ask. */
  filterOrigin(): FilterOrigin
}
