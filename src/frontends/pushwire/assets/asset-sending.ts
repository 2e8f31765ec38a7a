// One file on its way to one client: a piece is read, written, and the next one read when that has left. So a client that reads
// slowly holds one piece and a descriptor, for a time that goes with the bytes.
import type { FileHandle } from 'node:fs/promises'
import type { SizedBody } from '../../../net/sized-body.ts'
import type { Cancel, Clock } from '../../../std/clock.ts'

/** Few enough for a thousand clients, and enough that a fast one waits for the disk but rarely. */
const pieceBytesMax = 65_536

/** As slow as the socket layer lets a body come in; and time for whoever asks for little. */
const slowestBytesPerMs = 16
const graceMs = 30_000

export interface SendingOptions {
  readonly file: FileHandle
  readonly clock: Clock
  /** Bytes from `from` up to and without `to` of the file. */
  readonly from: number
  readonly to: number
  /** Answers with the head: called when the first piece is there. */
  fill(consumer: { drained(): void; closed(isWhole: boolean): void }): SizedBody | undefined
  /** The disk has not what it had: where nothing was written yet, somebody else may answer. */
  failed(error: unknown, isBegun: boolean): void
  /** Once, at the very end. */
  ended(isWhole: boolean): void
}

export class AssetSending {
  readonly #options: SendingOptions
  readonly #piece: Buffer
  readonly #cancel: Cancel
  #body: SizedBody | undefined
  /** The next byte to be read. */
  #at: number
  #isOver = false
  #waitsSince: number | undefined

  constructor(options: SendingOptions) {
    const { clock, from, to } = options
    this.#options = options
    this.#at = from
    this.#piece = Buffer.allocUnsafeSlow(Math.min(pieceBytesMax, to - from))
    this.#cancel = clock.after(graceMs + (to - from) / slowestBytesPerMs, () => this.#body?.close())
    void this.#pump()
  }

  /** By the clock, since when its client has taken nothing; undefined: it does not wait for it. */
  get waitsSince(): number | undefined {
    return this.#waitsSince
  }

  /** The client sees that bytes are missing, and may ask for the rest. Of use to one that waits for its client. */
  cut(): void {
    this.#body?.close()
  }

  /** Never rejects, but for bugs: the failures of the disk are told. */
  async #pump(): Promise<void> {
    const { to, failed } = this.#options
    while (!this.#isOver && this.#at < to) {
      const length = await this.#read().catch((error: unknown) => error)
      if (this.#isOver) return
      if (typeof length !== 'number' || length === 0) {
        failed(length === 0 ? new Error('the file ends too early') : length, this.#body !== undefined)
        this.#body?.close()
        return this.#end(false)
      }
      this.#at += length
      if (!this.#write(this.#piece.subarray(0, length))) return
    }
  }

  async #read(): Promise<number> {
    const length = Math.min(this.#piece.length, this.#options.to - this.#at)
    return (await this.#options.file.read(this.#piece, 0, length, this.#at)).bytesRead
  }

  /** False: go on when the client has taken it. */
  #write(piece: Uint8Array): boolean {
    if (this.#body === undefined) {
      this.#body = this.#options.fill({
        drained: () => {
          this.#waitsSince = undefined
          void this.#pump()
        },
        closed: isWhole => this.#end(isWhole),
      })
    }
    if (this.#body === undefined) this.#end(false)
    const takesMore = this.#body?.write(piece) ?? false
    if (!takesMore) this.#waitsSince = this.#options.clock.now()
    return takesMore
  }

  #end(isWhole: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancel()
    // It was only read: nothing can be lost.
    this.#options.file.close().catch(() => {})
    this.#options.ended(isWhole)
  }
}
