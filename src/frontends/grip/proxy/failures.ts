// What the proxy says by itself (contract §4.8). Texts are the original's, to the letter.
import type { Failure as AttemptFailure } from './attempt.ts'

export interface Failure {
  readonly status: number
  readonly reason: string
  readonly body: string
}

const badGateway = { status: 502, reason: 'Bad Gateway' } as const

/** `cause`: shown by routes that debug alone, for it names targets. */
export function originFailed(cause?: string): Failure {
  return { ...badGateway, body: `${cause ?? 'Error while proxying to origin.'}\n` }
}

export function noRoute(host: string): Failure {
  return { ...badGateway, body: `No route for host: ${host}\n` }
}

export const requestTooLarge: Failure = {
  status: 400,
  reason: 'Bad Request',
  body: 'Request too large to accept GRIP instruct.\n',
}

export const eventsForbidden: Failure = {
  status: 403,
  reason: 'Forbidden',
  body: 'Client not allowed to send WebSocket events directly.\n',
}

/** Ours alone: the engine takes nobody, or the node stops. */
export const unavailable: Failure = {
  status: 503,
  reason: 'Service Unavailable',
  body: 'Subscriptions are not possible now.\n',
}

/** Ours alone: a channel that an origin named is not open to this protocol. */
export const forbidden: Failure = {
  status: 403,
  reason: 'Forbidden',
  body: 'A channel is not open to this protocol.\n',
}

/** Ours alone, for now. */
export const noSockets: Failure = {
  status: 501,
  reason: 'Not Implemented',
  body: 'WebSockets are not served here.\n',
}

/** For who debugs a route. */
export function causeOf({ phase, tried, isBlocked, message }: AttemptFailure): string {
  if (isBlocked) return 'Error: Origin host/IP blocked.'
  return phase === 'connecting' ? `Unable to connect to any targets. Tried: ${tried.join(', ')}` : message
}

export function instructCause(error: string): string {
  return `Failed to parse accept instructions: ${error}`
}

export function instructTooLargeCause(target: string): string {
  return `GRIP instruct response too large from ${target}`
}
