// One end of the line between a worker and a thread beside the workers: what one turn of it says is packed and posted.
import type { MessagePort } from 'node:worker_threads'
import { type Parcel, packForPort, unpackFromPort } from '../std/msgpack.ts'

export class PackedPort {
  readonly #port: MessagePort
  readonly #closed: (() => void)[] = []
  #isClosed = false

  constructor(port: MessagePort) {
    this.#port = port
    port.on('close', () => {
      this.#isClosed = true
      for (const closed of this.#closed.splice(0)) closed()
    })
  }

  /** Plain data. Behind the end it goes nowhere. */
  send(message: unknown): void {
    if (this.#isClosed) return
    const parcel = packForPort(message)
    if (typeof parcel === 'string') this.#port.postMessage(parcel)
    else this.#port.postMessage(parcel, [parcel.buffer])
  }

  receive(take: (message: unknown) => void): void {
    this.#port.on('message', (parcel: Parcel) => take(unpackFromPort(parcel)))
  }

  onClosed(closed: () => void): void {
    if (this.#isClosed) closed()
    else this.#closed.push(closed)
  }

  close(): void {
    this.#port.close()
  }
}
