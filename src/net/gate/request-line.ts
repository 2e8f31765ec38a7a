// The first line of a request: a method that is known, a target in one of three forms, a version.
import { CR } from './field-line.ts'

const SPACE = 32
const DELETE = 127

/**
 * Those of the IANA registry that Node.js reads, which is the measure of this parser. Another token may be a method in
 * theory; in practice it is garbage, or the first line of another protocol, `PRI` and `PROXY` among them.
 */
const methods: ReadonlySet<string> = new Set(
  `ACL BIND CHECKOUT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY OPTIONS PATCH
  POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE`.split(
    /\s+/,
  ),
)

/** For who makes a request of a client's words. */
export function isMethod(text: string): boolean {
  return methods.has(text)
}

/** A tunnel is nothing that a proxy of this kind opens: it is understood, and refused. */
const tunnel = 'CONNECT'

/** What a method may look like while it comes in. */
const beginnings: ReadonlySet<string> = new Set(
  [...methods, tunnel].flatMap(method => Array.from(method, (_, index) => method.slice(0, index + 1))),
)

const methodBytesMax = Math.max(...[...methods].map(({ length }) => length))

/**
 * Scheme and authority, and what follows: RFC 9112 §3.2.2. No user: who it is meant for nobody can tell, and no comma:
 * it joins what were two hosts once. The same goes for `Host`.
 */
const absoluteForm = /^https?:\/\/((?:[\w.~%!$&'()*+;=-]+|\[[\da-f:.]+\])(?::\d*)?)([/?].*)?$/i
const hostForm = /^(?:(?:[\w.~%!$&'()*+;=-]+|\[[\da-f:.]+\])(?::\d*)?)?$/i

export type LineFault = 'invalid-token' | 'invalid-version' | 'target-too-long' | 'method-not-allowed'

export interface RequestLine {
  readonly method: string
  readonly target: string
  /** Of the absolute form. */
  readonly host: string | undefined
  readonly version: '1.0' | '1.1'
}

/** RFC 9112 §3.2: one that is no host is refused. An empty one is sent where there is none to name. */
export function isHost(value: string): boolean {
  return hostForm.test(value)
}

/** What is wrong from the first bytes on: nobody need send a whole line for it. */
export function methodFault(bytes: Buffer, start: number): LineFault | undefined {
  const front = bytes.subarray(start, start + methodBytesMax + 1)
  const blank = front.indexOf(SPACE)
  const method = front.toString('latin1', 0, blank === -1 ? front.length : blank)
  if (blank === -1) return front.length === 0 || beginnings.has(method) ? undefined : 'invalid-token'
  if (methods.has(method)) return undefined
  return method === tunnel ? 'method-not-allowed' : 'invalid-token'
}

/** The line from `start` to its LF at `lf`; `methodFault` had nothing against its beginning. */
export function readRequestLine(
  bytes: Buffer,
  start: number,
  lf: number,
  targetBytesMax: number,
): RequestLine | LineFault {
  const end = lf - 1
  if (bytes[end] !== CR) return 'invalid-token'
  const from = bytes.indexOf(SPACE, start) + 1
  let to = from
  while (to < end && bytes[to] !== SPACE) {
    if (!isTargetByte(bytes[to] ?? 0)) return 'invalid-token'
    to++
  }
  if (to === from) return 'invalid-token'
  const version = bytes.toString('latin1', to, end)
  if (version !== ' HTTP/1.1' && version !== ' HTTP/1.0') return 'invalid-version'
  if (to - from > targetBytesMax) return 'target-too-long'
  const method = bytes.toString('latin1', start, from - 1)
  const form = readTarget(bytes.toString('latin1', from, to), method)
  if (form === undefined) return 'invalid-token'
  return { method, ...form, version: version === ' HTTP/1.1' ? '1.1' : '1.0' }
}

/** RFC 9112 §3.2: what is no ASCII is to be percent-encoded. Node.js refuses it too. */
function isTargetByte(byte: number): boolean {
  return byte > SPACE && byte < DELETE
}

function readTarget(text: string, method: string): Pick<RequestLine, 'target' | 'host'> | undefined {
  if (text.startsWith('/')) return { target: text, host: undefined }
  if (text === '*' && method === 'OPTIONS') return { target: text, host: undefined }
  const [, host, rest = '/'] = absoluteForm.exec(text) ?? []
  // RFC 9110 §4.2.3: an empty path means the root, a query behind it or not.
  return host === undefined ? undefined : { target: rest.startsWith('?') ? `/${rest}` : rest, host }
}
