// Refusal to wire, total: a reason without a row does not compile. Errors of the original's framework have a text,
// those of its own code an empty body (rpushd 1.0.3; see README.md, Refusals).
import type { Refusal } from '../../engine/words/refusal.ts'
import type { RefusalTable } from '../session/refusals.ts'
import { rpushdSection } from './settings.ts'

export type Reason =
  | Refusal
  | 'route-unknown'
  | 'method-not-allowed'
  | 'content-type'
  | 'body-too-large'
  | 'json-syntax'
  | 'json-shape'
  | 'path-not-utf8'
  | 'channel-invalid'
  | 'not-authorized'
  | 'query-shape'
  | 'mode-unknown'
  | 'too-many-streams'
  | 'idempotency-key-invalid'

interface Wire {
  readonly status: number
  /** Begins the body; a detail may follow. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

const retryable = { status: 503, headers: { 'retry-after': '1' } } as const

const wire = {
  'route-unknown': { status: 404 },
  'method-not-allowed': { status: 405 },
  'content-type': { status: 415, text: 'Expected request with `Content-Type: application/json`' },
  'body-too-large': { status: 413, text: 'Failed to buffer the request body: length limit exceeded' },
  'json-syntax': { status: 400, text: 'Failed to parse the request body as JSON: ' },
  'json-shape': { status: 422, text: 'Failed to deserialize the JSON body into the target type: ' },
  'path-not-utf8': { status: 400, text: 'Invalid URL: Invalid UTF-8 in `channel`' },
  'channel-invalid': { status: 400 },
  'not-authorized': { status: 401 },
  'query-shape': { status: 400, text: 'Failed to deserialize query string: ' },
  'mode-unknown': { status: 400 },
  'too-many-streams': retryable,
  'idempotency-key-invalid': {
    status: 400,
    text: 'Idempotency-Key must be 1 to 255 visible ASCII characters',
  },
  'not-allowed': { status: 403 },
  elsewhere: { status: 421 },
  overloaded: retryable,
  'owner-lost': retryable,
  'broker-away': retryable,
  draining: retryable,
} as const satisfies Record<Reason, Wire>

export const refusals: RefusalTable<Reason> = {
  protocol: rpushdSection.name,
  reasons: Object.keys(wire) as readonly Reason[], // the table is total
  answer(reason, detail = '') {
    const { status, text, headers }: Wire = wire[reason]
    if (text === undefined) return { status, ...(headers && { headers }) }
    return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text + detail }
  },
}
