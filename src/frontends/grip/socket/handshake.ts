// Heads of WebSocket handshakes, towards the client and from an origin that speaks WebSocket (contract §4.10, §8.3; RFC 6455
// section 4.2.2). Pure.
import { createHash } from 'node:crypto'
import { membersOf, type RawHeaders, valuesOf, without } from '../proxy/raw-headers.ts'

/** The headers of the client's 101: its origin's, then those that make it one. */
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
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

const ownHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-type',
  'keep-alive',
  'keep-alive-interval',
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'transfer-encoding',
  'upgrade',
])

/** What of an origin's acceptance its client gets; not `Grip-` headers either (contract §14, fault 16). */
export function acceptedHeaders(raw: RawHeaders): string[] {
  return without(raw, lower => ownHeaders.has(lower) || lower.startsWith('grip-'))
}

/** `not-offered`: the origin chose an extension that nobody offered. Undefined: it chose none. */
export function extensionIn(raw: RawHeaders): { readonly messagePrefix: string } | 'not-offered' | undefined {
  const members = membersOf(valuesOf(raw, 'sec-websocket-extensions'))
  const [member] = members
  if (member === undefined) return undefined
  const [name, ...parameters] = member.split(';').map(part => part.trim())
  if (members.length > 1 || name?.toLowerCase() !== 'grip') return 'not-offered'
  const prefix = parameters.find(parameter => /^message-prefix[ \t]*=/i.test(parameter))
  return {
    messagePrefix: prefix === undefined ? usualPrefix : unquoted(prefix.slice(prefix.indexOf('=') + 1)),
  }
}

/** Contract §8.3. */
const usualPrefix = 'm:'

function unquoted(text: string): string {
  const value = text.trim()
  const inner = /^"(.*)"$/.exec(value)?.[1]
  return inner === undefined ? value : inner.replace(/\\(.)/g, '$1')
}
