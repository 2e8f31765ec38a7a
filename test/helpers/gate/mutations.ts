// Requests damaged at random, quickly: ten million are more than generated trees of values can be had for. One number
// makes one input, so a find is repeated by its number.
import { rows } from '../../contracts/net/gate-malformed.ts'
import { rows as otherRows } from '../../contracts/net/malformed.ts'

export interface Input {
  readonly bytes: Buffer
  /** Where it is cut. */
  readonly places: readonly number[]
}

type Chance = (below: number) => number

/** Beyond it a body of a table's row only costs time. */
const sampleBytesMax = 1_500

const whole: readonly string[] = [
  'GET /a HTTP/1.1\r\nProxy-Connection: keep-alive\r\nConnection: TE\r\nTE: trailers\r\n\r\n',
  'GET /a?b=c HTTP/1.1\r\nHost: example.org:80\r\nAccept: */*\r\nAccept-Encoding: gzip, br\r\n\r\n',
  'GET /a HTTP/1.0\r\nHost: t\r\nConnection: keep-alive, x\r\n\r\n',
  'HEAD /a HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n',
  'M-SEARCH http://u:80/a?b HTTP/1.1\r\nhost: t\r\n\r\n',
  'PUT https://u?b HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc',
  'GET /ws HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  'POST /a HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 10\r\nX: y\r\n\r\n0123456789',
  'POST /a HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nTrailer: t\r\n\r\n5;a=b;c="d e"\r\nhello\r\n0a\r\n0123456789\r\n0\r\nt: u\r\n\r\n',
  'PATCH /a HTTP/1.1\r\ntransfer-encoding:chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n00\r\n\r\nGET /b HTTP/1.1\r\n\r\n',
  'DELETE /a HTTP/1.1\r\nContent-Length: 0\r\n\r\nGET /b HTTP/1.1\r\nHost: t\r\n\r\n\r\nGET /c HTTP/1.1\r\n\r\n',
  `GET /a HTTP/1.1\r\n${Array.from({ length: 62 }, (_, index) => `h${index}:\r\n`).join('')}\r\n`,
]

const samples: readonly Buffer[] = [
  ...whole,
  ...rows.map(({ send }) => send),
  ...otherRows.map(({ send }) => send.join('')),
].map(text => Buffer.from(text.slice(0, sampleBytesMax), 'latin1'))

/** Half of the inputs come from what is sound: it stays acceptable longest. */
export const soundRequests = samples.slice(0, whole.length)

/** What a parser treats specially. */
const words: readonly Buffer[] = [
  ...[
    '\r',
    '\n',
    '\r\n',
    '\r\n\r\n',
    '\n\n',
    ' ',
    '\t',
    '\0',
    '\x0b',
    '\x0c',
    '\x7f',
    '\x85',
    '\xa0',
    '\xff',
    ':',
    ': ',
    ' :',
  ],
  ...[
    ',',
    ';',
    ';a',
    ';a=b',
    '=',
    '"',
    '\\',
    '/',
    '//',
    '*',
    '?',
    '#',
    '@',
    '://',
    '%',
    '%00',
    '[',
    ']',
    '-',
    '+',
    '.',
    '_',
  ],
  ...[
    '0',
    '00',
    '0\r\n\r\n',
    '\r\n0\r\n\r\n',
    'f',
    'A',
    '0x',
    '5',
    '1',
    '10',
    'fffffffff',
    '18446744073709551616',
  ],
  ...[
    'GET ',
    'HEAD ',
    'POST ',
    'SOURCE ',
    'QUERY ',
    'CONNECT ',
    'PRI ',
    ' HTTP/1.1',
    ' HTTP/1.0',
    ' HTTP/2.0',
    ' HTTP/0.9',
    'http://u',
  ],
  ...[
    'GET /n HTTP/1.1\r\n\r\n',
    'a: b\r\n',
    'A:\r\n',
    ' a\r\n',
    'Host: u\r\n',
    'Host:\r\n',
    'Expect: 100-continue\r\n',
    'Expect: x\r\n',
  ],
  ...[
    'Content-Length: 5\r\n',
    'content-length:0\r\n',
    'Content-Length: 05 \r\n',
    'Content-Length:\r\n',
    'Content_Length: 1\r\n',
  ],
  ...[
    'Transfer-Encoding: chunked\r\n',
    'transfer-encoding:\tChunked \r\n',
    'Transfer-Encoding: gzip, chunked\r\n',
    'TE: trailers\r\n',
  ],
  ...[
    'Connection: close\r\n',
    'Connection: keep-alive\r\n',
    'Connection: keep-alive, close\r\n',
    'Connection: ,close ,\r\n',
  ],
  ...[
    'Connection: upgrade\r\n',
    'Connection: Upgrade, Keep-Alive\r\n',
    'Proxy-Connection: close\r\n',
    'Proxy-Connection: keep-alive\r\n',
  ],
  ...[
    'Upgrade: websocket\r\n',
    'Upgrade: h2c\r\n',
    'Upgrade:\r\n',
    'Keep-Alive: x\r\n',
    'close',
    'keep-alive',
    'chunked',
    'upgrade',
  ],
].map(word => Buffer.from(word, 'latin1'))

/** A generator of 32 bits (mulberry32): the same number gives the same input on every machine. */
function chanceOf(number: number): Chance {
  let state = number >>> 0
  return below => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

export function inputOf(number: number): Input {
  const chance = chanceOf(number)
  let bytes = sampleOf(chance)
  for (let changes = chance(5); changes > 0; changes--) bytes = changed(bytes, chance)
  if (chance(4) === 0) bytes = Buffer.concat([bytes, sampleOf(chance)])
  const cuts = chance(8) === 0 ? bytes.length : chance(5)
  const places = Array.from({ length: cuts }, () => chance(bytes.length + 1))
  return { bytes, places: [...new Set(places)] }
}

function pick<T>(list: readonly T[], chance: Chance): T {
  return list[chance(list.length)] as T // the index is below the length
}

function sampleOf(chance: Chance): Buffer {
  return pick(chance(2) === 0 ? soundRequests : samples, chance)
}

function changed(bytes: Buffer, chance: Chance): Buffer {
  const at = chance(bytes.length + 1)
  const end = Math.min(bytes.length, at + 1 + chance(chance(4) === 0 ? 64 : 4))
  const [front, part, rest] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)]
  switch (chance(9)) {
    case 0:
      return Buffer.concat([front, Buffer.of(chance(256)), bytes.subarray(at + 1)])
    case 1:
      return Buffer.concat([front, Buffer.of((bytes[at] ?? 0) ^ (1 << chance(8))), bytes.subarray(at + 1)])
    case 2:
      return Buffer.concat([front, rest])
    case 3:
      return Buffer.concat([front, ...Array<Buffer>(2 + chance(chance(8) === 0 ? 80 : 2)).fill(part), rest])
    case 4:
      return Buffer.concat([front, Buffer.of(chance(256)), bytes.subarray(at)])
    case 5: {
      const other = sampleOf(chance)
      return Buffer.concat([front, other.subarray(chance(other.length + 1))])
    }
    case 6:
      return Buffer.concat([front, pick(words, chance), rest])
    case 7:
      return Buffer.concat([front, pick(words, chance), bytes.subarray(at)])
    default: {
      // At the beginning of a line, where a word is a header.
      const line = bytes.indexOf('\n', at) + 1
      return Buffer.concat([bytes.subarray(0, line), pick(words, chance), bytes.subarray(line)])
    }
  }
}
