// Refusal to wire over HTTP, total: a reason without a row does not compile (contract §3.4, §5, §6.2). Bodies are
// `{"error":…}` throughout. What is refused on a connection that is open stands in endings.ts.
import type { Refusal } from '../../engine/words/refusal.ts'
import type { Reply } from '../../net/reply.ts'
import type { RefusalTable } from '../session/refusals.ts'
import { refusalText } from './wire/endings.ts'

export type Reason =
  | Refusal
  /** Of a GET that is no handshake for a WebSocket: it asks for no upgrade, or for one to something else. */
  | 'upgrade-missing'
  | 'upgrade-refused'
  | 'origin-not-allowed'
  | 'too-many-connections'
  | 'route-unknown'
  | 'method-not-allowed'
  /** Of a stream. */
  | 'query-not-utf8'
  | 'client-id-invalid'
  | 'channels-empty'
  | 'channels-too-many'
  | 'position-invalid'
  | 'unauthorized'
  | 'unavailable'
  /** Of an acknowledgement. */
  | 'ack-unauthorized'
  | 'content-type'
  | 'body-too-large'
  | 'json-syntax'
  | 'ack-invalid'
  | 'channel-unknown'
  | 'client-unknown'

interface Wire {
  readonly status: number
  /** A detail may follow. */
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

const challenge = { 'www-authenticate': 'Bearer' } as const
const later = { 'retry-after': '1' } as const
const version = { upgrade: 'websocket', connection: 'upgrade', 'sec-websocket-version': '13' } as const

const wire = {
  'upgrade-missing': { status: 400, text: 'this address takes WebSockets' },
  'upgrade-refused': { status: 426, text: 'this address takes version 13 of WebSocket', headers: version },
  'origin-not-allowed': { status: 403, text: 'origin not allowed' },
  'too-many-connections': { status: 503, text: 'too many connections', headers: later },
  'route-unknown': { status: 404, text: 'not found' },
  'method-not-allowed': { status: 405, text: 'method not allowed' },
  'query-not-utf8': { status: 400, text: 'query must be UTF-8' },
  'client-id-invalid': { status: 400, text: 'client_id must be a UUID' },
  'channels-empty': { status: 400, text: 'no known channel is named' },
  'channels-too-many': { status: 400, text: 'too many channels for one stream' },
  'position-invalid': { status: 400, text: 'not a position: ' },
  unauthorized: { status: 401, text: 'unauthorized', headers: challenge },
  unavailable: { status: 503, text: 'unavailable', headers: later },
  'ack-unauthorized': { status: 401, text: 'unauthorized', headers: challenge },
  'content-type': { status: 415, text: 'content-type must be application/json' },
  'body-too-large': { status: 413, text: 'body too large' },
  'json-syntax': { status: 400, text: 'body must be JSON' },
  'ack-invalid': { status: 422, text: 'missing or invalid: ' },
  'channel-unknown': { status: 422, text: 'unknown channel' },
  'client-unknown': { status: 404, text: 'unknown client' },
  'not-allowed': { status: 403, text: 'not allowed' },
  elsewhere: { status: 421, text: 'another node owns the channel' },
  overloaded: { status: 503, text: 'overloaded', headers: later },
  'owner-lost': { status: 503, text: 'try again', headers: later },
  'broker-away': { status: 503, text: 'try again', headers: later },
  draining: { status: 503, text: 'stopping', headers: later },
} as const satisfies Record<Reason, Wire>

export const refusals: RefusalTable<Reason> = {
  protocol: 'pushwire',
  reasons: Object.keys(wire) as readonly Reason[], // the table is total
  answer: refusalReply,
}

/** `detail`: what is wrong, behind texts that end in a colon; a validator's own words in place of `unauthorized`. */
export function refusalReply(reason: Reason, detail = ''): Reply {
  const { status, text, headers }: Wire = wire[reason]
  const own = reason === 'unauthorized' && detail !== ''
  const error = own ? refusalText(detail) : `${text}${detail}`
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ error }),
  }
}
