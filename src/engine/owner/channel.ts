// A ledger's record of a channel: its numbering, its history, its keys.

import type { Linked } from '../../std/linked-list.ts'
import type { Keep } from '../words/namespace.ts'
import type { Epoch, Offset } from '../words/position.ts'
import type { ChannelName } from '../words/publication.ts'
import type { History } from './history.ts'
import type { IdempotencyKeys } from './idempotency.ts'

/** Its neighbours are those among the idle channels. */
export interface Channel extends Linked<Channel> {
  readonly name: ChannelName
  /** What keeps its numbering: hubs, or clients who come back, or that few are idle. See `Channels`. */
  state: 'attached' | 'awaited' | 'idle'
  /** Since when it is idle, in whole seconds of the clock: a small number takes no memory of its own. */
  idleSinceSeconds: number
  readonly keep: Keep
  readonly epoch: Epoch
  /** The first offset of the epoch. */
  readonly first: Offset
  /** The offset that the next publication gets. */
  next: Offset
  /** Made by the first publication that is kept, and gone with the last one. */
  history: History<Channel> | undefined
  /** Made by the first draft that brings a key, and gone with the last one. */
  keys: IdempotencyKeys | undefined
}
