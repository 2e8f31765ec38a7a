// What a request is told that is malformed, byte for byte: contract §4.1. The connection closes behind it. The original
// speaks 1.0 where it could not read the request, and no header but these is needed to read the text.
import type { HeadLimits, RequestFault } from './request-head.ts'

interface Answer {
  readonly line: string
  /** Whole lines. */
  readonly headers?: string
  readonly text: string
}

/** The whole response to a fault. */
export function faultAnswer(fault: RequestFault, limits: HeadLimits): Buffer {
  const { line, headers = '', text } = answerTo(fault, limits)
  const length = `Content-Length: ${text.length}\r\n`
  return Buffer.from(
    `${line}\r\nContent-Type: text/plain\r\n${headers}${length}Connection: close\r\n\r\n${text}`,
    'latin1',
  )
}

function answerTo(fault: RequestFault, limits: HeadLimits): Answer {
  switch (fault) {
    case 'invalid-token':
      return unread('Failed to parse request: invalid token\n')
    case 'invalid-version':
      return unread('Failed to parse request: invalid HTTP version\n')
    case 'too-many-headers':
      return unread('Failed to parse request: too many headers\n')
    case 'invalid-length':
      return unread('Failed to parse request: invalid content length\n')
    case 'head-too-large':
      return unread(`Request header size exceeded limit of ${limits.headBytesMax} bytes.\n`)
    case 'target-too-long':
      return { line: 'HTTP/1.1 500 Internal Server Error', text: 'Failed to process request.\n' }
    case 'method-not-allowed':
      return {
        line: 'HTTP/1.1 405 Method Not Allowed',
        // RFC 9110 §15.5.6 wants the list; it names the usual ones.
        headers: 'Allow: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT\r\n',
        text: 'Method not allowed.\n',
      }
  }
}

function unread(text: string): Answer {
  return { line: 'HTTP/1.0 400 Bad Request', text }
}
