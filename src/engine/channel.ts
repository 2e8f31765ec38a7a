// The owner's record of a channel: its numbering, its history, and which hubs are sent its publications.
import type { ChannelNamespace } from './access.ts'
import type { History } from './history.ts'
import type { IdempotencyKeys } from './idempotency.ts'
import type { Slot } from './link.ts'
import type { ChannelName, Epoch, Offset } from './publication.ts'

/** One worker's hub as the owner sees it. */
export interface AttachedHub {
  readonly slot: Slot
  /** Its subscribers (law 11). */
  count: number
  /** The link was full: this offset was the first not sent. Undefined: it has everything. */
  owed: Offset | undefined
  /** The hub holds as much of the channel as it may (law 3). */
  pressed: boolean
}

export interface Channel {
  readonly name: ChannelName
  /** What keeps its numbering: hubs, or clients who come back, or that few are idle. See `Channels`. */
  state: 'attached' | 'awaited' | 'idle'
  readonly namespace: ChannelNamespace
  readonly epoch: Epoch
  /** The first offset of the epoch. */
  readonly first: Offset
  /** The offset that the next publication gets. */
  next: Offset
  /** Few: at most one a worker. */
  readonly hubs: AttachedHub[]
  /** Made by the first publication that is kept, and gone with the last one. */
  history: History | undefined
  /** Made by the first draft that brings a key, and gone with the last one. */
  keys: IdempotencyKeys | undefined
  /** Workers with a pattern that matches, and the state of `Watchers` for which that holds. */
  watchers: readonly Slot[]
  watchersAt: number
  /** Its neighbours among the idle channels: see `IdleList`. */
  idleBefore: Channel | undefined
  idleAfter: Channel | undefined
}

export function findHub({ hubs }: Channel, slot: Slot): AttachedHub | undefined {
  for (const hub of hubs) if (hub.slot === slot) return hub
  return undefined
}

export function removeHub(channel: Channel, slot: Slot): void {
  const index = channel.hubs.findIndex(hub => hub.slot === slot)
  if (index >= 0) channel.hubs.splice(index, 1)
}

export function subscribersOf({ hubs }: Channel): number {
  let sum = 0
  for (const { count } of hubs) sum += count
  return sum
}
