// The body of a client's request on its way to an origin. A short one is collected first, so that it is sent with a length
// and can be sent again; of a longer one as much is kept as a request that is made again may have (contract §4.5). What all
// bodies of a worker hold is bounded, be they collected or kept.
import type { GateBody } from '../../../net/gate/gate-exchange.ts'
import type { BodyIntake, Impatience, Unfinished } from '../../../net/intake.ts'
import type { OutgoingBody } from '../../../net/outgoing/outgoing-body.ts'
import { GatheredBytes } from '../../../std/gathered-bytes.ts'
import type { StoredBytes } from '../hold/stored-bytes.ts'
import { crowdedOut, type Failure } from './failures.ts'

/** A body that ends within so many bytes waits for its end. */
const collectedBytesMax = 16_384

/** Contract §4.5: behind a longer one no instruction is accepted. */
export const keptBytesMax = 100_000

/** What bodies of a worker hold together: those that are collected, and what is kept of the others. */
export interface BodyBounds {
  readonly intake: BodyIntake
  readonly stored: StoredBytes
}

export class RequestBody implements Unfinished {
  readonly #body: GateBody
  readonly #bounds: BodyBounds
  /** What was read and not pushed. */
  #front: GatheredBytes | undefined
  /** Everything that was read, as long as it may be sent again. */
  #kept: GatheredBytes | undefined
  #mayKeep = true
  #size = 0
  /** Of what is stored in this worker. */
  #storedBytes = 0
  #isWhole: boolean
  #ready: (() => void) | undefined
  #refuse: ((failure: Failure) => void) | undefined
  #push: ((piece: Uint8Array) => boolean) | undefined
  #end: (() => void) | undefined

  constructor(body: GateBody, bounds: BodyBounds) {
    this.#body = body
    this.#bounds = bounds
    this.#isWhole = body.length === 0
  }

  /**
   * Calls `ready` once, possibly before it returns: `source` may be asked for then. `refuse` in its place, or behind it, where
   * bodies have no room any more and this one is the oldest.
   */
  prepare(ready: () => void, refuse: (failure: Failure) => void): void {
    if (this.#isWhole) return ready()
    this.#ready = ready
    this.#refuse = refuse
    this.#body.read(
      piece => this.#read(piece),
      () => this.#ended(),
    )
  }

  /** It came whole and is at hand, so that it may be sent again. */
  get isKept(): boolean {
    return this.#isWhole && this.#mayKeep
  }

  /** It is never sent again; what is under way goes on. */
  forget(): void {
    // It was at hand, and so it was given out whole.
    if (this.isKept) this.#front = undefined
    this.#mayKeep = false
    this.#kept = undefined
    this.#settle()
  }

  /** Nobody wants it any more. */
  drop(): void {
    this.#ready = undefined
    this.#front = undefined
    this.#push = () => true
    this.forget()
  }

  /** One that comes slowly is passed on as it comes; one that has no room is refused. */
  giveUp(why: Impatience): void {
    if (why === 'late') return this.#collected()
    this.drop()
    this.#refuse?.(crowdedOut)
  }

  /** For a call. One that is not kept may be given out again as long as nobody has begun to read it. */
  source(): Uint8Array | OutgoingBody | undefined {
    if (this.#body.length === 0) return undefined
    if (this.isKept) return this.#kept?.bytes ?? new Uint8Array(0)
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
    const front = this.#front
    this.#front = undefined
    const takesMore = front === undefined || push(front.bytes)
    this.#settle()
    if (this.#isWhole) end()
    else if (takesMore) this.#body.resume()
  }

  #read(view: Buffer): void {
    this.#size += view.length
    if (this.#size > keptBytesMax) this.forget()
    if (this.#push !== undefined) {
      const piece = Buffer.from(view)
      if (this.#mayKeep) this.#keep(piece)
      if (!this.#push(piece)) this.#body.pause()
      return
    }
    this.#front ??= new GatheredBytes(keptBytesMax)
    if (this.#mayKeep) this.#kept = this.#front
    this.#front.add(view)
    if (this.#size > collectedBytesMax) this.#collected()
    else if (this.#ready !== undefined) this.#bounds.intake.hold(this, this.#front.heldBytes)
  }

  /** Behind what has left already. */
  #keep(piece: Buffer): void {
    this.#kept ??= new GatheredBytes(keptBytesMax)
    this.#kept.add(piece)
    this.#store()
  }

  #ended(): void {
    this.#isWhole = true
    this.#collected()
    this.#end?.()
  }

  /** No more is waited for. */
  #collected(): void {
    const ready = this.#ready
    if (ready === undefined) return
    this.#ready = undefined
    if (!this.#isWhole) this.#body.pause()
    this.#bounds.intake.release(this)
    this.#store()
    ready()
  }

  /** Where there is no room it is not kept, and what has not left yet counts as before. */
  #store(): void {
    const held = this.#kept?.heldBytes ?? 0
    if (held <= this.#storedBytes) return
    if (this.#bounds.stored.take(held - this.#storedBytes)) {
      this.#storedBytes = held
      return
    }
    this.#mayKeep = false
    this.#kept = undefined
    if (this.#front !== undefined) this.#bounds.intake.hold(this, this.#front.heldBytes)
    this.#settle()
  }

  #settle(): void {
    if (this.#front !== undefined || this.#kept !== undefined) return
    this.#bounds.intake.release(this)
    this.#bounds.stored.giveBack(this.#storedBytes)
    this.#storedBytes = 0
  }

  /** Nobody wants the rest: what comes is dropped, and the client is told by the answer. */
  #stop(): void {
    this.#push = () => true
  }
}
