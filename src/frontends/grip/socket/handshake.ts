// The head of the client's 101 (RFC 6455 section 4.2.2). Pure.
import { createHash } from 'node:crypto'
import type { RawHeaders } from '../proxy/raw-headers.ts'

/** The headers of its origin, then those that make it one. */
export function switchingHeaders(rawHeaders: RawHeaders, key: string): readonly string[] {
  return [
    ...rawHeaders,
    'Upgrade',
    'websocket',
    'Connection',
    'Upgrade',
    'Sec-WebSocket-Accept',
    acceptOf(key),
  ]
}

/** RFC 6455 section 1.3. */
function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}
