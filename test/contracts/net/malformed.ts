// Input that is malformed, ambiguous or odd, and how a server of ours reacts to it. Data only: malformed.test.ts
// plays every row. The server reads the body (64 KB at most) and answers 200 at once.
import { highBytes } from './malformed-bytes.ts'
import {
  behind,
  chunked,
  dropped,
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

const padded = (bytes: number) => get(`a: ${'x'.repeat(bytes - get('a: \r\n').length)}\r\n`)
const fields = (count: number) => get(Array.from({ length: count - 1 }, (_, i) => `h${i}: x\r\n`).join(''))

const requestLines: readonly Row[] = [
  { name: 'HTTP/1.0', send: [line('GET /a HTTP/1.0')], reaction: refused(505) },
  { name: 'HTTP/1.2', send: [line('GET /a HTTP/1.2')], reaction: refused(505) },
  { name: 'HTTP/2.0', send: [line('GET /a HTTP/2.0')], reaction: refused(505) },
  { name: 'a version in lower case', send: [line('GET /a http/1.1')], reaction: refused(505) },
  { name: 'no version', send: [line('GET /a')], reaction: silence },
  { name: 'absolute form', send: [line('GET http://t/a HTTP/1.1')], reaction: refused(505) },
  { name: 'OPTIONS *', send: [line('OPTIONS * HTTP/1.1')], reaction: refused(505) },
  { name: 'CONNECT', send: [line('CONNECT t:80 HTTP/1.1')], reaction: refused(505) },
  { name: 'two spaces', send: [line('GET  /a HTTP/1.1')], reaction: refused(505) },
  { name: 'a tab', send: [line('GET\t/a HTTP/1.1')], reaction: refused(505) },
  { name: 'a space in the path', send: [line('GET /a b HTTP/1.1')], reaction: refused(505) },
  { name: 'NUL in the path', send: [line('GET /a\0b HTTP/1.1')], reaction: refused(505) },
  { name: 'lines that end in LF', send: ['GET /a HTTP/1.1\nhost: t\n\n'], reaction: refused(505) },
  { name: 'the preface of HTTP/2', send: ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'], reaction: refused(505) },
  { name: 'TLS', send: [`\x16\x03\x01\x02\x00\x01${'\x00'.repeat(100)}`], reaction: refused(505) },
  { name: 'PROXY version 1', send: [`PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n${get()}`], reaction: refused(505) },
  {
    name: 'PROXY version 2',
    send: [`\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\x01\x02\x03\x04\x05\x06\x07\x08\x00\x01\x00\x02${get()}`],
    reaction: served('GET /a '),
  },
  { name: 'a method in lower case', send: [line('get /a HTTP/1.1')], reaction: served('get /a ') },
  { name: 'a method with a colon', send: [line('X: /a HTTP/1.1')], reaction: servedLast('X: /a ') },
  { name: 'an empty method', send: [line(' /a HTTP/1.1')], reaction: servedLast(' /a ') },
  { name: 'UTF-8 in the path', send: [line('GET /\xc3\xa9 HTTP/1.1')], reaction: served('GET /\u00e9 ') },
  { name: 'a bad byte in the path', send: [line('GET /\xff HTTP/1.1')], reaction: served('GET /\ufffd ') },
  {
    name: 'a path to normalise',
    send: [line('GET /%2F/../a//b HTTP/1.1')],
    reaction: served('GET /%2F/../a//b '),
  },
  { name: 'a fragment', send: [line('GET /a#b HTTP/1.1')], reaction: served('GET /a#b ') },
]

const whole = 'GET /a?b=c HTTP/1.1\r\nhost: t\r\n\r\n'
/** Behind the blank that follows the method, and from the next blank to the end of the line, its LF alone missing. */
const isBadCut = (at: number) =>
  at === 'GET '.length || (at >= 'GET /a?b=c '.length && at <= 'GET /a?b=c HTTP/1.1\r'.length)

/** One request in two segments, cut at every byte. */
const cuts: readonly Row[] = Array.from({ length: whole.length - 1 }, (_, index) => index + 1).map(at => ({
  name: `a cut behind ${JSON.stringify(whole.slice(0, at))}`,
  send: [whole.slice(0, at), whole.slice(at)],
  reaction: isBadCut(at) ? refused(505) : served('GET /a '),
}))

/** What stands between two requests of one connection. */
const between: readonly Row[] = [
  { name: 'an empty line first', send: [`\r\n${get()}`], reaction: silence },
  { name: 'an empty line between two requests', send: [`${get()}\r\n${get()}`], reaction: served('GET /a ') },
  {
    name: 'an empty line between two requests, by itself',
    send: [get(), '\r\n', get()],
    reaction: served('GET /a '),
  },
  {
    name: 'a line end behind a body that its length does not count',
    send: [post('content-length: 5\r\n', 'hello\r\n'), get()],
    reaction: served(hello),
  },
]

const headers: readonly Row[] = [
  { name: 'a space before the colon', send: [get('a : b\r\n')], reaction: silence },
  { name: 'a folded header', send: [get('a: b\r\n c\r\n')], reaction: silence },
  { name: 'NUL in a header', send: [get('a: b\0c\r\n')], reaction: silence },
  { name: 'a control character in a header', send: [get('a: b\x01c\r\n')], reaction: silence },
  { name: 'CR in a header', send: [get('a: b\rc\r\n')], reaction: silence },
  { name: 'a bad character in a name', send: [get('a(b: c\r\n')], reaction: silence },
  { name: 'a header without a colon', send: [get('abc\r\n')], reaction: silence },
  { name: 'no header', send: ['GET /a HTTP/1.1\r\n\r\n'], reaction: silence },
  { name: 'no Host', send: ['GET /a HTTP/1.1\r\na: b\r\n\r\n'], reaction: refused(400) },
  { name: 'an empty Host', send: ['GET /a HTTP/1.1\r\nhost:\r\n\r\n'], reaction: served('GET /a ') },
  { name: 'two Hosts', send: [get('host: u\r\n')], reaction: served('GET /a ') },
  {
    name: 'an empty name hides the length behind it',
    send: [post(': a\r\ncontent-length: 36\r\n', behind)],
    reaction: dropped('POST /a '),
  },
  { name: '98 headers', send: [fields(98)], reaction: served('GET /a ') },
  { name: '99 headers', send: [fields(99)], reaction: refused(431) },
  { name: 'a head of 16,384 bytes', send: [padded(16_384)], reaction: served('GET /a ') },
  {
    name: 'the same in two segments',
    send: [padded(16_384).slice(0, 9_000), padded(16_384).slice(9_000)],
    reaction: served('GET /a '),
  },
  { name: 'a head of 16,385 bytes', send: [padded(16_385)], reaction: refused(431) },
  { name: 'a head without an end', send: [padded(20_000).slice(0, -4)], reaction: refused(431) },
  {
    name: 'an expectation',
    send: [post('expect: 100-continue\r\ncontent-length: 5\r\n'), 'hello'],
    reaction: { ...served(hello), statuses: [100, 200] },
  },
  { name: 'another expectation', send: [get('expect: x\r\n')], reaction: served('GET /a ') },
]

const lengths: readonly Row[] = [
  ...['-5', '+5', '0x5', '5 6', '5, 5', '5a', 'five', '1'.repeat(19)].map(value => ({
    name: `content-length: ${value}`,
    send: [post(`content-length: ${value}\r\n`, 'hello')],
    reaction: refused(400),
  })),
  {
    name: 'content-length: 00005',
    send: [post('content-length: 00005\r\n', 'hello')],
    reaction: served(hello),
  },
  {
    name: 'a content-length of 18 digits',
    send: [post(`content-length: ${'9'.repeat(18)}\r\n`)],
    reaction: servedLast('POST /a over'),
  },
  { name: 'an empty content-length', send: [post('content-length:\r\n')], reaction: servedLast('POST /a ') },
  {
    name: 'two equal content-lengths',
    send: [post('content-length: 5\r\ncontent-length: 5\r\n', 'hello')],
    reaction: servedLast(hello),
  },
  {
    name: 'two content-lengths, the first is taken',
    send: [post('content-length: 5\r\ncontent-length: 6\r\n', 'hello')],
    reaction: servedLast(hello),
  },
  {
    name: 'a request behind two content-lengths',
    send: [post('content-length: 5\r\ncontent-length: 41\r\n', `hello${behind}`)],
    reaction: dropped(hello),
  },
  { name: 'POST without a length', send: [post('')], reaction: servedLast('POST /a ') },
  { name: 'POST with bytes and no length', send: [post('', 'hello')], reaction: servedLast('POST /a ') },
  {
    name: 'a request behind an empty content-length',
    send: [post('content-length:\r\n', behind)],
    reaction: dropped('POST /a '),
  },
  { name: 'a request behind POST without a length', send: [post('', behind)], reaction: dropped('POST /a ') },
  {
    name: 'DELETE without a length',
    send: ['DELETE /a HTTP/1.1\r\nhost: t\r\n\r\n'],
    reaction: served('DELETE /a '),
  },
  {
    name: 'GET with a body',
    send: [`${get('content-length: 5\r\n')}hello`],
    reaction: served('GET /a hello'),
  },
]

const encodings: readonly Row[] = [
  {
    name: 'content-length and transfer-encoding',
    send: [post(`content-length: 5\r\n${te}`, '0\r\n\r\n')],
    reaction: refused(400),
  },
  {
    name: 'an empty content-length and transfer-encoding',
    send: [post(`content-length:\r\n${te}`, '5\r\nhello\r\n0\r\n\r\n')],
    reaction: servedLast(hello),
  },
  {
    name: 'an empty transfer-encoding and content-length',
    send: [post('transfer-encoding:\r\ncontent-length: 5\r\n', 'hello')],
    reaction: servedLast(hello),
  },
  ...['chunked', 'identity', 'xchunked', 'gzip, chunked', `chunked\r\n${te.trim()}`].map(value => ({
    name: `transfer-encoding: ${value.replace(/\r\n.*/, ', twice')}`,
    send: [post(`transfer-encoding: ${value}\r\n`, '5\r\nhello\r\n0\r\n\r\n')],
    reaction: servedLast(hello),
  })),
  { name: 'a chunk extension', send: [chunked('5;a=b\r\nhello\r\n0\r\n\r\n')], reaction: silence },
  {
    name: 'a chunk extension behind a space',
    send: [chunked('5 ;a=b\r\nhello\r\n0\r\n\r\n')],
    reaction: servedLast(hello),
  },
  ...['0x5', '-5', '1ffffffffffffffff'].map(size => ({
    name: `chunk size ${size}`,
    send: [chunked(`${size}\r\nhello\r\n0\r\n\r\n`)],
    reaction: refused(400),
  })),
  {
    name: 'chunk size g, taken as 16',
    send: [chunked(`g\r\n${'x'.repeat(16)}\r\n0\r\n\r\n`)],
    reaction: servedLast(`POST /a ${'x'.repeat(16)}`),
  },
  {
    name: 'a space before a chunk size, taken as 0',
    send: [chunked(' 5\r\nhello\r\n0\r\n\r\n')],
    reaction: servedLast('POST /a '),
  },
  {
    name: 'a byte beyond ASCII before a chunk size, taken as 0',
    send: [chunked('\xff5\r\nhello\r\n0\r\n\r\n')],
    reaction: servedLast('POST /a '),
  },
  { name: 'no CRLF behind a chunk', send: [chunked('5\r\nhelloXX0\r\n\r\n')], reaction: servedLast(hello) },
  { name: 'chunk lines that end in LF', send: [chunked('5\nhello\n0\n\n')], reaction: servedLast(hello) },
  {
    name: 'a trailer that looks like a request',
    send: [chunked('5\r\nhello\r\n0\r\nX: /p HTTP/1.1\r\nhost: e\r\n\r\n')],
    reaction: dropped(hello),
  },
  {
    name: 'the same in a second segment',
    send: [chunked('5\r\nhello\r\n0\r\n'), 'X: /p HTTP/1.1\r\nhost: e\r\n\r\n'],
    reaction: servedLast(hello),
  },
  {
    name: 'a request behind a chunked body',
    send: [chunked(`5\r\nhello\r\n0\r\n\r\n${behind}`)],
    reaction: dropped(hello),
  },
  {
    name: 'GET with a chunked body',
    send: [`${get(te)}5\r\nhello\r\n0\r\n\r\n`],
    reaction: servedLast('GET /a hello'),
  },
]

export const rows: readonly Row[] = [
  ...requestLines,
  ...cuts,
  ...between,
  ...headers,
  ...lengths,
  ...encodings,
  ...highBytes,
]
