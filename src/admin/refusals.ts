// Refusal to wire: one row per code, as a problem of RFC 9457. Codes and types are stable; titles and details are for
// people.
import type { Refusal } from '../engine/words/refusal.ts'
import type { RefusalTable } from '../frontends/session/refusals.ts'
import type { Reply } from '../net/reply.ts'
import { adminSection } from './settings.ts'

interface Row {
  readonly status: number
  /** The same for every occurrence (RFC 9457 section 3.1.3). */
  readonly title: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Engine refusals that pass: asking again soon may help. */
const again = { 'retry-after': '1' } as const

const rows = {
  'host-not-allowed': { status: 421, title: 'The Host is not one of this listener' },
  'origin-not-allowed': { status: 403, title: 'Pages of other sites may not use this listener' },
  'route-unknown': { status: 404, title: 'There is nothing at this path' },
  'method-not-allowed': { status: 405, title: 'The path has no such method' },
  'api-disabled': { status: 403, title: 'The HTTP API is off' },
  'bearer-refused': {
    status: 401,
    title: 'A valid bearer secret is needed',
    headers: { 'www-authenticate': 'Bearer' },
  },
  'content-type': { status: 415, title: 'The body must be JSON' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'json-syntax': { status: 400, title: 'The body is no JSON' },
  'json-shape': { status: 422, title: 'The body has the wrong shape' },
  'query-invalid': { status: 400, title: 'A parameter does not fit' },
  'channel-invalid': { status: 400, title: 'The path holds no channel name' },
  'channel-unknown': { status: 404, title: 'Nothing is known of the channel' },
  'not-allowed': { status: 403, title: 'The channel is not open to the HTTP API' },
  elsewhere: { status: 421, title: 'Another node owns the channel, and serves its subscribers' },
  overloaded: { status: 503, title: 'There is too much under way', headers: again },
  'owner-lost': { status: 503, title: 'The owner of the channel cannot be reached', headers: again },
  'broker-away': { status: 503, title: 'What joins the nodes cannot be reached', headers: again },
  draining: { status: 503, title: 'The node is stopping', headers: again },
} as const satisfies Record<string, Row> & Record<Refusal, Row>

export type Code = keyof typeof rows

export const codes: readonly Code[] = Object.keys(rows) as Code[] // the keys of the table, by definition

/** Members of a problem. `type` is a name and leads nowhere (RFC 9457 section 3.1.1 allows any URI). */
export interface Described {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: Code
  readonly detail: string
}

/** What is wrong with one place of a body: a JSON Pointer as a URI fragment (RFC 6901 section 6), `#/0/channel`. */
export interface ShapeFault {
  readonly pointer: string
  readonly detail: string
}

export function describe(code: Code, detail = ''): Described {
  const { status, title } = rows[code]
  return {
    type: `urn:ringcast:refusal:${code}`,
    title,
    status,
    code,
    detail: detail === '' ? `${title}.` : detail,
  }
}

export const refusals: RefusalTable<Code> = {
  protocol: adminSection.name,
  reasons: codes,
  answer: refusalReply,
}

export function refusalReply(code: Code, detail?: string, faults?: readonly ShapeFault[]): Reply {
  const { status, headers }: Row = rows[code]
  return {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
    body: JSON.stringify({ ...describe(code, detail), errors: faults }),
  }
}
