// WebSockets as no honest client opens or uses them: handshakes that are none, or hide a publish in a body, and frames
// that break RFC 6455 section 5, lie about their length, or come in floods.
import { type Changes, closePayload, type FrameOptions, frame, handshake, opcode } from '../raw-websocket.ts'
import { canary, pinghubAim, publish } from './requests.ts'
import { mark, type Shape } from './smuggling.ts'

const hidden = publish(pinghubAim, canary, mark)

/** Each must be refused, or not be taken for a handshake at all. */
const faulty: readonly (readonly [name: string, changes: Changes, method?: string])[] = [
  ...['', '8', '0', '14', '13;', '013', '-13', '1 3', '0xd', '13'.repeat(2_000)].map(
    version => [`version ${version.slice(0, 20)}`, { 'sec-websocket-version': version }] as const,
  ),
  ['no version', { 'sec-websocket-version': undefined }],
  ...[
    '',
    'AAAA',
    'dGhlIHNhbXBsZSBub25jZQ',
    'dGhlIHNhbXBsZSBub25jZR==',
    'dGhlIHNhbXBsZSBub25j ZQ=',
    `${'!'.repeat(22)}==`,
    '='.repeat(24),
    'A'.repeat(24),
    'A'.repeat(5_000),
    '\xff'.repeat(24),
  ].map((key, index) => [`key ${index}`, { 'sec-websocket-key': key }] as const),
  ['no key', { 'sec-websocket-key': undefined }],
  ['no upgrade', { upgrade: undefined }],
  ...['', 'h2c', 'xwebsocket', 'websocket/13', 'web socket', 'websocket;q=1'].map(
    upgrade => [`upgrade to ${upgrade}`, { upgrade }] as const,
  ),
  ...[undefined, '', 'close', 'xupgrade', 'upgrade;', 'keep-alive'].map(
    connection => [`connection ${connection}`, { connection }] as const,
  ),
  ...['POST', 'PUT', 'HEAD', 'DELETE', 'get', 'G'.repeat(3_000)].map(
    method => [`method ${method.slice(0, 20)}`, { 'content-length': '0' }, method] as const,
  ),
  ['no host', { host: undefined }],
  ['a length and no body', { 'content-length': '5' }],
  ['a length that is none', { 'content-length': '5x' }],
  ['a head beyond the limit', { 'sec-websocket-protocol': 'p'.repeat(17_000) }],
]

/** Whatever comes of it, nobody else may notice. */
const odd: readonly (readonly [name: string, changes: Changes])[] = [
  ['two versions', { 'sec-websocket-version': ['8', '13'] }],
  ['two keys', { 'sec-websocket-key': ['AAAA', 'dGhlIHNhbXBsZSBub25jZQ=='] }],
  ['two upgrades', { upgrade: ['websocket', 'h2c'] }],
  ['a thousand words to upgrade to', { upgrade: `${'a,'.repeat(1_000)}websocket` }],
  ['offers to compress', { 'sec-websocket-extensions': 'permessage-deflate; a=b, '.repeat(300) }],
  ['a thousand protocols', { 'sec-websocket-protocol': 'p, '.repeat(1_000) }],
  ['an origin that is none', { origin: '\xff:///@:0' }],
]

const bodies: readonly (readonly [name: string, changes: Changes])[] = [
  ['a body', { 'content-length': String(hidden.length) }],
  ['a body in chunks', { 'transfer-encoding': 'chunked' }],
  ['an encoding that is none', { 'transfer-encoding': 'xchunked' }],
  ['a length behind zeros', { 'content-length': `000${hidden.length}` }],
  ['a body and a bad key', { 'content-length': String(hidden.length), 'sec-websocket-key': 'x' }],
]

const twoLengths = handshake('/ws', { 'content-length': ['0', String(hidden.length)] })

const handshakes: readonly Shape[] = [
  ...faulty.map(([name, changes, method]): Shape => {
    return { name: `handshake: ${name}`, segments: [handshake('/ws', changes, method)], isNoSocket: true }
  }),
  ...odd.map(
    ([name, changes]): Shape => ({ name: `handshake: ${name}`, segments: [handshake('/ws', changes)] }),
  ),
  ...bodies.flatMap(([name, changes]): Shape[] => {
    const head = handshake('/ws', changes)
    return [
      { name: `handshake: ${name}`, segments: [head + hidden], isNoSocket: true },
      { name: `handshake: ${name}, cut behind the head`, segments: [head, hidden], isNoSocket: true },
    ]
  }),
  // The first length says that there is none. What follows is taken for frames, which it is not, or lost.
  ...[[twoLengths + hidden], [twoLengths, hidden]].map((segments): Shape => {
    return { name: `handshake: two lengths, in ${segments.length}`, segments }
  }),
  ...[0.1, 0.3, 0.5, 0.7, 0.9, 0.99].map((part): Shape => {
    const text = handshake('/ws')
    return {
      name: `handshake: cut at ${part}`,
      segments: [text.slice(0, text.length * part)],
      isNoSocket: true,
    }
  }),
  ...['/%00/%zz', '/%ff', `/${'p'.repeat(256)}`, '//a/../..', '/\xff'].map((path): Shape => {
    return { name: `handshake: to ${path.slice(0, 20)}`, segments: [handshake(path)], isNoSocket: true }
  }),
  { name: 'handshake: frames at once', segments: [handshake('/ws') + text(frame(opcode.text, 'early'))] },
]

function text(...frames: readonly Uint8Array[]): string {
  return Buffer.concat(frames).toString('latin1')
}

type Frames = readonly (readonly [name: string, ...frames: readonly Uint8Array[]])[]

function framed(code: number, payload: Uint8Array | string, options: FrameOptions): Uint8Array {
  return frame(code, payload, options)
}

const unknown = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]
const controls = Object.entries(opcode).filter(([, code]) => code >= 8)
const part: FrameOptions = { fin: false }
const highBit = Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0])
const nearlyAll = Buffer.from([0x81, 0xff, 0x7f, ...Array(7).fill(0xff), 0, 0, 0, 0])
const notUtf8 = Buffer.from([0x61, 0xff, 0xc0])

/** Each ends its connection, with a close frame or without. */
const fatal: Frames = [
  ...[0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70].flatMap(reserved =>
    Object.entries(opcode).map(([name, code]) => {
      return [`reserved bits ${reserved} on ${name}`, framed(code, 'a', { reserved })] as const
    }),
  ),
  ...unknown.map(code => [`opcode ${code}`, framed(code, 'a', {})] as const),
  ...controls.flatMap(([name, code]) => [
    [`${name} in fragments`, framed(code, 'a', part)] as const,
    [`${name} of 126 bytes`, framed(code, 'a'.repeat(126), {})] as const,
    [`${name} of 70,000 bytes`, framed(code, 'a'.repeat(70_000), {})] as const,
    [`${name} with a long length`, framed(code, 'a', { lengthBytes: 8 })] as const,
  ]),
  ['a continuation of nothing', framed(opcode.continuation, 'a', {})],
  ['an open continuation of nothing', framed(opcode.continuation, 'a', part)],
  ['text amid fragments', framed(opcode.text, 'a', part), framed(opcode.text, 'b', {})],
  ['a length with the high bit', highBit],
  ['the largest length', nearlyAll],
  ['a length of 4 GB', framed(opcode.binary, 'a', { declared: 2 ** 32 + 1 })],
  ['text that is no UTF-8', framed(opcode.text, notUtf8, {})],
  ['bytes that are no UTF-8', framed(opcode.binary, notUtf8, {})],
  ['half a character in each fragment', framed(opcode.text, Buffer.from([0xc3]), part), framed(0, 'x', {})],
  ['a message beyond the limit', framed(opcode.text, 'a'.repeat(65_537), {})],
  ['a message far beyond the limit', framed(opcode.binary, 'a'.repeat(400_000), {})],
  ...[0, 999, 1_000, 1_004, 1_005, 1_006, 1_012, 1_015, 1_016, 2_999, 3_000, 4_999, 5_000, 65_535].map(
    code => [`close with ${code}`, framed(opcode.close, closePayload(code, 'why'), {})] as const,
  ),
  ['close with half a code', framed(opcode.close, Buffer.from([3]), {})],
  ['close with a reason that is no UTF-8', framed(opcode.close, Buffer.from([3, 0xe8, 0xff, 0xff]), {})],
  ['close twice, and a publish behind', framed(8, '', {}), framed(8, '', {}), framed(1, 'late', {})],
]

const times = (count: number, one: Uint8Array) => Array.from({ length: count }, () => one)

/** Wrong or too much, but it may go on. */
const lasting: Frames = [
  ['no mask', framed(opcode.text, 'abcdefgh', { masked: false })],
  ['a ping without a mask', framed(opcode.ping, 'abcd', { masked: false })],
  ['a length beyond what comes', framed(opcode.text, 'abc', { declared: 120 })],
  ['a long length beyond what comes', framed(opcode.text, 'abc', { declared: 60_000 })],
  ['a length of eight bytes for three', framed(opcode.text, 'abc', { lengthBytes: 8 })],
  ['half a head', Buffer.from([0x81])],
  ['half a mask', Buffer.from([0x81, 0x83, 1, 2])],
  ['pings', ...times(4_000, framed(opcode.ping, 'p'.repeat(125), {}))],
  ['pongs that nobody asked for', ...times(4_000, framed(opcode.pong, '', {}))],
  ['pings amid fragments', framed(1, 'a', part), ...times(500, framed(9, '', {})), framed(0, 'b', {})],
  ['empty fragments', framed(1, '', part), ...times(8_000, framed(0, '', part))],
  ['empty messages', ...times(2_000, framed(opcode.text, '', {}))],
  ['messages', ...times(300, framed(opcode.text, 'm'.repeat(100), {}))],
  ['JSON of 60,000 brackets', framed(opcode.text, '['.repeat(60_000), {})],
]

/** To listeners of pinghub. Each on a channel of its own. */
export function socketShapes(): readonly Shape[] {
  const opened = [
    ...fatal.map(([name, ...frames]) => ({ name, frames, ends: true as const })),
    ...lasting.map(([name, ...frames]) => ({ name, frames })),
  ].flatMap(({ name, frames, ...more }, index): Shape[] => {
    const head = handshake(`/ws/${index}`)
    const bytes = text(...frames)
    const whole = { ...more, name: `frames: ${name}`, segments: [head, bytes], opens: true as const }
    const middle = bytes.length > 20_000 ? bytes.length / 2 : 1
    const cut = [head, bytes.slice(0, middle), bytes.slice(middle)]
    return [whole, { ...whole, name: `frames: ${name}, cut`, segments: cut }]
  })
  return [...handshakes, ...opened]
}
