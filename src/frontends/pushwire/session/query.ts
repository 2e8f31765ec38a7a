// What the query and the headers of an event stream say (contract §5): who asks, for which channels, and from where.
import type { Exchange } from '../../../net/exchange.ts'
import type { Reason } from '../refusals.ts'
import { parseCursor } from '../wire/cursors.ts'
import { parseClientId } from '../wire/operations.ts'
import { parseVector, type Vector } from '../wire/vector.ts'

export interface StreamQuery {
  readonly ok: true
  readonly clientId: string
  readonly token: string | undefined
  /** Undefined: it names none, which is all that it may read. */
  readonly names: readonly string[] | undefined
  readonly places: Vector
  readonly resumeCursor: number | undefined
  /** Events without names. */
  readonly isUnnamed: boolean
}

type Reading = StreamQuery | { readonly ok: false; readonly reason: Reason; readonly detail: string }

const namesUnitsMax = 16_384

/** The header of a browser that comes back is newer than its query, which it repeats unchanged. */
export function readQuery(exchange: Exchange): Reading {
  const query = new URLSearchParams(exchange.query ?? '')
  const either = (...names: readonly string[]) =>
    names.map(name => query.get(name)).find(value => value !== null)
  const clientId = parseClientId(query.get('client_id') ?? '')
  if (clientId === undefined) return { ok: false, reason: 'client-id-invalid', detail: '' }
  const cursorText = either('resume_cursor', 'cursor')
  const resumeCursor = cursorText === undefined ? undefined : parseCursor(cursorText)
  if (cursorText !== undefined && resumeCursor === undefined) return invalid('resume_cursor')
  const lastEventId = exchange.header('last-event-id') ?? ''
  const places = parseVector(lastEventId === '' ? (either('resume_cursors', 'cursors') ?? '') : lastEventId)
  if (places === undefined) return invalid(lastEventId === '' ? 'resume_cursors' : 'last-event-id')
  const channels = either('channels', 'capabilities')
  return {
    ok: true,
    clientId,
    token: either('token', 'access_token') ?? bearerOf(exchange),
    names: channels === undefined ? undefined : namesOf(channels),
    places,
    resumeCursor,
    isUnnamed: query.get('events') === 'unnamed',
  }
}

function invalid(detail: string): Reading {
  return { ok: false, reason: 'position-invalid', detail }
}

function namesOf(text: string): readonly string[] {
  return text
    .slice(0, namesUnitsMax)
    .split(',')
    .map(name => name.trim())
}

/** The token of a header that has one. */
export function bearerOf(exchange: Exchange): string | undefined {
  return /^bearer +(\S.*)$/i.exec(exchange.header('authorization') ?? '')?.[1]
}
