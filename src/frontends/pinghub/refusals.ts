// Refusal to wire, total: a reason without a row does not compile. Texts are the original's where it has the case
// (see README.md, Refusals).
import type { Refusal } from '../../engine/words/refusal.ts'
import type { Reply } from '../../net/reply.ts'
import type { RefusalTable } from '../session/refusals.ts'
import type { HandshakeFault } from './handshake.ts'
import { pinghubSection } from './settings.ts'

export type Reason =
  | Refusal
  | HandshakeFault
  | 'target-malformed'
  | 'path-not-utf8'
  | 'path-length'
  | 'path-reserved'
  | 'method-not-allowed'
  | 'page-off'
  | 'body-too-large'
  | 'body-not-utf8'
  | 'too-many-sockets'
  | 'sockets-read-only'

const text = { 'content-type': 'text/plain; charset=utf-8' } as const
const nosniff = { ...text, 'x-content-type-options': 'nosniff' } as const

const error = (status: number, sentence: string): Reply => ({
  status,
  headers: nosniff,
  body: `Error: ${sentence}\n`,
})
const status = (code: number, words: string): Reply => ({
  status: code,
  headers: nosniff,
  body: `${words}\n`,
})
const retryable: Reply = {
  status: 503,
  headers: { ...nosniff, 'retry-after': '1' },
  body: 'Service Unavailable\n',
}

const wire = {
  'target-malformed': { status: 400, headers: text, body: '400 Bad Request', close: true },
  'path-not-utf8': error(400, 'bad request. Path must be valid Unicode (UTF-8).'),
  'path-length': error(400, 'bad request. Path length must be 1-256 Unicode characters (UTF-8).'),
  'path-reserved': error(400, 'bad request. Path must not begin with U+0001.'),
  'method-not-allowed': { status: 405 },
  'page-off': status(404, 'Not Found'),
  'body-too-large': error(413, 'request entity too large.'),
  'body-not-utf8': error(400, 'bad request. Body must be valid Unicode (UTF-8).'),
  'handshake-faulty': status(400, 'Bad Request'),
  'handshake-method': status(405, 'Method Not Allowed'),
  'origin-refused': status(403, 'Forbidden'),
  'not-allowed': status(403, 'Forbidden'),
  elsewhere: status(421, 'Misdirected Request'),
  'sockets-read-only': status(403, 'Forbidden'),
  'too-many-sockets': retryable,
  overloaded: retryable,
  'owner-lost': retryable,
  'broker-away': retryable,
  draining: retryable,
} as const satisfies Record<Reason, Reply>

export const refusals: RefusalTable<Reason> = {
  protocol: pinghubSection.name,
  reasons: Object.keys(wire) as readonly Reason[], // the table is total
  answer: reason => wire[reason],
}

/** On the answer to a request for a WebSocket: the one version that there is. */
export const handshakeHeaders = { 'sec-websocket-version': '13' } as const
