// Lists of names and values as they stand on the wire, into and out of the library. Pure.
import { Fault } from '../../std/fault.ts'

/** What the library would not refuse, or would do worse: why this request is none, or undefined. */
export function requestFault(method: string, rawHeaders: readonly string[]): Fault | undefined {
  if (method === 'CONNECT') return new Fault('request-invalid', 'a tunnel is no call')
  const hasHost = rawHeaders.some((name, at) => at % 2 === 0 && is(name, 'host'))
  return hasHost ? undefined : new Fault('request-invalid', 'a request without a host')
}

/** Ours to say in a handshake, or out of place there. */
const dialNames: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'sec-websocket-key',
  'sec-websocket-version',
  'transfer-encoding',
  'upgrade',
])

/** Of the handshake of a WebSocket. */
export function dialHeaders(rawHeaders: readonly string[], key: string): readonly string[] {
  const kept: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = [rawHeaders[at], rawHeaders[at + 1]]
    if (!dialNames.has(name.toLowerCase())) kept.push(name, value)
  }
  kept.push('Upgrade', 'websocket', 'Connection', 'Upgrade')
  kept.push('Sec-WebSocket-Version', '13', 'Sec-WebSocket-Key', key)
  return kept
}

export interface ResponseHead {
  readonly reason: string
  readonly rawHeaders: readonly string[]
}

/** The length is ours to say: a list that contradicts the body must not reach anybody. */
export function requestHeaders(rawHeaders: readonly string[], length: number | undefined): readonly string[] {
  const kept: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = [rawHeaders[at], rawHeaders[at + 1]]
    if (!is(name, 'content-length')) kept.push(name, value)
  }
  if (length !== undefined) kept.push('content-length', String(length))
  return kept
}

/** The library reads the body by these, so a coding that it passes over would reach a client that was not told of it. */
export function parseResponseHead(raw: readonly Buffer[], reason: string): ResponseHead | 'framing-unknown' {
  const rawHeaders = raw.map(bytes => withoutBlanks(bytes.toString('latin1')))
  if (!hasKnownFraming(rawHeaders)) return 'framing-unknown'
  return { reason: asBytes(reason), rawHeaders }
}

export function hasKnownFraming(rawHeaders: readonly string[]): boolean {
  return rawHeaders.every(
    (name, at) =>
      at % 2 === 1 || !is(name, 'transfer-encoding') || rawHeaders[at + 1]?.toLowerCase() === 'chunked',
  )
}

/** Blanks behind a value are no part of it (RFC 9112 §5.1); the library leaves them. */
function withoutBlanks(text: string): string {
  const last = text.charCodeAt(text.length - 1)
  return last === 0x20 || last === 0x09 ? text.trimEnd() : text
}

/** The library reads the reason as UTF-8; others pass it on as bytes. */
function asBytes(reason: string): string {
  return /^[\0-\x7f]*$/.test(reason) ? reason : Buffer.from(reason).toString('latin1')
}

function is(name: string, known: string): boolean {
  return name.length === known.length && name.toLowerCase() === known
}
