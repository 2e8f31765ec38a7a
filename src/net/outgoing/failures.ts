// Why a call failed, in codes of ours: the library's own never leave this room. What the system or OpenSSL said of a
// connection keeps its code (`ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`).
import { blockedCode } from './private-addresses.ts'

/**
 * `connecting`: nothing of the request has left, another target may be asked. `sending`: it has begun to leave. `waiting`:
 * it was handed to the system whole. `receiving`: the head of the answer is there.
 */
export type CallPhase = 'connecting' | 'sending' | 'waiting' | 'receiving'

export interface CallFailure {
  readonly phase: CallPhase
  readonly code: string
  /** A sentence for whoever debugs a route; names the target. */
  readonly message: string
  /** It ran on a connection that had served before, and no byte of an answer came: asked once more it may go well. */
  readonly wasReused: boolean
  /** The target lies at an address that must not be called. */
  readonly isBlocked: boolean
}

const CODES: Readonly<Record<string, string>> = {
  UND_ERR_INVALID_ARG: 'request-invalid',
  UND_ERR_NOT_SUPPORTED: 'request-invalid',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'body-length-wrong',
  UND_ERR_HEADERS_TIMEOUT: 'head-timeout',
  UND_ERR_BODY_TIMEOUT: 'body-timeout',
  UND_ERR_HEADERS_OVERFLOW: 'head-too-large',
  // Two lengths, and a body that ended before its own where the origin had said that it would close.
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'response-invalid',
  UND_ERR_SOCKET: 'origin-closed',
  UND_ERR_CLOSED: 'node-closing',
  UND_ERR_DESTROYED: 'node-closing',
  EPIPE: 'origin-closed',
}

export function failureCode(error: Error & { readonly code?: unknown }): string {
  const code = typeof error.code === 'string' ? error.code : 'unknown'
  // Its parser's errors have no code, whatever its documentation says.
  return CODES[code] ?? (error.name === 'HTTPParserError' ? 'response-invalid' : code)
}

/** Where all addresses of a name were tried, the error of them together says nothing; the first one does. */
export function failureText(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined
  return first instanceof Error ? first.message : error.message
}

export function isBlocked(code: string): boolean {
  return code === blockedCode
}
