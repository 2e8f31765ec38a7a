// Takes a held HTTP response apart as its bytes come: head, chunks, frames of two bytes of length and a payload.
// Nothing is copied but a frame that two reads or two chunks share.

export interface StreamListener {
  /** The response's head was read and accepted. */
  opened(): void
  /** A payload in place: `bytes` is reused after this returns. */
  message(bytes: Uint8Array, at: number, length: number): void
  failed(reason: string): void
}

export class StreamReader {
  readonly #listener: StreamListener
  #state: 'head' | 'size' | 'data' | 'over' = 'head'
  #head = ''
  /** Of the chunk whose size line is being read or whose data follows. */
  #size = 0
  #digits = 0
  /** The beginning of a frame whose end is still to come. */
  #begun: Buffer | undefined

  constructor(listener: StreamListener) {
    this.#listener = listener
  }

  /** The first `end` bytes of `bytes`. */
  push(bytes: Uint8Array, end: number): void {
    let at = 0
    while (at < end) {
      if (this.#state === 'data') {
        const stop = Math.min(end, at + this.#size)
        this.#size -= stop - at
        this.#frames(bytes, at, stop)
        at = stop
        if (this.#size === 0) this.#state = 'size'
      } else if (this.#state === 'size') at = this.#readSize(bytes, at, end)
      else if (this.#state === 'head') at = this.#readHead(bytes, at, end)
      else return
    }
  }

  /** Chunk sizes come between line ends: the one behind the last chunk's data, and the size's own. */
  #readSize(bytes: Uint8Array, from: number, end: number): number {
    for (let at = from; at < end; at++) {
      const unit = bytes[at] ?? 0
      if (unit === 13) continue
      if (unit !== 10) {
        this.#size = this.#size * 16 + (unit > 57 ? (unit | 32) - 87 : unit - 48)
        this.#digits++
      } else if (this.#digits > 0) {
        this.#digits = 0
        if (this.#size === 0) this.#fail('the server ended the stream')
        else this.#state = 'data'
        return at + 1
      }
    }
    return end
  }

  #readHead(bytes: Uint8Array, at: number, end: number): number {
    const before = this.#head.length
    this.#head += Buffer.from(bytes.subarray(at, end)).toString('latin1')
    const headEnd = this.#head.indexOf('\r\n\r\n')
    if (headEnd < 0) return end
    const accepted =
      this.#head.startsWith('HTTP/1.1 200 ') && /\r\ntransfer-encoding: chunked\r\n/i.test(this.#head)
    if (accepted) {
      this.#state = 'size'
      this.#listener.opened()
    } else this.#fail(`no stream: ${this.#head.slice(0, 200)}`)
    this.#head = ''
    return at + headEnd + 4 - before
  }

  #frames(bytes: Uint8Array, from: number, to: number): void {
    let [source, at, end] = [bytes, from, to]
    if (this.#begun !== undefined) {
      source = Buffer.concat([this.#begun, bytes.subarray(from, to)])
      at = 0
      end = source.length
      this.#begun = undefined
    }
    while (at + 2 <= end) {
      const length = ((source[at] ?? 0) << 8) | (source[at + 1] ?? 0)
      const next = at + 2 + length
      if (next > end) break
      // An empty frame is a heartbeat.
      if (length > 0) this.#listener.message(source, at + 2, length)
      at = next
    }
    if (at < end) this.#begun = Buffer.from(source.subarray(at, end))
  }

  #fail(reason: string): void {
    this.#state = 'over'
    this.#listener.failed(reason)
  }
}
