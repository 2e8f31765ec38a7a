// Messages for a client until it polls: bounded by themselves, and with all else that is stored in the worker.
import type { StoredBytes } from '../../hold/stored-bytes.ts'
import { bufferBytesMax } from './messages.ts'

/** From so many bytes on the origin should wait, well below the bound. */
const behindBytes = 65_536
/** What a message costs beside its bytes: empty ones must not be endlessly many. */
const messageCost = 64

export class Mailbox {
  readonly #stored: Pick<StoredBytes, 'take' | 'giveBack'>
  #messages: string[] = []
  /** The beginning of one. */
  #pieces: Uint8Array[] = []
  #piecesBytes = 0
  #bytes = 0

  constructor(stored: Pick<StoredBytes, 'take' | 'giveBack'>) {
    this.#stored = stored
  }

  get bytes(): number {
    return this.#bytes
  }

  get hasMessages(): boolean {
    return this.#messages.length > 0
  }

  /** `behind`: it was taken, and is one more than should wait. `full`: it was not. */
  add(piece: Uint8Array, isLast: boolean): 'taken' | 'behind' | 'full' {
    const bytes = piece.length + (isLast ? messageCost : 0)
    if (this.#bytes + bytes > bufferBytesMax || !this.#stored.take(bytes)) return 'full'
    this.#bytes += bytes
    this.#pieces.push(piece)
    this.#piecesBytes += piece.length
    if (isLast) {
      this.#messages.push(Buffer.concat(this.#pieces).toString())
      this.#pieces = []
      this.#piecesBytes = 0
    }
    return this.#bytes < behindBytes ? 'taken' : 'behind'
  }

  /** All that are whole, as a frame of SockJS. */
  take(): string {
    const frame = `a${JSON.stringify(this.#messages)}`
    this.#messages = []
    this.#setBytes(this.#piecesBytes)
    return frame
  }

  drop(): void {
    this.#messages = []
    this.#pieces = []
    this.#piecesBytes = 0
    this.#setBytes(0)
  }

  #setBytes(bytes: number): void {
    this.#stored.giveBack(this.#bytes - bytes)
    this.#bytes = bytes
  }
}
