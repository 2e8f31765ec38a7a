// Everything that the control door says, byte for byte (contract §6.1, §6.3).
import { bodyRefusals } from '../../../net/body.ts'
import type { Impatience } from '../../../net/intake.ts'
import type { ItemsReading } from '../item/from-json.ts'
import type { AnswerForm } from './accept.ts'

export interface Answer {
  readonly status: number
  readonly reason: string
  /** In front of the others: name, value, … */
  readonly headers?: readonly string[]
  readonly contentType: 'text/plain' | 'application/json'
  readonly body: string
}

const plain = { contentType: 'text/plain' } as const
const bad = { ...plain, status: 400, reason: 'Bad Request' } as const
const ok = { status: 200, reason: 'OK' } as const

export const greeting: Answer = { ...plain, ...ok, body: 'Pushpin API\n' }
export const notFound: Answer = { ...plain, status: 404, reason: 'Not Found', body: 'Not Found\n' }
export const notAcceptable: Answer = {
  ...plain,
  status: 406,
  reason: 'Not Acceptable',
  body: 'Not Acceptable. Supported formats are text/plain and application/json.\n',
}

/** What is wrong with a request before its body is looked at. */
export const headUnparsable: Answer = { ...bad, body: 'Failed to parse request header.\n' }
export const headTooLarge: Answer = { ...bad, body: 'Request header too large.\n' }
export const lengthUnparsable: Answer = { ...bad, body: 'Bad Content-Length.\n' }
export const bodyTooLarge: Answer = { ...bad, body: 'Request body too large.\n' }
export const bodyTooLong: Answer = { ...bad, body: 'Request body exceeded Content-Length.\n' }
export const lengthRequired: Answer = {
  ...plain,
  status: 411,
  reason: 'Length Required',
  body: 'Request requires Content-Length.\n',
}

/** Ours alone: the original lets everybody in. */
export const unauthorized: Answer = {
  ...plain,
  status: 401,
  reason: 'Unauthorized',
  headers: ['WWW-Authenticate', 'Bearer'],
  body: 'Unauthorized\n',
}

/** Ours alone: as all other doors say it. */
export function notCollected(why: Impatience): Answer {
  return { ...plain, status: 408, reason: 'Request Timeout', body: bodyRefusals[why].body }
}

/** Ours alone: lists or a namespace do not open a channel to publishers here. */
export const forbidden: Answer = { ...plain, status: 403, reason: 'Forbidden', body: 'Forbidden\n' }

/** Ours alone: the original refuses nothing. Whoever gives its items ids may repeat them. */
export function unavailable(why: string): Answer {
  return {
    ...plain,
    status: 503,
    reason: 'Service Unavailable',
    headers: ['Retry-After', '1'],
    body: `${why}\n`,
  }
}

export function published(form: AnswerForm): Answer {
  return success(form, 'Published')
}

export function updated(form: AnswerForm): Answer {
  return success(form, 'Updated')
}

function success(form: AnswerForm, word: string): Answer {
  if (form === 'text') return { ...plain, ...ok, body: `${word}\n` }
  return { ...ok, contentType: 'application/json', body: `{"message":"${word}"}\n` }
}

/** The method is a token of a request that was parsed. */
export function methodNotAllowed(method: string): Answer {
  return {
    ...plain,
    status: 405,
    reason: 'Method Not Allowed',
    headers: ['Allow', 'POST'],
    body: `Method not allowed: ${method}.\n`,
  }
}

/** A body that is not published. It is text whatever the publisher would rather have. */
export function invalid({ fault, message }: Extract<ItemsReading, { readonly ok: false }>): Answer {
  if (fault === 'syntax') return { ...bad, body: 'Body is not valid JSON.\n' }
  return { ...bad, body: fault === 'object' ? 'Invalid format.\n' : `Invalid format: ${message}\n` }
}

export interface AnswerManner {
  readonly version: '1.0' | '1.1'
  readonly method: string
  /** The connection ends behind it. The original's always do. */
  readonly closes: boolean
}

/** Its headers in the order of the original, without the length: name, value, … */
export function headersOf({ headers = [], contentType }: Answer, closes: boolean): readonly string[] {
  return [...headers, 'Content-Type', contentType, ...(closes ? ['Connection', 'close'] : [])]
}

/** The version of the request is repeated, as there. A HEAD is answered without the body. */
export function bytesOf(answer: Answer, { version, method, closes }: AnswerManner): Uint8Array {
  const { status, reason, body } = answer
  const raw = [...headersOf(answer, closes), 'Content-Length', String(Buffer.byteLength(body))]
  let head = `HTTP/${version} ${status} ${reason}\r\n`
  for (let at = 0; at < raw.length; at += 2) head += `${raw[at]}: ${raw[at + 1]}\r\n`
  return Buffer.from(`${head}\r\n${method === 'HEAD' ? '' : body}`)
}
