// A batch on its way into the script, and what became of each of it.
import type { Epoch } from '../../engine/words/position.ts'
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
  readonly values: string[]
  readonly envelopes: Uint8Array[]
}

/** `before`: the one that was written just now. `wantsCount`: whether the counts of other nodes are to be read with it. */
export function writeAppend(
  { keys, values, envelopes }: Writing,
  names: Keys,
  append: Append,
  before: Append | undefined,
  wantsCount: boolean,
): void {
  const { channel, envelope, key, sequence } = append
  const isAlike = before !== undefined && areAlike(before, append)
  values.push(String(flagsOf(append, isAlike, wantsCount)), String(envelope.length))
  envelopes.push(envelope)
  if (!isAlike) writeKept(keys, values, names, append)
  if (wantsCount) keys.push(names.of('presence', channel))
  if (key !== undefined) {
    keys.push(names.idempotency(channel, key))
    values.push(whole(append.keyTtlMs))
  }
  if (sequence?.id !== undefined) {
    keys.push(names.seen(channel, sequence.id))
    values.push(whole(sequence.seenMs), sequence.id)
  }
  if (sequence?.after !== undefined) values.push(sequence.after)
}

function flagsOf({ key, sequence }: Append, isAlike: boolean, wantsCount: boolean): number {
  let flags = 0
  if (wantsCount) flags += publishFlags.presence
  if (key !== undefined) flags += publishFlags.key
  if (sequence?.id !== undefined) flags += publishFlags.id
  if (sequence !== undefined && !sequence.isLoose) flags += publishFlags.ordered
  if (sequence?.after !== undefined) flags += publishFlags.after
  if (isAlike) flags += publishFlags.alike
  return flags
}

/** All that `writeKept` writes is the same. */
function areAlike(one: Append, other: Append): boolean {
  return (
    one.channel === other.channel &&
    one.historySize === other.historySize &&
    one.historyTtlMs === other.historyTtlMs &&
    one.keyTtlMs === other.keyTtlMs &&
    one.reached === other.reached
  )
}

function writeKept(keys: string[], values: string[], names: Keys, append: Append): void {
  const { channel, historySize, historyTtlMs, keyTtlMs, reached } = append
  const ttlMs = Math.max(recordTtlMs, historyTtlMs, keyTtlMs)
  keys.push(names.of('record', channel), names.of('history', channel))
  values.push(String(historySize), whole(historyTtlMs), whole(ttlMs), String(reached))
}

/** Redis takes no other times. */
function whole(ms: number): string {
  return String(Math.max(1, Math.ceil(ms)))
}

/** Of one of the batch: what became of it, and the counts of nodes, as Redis lists them, where they were wanted. */
export interface Judged {
  readonly outcome: AppendOutcome
  readonly counts: readonly unknown[] | undefined
  /** What the server said that concerns more than this one. */
  readonly unfit: string | undefined
}

/** All answers to a batch. */
export function judgeAll(answers: readonly Reply[]): readonly Judged[] {
  let told: Epoch | undefined
  return answers.map(answer => {
    const judged = judge(answer, told)
    const { outcome } = judged
    told = typeof outcome === 'object' && 'epoch' in outcome ? outcome.epoch : undefined
    return judged
  })
}

/** `told`: the epoch of the answer before, if it has one. */
function judge(answer: Reply, told: Epoch | undefined): Judged {
  try {
    return judgeWhole(answer, told)
  } catch {
    // A record that others wrote to: it may have been appended.
    return { outcome: 'unknown', counts: undefined, unfit: undefined }
  }
}

function judgeWhole(answer: Reply, told: Epoch | undefined): Judged {
  if (typeof answer === 'string') return refused(answer)
  if (typeof answer === 'number' && told !== undefined) {
    const outcome = { epoch: told, offset: offsetOf(answer), duplicate: false, elsewhere: 0 }
    return { outcome, counts: undefined, unfit: undefined }
  }
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
