// A batch on its way into the script, and what became of each of it.
import type { Append, AppendOutcome } from '../carrier.ts'
import type { Failure, Reply } from './connection.ts'
import type { Keys } from './keys.ts'
import { isMove, isUnfit } from './reasons.ts'
import { epochOf, listOf, numberOf, offsetOf, textOf } from './replies.ts'
import { publishFlags } from './scripts/publish.ts'

/** How long a record is kept without use: longer than subscribers stay away and expect to go on. */
export const recordTtlMs = 7 * 24 * 3_600_000

export interface Writing {
  readonly keys: string[]
  readonly values: (string | Buffer)[]
}

/** `wantsCount`: whether the counts of other nodes are to be read with it. */
export function writeAppend(
  { keys, values }: Writing,
  names: Keys,
  append: Append,
  wantsCount: boolean,
): void {
  const { channel, envelope, historySize, historyTtlMs, key, keyTtlMs, reached, sequence } = append
  let flags = 0
  keys.push(names.of('record', channel), names.of('history', channel))
  if (wantsCount) {
    flags += publishFlags.presence
    keys.push(names.of('presence', channel))
  }
  if (key !== undefined) {
    flags += publishFlags.key
    keys.push(names.idempotency(channel, key))
  }
  if (sequence?.id !== undefined) {
    flags += publishFlags.id
    keys.push(names.seen(channel, sequence.id))
  }
  if (sequence !== undefined && !sequence.isLoose) flags += publishFlags.ordered
  if (sequence?.after !== undefined) flags += publishFlags.after
  const ttlMs = Math.max(recordTtlMs, historyTtlMs, keyTtlMs)
  const seenMs = sequence?.seenMs ?? 0
  values.push(String(flags), String(historySize), whole(historyTtlMs), whole(ttlMs), whole(keyTtlMs))
  values.push(String(reached), whole(seenMs), sequence?.id ?? '', sequence?.after ?? '', bufferOf(envelope))
}

/** Redis takes no other times. */
function whole(ms: number): string {
  return String(Math.max(1, Math.ceil(ms)))
}

/** The same bytes. */
function bufferOf(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Of one of the batch: what became of it, and the counts of nodes, as Redis lists them, where they were wanted. */
export interface Judged {
  readonly outcome: AppendOutcome
  readonly counts: readonly unknown[] | undefined
  /** What the server said that concerns more than this one. */
  readonly unfit: string | undefined
}

export function judge(answer: Reply): Judged {
  try {
    return judgeWhole(answer)
  } catch {
    // A record that others wrote to: it may have been appended.
    return { outcome: 'unknown', counts: undefined, unfit: undefined }
  }
}

function judgeWhole(answer: Reply): Judged {
  if (typeof answer === 'string') return refused(answer)
  const [first, second, duplicate, ...counts] = listOf(answer)
  if (first === 'seen' && second === undefined)
    return { outcome: 'seen', counts: undefined, unfit: undefined }
  if (first === 'after' && typeof second === 'string')
    return { outcome: { last: second }, counts: undefined, unfit: undefined }
  const outcome = {
    epoch: epochOf(first),
    offset: offsetOf(second),
    duplicate: numberOf(duplicate) === 1,
    elsewhere: 0,
  }
  return { outcome, counts, unfit: undefined }
}

/** The script's own text for one: nothing was done of it, or so it says. */
function refused(text: string): Judged {
  const [code = ''] = text.split(' ', 1)
  if (code === 'UNKNOWN') return { outcome: 'unknown', counts: undefined, unfit: text.slice(code.length + 1) }
  const outcome = code === 'OOM' ? 'overloaded' : 'away'
  return { outcome, counts: undefined, unfit: isUnfit(code) ? text : undefined }
}

/** Of a call that failed as a whole. */
export function failedOutcome(failure: Failure): AppendOutcome {
  if (failure.kind === 'lost') return failure.isWritten ? 'unknown' : 'away'
  // Before anything was run; any other error may have come in the middle.
  if (failure.code === 'OOM') return 'overloaded'
  const isBefore = isMove(failure.code, 'sharded') || isUnfit(failure.code) || failure.code === 'NOSCRIPT'
  return isBefore ? 'away' : 'unknown'
}

/** Pairs of node and count. */
export function pairsOf(counts: readonly unknown[]): readonly (readonly [node: string, count: number])[] {
  return counts.flatMap((node, index) =>
    index % 2 === 0 ? [[textOf(node), Number(textOf(counts[index + 1])) || 0] as const] : [],
  )
}
