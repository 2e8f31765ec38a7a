// The order that a publisher asks for by ids of its own: which publication this is, and which one it follows. The owner of
// the channel keeps that order before it gives places; subscribers are told it, so that they notice what they miss.
import { ownText } from '../../std/own-text.ts'

/** Its texts are well-formed and short: the front-end bounds them. An empty id is one. */
export interface Sequence {
  /** A publication with the same id is not published again for a while. */
  readonly id?: string
  /** The id of the one before: until that came, this one is held. */
  readonly after?: string
  /** It stands beside the order: it is never held, and nothing follows it. */
  readonly isLoose?: true
}

/** The id that the next in order follows, once a publication has its place. What says nothing of order changes nothing. */
export function lastIdAfter(last: string | undefined, sequence: Sequence | undefined): string | undefined {
  return sequence === undefined || sequence.isLoose ? last : sequence.id
}

/** Its texts, and what holds them. */
export function sequenceBytes({ id = '', after = '' }: Sequence): number {
  return id.length + after.length + 64
}

/** The same, holding no memory of others. */
export function ownSequence({ id, after, isLoose }: Sequence): Sequence {
  return sequenceOf(id && ownText(id), after && ownText(after), isLoose)
}

function sequenceOf(id?: string, after?: string, isLoose?: boolean): Sequence {
  return {
    ...(id !== undefined && { id }),
    ...(after !== undefined && { after }),
    ...(isLoose && { isLoose }),
  }
}

/** Shorter where there is nothing at the end. */
export type PackedSequence = readonly [id?: string | undefined, after?: string | undefined, isLoose?: boolean]

export function packSequence({ id, after, isLoose }: Sequence): PackedSequence {
  if (isLoose) return [id, after, true]
  return after === undefined ? [id] : [id, after]
}

export function unpackSequence([id, after, isLoose]: PackedSequence): Sequence {
  return sequenceOf(id, after, isLoose)
}

/** Elements of a later version may follow. */
export function isPackedSequence(value: unknown): value is PackedSequence {
  if (!Array.isArray(value)) return false
  const [id, after, isLoose] = value as readonly unknown[] // a list of anything
  return isText(id) && isText(after) && (isLoose === undefined || isLoose === true)
}

function isText(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && value.isWellFormed())
}
