// Frames of WebSockets in bytes, and a client over a raw connection: sends the frames it is told to, sound or not, and keeps
// those that come.
import { createHash } from 'node:crypto'
import type { RawClient } from './raw-client.ts'
import { type Head, type Headers, headerOf } from './raw-http.ts'

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
/** RFC 6455 section 1.3 names the answer to this key. */
export const acceptOfKey = acceptOf(key)

export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

const sound: Readonly<Record<string, string>> = {
  host: 't',
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': key,
}

/** Undefined leaves a header out; of several values each has a line. */
export type Changes = Readonly<Record<string, string | readonly string[] | undefined>>

/** A sound handshake where `changes` do not change it. */
export function handshake(path = '/', changes: Changes = {}, method = 'GET'): string {
  const fields = handshakeHeaders(changes).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${fields.join('')}\r\n`
}

export function handshakeHeaders(changes: Changes = {}): Headers {
  return headersOf({ ...sound, ...changes })
}

export function headersOf(changes: Changes): Headers {
  return Object.entries(changes).flatMap(([name, values]) =>
    [values ?? []].flat().map(value => [name, value] as const),
  )
}

export interface FrameOptions {
  /** Default: true. */
  readonly fin?: boolean
  /** The three reserved bits, as they stand in the first byte. */
  readonly reserved?: number
  readonly masked?: boolean
  /** A length in the head that is not that of the payload. */
  readonly declared?: number
  /** Bytes that the length is written in: 0 for the 7 bits, 2 or 8. */
  readonly lengthBytes?: 0 | 2 | 8
}

const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d])

export function frame(code: number, payload: Uint8Array | string = '', options: FrameOptions = {}): Buffer {
  const bytes = Buffer.from(payload)
  const { fin = true, reserved = 0, masked = true, declared = bytes.length } = options
  const lengthBytes = options.lengthBytes ?? (declared < 126 ? 0 : declared < 65_536 ? 2 : 8)
  const length = Buffer.alloc(lengthBytes)
  if (lengthBytes === 2) length.writeUInt16BE(declared)
  if (lengthBytes === 8) length.writeBigUInt64BE(BigInt(declared))
  const short = lengthBytes === 0 ? declared : lengthBytes === 2 ? 126 : 127
  const head = Buffer.from([(fin ? 0x80 : 0) | reserved | code, (masked ? 0x80 : 0) | short])
  return Buffer.concat([head, length, ...(masked ? [mask, applied(mask, bytes)] : [bytes])])
}

export function closePayload(code: number, reason = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)])
}

export interface Frame {
  readonly code: number
  readonly fin: boolean
  readonly reserved: number
  readonly isMasked: boolean
  /** Without its mask. */
  readonly payload: Buffer
}

export class RawWebSocket {
  readonly client: RawClient
  readonly frames: Frame[] = []
  /** The answer to the handshake, once it was read. */
  head: Head | undefined

  /** `head`: it was taken already. */
  constructor(client: RawClient, head?: Head) {
    this.client = client
    this.head = head
  }

  /** Sends a handshake and waits for the 101. */
  async open(request: string = handshake()): Promise<this> {
    this.head = await this.client.send(request).head()
    if (this.head.status !== 101) throw new Error(`no 101 but ${this.head.text}`)
    return this
  }

  /** Of the answer to the handshake. */
  header(name: string): string | undefined {
    return this.head && headerOf(this.head, name)
  }

  send(code: number, payload?: Uint8Array | string, options?: FrameOptions): this {
    this.client.send(frame(code, payload, options))
    return this
  }

  /** What came since the last call. */
  read(): readonly Frame[] {
    this.head ??= this.client.takeHead()
    if (this.head === undefined) return []
    const { bytes } = this.client
    const fresh: Frame[] = []
    let at = 0
    for (let next = frameAt(bytes, at); next !== undefined; next = frameAt(bytes, at)) {
      fresh.push(next.frame)
      at = next.end
    }
    this.client.takeNow(at)
    this.frames.push(...fresh)
    return fresh
  }

  /** The frame of that number, counted from the first. */
  frame(index: number): Promise<Frame> {
    return this.client.waitFor(`frame ${index}`, () => {
      this.read()
      return this.frames[index]
    })
  }

  /** Code and reason of the close frame; `undefined`: closed without one. An empty frame has the code 1005. */
  async closed(deadlineMs?: number): Promise<readonly [number, string] | undefined> {
    await this.client.ended(deadlineMs)
    this.read()
    const last = this.frames.find(({ code }) => code === opcode.close)
    if (last === undefined) return undefined
    const { payload } = last
    return payload.length < 2 ? [1005, ''] : [payload.readUInt16BE(0), payload.toString('utf8', 2)]
  }
}

/** The frame that begins at `at`, and where it ends; undefined: some of it is still to come. */
export function frameAt(
  bytes: Buffer,
  at: number,
): { readonly frame: Frame; readonly end: number } | undefined {
  if (bytes.length < at + 2) return undefined
  const [first, second] = [bytes.readUInt8(at), bytes.readUInt8(at + 1)]
  const [isMasked, short] = [second >= 0x80, second & 0x7f]
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
  const maskAt = at + 2 + lengthBytes
  const payloadAt = maskAt + (isMasked ? mask.length : 0)
  if (bytes.length < payloadAt) return undefined
  const length =
    lengthBytes === 2
      ? bytes.readUInt16BE(at + 2)
      : lengthBytes === 8
        ? Number(bytes.readBigUInt64BE(at + 2))
        : short
  const end = payloadAt + length
  if (bytes.length < end) return undefined
  const content = bytes.subarray(payloadAt, end)
  const payload = isMasked ? applied(bytes.subarray(maskAt, payloadAt), content) : content
  return {
    frame: { code: first & 0x0f, fin: first >= 0x80, reserved: first & 0x70, isMasked, payload },
    end,
  }
}

function applied(key: Buffer, content: Buffer): Buffer {
  const bytes = Buffer.from(content)
  for (let at = 0; at < bytes.length; at++) bytes[at] = (bytes[at] ?? 0) ^ (key[at % 4] ?? 0)
  return bytes
}
