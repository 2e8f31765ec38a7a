// Recovery, the hub's part (law 1): a subscriber that names a position gets everything after it. What the window
// still holds needs no question; else the owner is asked, once for all that wait. An answer may be a whole history
// and no link counts it, so one question of a kind is under way, and whoever comes meanwhile waits for its answer. Who wants
// all that is left behind a gap (law 18) asks beside those who do not.

import type { ShardPort } from '../words/ports.ts'
import { type Offset, parseOffset, type Since } from '../words/position.ts'
import type { Publication } from '../words/publication.ts'
import type { Audience, Outbox, Recovery } from './outbox.ts'

/** Lets each go live from the window, or asks the owner. All are of this audience, which must be live. */
export function recoverFrom(
  audience: Audience,
  outboxes: readonly Outbox[],
  nextRequest: () => number,
  shard: ShardPort | undefined,
  now: number,
): void {
  const waiting = outboxes.filter(outbox => !startFromWindow(audience, outbox))
  if (waiting.length === 0) return
  audience.recoveries ??= new Map()
  const asked = new Map<number, Recovery>()
  for (const outbox of waiting) {
    const { since, rest } = outbox
    if (since === undefined) continue
    const kind = kindOf(since, audience)
    const pending = [...audience.recoveries].find(([, same]) => same.kind === kind && same.rest === rest)
    if (pending === undefined) {
      const recovery: Recovery = {
        kind,
        rest,
        since,
        outboxes: new Map([[outbox, { early: true, since: now }]]),
      }
      const request = nextRequest()
      audience.recoveries.set(request, recovery)
      asked.set(request, recovery)
      continue
    }
    const [request, recovery] = pending
    const isNew = asked.has(request)
    if (isNew && since.offset < recovery.since.offset) recovery.since = since
    if (!recovery.outboxes.has(outbox)) recovery.outboxes.set(outbox, { early: isNew, since: now })
  }
  // All of them are complete before the first is asked: an owner in this worker answers at once.
  for (const [request, { since, rest }] of asked) {
    shard?.recover(audience.name, { request, epoch: since.epoch ?? '', offset: since.offset, rest })
  }
}

function startFromWindow({ window, epoch }: Audience, outbox: Outbox): boolean {
  const { since } = outbox
  if (since === undefined || epoch === undefined) return false
  const from = since.offset + 1
  if (since.epoch !== epoch || from < window.base || from > window.head) return false
  outbox.goLive({ epoch, offset: since.offset }, window.head, false)
  return true
}

/** A bare offset is one of the current epoch, or older than its first one and as such not covered by any history. */
function kindOf(since: Since, { window, epoch }: Audience): Recovery['kind'] {
  if (since.epoch !== undefined && since.epoch !== epoch) return 'foreign'
  return since.offset < window.head ? 'held' : 'ahead'
}

/**
 * The owner answered: the range ends where the window does, for both came over one ordered path. Those for whom the
 * answer says nothing are left as they are: they have to ask again. Whoever asked first is never among them. Returns
 * how many subscribers were told as they came that something is gone.
 */
export function recoverAll(
  audience: Audience,
  recovery: Recovery,
  from: Offset,
  range: readonly Publication[],
  gap: boolean,
): number {
  const { window, epoch } = audience
  if (epoch === undefined || [...recovery.outboxes.keys()].every(({ closed }) => closed)) return 0
  const { head } = window
  const isRange = !gap || recovery.rest
  if (isRange && from + range.length !== Math.max(from, head))
    throw new RangeError(`a range ends at ${from + range.length}, not at ${head}`)
  window.prepend(range.filter(({ offset }) => offset < window.base))
  let told = 0
  for (const [outbox, { early }] of recovery.outboxes) {
    const { since } = outbox
    if (since === undefined) continue
    const isWhole = gap ? isLeft(recovery, since, from, head) : isCovered(recovery, since, head)
    if (isWhole) {
      outbox.goLive({ epoch, offset: since.offset }, head, false)
    } else if (gap && isGap(recovery, since, early, from, head)) {
      if (!outbox.told) told++
      outbox.goLive({ epoch, offset: parseOffset((recovery.rest ? from : head) - 1) }, head, true)
    }
  }
  return told
}

/** What is left was given out, and the position lies in it: nothing is missing, though who asked first was told a gap. */
function isLeft({ kind, rest }: Recovery, since: Since, from: Offset, head: Offset): boolean {
  return rest && kind !== 'foreign' && since.offset + 1 >= from && since.offset < head
}

/** The range was given out: it serves the position that was asked for, and all later ones up to its end. */
function isCovered({ since: asked }: Recovery, since: Since, head: Offset): boolean {
  return since.offset === asked.offset || (since.offset > asked.offset && since.offset < head)
}

/**
 * Some of the range is gone, and the oldest that the owner could give begins at `from`. What is gone stays gone; but what
 * was beyond the channel's end may have been published since, so that is said only of those who came before the
 * question went out.
 */
function isGap(
  { kind, since: asked }: Recovery,
  since: Since,
  early: boolean,
  from: Offset,
  head: Offset,
): boolean {
  if (kind === 'foreign' || since.offset + 1 < from) return true
  return early && (since.offset === asked.offset || asked.offset >= head)
}
