// Places in a channel's order, and as text, `EPOCH.OFFSET`: what clients keep and hand back to resume.
import type { Brand } from '../../std/brand.ts'

/** Tag of one unbroken numbering of a channel. */
export type Epoch = Brand<string, 'Epoch'>

/** Number of a publication in its epoch: plus one each time, a safe integer. */
export type Offset = Brand<number, 'Offset'>

/** Names one publication: the last one that somebody has, or the one that was just made. */
export interface Position {
  readonly epoch: Epoch
  readonly offset: Offset
}

/** What a client has: everything up to and including the offset. Without an epoch the current one is meant. */
export interface Since {
  readonly epoch: Epoch | undefined
  readonly offset: Offset
}

const form = /^(?:([\w-]{1,64})\.)?(\d{1,16})$/

export function formatPosition({ epoch, offset }: Position): string {
  return `${epoch}.${offset}`
}

/** Undefined where the text is no position. */
export function parsePosition(text: string): Since | undefined {
  const [, epoch, digits] = form.exec(text) ?? []
  const offset = Number(digits)
  // What follows the position must have an offset too.
  if (digits === undefined || !Number.isSafeInteger(offset + 1)) return undefined
  return { epoch: epoch === undefined ? undefined : parseEpoch(epoch), offset: parseOffset(offset) }
}

/** What positions are written with; empty where a numbering is yet to begin. */
const epochForm = /^[\w-]{0,64}$/

/** Throws on what no epoch can be. */
export function parseEpoch(text: string): Epoch {
  if (!epochForm.test(text)) throw new RangeError(`${JSON.stringify(text)} is no epoch`)
  return text as Epoch
}

/** Of a numbering that is yet to begin. */
export const noEpoch = parseEpoch('')

/** Throws on what no offset can be: it must be a safe integer that is not negative. */
export function parseOffset(value: number): Offset {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`offset ${value} is not a safe integer`)
  return value as Offset
}

export function nextOffset(offset: Offset): Offset {
  return parseOffset(offset + 1)
}
