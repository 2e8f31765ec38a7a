// What one node asks another: a list, packed. Whoever reads it judges it, for a node of another version may have written it.
import type { InspectOptions } from '../engine/owner/inspection.ts'
import { parseOffset, type Since } from '../engine/words/position.ts'
import {
  type ChannelName,
  type Draft,
  isPackedDraft,
  type PackedDraft,
  packDraft,
  parseChannelName,
  unpackDraft,
} from '../engine/words/publication.ts'
import { packExact } from '../std/msgpack.ts'
import { epochOf, isOffset, listOf } from './packed.ts'

export type Question =
  | { readonly kind: 'publish'; readonly draft: Draft }
  | { readonly kind: 'presence'; readonly channel: ChannelName }
  | { readonly kind: 'inspect'; readonly channel: ChannelName; readonly options: InspectOptions }

/** In one request: a turn of the node that takes it stays short. */
export const questionsMax = 1_000

/** As they are packed. An offset of -1: no position is named; an empty epoch is the current one. */
type PackedQuestion =
  | readonly [type: 'publish', draft: PackedDraft]
  | readonly [type: 'presence', channel: string]
  | readonly [
      type: 'inspect',
      channel: string,
      epoch: string,
      offset: number,
      limit: number,
      id: string | null,
    ]

export function packQuestions(questions: readonly Question[]): Uint8Array<ArrayBuffer> {
  return packExact(questions.map(packQuestion))
}

function packQuestion(question: Question): PackedQuestion {
  switch (question.kind) {
    case 'publish':
      return ['publish', packDraft(question.draft)]
    case 'presence':
      return ['presence', question.channel]
    case 'inspect': {
      const { since, limit, id = null } = question.options
      return ['inspect', question.channel, since?.epoch ?? '', since?.offset ?? -1, limit, id]
    }
    default:
      return question satisfies never
  }
}

/** Undefined where a node of this version would not ask so. */
export function parseQuestions(bytes: Uint8Array): readonly Question[] | undefined {
  const list = listOf(bytes)
  if (list === undefined || list.length > questionsMax) return undefined
  const questions: Question[] = []
  for (const packed of list) {
    const question = parseQuestion(packed)
    if (question === undefined) return undefined
    questions.push(question)
  }
  return questions
}

function parseQuestion(packed: unknown): Question | undefined {
  if (!Array.isArray(packed)) return undefined
  const [type, first, ...rest] = packed as readonly unknown[] // a list of anything
  if (type === 'publish') return parsePublish(first)
  const channel = typeof first === 'string' ? parseChannelName(first) : undefined
  if (channel === undefined) return undefined
  if (type === 'presence') return { kind: 'presence', channel }
  if (type !== 'inspect') return undefined
  const [epoch, offset, limit, id] = rest
  const since = parseSince(epoch, offset)
  const isLimit = typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 0
  if (since === undefined || !isLimit || !(id === null || typeof id === 'string')) return undefined
  const options = { since: since === 'none' ? undefined : since, limit, ...(id !== null && { id }) }
  return { kind: 'inspect', channel, options }
}

/** Nobody may publish to a private channel from elsewhere: its name is no name. */
function parsePublish(packed: unknown): Question | undefined {
  const [name] = Array.isArray(packed) ? (packed as readonly unknown[]) : [] // a list of anything
  const channel = typeof name === 'string' ? parseChannelName(name) : undefined
  if (channel === undefined || !isPackedDraft(packed, channel)) return undefined
  return { kind: 'publish', draft: { ...unpackDraft(packed), channel } }
}

function parseSince(epoch: unknown, offset: unknown): Since | 'none' | undefined {
  if (offset === -1) return 'none'
  if (typeof epoch !== 'string' || !isOffset(offset)) return undefined
  const parsed = epochOf(epoch)
  if (parsed === undefined) return undefined
  return { epoch: epoch === '' ? undefined : parsed, offset: parseOffset(offset) }
}
