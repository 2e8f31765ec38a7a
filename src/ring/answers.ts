// What a node is answered by another: a list in the order of its questions, packed, and judged as those are.
import type { Inspection } from '../engine/owner/inspection.ts'
import type { PublishOutcome } from '../engine/router.ts'
import { parseOffset } from '../engine/words/position.ts'
import {
  type ChannelName,
  isPackedPublication,
  type PackedPublication,
  packPublication,
  unpackPublication,
} from '../engine/words/publication.ts'
import type { Refusal } from '../engine/words/refusal.ts'
import { packExact } from '../std/msgpack.ts'
import { epochOf, isOffset, listOf } from './packed.ts'
import type { Question } from './questions.ts'

export type RingAnswer =
  | { readonly kind: 'publish'; readonly outcome: PublishOutcome }
  | { readonly kind: 'presence'; readonly subscribers: number | undefined }
  | { readonly kind: 'inspect'; readonly outcome: Inspection | Refusal }

/** As they are packed. */
type PackedAnswer =
  | readonly [type: 'published', epoch: string, offset: number, subscribers: number, duplicate: boolean]
  | readonly [type: 'unplaced', fate: string, subscribers: number]
  | readonly [type: 'refused', reason: string]
  /** -1: its owner cannot be asked. */
  | readonly [type: 'present', subscribers: number]
  /** An empty epoch: nothing is known of the channel. An offset of -1: no publication has the id that was asked for. */
  | readonly [
      type: 'inspected',
      channel: string,
      epoch: string,
      offset: number,
      subscribers: number,
      range: readonly PackedPublication[],
      gap: boolean,
      more: boolean,
      size: number,
      bytes: number,
      placed: number,
    ]

export function packAnswers(
  answers: readonly RingAnswer[],
  questions: readonly Question[],
): Uint8Array<ArrayBuffer> {
  return packExact(answers.map((answer, index) => packAnswer(answer, questions[index])))
}

function packAnswer(answer: RingAnswer, question: Question | undefined): PackedAnswer {
  if (answer.kind === 'presence') return ['present', answer.subscribers ?? -1]
  const { outcome } = answer
  if (typeof outcome === 'string') return ['refused', outcome]
  if ('fate' in outcome) return ['unplaced', outcome.fate, outcome.subscribers]
  if ('duplicate' in outcome)
    return ['published', outcome.epoch, outcome.offset, outcome.subscribers, outcome.duplicate]
  const { position, subscribers, publications, gap, more, history, placed } = outcome
  return [
    'inspected',
    question?.kind === 'inspect' ? question.channel : '',
    position?.epoch ?? '',
    position?.offset ?? 0,
    subscribers,
    publications.map(packPublication),
    gap,
    more,
    history.size,
    history.bytes,
    placed?.offset ?? -1,
  ]
}

/** Undefined where they answer something else than what was asked. */
export function parseAnswers(
  bytes: Uint8Array,
  questions: readonly Question[],
): readonly RingAnswer[] | undefined {
  const list = listOf(bytes)
  if (list === undefined || list.length !== questions.length) return undefined
  const answers: RingAnswer[] = []
  for (const [index, question] of questions.entries()) {
    const answer = parseAnswer(list[index], question)
    if (answer === undefined) return undefined
    answers.push(answer)
  }
  return answers
}

const refusals: ReadonlySet<string> = new Set<Refusal>([
  'draining',
  'elsewhere',
  'not-allowed',
  'overloaded',
  'owner-lost',
])

function parseAnswer(packed: unknown, question: Question): RingAnswer | undefined {
  if (!Array.isArray(packed)) return undefined
  const [type, ...rest] = packed as readonly unknown[] // a list of anything
  if (question.kind === 'presence') {
    const [subscribers] = rest
    if (type !== 'present' || typeof subscribers !== 'number') return undefined
    return { kind: 'presence', subscribers: subscribers < 0 ? undefined : subscribers }
  }
  if (type === 'refused') {
    const [reason] = rest
    if (typeof reason !== 'string' || !refusals.has(reason)) return undefined
    return { kind: question.kind, outcome: reason as Refusal } // it is one of them
  }
  if (question.kind === 'publish') return parseOutcome(type, rest)
  return type === 'inspected' ? parseInspected(rest, question.channel) : undefined
}

function parseOutcome(type: unknown, rest: readonly unknown[]): RingAnswer | undefined {
  if (type === 'unplaced') {
    const [fate, subscribers] = rest
    if ((fate !== 'held' && fate !== 'dropped') || typeof subscribers !== 'number') return undefined
    return { kind: 'publish', outcome: { fate, subscribers, duplicate: fate === 'dropped' } }
  }
  const [text, offset, subscribers, duplicate] = rest
  const epoch = epochOf(text)
  if (type !== 'published' || epoch === undefined || !isOffset(offset)) return undefined
  if (typeof subscribers !== 'number' || typeof duplicate !== 'boolean') return undefined
  return { kind: 'publish', outcome: { epoch, offset: parseOffset(offset), subscribers, duplicate } }
}

function parseInspected(rest: readonly unknown[], of: ChannelName): RingAnswer | undefined {
  const [channel, text, offset, subscribers, range, gap, more, size, bytes, placed] = rest
  const epoch = epochOf(text)
  if (channel !== of || epoch === undefined || !isOffset(offset) || !Array.isArray(range)) return undefined
  if (typeof gap !== 'boolean' || typeof more !== 'boolean') return undefined
  if (typeof subscribers !== 'number' || typeof size !== 'number' || typeof bytes !== 'number')
    return undefined
  const packed = range as readonly unknown[] // a list of anything
  if (!packed.every(isPublication)) return undefined
  const inspection = {
    position: epoch === '' ? undefined : { epoch, offset: parseOffset(offset) },
    subscribers,
    publications: packed.map(each => unpackPublication(of, each)),
    gap,
    more,
    history: { size, bytes },
  }
  if (!isOffset(placed)) return { kind: 'inspect', outcome: inspection }
  return { kind: 'inspect', outcome: { ...inspection, placed: { epoch, offset: parseOffset(placed) } } }
}

function isPublication(value: unknown): value is PackedPublication {
  const [offset] = Array.isArray(value) ? (value as readonly unknown[]) : [] // a list of anything
  return isOffset(offset) && isPackedPublication(value, offset)
}
