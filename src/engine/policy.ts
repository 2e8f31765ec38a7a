// What becomes of a subscriber that is behind: the channel's policy as a decision, without effects.
import type { Outbox } from './outbox.ts'
import { type Offset, parseOffset } from './publication.ts'

export type Verdict =
  | { readonly kind: 'keep' }
  /** It is beyond that bound. */
  | { readonly kind: 'close'; readonly bound: 'outboxAge' | 'outboxBytes' }
  /** It goes on at this place; what lies between is dropped. */
  | { readonly kind: 'skip'; readonly to: Offset }
  /** It gives up its place and resumes from history when its wire drains. */
  | { readonly kind: 'park' }

const keep = { kind: 'keep' } as const
const tooOld = { kind: 'close', bound: 'outboxAge' } as const
const tooLarge = { kind: 'close', bound: 'outboxBytes' } as const

/** Only what a pass offered counts (law 3). Nothing taken for too long ends a subscriber under any policy. */
export function judge(outbox: Outbox, now: number): Verdict {
  const { namespace, offered, window } = outbox.audience
  const { blockedSince, unprovenBytes } = outbox.subscriber.wire
  if (blockedSince === undefined) return keep
  if (now - blockedSince > namespace.outboxAgeMsMax) return tooOld
  const { next } = outbox
  const latest = parseOffset(Math.max(offered - 1, window.base))
  if (namespace.policy === 'latest' && next !== undefined && next < latest)
    return { kind: 'skip', to: latest }
  const max = namespace.outboxBytesMax
  if (outbox.bytesBehind() + unprovenBytes <= max) return keep
  if (namespace.policy === 'disconnect' || next === undefined || unprovenBytes > max) return tooLarge
  if (namespace.policy === 'catch-up') return { kind: 'park' }
  const to = window.placeWithin(max - unprovenBytes, offered)
  return to > next ? { kind: 'skip', to } : keep
}
