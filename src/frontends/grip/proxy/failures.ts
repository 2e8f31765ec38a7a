// What the proxy says by itself (contract §4.8). Texts are the original's, to the letter.
import type { Returns } from '../../../engine/reader/returns.ts'
import { bodyRefusals } from '../../../net/body.ts'
import { retryAfter } from '../../session/coming-back.ts'
import type { JoinRefusal } from '../hold/hold.ts'
import type { Failure as AttemptFailure } from './attempt.ts'

export interface Failure {
  /** For the log. */
  readonly code: string
  readonly status: number
  readonly reason: string
  readonly body: string
  /** Whole seconds after which the same may be asked again. */
  readonly retryAfter?: string
  /** What an origin did, or did not do. */
  readonly cause?: string
}

const badGateway = { status: 502, reason: 'Bad Gateway' } as const

/** `isShown`: by routes that debug alone, for the cause names targets. */
export function originFailed(cause: string, isShown: boolean): Failure {
  const text = isShown ? cause : 'Error while proxying to origin.'
  return { ...badGateway, code: 'origin-failed', body: `${text}\n`, cause }
}

export function noRoute(host: string): Failure {
  return { ...badGateway, code: 'route-missing', body: `No route for host: ${host}\n` }
}

export const requestTooLarge: Failure = {
  code: 'request-too-large',
  status: 400,
  reason: 'Bad Request',
  body: 'Request too large to accept GRIP instruct.\n',
}

/** Ours alone: as all other doors say it. */
export const crowdedOut: Failure = {
  code: 'bodies-crowded-out',
  status: 408,
  reason: 'Request Timeout',
  body: bodyRefusals['crowded-out'].body,
}

export const eventsForbidden: Failure = {
  code: 'events-not-allowed',
  status: 403,
  reason: 'Forbidden',
  body: 'Client not allowed to send WebSocket events directly.\n',
}

/** Ours alone: the engine takes nobody, or the node stops and its clients come back at different times. */
export function unavailable(returnMs = 0): Failure {
  return {
    code: 'unavailable',
    status: 503,
    reason: 'Service Unavailable',
    body: 'Subscriptions are not possible now.\n',
    retryAfter: retryAfter(returnMs),
  }
}

/** Ours alone: a channel that an origin named is not open to this protocol. */
const forbidden: Failure = {
  code: 'not-allowed',
  status: 403,
  reason: 'Forbidden',
  body: 'A channel is not open to this protocol.\n',
}

/** Of a hold that the engine, or its names, do not allow. */
export function notHeld(refusal: JoinRefusal, isShown: boolean, returns: Pick<Returns, 'next'>): Failure {
  if (refusal === 'not-allowed') return forbidden
  if (refusal === 'draining') return unavailable(returns.next('others'))
  if (refusal !== 'channel-invalid') return unavailable()
  return originFailed(
    'A channel has a name of more than 1024 bytes, one that is no text, or one that begins with U+0001.',
    isShown,
  )
}

/** Of a request by a script (contract §12.2). */
export function jsonpInvalid(error: string): Failure {
  return { code: 'jsonp-invalid', status: 400, reason: 'Bad Request', body: `${error}\n` }
}

/** The headers of such an answer. */
export function retryHeaders({ retryAfter: seconds }: Failure): readonly string[] {
  return seconds === undefined ? [] : ['Retry-After', seconds]
}

/** For who debugs a route. */
export function causeOf({ phase, tried, isBlocked, message }: AttemptFailure): string {
  if (isBlocked) return 'Error: Origin host/IP blocked.'
  return phase === 'connecting' ? unreachableCause(tried) : message
}

const unreachable = 'Unable to connect to any targets. Tried: '

export function unreachableCause(tried: readonly string[]): string {
  return unreachable + tried.join(', ')
}

/** The targets that a failure is about where none of them connected; undefined: it is another one. */
export function triedIn({ cause }: Failure): readonly string[] | undefined {
  return cause?.startsWith(unreachable) === true ? cause.slice(unreachable.length).split(', ') : undefined
}

export function instructCause(error: string): string {
  return `Failed to parse accept instructions: ${error}`
}

export function instructTooLargeCause(target: string): string {
  return `GRIP instruct response too large from ${target}`
}
