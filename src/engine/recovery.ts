// Recovery, the hub's part (law 1): a subscriber that names a position gets everything after it. What the window
// still holds needs no question; else the owner is asked, once for all that wait for the same or less.
import type { Audience, Outbox, Recovery } from './outbox.ts'
import type { ShardPort } from './ports.ts'
import { type Offset, type Publication, parseOffset } from './publication.ts'

/** Lets the outbox go live from the window, or asks the owner. Its audience must be live. */
export function recoverFrom(outbox: Outbox, nextRequest: () => number, shard: ShardPort | undefined): void {
  const { audience, since } = outbox
  const { window, epoch } = audience
  if (since === undefined || epoch === undefined) return
  const from = since.offset + 1
  if (since.epoch === epoch && from >= window.base && from <= window.head) {
    outbox.goLive({ epoch, offset: since.offset }, window.head, false)
    return
  }
  audience.recoveries ??= new Map()
  for (const recovery of audience.recoveries.values()) {
    // The answer reaches at least to what the window has now.
    const covers = recovery.since.offset <= since.offset && since.offset < window.head
    if (recovery.since.epoch !== since.epoch || !covers) continue
    recovery.outboxes.push(outbox)
    return
  }
  const request = nextRequest()
  audience.recoveries.set(request, { since, outboxes: [outbox] })
  shard?.recover(audience.name, request, since.epoch ?? '', since.offset)
}

/**
 * The owner answered: the range ends where the window does, for both came over one ordered path. On a gap those that
 * would be served from `from` on are left as they are: they have to ask for themselves. Returns how many subscribers were told
 * as they came that something is gone.
 */
export function recoverAll(
  audience: Audience,
  { since: asked, outboxes }: Recovery,
  from: Offset,
  range: readonly Publication[],
  gap: boolean,
): number {
  const { window, epoch } = audience
  if (epoch === undefined || outboxes.every(({ closed }) => closed)) return 0
  const { head } = window
  if (!gap && from + range.length !== Math.max(from, head))
    throw new RangeError(`a range ends at ${from + range.length}, not at ${head}`)
  window.prepend(range.filter(({ offset }) => offset < window.base))
  let told = 0
  for (const outbox of outboxes) {
    const { since } = outbox
    if (outbox.closed || since === undefined) continue
    const ofEpoch = since.epoch === undefined || since.epoch === epoch
    if (gap && ofEpoch && since.offset > asked.offset && since.offset + 1 >= from) continue
    if (gap && !outbox.told) told++
    outbox.goLive({ epoch, offset: gap ? parseOffset(head - 1) : since.offset }, head, gap)
  }
  return told
}
