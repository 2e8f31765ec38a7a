// Where a client says it was: the header that browsers send when they reconnect, or a parameter for a first connect.
import { parsePosition, type Since } from '../../engine/words/position.ts'
import type { Exchange } from '../../net/exchange.ts'

export interface Start {
  /** Undefined: it begins now. */
  readonly since: Since | undefined
  /** It said something that is no position of ours: it has to be told of a gap. */
  readonly isLost: boolean
}

/** The header is newer where both are there: a browser repeats the address as it was. */
export function readStart(exchange: Exchange): Start {
  const header = exchange.header('last-event-id') ?? ''
  const text = header === '' ? (new URLSearchParams(exchange.query ?? '').get('since') ?? '') : header
  const since = text === '' ? undefined : parsePosition(text)
  return { since, isLost: text !== '' && since === undefined }
}
