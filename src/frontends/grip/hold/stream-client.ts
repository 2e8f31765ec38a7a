// The client's end of a stream: pages and items as they leave, keep-alives between them, and whether it is behind.
import type { GateResponse } from '../../../net/gate/gate-exchange.ts'
import type { KeepAlive } from '../instruct/instruct.ts'
import type { Batch } from '../item/batch.ts'
import type { Timer, Timers } from './timers.ts'

export class StreamClient {
  readonly #response: GateResponse
  readonly #timers: Timers
  /** It was not behind, and is now: these bytes wait for it. */
  readonly #blocked: (bytes: Uint8Array) => void
  #keepAlive: Timer | undefined
  #isIdleTimer = false
  #isBehind = false
  /** Nothing else may leave. */
  #isInPage = false

  constructor(response: GateResponse, timers: Timers, blocked: (bytes: Uint8Array) => void) {
    this.#response = response
    this.#timers = timers
    this.#blocked = blocked
  }

  get isBehind(): boolean {
    return this.#isBehind
  }

  /** Bytes of a page. False: it is behind. */
  page(bytes: Uint8Array): boolean {
    this.#isInPage = true
    return this.put(bytes)
  }

  pageEnded(): void {
    this.#isInPage = false
  }

  /** False: it is behind. */
  put(bytes: Uint8Array): boolean {
    return this.#taken(this.#response.write(bytes), bytes)
  }

  /** An item's content. */
  send(content: Uint8Array): void {
    this.put(content)
    this.#restart()
  }

  /** Contents of a whole batch, which many clients share. */
  sendAll({ chunks, contents }: Pick<Batch, 'chunks' | 'contents'>): void {
    if (chunks === undefined) return
    if (this.#response.isChunked) this.#taken(this.#response.writeRaw(chunks), chunks)
    else for (const content of contents) this.put(content)
    this.#restart()
  }

  /** In place of those before; undefined: none. */
  keepAlive(keepAlive: KeepAlive | undefined): void {
    this.#keepAlive?.cancel()
    this.#isIdleTimer = keepAlive?.mode === 'idle'
    this.#keepAlive = keepAlive && this.#timers.every(keepAlive.timeoutMs, () => this.#beat(keepAlive.bytes))
  }

  drained(): void {
    this.#isBehind = false
  }

  /** No keep-alives any more. */
  stop(): void {
    this.#keepAlive?.cancel()
  }

  end(): void {
    this.#response.end()
  }

  #taken(isTaken: boolean, bytes: Uint8Array): boolean {
    if (isTaken || this.#isBehind) return isTaken
    this.#isBehind = true
    this.#blocked(bytes)
    return false
  }

  /** A client that is behind gets none: it would only keep a dead connection alive. */
  #beat(bytes: Uint8Array): void {
    if (!this.#isBehind && !this.#isInPage) this.put(bytes)
  }

  #restart(): void {
    if (this.#isIdleTimer) this.#keepAlive?.restart()
  }
}
