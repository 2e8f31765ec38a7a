// Requests with a publish hidden in them: behind, inside or in front of a body whose end two readers would see in two
// places. A server that handles the hidden one can be used to write past a proxy that saw only the outer one.
import { type Aim, canary, publish, request } from './requests.ts'

export interface Shape {
  readonly name: string
  /** Each is sent by itself. */
  readonly segments: readonly string[]
  /** The first one is a handshake, and the others follow its answer. */
  readonly opens?: true
  /** Not only an answer but the end of the connection is due. */
  readonly ends?: true
  /** No WebSocket may come of it. */
  readonly isNoSocket?: true
}

/** What stands for the number of a hidden publish. */
export const mark = 666_666

/** Header lines of the outer request, and what stands in front of the hidden one. */
interface Outer {
  readonly name: string
  readonly method?: string
  readonly version?: string
  readonly headers: string
  readonly before?: string
}

const chunked = 'transfer-encoding: chunked\r\n'
const whole = '5\r\nhello\r\n0\r\n\r\n'

/** `LENGTH` stands for the length of everything behind the head. */
const outers: readonly Outer[] = [
  {
    name: 'two lengths, the first is short',
    headers: 'content-length: 5\r\ncontent-length: LENGTH\r\n',
    before: 'hello',
  },
  {
    name: 'two lengths, the first is long',
    headers: 'content-length: LENGTH\r\ncontent-length: 5\r\n',
    before: 'hello',
  },
  { name: 'two lengths, both short', headers: 'content-length: 5\r\ncontent-length: 5\r\n', before: 'hello' },
  { name: 'two lengths, the first is 0', headers: 'content-length: 0\r\ncontent-length: LENGTH\r\n' },
  { name: 'no length', headers: '' },
  { name: 'an empty length', headers: 'content-length:\r\n' },
  { name: 'PUT without a length', method: 'PUT', headers: '' },
  { name: 'PATCH without a length', method: 'PATCH', headers: '' },
  { name: 'a method with a colon', method: 'X:', headers: '' },
  { name: 'an empty method', method: '', headers: '' },
  ...['-5', '+5', '0x5', '5 6', '5, 5', '5a', '1'.repeat(19)].map(value => ({
    name: `a length of ${value}`,
    headers: `content-length: ${value}\r\n`,
    before: 'hello',
  })),
  { name: 'a length hidden by an empty name', headers: ': a\r\ncontent-length: LENGTH\r\n' },
  { name: 'a length with a blank before its colon', headers: 'content-length : LENGTH\r\n' },
  { name: 'a folded length', headers: 'content-length:\r\n LENGTH\r\n' },
  { name: 'a length and chunks', headers: `content-length: LENGTH\r\n${chunked}`, before: '0\r\n\r\n' },
  { name: 'chunks and a length', headers: `${chunked}content-length: 5\r\n`, before: 'hello' },
  { name: 'an empty length and chunks', headers: `content-length:\r\n${chunked}`, before: whole },
  {
    name: 'an empty encoding and a length',
    headers: 'transfer-encoding:\r\ncontent-length: 5\r\n',
    before: 'hello',
  },
  ...['chunked', 'identity', 'xchunked', 'gzip, chunked', 'chunked, identity', '\tchunked', 'CHUNKED'].map(
    value => ({
      name: `encoding ${JSON.stringify(value)}`,
      headers: `transfer-encoding: ${value}\r\n`,
      before: whole,
    }),
  ),
  { name: 'chunked twice', headers: chunked + chunked, before: whole },
  { name: 'a folded encoding', headers: 'transfer-encoding:\r\n chunked\r\n', before: whole },
  {
    name: 'an encoding with a blank before its colon',
    headers: 'transfer-encoding : chunked\r\n',
    before: whole,
  },
  { name: 'GET with chunks', method: 'GET', headers: chunked, before: whole },
  { name: 'HEAD with chunks', method: 'HEAD', headers: chunked, before: whole },
  { name: 'as a trailer', headers: chunked, before: '5\r\nhello\r\n0\r\n' },
  { name: 'behind a trailer', headers: chunked, before: '0\r\na: b\r\n\r\n' },
  { name: 'a chunk extension', headers: chunked, before: '5;a=b\r\nhello\r\n0\r\n\r\n' },
  { name: 'a chunk extension with a line end', headers: chunked, before: '5;a\nb\r\nhello\r\n0\r\n\r\n' },
  { name: 'a chunk size that is none', headers: chunked, before: '0x5\r\nhello\r\n0\r\n\r\n' },
  { name: 'a negative chunk size', headers: chunked, before: '-5\r\nhello\r\n0\r\n\r\n' },
  {
    name: 'a chunk size that overflows',
    headers: chunked,
    before: '10000000000000005\r\nhello\r\n0\r\n\r\n',
  },
  { name: 'a blank before a chunk size', headers: chunked, before: ' 5\r\nhello\r\n0\r\n\r\n' },
  { name: 'chunk lines that end in LF', headers: chunked, before: '5\nhello\n0\n\n' },
  { name: 'no line end behind a chunk', headers: chunked, before: '5\r\nhelloXX0\r\n\r\n' },
  {
    name: 'an expectation and two lengths',
    headers: 'expect: 100-continue\r\ncontent-length: 0\r\ncontent-length: LENGTH\r\n',
  },
  {
    name: 'HTTP/1.0 with two lengths',
    version: '1.0',
    headers: 'connection: keep-alive\r\ncontent-length: 0\r\ncontent-length: LENGTH\r\n',
  },
  { name: 'a control character in front', headers: 'a: \x01\r\n' },
  { name: 'a line without a colon in front', headers: 'abc\r\n' },
]

function shapeOf(aim: Aim, outer: Outer, path: string): Shape {
  const { name, method = 'POST', version = '1.1', headers, before = '' } = outer
  const body = `${before}${publish(aim, canary, mark)}`
  const text = request(
    `${method} ${path}`,
    `content-type: application/json\r\n${aim.name === 'pushy' ? aim.credential : ''}${headers.replace('LENGTH', `${body.length}`)}`,
    body,
  )
  return { name: `${name}, to ${path}`, segments: [text.replace('HTTP/1.1', `HTTP/${version}`)] }
}

/** Everything that hides a publish to the canary; on its own way, none of them may reach a handler. */
export function smuggling(aim: Aim): readonly Shape[] {
  return outers.flatMap(outer => aim.paths.map(path => shapeOf(aim, outer, path)))
}

/** The same shape with its own number in the hidden publish, which has six digits as the mark does. */
export function numbered(shape: Shape, number: number): Shape {
  return { ...shape, segments: shape.segments.map(segment => segment.replaceAll(`${mark}`, `${number}`)) }
}

type Disguise = (shape: Shape) => Shape

function disguised(how: string, change: (text: string) => readonly string[]): Disguise {
  return ({ name, segments }) => ({ name: `${name}, ${how}`, segments: segments.flatMap(change) })
}

/** Lengths count what is behind the head, so only the head may change; the line stays whole, for cuts there are refused. */
function inHead(change: (head: string) => string): (text: string) => readonly string[] {
  return text => {
    const end = text.indexOf('\r\n\r\n')
    return [change(text.slice(0, end)) + text.slice(end)]
  }
}

const proxy2 = '\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\x01\x02\x03\x04\x05\x06\x07\x08\x00\x01\x00\x02'

/** Other ways to say the same, none of which may make a hidden request visible. */
export const disguises: readonly Disguise[] = [
  shape => shape,
  disguised(
    'names in upper case',
    inHead(head => head.replace(/^[a-z-]+(?=:)/gm, name => name.toUpperCase())),
  ),
  disguised(
    'more headers',
    inHead(head => `${head}\r\nconnection: keep-alive\r\nx: ${'y'.repeat(4_000)}`),
  ),
  disguised('cut behind the head', text => {
    const end = text.indexOf('\r\n\r\n') + 4
    return [text.slice(0, end), text.slice(end)]
  }),
  disguised('cut in front of the hidden one', text => {
    const end = text.lastIndexOf('POST ')
    return [text.slice(0, end), text.slice(end)].filter(part => part !== '')
  }),
  disguised('in pieces of 40 bytes', text => text.match(/.{1,40}/gs) ?? []),
  disguised('behind a request', text => [`${request('GET /livez', '')}${text}`]),
  disguised('behind a PROXY header', text => [proxy2 + text]),
  disguised('with bytes behind', text => [`${text}\r\n\r\n\0\xff`]),
]
