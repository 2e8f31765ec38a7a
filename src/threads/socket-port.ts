// Parcels over a unix socket between two processes of one node, each of which believes the other: a byte that says whether it is
// text, four bytes of length, big-endian, then so many bytes.
import type { Socket } from 'node:net'
import type { Parcel } from '../std/msgpack.ts'
import type { ParcelPort } from './parcel-port.ts'

const headBytes = 5
const [isBytes, isText] = [0, 1]

export class SocketPort implements ParcelPort {
  readonly #socket: Socket
  /** Undefined: what comes waits in the socket. */
  #listener: ((parcel: Parcel) => void) | undefined
  #isReading = false
  #pieces: Buffer[] = []
  #bytes = 0
  /** What the next parcel takes with its head; undefined: its head is not here yet. */
  #wanted: number | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    // A connection that fails closes next, and that is heard.
    socket.on('error', () => {})
  }

  on(event: 'message' | 'close', listener: ((parcel: Parcel) => void) | (() => void)): this {
    if (event === 'close') {
      this.#socket.on('close', () => (listener as () => void)()) // by the event
      return this
    }
    this.#listener = listener
    if (!this.#isReading) this.#socket.on('data', (piece: Buffer) => this.#take(piece))
    this.#isReading = true
    this.#socket.resume()
    // Not yet: whoever listens is not made yet.
    queueMicrotask(() => this.#handAll())
    return this
  }

  /** The next parcel alone: what follows is for whoever listens then. */
  first(listener: (parcel: Parcel) => void): void {
    this.on('message', parcel => {
      this.#listener = undefined
      this.#socket.pause()
      listener(parcel)
    })
  }

  postMessage(parcel: Parcel): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return
    const isOfText = typeof parcel === 'string'
    const body = isOfText ? Buffer.from(parcel, 'latin1') : parcel
    const head = Buffer.allocUnsafe(headBytes)
    head.writeUInt8(isOfText ? isText : isBytes, 0)
    head.writeUInt32BE(body.length, 1)
    this.#socket.cork()
    this.#socket.write(head)
    this.#socket.write(body)
    this.#socket.uncork()
  }

  close(): void {
    this.#socket.end()
  }

  #take(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#bytes += piece.length
    this.#handAll()
  }

  #handAll(): void {
    while (this.#listener !== undefined && this.#bytes >= (this.#wanted ?? headBytes)) {
      const [only = Buffer.alloc(0)] = this.#pieces
      const whole = this.#pieces.length === 1 ? only : Buffer.concat(this.#pieces)
      this.#pieces = [whole]
      this.#wanted ??= headBytes + whole.readUInt32BE(1)
      if (this.#bytes < this.#wanted) return
      this.#hand(whole.subarray(0, this.#wanted), whole.subarray(this.#wanted))
    }
  }

  #hand(parcel: Buffer, rest: Buffer): void {
    this.#pieces = rest.length === 0 ? [] : [rest]
    this.#bytes = rest.length
    this.#wanted = undefined
    const body = parcel.subarray(headBytes)
    const said = parcel[0] === isText ? body.toString('latin1') : new Uint8Array(body)
    this.#listener?.(said)
  }
}
