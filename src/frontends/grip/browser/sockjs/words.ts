// What SockJS clients are told (contract §12.3): each answer as plain data, since it may be made in one worker and leave
// from another.
import type { GateExchange } from '../../../../net/gate/gate-exchange.ts'
import { wireText } from '../../routes/condition.ts'
import { callTo, scriptString } from '../callback.ts'

export interface Said {
  readonly status: number
  readonly reason: string
  readonly rawHeaders: readonly string[]
  /** A byte a character. */
  readonly body: string
}

const text = ['Content-Type', 'text/plain'] as const
const script = ['Content-Type', 'application/javascript'] as const

/** A frame of the protocol. `callback`: empty where it is not for a script. */
export function frameFor(callback: string, frame: string): Said {
  return callback === '' ? ok(text, `${frame}\n`) : ok(script, callTo(callback, scriptString(frame)))
}

/** Messages were taken. */
export function takenFor(callback: string): Said {
  return callback === '' ? ok(text, 'ok') : ok(script, callTo(callback, '"ok"'))
}

/** The end of a session, in the words of whoever ended it. */
export function closeFrame(code: number, reason: string): string {
  return `c${JSON.stringify([code, reason])}`
}

export const opened = 'o'
export const heartbeat = 'h'
export const stillOpen = closeFrame(2010, 'Another connection still open')
export const clientLeft = closeFrame(3000, 'Client already closed connection')

export const refusals = {
  callback: refusal(400, 'Bad Request', 'Bad Request'),
  payload: refusal(400, 'Bad Request', 'Payload expected'),
  sending: refusal(400, 'Bad Request', 'Already sending'),
  large: refusal(400, 'Bad Request', 'Request too large.'),
  nothing: refusal(404, 'Not Found', 'Not Found'),
  over: refusal(410, 'Gone', 'Session terminated'),
  /** Ours alone: there is no room, or the worker that would know is lost. */
  full: refusal(503, 'Service Unavailable', 'No room for another session'),
} as const

export const empty: Said = { status: 204, reason: 'No Content', rawHeaders: text, body: '' }

export function plain(body: string): Said {
  return ok(text, body)
}

export function reply(exchange: GateExchange, { status, reason, rawHeaders, body }: Said): void {
  exchange.reply(status, reason, [...rawHeaders, ...shared(exchange)], Buffer.from(body, 'latin1'))
}

/** Of all answers, behind their own. */
function shared(exchange: GateExchange): readonly string[] {
  return [
    'Cache-Control',
    'no-store, no-cache, must-revalidate, max-age=0',
    'Access-Control-Allow-Origin',
    exchange.header('origin') ?? '*',
    'Access-Control-Allow-Credentials',
    'true',
  ]
}

function ok(rawHeaders: readonly string[], body: string): Said {
  return { status: 200, reason: 'OK', rawHeaders, body: wireText(body) }
}

function refusal(status: number, reason: string, body: string): Said {
  return { status, reason, rawHeaders: text, body: `${body}\n` }
}
