// The head of an answer, and what follows from it for its body and its connection. Pure.
import type { Framing } from './gate-exchange.ts'

export interface AnswerPlan {
  readonly head: Buffer
  /** Bytes of the body leave. Not behind a HEAD, a 204 or a 304, whatever is written. */
  readonly hasBody: boolean
  readonly isChunked: boolean
  /** Bytes promised to the client; undefined: it sees the end otherwise. */
  readonly length: number | undefined
  /** The connection ends with the answer. */
  readonly closes: boolean
}

export interface Asked {
  readonly method: string
  readonly version: '1.0' | '1.1'
}

/** Said by the framing, or by nobody (contract §4.6). */
const framingNames: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
])

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** RFC 9110 section 5.5, obsolete bytes included. A character beyond Latin-1 would leave as another byte, a line end perhaps. */
const text = /^[\t\x20-\x7e\x80-\xff]*$/

/** `mayStay`: the client and its connection could go on behind this answer. */
export function planAnswer(
  asked: Asked,
  mayStay: boolean,
  said: number,
  reason: string,
  rawHeaders: readonly string[],
  framing: Framing,
): AnswerPlan {
  const isSound = isFinal(said)
  const status = isSound ? said : unusable
  const mayHaveBody = asked.method !== 'HEAD' && status !== 204 && status !== 304
  const hasBody = mayHaveBody && framing.kind !== 'none'
  const isOld = asked.version === '1.0'
  const isChunked = framing.kind === 'chunked' && !isOld
  const isUntilClose = hasBody && framing.kind === 'chunked' && isOld
  const closes = !mayStay || isUntilClose || !isSound
  const lines = [
    `HTTP/${asked.version} ${status} ${status === said && text.test(reason) ? reason : ''}\r\n`,
    headerLines(rawHeaders),
    // In 1.0 the end of the connection needs no announcement, and staying does (contract §4.1).
    closes && !isOld ? 'Connection: close\r\n' : '',
    isOld && !closes ? 'Connection: keep-alive\r\n' : '',
    framingLine(framing, status, isOld, mayHaveBody),
    '\r\n',
  ]
  return {
    head: Buffer.from(lines.join(''), 'latin1'),
    hasBody,
    isChunked,
    length: hasBody && framing.kind === 'length' ? framing.bytes : undefined,
    closes,
  }
}

/**
 * Behind a 1xx a client awaits the answer: it would take the body for one (RFC 9110 section 15.2). What has not three digits is
 * no status at all.
 */
function isFinal(status: number): boolean {
  return status >= 200 && status <= 999
}

/** In place of a status that is none. */
const unusable = 500

/** RFC 9112 section 6.1 and RFC 9110 section 8.6: neither has a place in a 204, and chunks have none in a 304. */
function framingLine(framing: Framing, status: number, isOld: boolean, mayHaveBody: boolean): string {
  if (status === 204) return ''
  switch (framing.kind) {
    case 'length':
      return `Content-Length: ${framing.bytes}\r\n`
    case 'chunked':
      return status === 304 || isOld ? '' : 'Transfer-Encoding: chunked\r\n'
    case 'none':
      // A client that expects a body would wait for the end of the connection.
      return mayHaveBody ? 'Content-Length: 0\r\n' : ''
    default:
      return framing satisfies never
  }
}

/** Of an answer that makes the connection something else. */
export function switchHead(reason: string, rawHeaders: readonly string[]): Buffer {
  const line = `HTTP/1.1 101 ${text.test(reason) ? reason : ''}\r\n`
  return Buffer.from(`${line}${headerLines(rawHeaders, true)}\r\n`, 'latin1')
}

function headerLines(rawHeaders: readonly string[], isSwitch = false): string {
  let lines = ''
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = [rawHeaders[at], rawHeaders[at + 1]]
    if (!token.test(name) || !text.test(value)) continue
    if (!isSwitch && framingNames.has(name.toLowerCase())) continue
    lines += `${name}: ${value}\r\n`
  }
  return lines
}
