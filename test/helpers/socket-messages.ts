// What is said on WebSockets, as one text for each message, such as `text:hi`, `ping:` or `close:1000 bye`: where one is cut into
// frames says nothing, and a row of a table reads well. Payloads are in Latin-1, a character for each byte.
import { closePayload, frame, frameAt, opcode } from './raw-websocket.ts'

const kinds = { text: opcode.text, binary: opcode.binary, ping: opcode.ping, pong: opcode.pong } as const

const isKind = (name: string): name is keyof typeof kinds => name in kinds

/** `close:` is a close without a code. */
export function frameOf(message: string, masked: boolean): Buffer {
  const [, name = '', rest = ''] = /^(\w+):(.*)$/s.exec(message) ?? []
  const payload = Buffer.from(rest, 'latin1')
  if (isKind(name)) return frame(kinds[name], payload, { masked })
  if (name !== 'close') throw new Error(`${message} is no message`)
  const [, code, reason] = /^(\d+)(?: (.*))?$/s.exec(rest) ?? []
  return frame(opcode.close, code === undefined ? '' : closePayload(Number(code), reason), { masked })
}

function spoken(code: number, payload: Buffer): string {
  const text = payload.toString('latin1')
  if (code === opcode.close) {
    if (payload.length < 2) return `close:${text}`
    const reason = text.slice(2)
    return `close:${payload.readUInt16BE(0)}${reason === '' ? '' : ` ${reason}`}`
  }
  const name = Object.entries(kinds).find(([, each]) => each === code)?.[0]
  return `${name ?? `opcode ${code}`}:${text}`
}

/** Messages out of the bytes of one direction. */
export class Messages {
  readonly #isMasked: boolean
  #bytes: Buffer = Buffer.alloc(0)
  /** Of the message that is under way. */
  #code = 0
  #pieces: Buffer[] = []
  #all: string[] = []

  /** `isMasked`: a client sends them. What is not as it must be is told in the text. */
  constructor(isMasked: boolean) {
    this.#isMasked = isMasked
  }

  add(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    for (let next = frameAt(this.#bytes, 0); next !== undefined; next = frameAt(this.#bytes, 0)) {
      this.#bytes = this.#bytes.subarray(next.end)
      const { code, fin, payload, reserved, isMasked } = next.frame
      if (isMasked !== this.#isMasked) this.#all.push(isMasked ? 'masked' : 'not masked')
      if (reserved !== 0) this.#all.push(`reserved bits ${reserved}`)
      if (code >= opcode.close) this.#all.push(spoken(code, payload))
      else this.#piece(code, payload, fin)
    }
  }

  /** Whole ones that nobody took. */
  take(): readonly string[] {
    const taken = this.#all
    this.#all = []
    return taken
  }

  #piece(code: number, payload: Buffer, fin: boolean): void {
    if (code !== opcode.continuation) this.#code = code
    this.#pieces.push(payload)
    if (!fin) return
    this.#all.push(spoken(this.#code, Buffer.concat(this.#pieces)))
    this.#pieces = []
  }
}
