// What becomes of a subscriber that is behind: the channel's policy as a decision, without effects.

import { type Offset, parseOffset } from '../words/position.ts'
import type { Outbox } from './outbox.ts'

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
  const { blockedSince } = outbox.subscriber.wire
  if (blockedSince === undefined) return keep
  if (now - blockedSince > namespace.outboxAgeMsMax) return tooOld
  // One alone may be larger than the bound, and would be at each resume: it is left to age, as is what was written last.
  if (outbox.publicationsBehind() <= 1) return keep
  const latest = parseOffset(offered - 1)
  if (namespace.policy === 'latest') return { kind: 'skip', to: latest }
  const max = namespace.outboxBytesMax
  if (outbox.bytesBehind() <= max) return keep
  if (namespace.policy === 'disconnect') return tooLarge
  if (namespace.policy === 'catch-up') return { kind: 'park' }
  return { kind: 'skip', to: parseOffset(Math.min(window.placeWithin(max, offered), latest)) }
}
