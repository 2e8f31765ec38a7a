// The body of a request out of the bytes behind its head, wherever they are cut. It keeps nothing but a line that is not
// complete. What breaks its framing is final: nobody can tell where the next request begins, so the connection is cut.
import { isFieldLine, LF, readFieldLine } from './field-line.ts'
import type { RequestFraming } from './head-meaning.ts'

/** Size, extensions and line end. Nobody was seen to send more than a signature of some 90 bytes. */
const chunkLineBytesMax = 256
/** Of one body, together: beyond 16 KB Node.js gives up too, and they mean nothing to us. */
const extensionBytesMax = 4_096
/** All trailers of a body and the empty line behind them; they are dropped. */
const trailerBytesMax = 4_096
const trailersMax = 32
/** A body of more chunks than this whose chunks are smaller than that on average was cut up to do harm. */
const chunksMax = 1_024
const chunkBytesMin = 64

/**
 * A size of at most 15 digits, and extensions as RFC 9112 §7.1.1 writes them, without the blanks that it calls bad and
 * without a backslash. No two of its parts can match the same byte, so it is as fast as the line is short.
 */
const chunkLine =
  /^([\da-f]{1,15})((?:;[!#$%&'*+.^_`|~\da-z-]+(?:=(?:[!#$%&'*+.^_`|~\da-z-]+|"[\t !#-[\]-~\x80-\xff]*"))?)*)\r\n$/i

/**
 * What frames, routes or ends a message is said before its body or not at all (RFC 9110 §6.5.1). Other programs may
 * look at these behind a body too, which is reason enough.
 */
const framingNames: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

export type BodyFraming = Exclude<RequestFraming, { readonly kind: 'none' }>

type Phase = 'content' | 'chunk-end' | 'chunk-line' | 'trailers' | 'done' | 'broken'

export class BodyReader {
  readonly #isChunked: boolean
  #phase: Phase
  /** Bytes of the content, or of this chunk of it, that are to come. */
  #left: number
  /** What has come of a line. */
  #line = ''
  #chunks = 0
  #contentBytes = 0
  #extensionBytes = 0
  #trailers = 0
  #trailerBytes = 0

  constructor(framing: BodyFraming) {
    this.#isChunked = framing.kind === 'chunked'
    this.#left = framing.kind === 'length' ? framing.bytes : 0
    if (framing.kind === 'chunked') this.#phase = 'chunk-line'
    else this.#phase = this.#left === 0 ? 'done' : 'content'
  }

  /**
   * Takes what it needs of `bytes` and hands each piece of content over, a view of them. `taken` says how many it used;
   * what is behind them belongs to the next request, once it is `done`.
   */
  read(
    bytes: Buffer,
    onData: (piece: Buffer) => void,
  ): { readonly taken: number; readonly state: 'more' | 'done' | 'broken' } {
    let at = 0
    while (this.#phase !== 'done' && this.#phase !== 'broken' && at < bytes.length) {
      at = this.#phase === 'content' ? this.#takeContent(bytes, at, onData) : this.#takeLine(bytes, at)
    }
    const state = this.#phase === 'done' || this.#phase === 'broken' ? this.#phase : 'more'
    return { taken: at, state }
  }

  #takeContent(bytes: Buffer, at: number, onData: (piece: Buffer) => void): number {
    const piece = bytes.subarray(at, at + this.#left)
    this.#left -= piece.length
    if (this.#left === 0) this.#phase = this.#isChunked ? 'chunk-end' : 'done'
    onData(piece)
    return at + piece.length
  }

  #takeLine(bytes: Buffer, at: number): number {
    const lf = bytes.indexOf(LF, at)
    const end = lf === -1 ? bytes.length : lf + 1
    if (this.#line.length + end - at > this.#lineBytesMax()) {
      this.#phase = 'broken'
      return at
    }
    this.#line += bytes.toString('latin1', at, end)
    if (lf !== -1) {
      const line = this.#line
      this.#line = ''
      this.#phase = this.#judge(line)
    }
    return end
  }

  #lineBytesMax(): number {
    if (this.#phase === 'chunk-end') return '\r\n'.length
    return this.#phase === 'trailers' ? trailerBytesMax - this.#trailerBytes : chunkLineBytesMax
  }

  /** What comes behind a line that is complete. */
  #judge(line: string): Phase {
    if (this.#phase === 'chunk-line') return this.#beginChunk(line)
    if (this.#phase === 'trailers') return this.#dropTrailer(line)
    return line === '\r\n' ? 'chunk-line' : 'broken'
  }

  #beginChunk(line: string): Phase {
    const [, digits, extensions = ''] = chunkLine.exec(line) ?? []
    if (digits === undefined) return 'broken'
    this.#extensionBytes += extensions.length
    this.#left = Number.parseInt(digits, 16)
    this.#contentBytes += this.#left
    if (!Number.isSafeInteger(this.#contentBytes) || this.#extensionBytes > extensionBytesMax) return 'broken'
    if (this.#left === 0) return 'trailers'
    const isInCrumbs = ++this.#chunks > chunksMax && this.#contentBytes < this.#chunks * chunkBytesMin
    return isInCrumbs ? 'broken' : 'content'
  }

  #dropTrailer(line: string): Phase {
    if (line === '\r\n') return 'done'
    this.#trailerBytes += line.length
    const bytes = Buffer.from(line, 'latin1')
    if (++this.#trailers > trailersMax || !isFieldLine(bytes, 0, bytes.length - 1)) return 'broken'
    const [name] = readFieldLine(bytes, 0, bytes.length - 1)
    return framingNames.has(name.toLowerCase()) ? 'broken' : 'trailers'
  }
}
