// The body of a client's request on its way to an origin. A short one is collected first, so that it is sent with a length
// and can be sent again; of a longer one as much is kept as a request that is made again may have (contract §4.5).
import type { GateBody } from '../../../net/gate/gate-exchange.ts'
import type { OutgoingBody } from '../../../net/outgoing/outgoing-body.ts'

/** A body that ends within so many bytes waits for its end. */
const collectedBytesMax = 16_384

/** Contract §4.5: behind a longer one no instruction is accepted. */
export const keptBytesMax = 100_000

export class RequestBody {
  readonly #body: GateBody
  /** What was read and not pushed. */
  #front: Buffer[] = []
  /** Everything that was read; undefined: too much. */
  #kept: Buffer[] | undefined = []
  #size = 0
  #isWhole: boolean
  #ready: (() => void) | undefined
  #push: ((piece: Uint8Array) => boolean) | undefined
  #end: (() => void) | undefined

  constructor(body: GateBody) {
    this.#body = body
    this.#isWhole = body.length === 0
  }

  /** Calls `ready` once, possibly before it returns: `source` may be asked for then. */
  prepare(ready: () => void): void {
    if (this.#isWhole) return ready()
    this.#ready = ready
    this.#body.read(
      piece => this.#read(piece),
      () => this.#ended(),
    )
  }

  /** It came whole and is at hand, so that it may be sent again. */
  get isKept(): boolean {
    return this.#isWhole && this.#kept !== undefined
  }

  /** What that takes of memory. */
  get keptBytes(): number {
    return this.#kept === undefined ? 0 : this.#size
  }

  /** It is never sent again; what is under way goes on. */
  forget(): void {
    this.#kept = undefined
    if (this.#isWhole) this.#front = []
  }

  /** For a call. One that is not kept may be given out again as long as nobody has begun to read it. */
  source(): Uint8Array | OutgoingBody | undefined {
    if (this.#body.length === 0) return undefined
    if (this.#isWhole && this.#kept !== undefined) return Buffer.concat(this.#kept)
    return {
      length: this.#body.length,
      start: (push, end) => this.#start(push, end),
      drained: () => this.#body.resume(),
      stop: () => this.#stop(),
    }
  }

  #start(push: (piece: Uint8Array) => boolean, end: () => void): void {
    this.#push = push
    this.#end = end
    let takesMore = true
    for (const piece of this.#front.splice(0)) takesMore = push(piece)
    if (this.#isWhole) end()
    else if (takesMore) this.#body.resume()
  }

  #read(view: Buffer): void {
    const piece = Buffer.from(view)
    this.#size += piece.length
    if (this.#size > keptBytesMax) this.#kept = undefined
    this.#kept?.push(piece)
    if (this.#push !== undefined) {
      if (!this.#push(piece)) this.#body.pause()
      return
    }
    this.#front.push(piece)
    if (this.#size <= collectedBytesMax) return
    this.#body.pause()
    this.#tell()
  }

  #ended(): void {
    this.#isWhole = true
    this.#tell()
    this.#end?.()
  }

  #tell(): void {
    const ready = this.#ready
    this.#ready = undefined
    ready?.()
  }

  /** Nobody wants the rest: what comes is dropped, and the client is told by the answer. */
  #stop(): void {
    this.#push = () => true
  }
}
