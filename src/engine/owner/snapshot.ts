// A shard's channels as plain data: what a stopping node writes and a starting one takes (law 14), and what a
// retiring worker hands to the one that takes its slot.
import { ownText } from '../../std/own-text.ts'
import { parseEpoch, parseOffset } from '../words/position.ts'
import {
  type ChannelName,
  type PackedDraft,
  type PackedPublication,
  packPublication,
  unpackPublication,
} from '../words/publication.ts'
import type { Channels } from './channels.ts'

/** A publication that history held, with what time it has left. */
type KeptSnapshot = readonly [leftMs: number, publication: PackedPublication]

/**
 * The order that publishers ask for, as the shard knows it: the id that the next one follows, the drafts that are held,
 * in the order in which they came, ids that were seen, and how long it is remembered though nobody subscribes.
 */
export type PackedOrder = readonly [
  last: string | undefined,
  held: readonly (readonly [waitedMs: number, draft: PackedDraft])[],
  seen: readonly (readonly [id: string, leftMs: number])[],
  lingerMs: number,
]

/** `kept`: the contiguous end of the channel's publications; `keys`: its idempotency keys. Both with what time they have left. */
export type ChannelSnapshot = readonly [
  name: string,
  epoch: string,
  first: number,
  next: number,
  kept: readonly KeptSnapshot[],
  keys: readonly (readonly [key: string, offset: number, leftMs: number])[],
  order?: PackedOrder,
]

/** Without the order, which is not the ledger's. */
export function takeSnapshot(channels: Channels, now: number): ChannelSnapshot[] {
  return [...channels.all()].map(({ name, epoch, first, next, history, keys }) => {
    const kept = (history?.entries(now) ?? []).map(
      ([publication, leftMs]): KeptSnapshot => [leftMs, packPublication(publication)],
    )
    return [name, epoch, first, next, kept, keys?.entries(now) ?? []]
  })
}

/** Call it before anything is published. Time that passed since the snapshot, `goneMs`, counts against each entry. */
export function restoreSnapshot(
  channels: Channels,
  snapshots: readonly ChannelSnapshot[],
  goneMs: number,
): void {
  for (const [name, epoch, first, next, kept, keys] of snapshots) {
    const parsed = ownText(name) as ChannelName // it was parsed before it was written
    const channel = channels.create(parsed, parseEpoch(epoch), parseOffset(first), parseOffset(next))
    for (const [leftMs, packed] of kept) {
      if (leftMs <= goneMs) continue
      channels.keep(channel, unpackPublication(channel.name, packed), leftMs - goneMs)
    }
    for (const [key, offset, leftMs] of keys) {
      if (leftMs > goneMs) channels.keepKey(channel, key, parseOffset(offset), leftMs - goneMs)
    }
    channels.awaitClients(channel)
  }
}
