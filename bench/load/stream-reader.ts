// Takes an answer that stays open apart as its bytes come: the head here, and what follows in the reader that the head
// calls for.
import { acceptOfKey } from '../../test/helpers/raw-websocket.ts'
import { ChunkReader, frameReader } from './chunk-reader.ts'
import { EventReader } from './event-reader.ts'
import type { BodyReader, StreamListener } from './frames.ts'
import { SocketReader } from './socket-reader.ts'

export class StreamReader {
  readonly #listener: StreamListener
  #head = ''
  #body: BodyReader | undefined
  #refused = false

  constructor(listener: StreamListener) {
    this.#listener = listener
  }

  /** The first `end` bytes of `bytes`. */
  push(bytes: Uint8Array, end: number): void {
    if (this.#refused) return
    const at = this.#body === undefined ? this.#readHead(bytes, end) : 0
    this.#body?.push(bytes, at, end)
  }

  /** Returns where the head ends in `bytes`. */
  #readHead(bytes: Uint8Array, end: number): number {
    const before = this.#head.length
    this.#head += Buffer.from(bytes.subarray(0, end)).toString('latin1')
    const headEnd = this.#head.indexOf('\r\n\r\n')
    if (headEnd < 0) return end
    this.#body = bodyReaderFor(this.#head.slice(0, headEnd + 2), this.#listener)
    this.#refused = this.#body === undefined
    if (this.#refused) this.#listener.failed(`no stream: ${this.#head.slice(0, 200)}`)
    else this.#listener.opened()
    this.#head = ''
    return headEnd + 4 - before
  }
}

function bodyReaderFor(head: string, listener: StreamListener): BodyReader | undefined {
  if (head.startsWith('HTTP/1.1 200 ') && /\r\ntransfer-encoding: chunked\r\n/i.test(head)) {
    const isEvents = /\r\ncontent-type: text\/event-stream/i.test(head)
    return new ChunkReader(listener, isEvents ? new EventReader(listener) : frameReader(listener))
  }
  const accept = /\r\nsec-websocket-accept: (\S+)\r\n/i.exec(head)?.[1]
  if (head.startsWith('HTTP/1.1 101 ') && accept === acceptOfKey) return new SocketReader(listener)
  return undefined
}
