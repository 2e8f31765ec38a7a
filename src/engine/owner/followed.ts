// The record of a channel that hubs are attached to, as its owner spreads it: which hubs, and what is still to be answered.
import type { ChannelNamespace } from '../words/access.ts'
import type { Slot } from '../words/link.ts'
import { type Epoch, noEpoch, type Offset, parseOffset } from '../words/position.ts'
import type { ChannelName } from '../words/publication.ts'
import type { Reading } from './reading.ts'

/** One worker's hub as the owner sees it. Another attach of the same worker makes another one. */
export interface AttachedHub {
  readonly slot: Slot
  /** Its subscribers (law 11). */
  count: number
  /** The first offset not sent: the link was full, or it is being read. Undefined: it has everything. */
  owed: Offset | undefined
  /** What it is owed is being read. */
  reading: boolean
  /** Number of its attach, which is answered when what it is owed was read; undefined: it is answered. */
  attempt: number | undefined
  /** The hub holds as much of the channel as it may (law 3): bytes that it was sent since it said so. Undefined: it takes more. */
  pressed: number | undefined
}

/** What a worker asked before the broker had answered. */
interface Waiting {
  readonly slot: Slot
  run(): void
}

export interface Followed {
  readonly name: ChannelName
  readonly namespace: ChannelNamespace
  /** What waits for the broker's answer, in order; undefined: the channel is followed. */
  opening: Waiting[] | undefined
  /** Without meaning while it is opening, as `next`. */
  epoch: Epoch
  /** The offset of the next publication. */
  next: Offset
  /**
   * Few: at most one a worker. The list is never changed but replaced: most channels have one hub, and a list that once
   * grew keeps room for 17.
   */
  hubs: readonly AttachedHub[]
  /** Undefined: nothing is being read. */
  reading: Reading | undefined
  /** Workers with a pattern that matches, and the state of `Watchers` for which that holds. */
  watchers: readonly Slot[]
  watchersAt: number
}

/** Of all channels that have no hubs or no watchers. */
export const none: readonly never[] = []

/** Of a channel that the broker is about to be asked for. The name is kept. */
export function createFollowed(name: ChannelName, namespace: ChannelNamespace, first: Waiting): Followed {
  return {
    name,
    namespace,
    opening: [first],
    epoch: noEpoch,
    next: parseOffset(0),
    hubs: none,
    reading: undefined,
    watchers: none,
    watchersAt: -1,
  }
}

export function findHub({ hubs }: Followed, slot: Slot): AttachedHub | undefined {
  for (const hub of hubs) if (hub.slot === slot) return hub
  return undefined
}

export function addHub(followed: Followed, hub: AttachedHub): void {
  followed.hubs = followed.hubs.length === 0 ? [hub] : [...followed.hubs, hub]
}

export function removeHub(followed: Followed, hub: AttachedHub): void {
  followed.hubs = followed.hubs.length === 1 ? none : followed.hubs.filter(other => other !== hub)
}

export function subscribersOf({ hubs }: Followed): number {
  let sum = 0
  for (const { count } of hubs) sum += count
  return sum
}
