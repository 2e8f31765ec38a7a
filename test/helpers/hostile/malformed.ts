// Valid requests, broken: cut, padded, with bytes replaced, with parts doubled or far too large.
import type { Shape } from './smuggling.ts'

interface Mutation {
  readonly name: string
  change(text: string): string
}

function headEnd(text: string): number {
  return text.indexOf('\r\n\r\n')
}

function withHeader(lines: string): (text: string) => string {
  return text => text.replace('\r\n', () => `\r\n${lines}\r\n`)
}

/** `part` from 0 to 1 of the head, so that requests of any length are met in the same places. */
function inHead(text: string, part: number): number {
  return Math.floor(headEnd(text) * part)
}

const places = [0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99]
const bytes = ['\0', '\n', '\r', ' ', ':', '\x7f', '\xff']

function replaced(part: number, byte: string): Mutation {
  return {
    name: `${JSON.stringify(byte)} at ${part} of the head`,
    change: text => text.slice(0, inHead(text, part)) + byte + text.slice(inHead(text, part) + 1),
  }
}

const mutations: readonly Mutation[] = [
  { name: 'as it is', change: text => text },
  ...places.map(part => ({
    name: `cut at ${part} of the head`,
    change: (text: string) => text.slice(0, inHead(text, part)),
  })),
  { name: 'cut in the body', change: text => text.slice(0, Math.max(headEnd(text) + 4, text.length - 3)) },
  ...places.flatMap(part => bytes.map(byte => replaced(part, byte))),
  { name: 'a head beyond the limit', change: withHeader(`x: ${'y'.repeat(17_000)}`) },
  { name: 'a name beyond the limit', change: withHeader(`${'n'.repeat(17_000)}: y`) },
  { name: 'a path beyond the limit', change: text => text.replace(' /', ` /${'p'.repeat(17_000)}`) },
  { name: 'a query beyond the limit', change: text => text.replace(' HTTP', `?${'q'.repeat(17_000)} HTTP`) },
  {
    name: 'two hundred headers',
    change: withHeader(Array.from({ length: 200 }, (_, n) => `h${n}: x`).join('\r\n')),
  },
  {
    name: 'a length of ten digits',
    change: text => text.replace(/content-length: \d+/, 'content-length: 9999999999'),
  },
  {
    name: 'a length that is too short',
    change: text => text.replace(/content-length: \d+/, 'content-length: 1'),
  },
  { name: 'no host', change: text => text.replace('host: 127.0.0.1\r\n', '') },
  { name: 'a foreign host', change: text => text.replace('host: 127.0.0.1', 'host: evil.test') },
  { name: 'a broken escape', change: text => text.replace(' /', ' /%zz%') },
  { name: 'a path that is no UTF-8', change: text => text.replace(' HTTP', '%ff%c0%80 HTTP') },
  { name: 'a path of dots', change: text => text.replace(' /', ' /../../%2e%2e/') },
  { name: 'no bearer', change: text => text.replace(/authorization: [^\r]+/, 'authorization: Bearer') },
  {
    name: 'another bearer',
    change: text => text.replace(/authorization: Bearer ..../, 'authorization: Bearer \xff\xff'),
  },
  { name: 'another method', change: text => text.replace(/^\w+/, 'DELETE') },
  { name: 'a method of 5,000 letters', change: text => text.replace(/^\w+/, 'M'.repeat(5_000)) },
  { name: 'another version', change: text => text.replace('HTTP/1.1', 'HTTP/9.9') },
  { name: 'bytes of TLS in front', change: text => `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${text}` },
  {
    name: 'a body of bytes that are no UTF-8',
    change: text => text.slice(0, headEnd(text) + 4) + text.slice(headEnd(text) + 4).replaceAll('o', '\xc3'),
  },
  {
    name: 'asks for a WebSocket',
    change: withHeader(
      'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: AAAA\r\nsec-websocket-version: 13',
    ),
  },
  {
    name: 'asks for HTTP/2',
    change: withHeader(
      'connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__',
    ),
  },
]

export function malformed(valid: readonly string[]): readonly Shape[] {
  return valid.flatMap((text, index) =>
    mutations.map(({ name, change }) => ({ name: `request ${index}, ${name}`, segments: [change(text)] })),
  )
}
