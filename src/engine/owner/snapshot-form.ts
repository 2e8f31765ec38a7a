// Whether a value is a snapshot as a node leaves it. What comes out of a file may be anybody's: with a number that no
// offset can be no worker could start, and a range with a hole would be told to clients as whole.
import { isPrivateName, namedAs } from '../words/private.ts'
import { isPackedDraft, isPackedPublication, parseChannelName } from '../words/publication.ts'
import type { ChannelSnapshot } from './snapshot.ts'

type SnapshotReading =
  | { readonly ok: true; readonly channels: readonly ChannelSnapshot[] }
  /** A sentence that begins with the place. */
  | { readonly ok: false; readonly detail: string }

/** As positions have them. */
const epochForm = /^[\w-]{1,64}$/

/** Offsets follow the clock, and reach this one in the year 2465; above it there is room to go on. */
const offsetMax = 999_999_999_999_999

export function parseSnapshots(value: unknown): SnapshotReading {
  if (!Array.isArray(value)) return { ok: false, detail: 'it holds no list of channels' }
  const names = new Set<string>()
  for (const [index, entry] of value.entries()) {
    const mistake = Array.isArray(entry) ? mistakeIn(entry, names) : 'is no list'
    if (mistake !== undefined) return { ok: false, detail: `its channel ${index + 1} ${mistake}` }
  }
  return { ok: true, channels: value as ChannelSnapshot[] }
}

/** Elements of a later version may follow. */
function mistakeIn(
  [name, epoch, first, next, kept, keys, order]: readonly unknown[],
  names: Set<string>,
): string | undefined {
  if (typeof name !== 'string' || !isName(name)) return 'has no name'
  if (names.has(name)) return 'has the name of another'
  names.add(name)
  if (typeof epoch !== 'string' || !epochForm.test(epoch)) return 'is in no epoch'
  if (!isOffset(first) || !isOffset(next) || first > next) return 'has offsets that cannot be'
  if (!Array.isArray(kept) || kept.length > next - first) return 'keeps what it never had'
  if (!kept.every((entry, index) => isKept(entry, next - kept.length + index))) {
    return 'keeps what is no publication of its'
  }
  if (!Array.isArray(keys) || !keys.every(key => isKey(key, next))) return 'has a key that is none'
  if (order !== undefined && !isOrder(order, name)) return 'has an order that is none'
  return undefined
}

function isName(text: string): boolean {
  return parseChannelName(namedAs(text)) !== undefined || isPrivateName(text)
}

/** Drafts of the channel that wait for something, so that each names what it waits for. */
function isOrder(order: unknown, name: string): boolean {
  if (!Array.isArray(order)) return false
  const [last, held, seen, lingerMs] = order as readonly unknown[] // a list of anything
  if (!Number.isFinite(lingerMs)) return false
  if (!(last === undefined || typeof last === 'string') || !Array.isArray(held) || !Array.isArray(seen))
    return false
  return held.every(entry => isHeld(entry, name)) && seen.every(isSeen)
}

function isHeld(entry: unknown, name: string): boolean {
  if (!Array.isArray(entry)) return false
  const [waitedMs, draft] = entry as readonly unknown[] // a list of anything
  return Number.isFinite(waitedMs) && isPackedDraft(draft, name)
}

function isSeen(entry: unknown): boolean {
  return Array.isArray(entry) && typeof entry[0] === 'string' && Number.isFinite(entry[1])
}

/** The range is contiguous, so that each has its one offset. */
function isKept(entry: unknown, at: number): boolean {
  if (!Array.isArray(entry)) return false
  const [leftMs, publication] = entry as readonly unknown[] // a list of anything
  return Number.isFinite(leftMs) && isPackedPublication(publication, at)
}

function isKey(entry: unknown, next: number): boolean {
  if (!Array.isArray(entry)) return false
  const [key, offset, leftMs] = entry
  return typeof key === 'string' && isOffset(offset) && offset < next && Number.isFinite(leftMs)
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= offsetMax
}

/**
 * Channels as version 2 of the file has them, `[offset, kind, payload, leftMs, extras]` for each publication, in today's
 * form. What had no sense has none after it: `parseSnapshots` judges.
 */
export function fromVersion2(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return value.map((channel: unknown) => {
    if (!Array.isArray(channel) || !Array.isArray(channel[4])) return channel
    return channel.with(4, channel[4].map(keptFromVersion2))
  })
}

function keptFromVersion2(entry: unknown): unknown {
  if (!Array.isArray(entry)) return entry
  const [offset, kind, payload, leftMs, extras] = entry as readonly unknown[] // a list of anything
  const number = ['json', 'text', 'bytes'].indexOf(String(kind))
  if (extras === undefined) return [leftMs, [offset, number, payload]]
  if (typeof extras !== 'object' || extras === null) return entry
  const { id, event } = extras as Record<string, unknown> // any object has members
  return [leftMs, [offset, number, payload, [id, event]]]
}
