// What a connection that is open is told when something is refused, and how it ends (contract §1.7, §6.2): total tables.
// The code of an error is a stable word; its text is for people, and has nothing from inside of the node.
import type { CloseReason, Refusal } from '../../../engine/words/refusal.ts'
import { jsonDepthMax } from '../../../std/json-check.ts'
import type { MessageFault } from './dialect.ts'
import { cut, textUnitsMax } from './fields.ts'
import type { ServerOperation } from './operations.ts'

export type ErrorReason =
  | Refusal
  | MessageFault['reason']
  | 'auth-expected'
  | 'auth-repeated'
  | 'auth-timeout'
  | 'unauthorized'
  | 'unavailable'
  /** More than may wait between `auth` and its answer. */
  | 'auth-pending'
  | 'binary'
  | 'message-too-large'
  | 'violations'
  | 'channel-unknown'
  | 'channel-not-allowed'
  | 'no-handler'
  | 'handler-failed'
  | 'channels-too-many'
  | 'not-subscribed'
  | 'rate-limited'
  | 'cursor-ahead'

interface ErrorRow {
  readonly code: string
  /** A detail may follow. */
  readonly text: string
}

const errors = {
  syntax: { code: 'malformed', text: 'message is not JSON' },
  depth: { code: 'malformed', text: `message is nested more than ${jsonDepthMax} deep` },
  'half-pair': { code: 'malformed', text: 'message escapes half of a surrogate pair' },
  'payload-missing': { code: 'malformed', text: 'frame has no payload' },
  'operation-unknown': { code: 'unknown_operation', text: 'unknown operation' },
  'not-for-clients': { code: 'unexpected_operation', text: 'clients do not send ' },
  'field-invalid': { code: 'invalid_field', text: 'missing or invalid: ' },
  'auth-expected': { code: 'auth_expected', text: 'the first message must be auth' },
  'auth-repeated': { code: 'auth_repeated', text: 'authenticated already' },
  'auth-timeout': { code: 'auth_timeout', text: 'auth timeout' },
  unauthorized: { code: 'unauthorized', text: 'unauthorized' },
  unavailable: { code: 'unavailable', text: 'unavailable' },
  'auth-pending': { code: 'auth_pending', text: 'too many messages before auth_ok' },
  binary: { code: 'binary_not_agreed', text: 'binary messages were not agreed on' },
  'message-too-large': { code: 'message_too_large', text: 'message too large' },
  violations: { code: 'too_many_faults', text: 'too many faulty messages' },
  'channel-unknown': { code: 'unknown_channel', text: 'unknown channel: ' },
  'channel-not-allowed': { code: 'channel_not_allowed', text: 'channel not allowed: ' },
  'no-handler': { code: 'no_handler', text: 'no frames are taken from clients on ' },
  'handler-failed': { code: 'handler_failed', text: 'the frame could not be handled' },
  'channels-too-many': { code: 'too_many_channels', text: 'too many channels: ' },
  'not-subscribed': { code: 'not_subscribed', text: 'not subscribed to ' },
  'rate-limited': { code: 'rate_limited', text: 'too many messages' },
  'cursor-ahead': { code: 'cursor_ahead', text: 'cursor is too far ahead: ' },
  'not-allowed': { code: 'channel_not_allowed', text: 'channel not allowed: ' },
  elsewhere: { code: 'channel_not_allowed', text: 'another node owns the channel: ' },
  overloaded: { code: 'overloaded', text: 'overloaded' },
  'owner-lost': { code: 'try_again', text: 'try again' },
  'broker-away': { code: 'try_again', text: 'try again' },
  draining: { code: 'draining', text: 'stopping' },
} as const satisfies Record<ErrorReason, ErrorRow>

/** `detail`: what is wrong, behind texts that have room for it; a validator's own words in place of `unauthorized`. */
export function errorOf(reason: ErrorReason, detail = ''): ServerOperation {
  const { code, text } = errors[reason]
  const own = reason === 'unauthorized' && detail !== ''
  return { op: 'error', message: refusalText(own ? detail : `${text}${detail}`), code }
}

/** As long as an error may be (contract §6.2). */
export function refusalText(text: string): string {
  return cut(text, textUnitsMax)
}

export type Ending =
  /** The client said goodbye. */
  | 'left'
  | 'draining'
  | 'binary'
  | 'unauthorized'
  | 'unavailable'
  | 'auth-expected'
  /** A field of the first message does not fit. */
  | 'auth-invalid'
  | 'auth-pending'
  | 'auth-timeout'
  | 'violations'
  /** Beyond the rate for longer than is put up with. */
  | 'flooding'
  | 'message-too-large'
  | 'not-allowed'
  | 'slow'
  /** Its channel, or its way to it, was lost. */
  | 'lost'
  | 'overloaded'
  | 'token-expired'
  /** By the backend. */
  | 'kicked'
  | 'replaced'

interface Row {
  /** Of a WebSocket. A stream just ends. */
  readonly code: number
  /** The last operation: an error, or a goodbye with this reason, or none. */
  readonly error?: ErrorReason
  readonly goodbye?: string
}

const endings = {
  left: { code: 1000 },
  draining: { code: 1001, goodbye: 'shutdown' },
  binary: { code: 1003, error: 'binary' },
  unauthorized: { code: 1008, error: 'unauthorized' },
  unavailable: { code: 1013, error: 'unavailable' },
  'auth-expected': { code: 1008, error: 'auth-expected' },
  'auth-invalid': { code: 1008, error: 'field-invalid' },
  'auth-pending': { code: 1008, error: 'auth-pending' },
  'auth-timeout': { code: 4408, error: 'auth-timeout' },
  violations: { code: 1008, error: 'violations' },
  flooding: { code: 1008, error: 'rate-limited' },
  'message-too-large': { code: 1009 },
  'not-allowed': { code: 1008, error: 'not-allowed' },
  slow: { code: 1013, goodbye: 'slow consumer' },
  lost: { code: 1013, goodbye: 'try again' },
  overloaded: { code: 1013, goodbye: 'overloaded' },
  'token-expired': { code: 1008, goodbye: 'token expired' },
  kicked: { code: 1008, goodbye: 'kicked' },
  replaced: { code: 4409, goodbye: 'replaced' },
} as const satisfies Record<Ending, Row>

export interface LastWords {
  readonly code: number
  readonly operation: ServerOperation | undefined
}

/** `detail`: as for the error. */
export function lastWords(ending: Ending, detail = ''): LastWords {
  const { code, error, goodbye }: Row = endings[ending]
  if (error !== undefined) return { code, operation: errorOf(error, detail) }
  return { code, operation: goodbye === undefined ? undefined : { op: 'goodbye', reason: goodbye } }
}

/** By why the engine closed a feed. */
export const endingByClose = {
  slow: 'slow',
  gap: 'lost',
  omitted: 'lost',
  'owner-lost': 'lost',
  draining: 'draining',
} as const satisfies Record<CloseReason, Ending>

/** By why the engine did not take a subscription of the handshake. */
export const endingByRefusal = {
  overloaded: 'overloaded',
  'owner-lost': 'lost',
  'broker-away': 'lost',
  draining: 'draining',
  'not-allowed': 'not-allowed',
  elsewhere: 'not-allowed',
} as const satisfies Record<Refusal, Ending>
