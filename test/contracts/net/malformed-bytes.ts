// Rows of malformed.ts with bytes from 0x80 on. They are blanks for the library, which takes bytes for signed numbers:
// nobody sees what it cuts off.
import {
  get,
  hello,
  line,
  post,
  type Row,
  refused,
  served,
  servedLast,
  silence,
  te,
} from './malformed-row.ts'

export const highBytes: readonly Row[] = [
  ...['\xff127.0.0.1', '127.0.0.1\xff', '\x80 \xa0127.0.0.1\xff \xfe'].map(value => ({
    name: `host: ${JSON.stringify(value)}`,
    send: [`GET /a HTTP/1.1\r\nhost: ${value}\r\n\r\n`],
    reaction: served('GET /a '),
    sees: ['host', '127.0.0.1'] as const,
  })),
  {
    name: 'a host of such bytes alone is an empty one',
    send: ['GET /a HTTP/1.1\r\nhost: \xff\xff\r\n\r\n'],
    reaction: served('GET /a '),
    sees: ['host', ''],
  },
  ...['\xffBearer s', 'Bearer s\xff', 'Bearer s\xc0\x80'].map(value => ({
    name: `authorization: ${JSON.stringify(value)}`,
    send: [get(`authorization: ${value}\r\n`)],
    reaction: served('GET /a '),
    sees: ['authorization', 'Bearer s'] as const,
  })),
  ...['Bearer \xffs', 'Bearer s\xff s'].map(value => ({
    name: `such a byte within the value is seen: ${JSON.stringify(value)}`,
    send: [get(`authorization: ${value}\r\n`)],
    reaction: served('GET /a '),
    sees: ['authorization', value.replace('\xff', '\ufffd')] as const,
  })),
  ...['\xa05', '5\xff', '\xff5 \x80'].map(value => ({
    name: `content-length: ${JSON.stringify(value)}`,
    send: [post(`content-length: ${value}\r\n`, 'hello')],
    reaction: served(hello),
    sees: ['content-length', '5'] as const,
  })),
  {
    name: 'a length with such a byte within',
    send: [post('content-length: 5\xff5\r\n')],
    reaction: refused(400),
  },
  {
    name: 'a length of such bytes alone is an empty one',
    send: [post('content-length: \xff\r\n')],
    reaction: servedLast('POST /a '),
  },
  ...['chunked\xff', '\xffchunked'].map(value => ({
    name: `transfer-encoding: ${JSON.stringify(value)}`,
    send: [post(`transfer-encoding: ${value}\r\n`, '5\r\nhello\r\n0\r\n\r\n')],
    reaction: servedLast(hello),
    sees: ['transfer-encoding', 'chunked'] as const,
  })),
  {
    name: 'a length of such bytes, and chunks',
    send: [post(`content-length: \xff\r\n${te}`, '5\r\nhello\r\n0\r\n\r\n')],
    reaction: servedLast(hello),
  },
  { name: 'such a byte in the name of a header', send: [get('a\xff: b\r\n')], reaction: silence },
  { name: 'such a byte in the method', send: [line('G\xffT /a HTTP/1.1')], reaction: refused(505) },
  { name: 'such a byte behind the version', send: [line('GET /a HTTP/1.1\xff')], reaction: refused(505) },
]
