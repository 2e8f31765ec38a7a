// Positions as text, `EPOCH.OFFSET`: what clients keep and hand back to resume.
import { type Epoch, type Offset, type Position, parseEpoch, parseOffset } from './publication.ts'

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
