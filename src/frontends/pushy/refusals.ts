// Refusal to wire, total: a reason without a row does not compile. Texts and statuses are the original's where it has
// some (see README.md, Refusals).
import type { Refusal } from '../../engine/words/refusal.ts'
import type { Reply } from '../../net/reply.ts'
import type { RefusalTable } from '../session/refusals.ts'
import { pushySection } from './settings.ts'

export type Reason =
  | Refusal
  | 'token-missing'
  | 'token-invalid'
  | 'token-expired'
  | 'token-not-yet'
  | 'token-times'
  | 'credential-wrong'
  | 'ticket-wrong'
  | 'origin-not-allowed'
  | 'forbidden'
  | 'content-type'
  | 'json-syntax'
  | 'query-not-utf8'
  | 'parameter-missing'
  | 'parameter-empty'
  | 'parameter-invalid'
  | 'body-too-large'
  | 'idempotency-key-invalid'
  | 'route-unknown'
  | 'too-many-streams'

interface Wire {
  readonly status: number
  /** The name of the one member that the body has; the original uses two. */
  readonly member: 'message' | 'error'
  /** A detail may follow. */
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

const challenge = { 'www-authenticate': 'Bearer' } as const
const later = { 'retry-after': '1' } as const

const wire = {
  'token-missing': {
    status: 401,
    member: 'message',
    text: 'Please make sure you have authentication header',
    headers: challenge,
  },
  'token-invalid': { status: 401, member: 'message', text: 'signature_error', headers: challenge },
  'token-expired': { status: 401, member: 'message', text: 'Token expired', headers: challenge },
  'token-not-yet': { status: 401, member: 'message', text: 'Token not valid yet', headers: challenge },
  'token-times': {
    status: 401,
    member: 'message',
    text: 'Token times must be numbers, exp included where it is required',
    headers: challenge,
  },
  'credential-wrong': { status: 401, member: 'error', text: 'Unauthorized' },
  'ticket-wrong': { status: 401, member: 'error', text: 'Unauthorized' },
  'origin-not-allowed': { status: 403, member: 'error', text: 'Forbidden' },
  forbidden: { status: 403, member: 'error', text: 'Forbidden' },
  'not-allowed': { status: 403, member: 'error', text: 'Forbidden' },
  elsewhere: { status: 421, member: 'error', text: 'Another node owns the channel' },
  'content-type': { status: 415, member: 'error', text: 'Unsupported media type' },
  'json-syntax': { status: 400, member: 'error', text: 'Invalid JSON' },
  'query-not-utf8': { status: 400, member: 'error', text: 'Query must be UTF-8' },
  'parameter-missing': { status: 400, member: 'error', text: 'Missing parameter: ' },
  'parameter-empty': { status: 400, member: 'error', text: 'Empty parameter: ' },
  'parameter-invalid': { status: 400, member: 'error', text: 'Invalid parameter: ' },
  'body-too-large': { status: 413, member: 'error', text: 'Payload too large' },
  'idempotency-key-invalid': {
    status: 400,
    member: 'error',
    text: 'Idempotency-Key must be 1 to 255 visible ASCII characters',
  },
  'route-unknown': { status: 404, member: 'error', text: '' },
  'too-many-streams': { status: 503, member: 'error', text: 'Too many streams', headers: later },
  overloaded: { status: 503, member: 'error', text: 'Overloaded', headers: later },
  'owner-lost': { status: 503, member: 'error', text: 'Try again', headers: later },
  'broker-away': { status: 503, member: 'error', text: 'Try again', headers: later },
  draining: { status: 503, member: 'error', text: 'Stopping', headers: later },
} as const satisfies Record<Reason, Wire>

/** What the original sends on every answer but a stream. */
const uncached = { 'cache-control': 'max-age=0, private, must-revalidate' } as const

export const refusals: RefusalTable<Reason> = {
  protocol: pushySection.name,
  reasons: Object.keys(wire) as readonly Reason[], // the table is total
  answer: refusalReply,
}

/** `detail` follows the text; parameters are named by it. */
export function refusalReply(reason: Reason, detail = ''): Reply {
  if (reason === 'route-unknown') {
    const headers = { ...uncached, 'content-type': 'text/plain; charset=utf-8' }
    return { status: 404, headers, body: 'Not found' }
  }
  const row: Wire = wire[reason]
  return jsonReply(row.status, { [row.member]: row.text + detail }, row.headers)
}

export function jsonReply(status: number, body: object, more: Readonly<Record<string, string>> = {}): Reply {
  const headers = { ...uncached, 'content-type': 'application/json', ...more }
  return { status, headers, body: JSON.stringify(body) }
}

/** A publish that was taken. */
export const accepted: Reply = { status: 200, headers: uncached }
