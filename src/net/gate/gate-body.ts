// The body of a request on its way to whoever reads it. Nothing is kept here: what nobody takes stays with the connection.
import { BodyReader } from './body-reader.ts'
import type { GateBody } from './gate-exchange.ts'
import type { Line } from './line.ts'
import type { RequestHead } from './request-head.ts'

const askForBody = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')

export class InBody implements GateBody {
  readonly length: number | undefined
  readonly #line: Line
  /** Undefined: there is no body, or it came whole. */
  #reader: BodyReader | undefined
  #expectsContinue: boolean
  #onChunk: ((piece: Buffer) => void) | undefined
  #onEnd: (() => void) | undefined
  #isPaused = false
  /** Over for whoever would read it. */
  #isDropped = false
  /** Some of it has come. */
  #hasBegun = false

  constructor(line: Line, { framing, expectsContinue }: RequestHead) {
    this.#line = line
    this.length = framing.kind === 'length' ? framing.bytes : framing.kind === 'none' ? 0 : undefined
    if (this.length !== 0) this.#reader = new BodyReader(framing as BodyFraming) // none has length 0
    this.#expectsContinue = expectsContinue
  }

  /** All of it came. */
  get isWhole(): boolean {
    return this.#reader === undefined
  }

  /** Somebody takes it now. */
  get isFlowing(): boolean {
    return this.#onEnd !== undefined && !this.#isPaused
  }

  get isWanted(): boolean {
    return this.#onEnd !== undefined
  }

  read(onChunk: (piece: Buffer) => void, onEnd: () => void): void {
    if (this.#isDropped) return
    this.#onChunk = onChunk
    this.#onEnd = onEnd
    if (this.length === 0) queueMicrotask(() => this.finish())
    else this.#line.soon()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#line.soon()
  }

  /** Asks for it where the client waits for that and nothing has come (contract §4.5). */
  begin(hasSome: boolean): void {
    if (this.#expectsContinue && !this.#hasBegun && !hasSome) this.#line.outflow.write(askForBody)
    this.#expectsContinue = false
  }

  /**
   * Hands on what `bytes` have of it, in one piece: the pieces of small chunks are moved together, in place, for a callback
   * each would cost more than the client's sending them. `taken` is told first, since the callback may end everything. False: its
   * framing is broken.
   */
  take(bytes: Buffer, taken: (bytes: number) => void): boolean {
    const place = { at: 0, end: 0 }
    const read = this.#reader?.read(bytes, piece => gather(bytes, piece, place))
    this.#hasBegun = true
    if (read === undefined) return true
    if (read.state === 'done') this.#reader = undefined
    taken(read.taken)
    const onChunk = this.#onChunk
    if (place.end > 0 && onChunk !== undefined) {
      this.#line.guarded(() => onChunk(bytes.subarray(place.at, place.end)))
    }
    return read.state !== 'broken'
  }

  /** It came whole, and everything was handed on. */
  finish(): void {
    const onEnd = this.#onEnd
    this.drop()
    if (onEnd !== undefined) this.#line.guarded(onEnd)
  }

  /** Nobody hears of it any more. */
  drop(): void {
    this.#isDropped = true
    this.#onChunk = undefined
    this.#onEnd = undefined
  }
}

type BodyFraming = ConstructorParameters<typeof BodyReader>[0]

/** Pieces are views of `bytes`, each behind the one before it and its framing, so that none is written over unread. */
function gather(bytes: Buffer, piece: Buffer, place: { at: number; end: number }): void {
  const at = piece.byteOffset - bytes.byteOffset
  if (place.end === 0) place.at = at
  else bytes.copyWithin(place.end, at, at + piece.length)
  place.end = (place.end === 0 ? at : place.end) + piece.length
}
