// Where a client says it was: the header that browsers send when they reconnect, or a parameter for a first connect.
import { parsePosition, type Since } from '../../engine/words/position.ts'
import type { Exchange } from '../../net/exchange.ts'

export interface Start {
  /** Undefined: it begins now. */
  readonly since: Since | undefined
  /** `back`: with a position. `lost`: with something that is no position of ours, so that it has to be told of a gap. */
  readonly came: 'new' | 'back' | 'lost'
}

export const atHead: Start = { since: undefined, came: 'new' }

/** The header is newer where both are there: a browser repeats the address as it was. */
export function readStart(exchange: Exchange): Start {
  const header = exchange.header('last-event-id') ?? ''
  const text = header === '' ? (new URLSearchParams(exchange.query ?? '').get('since') ?? '') : header
  if (text === '') return atHead
  const since = parsePosition(text)
  return { since, came: since === undefined ? 'lost' : 'back' }
}
