// A link between two engines of one thread: what was flushed waits in batches until a test delivers it.
import type { Link, LinkMessage, Slot } from '../../src/engine/words/link.ts'
import { packExact } from '../../src/std/msgpack.ts'

/** Told of everything that happens on links, at once. */
export interface MeshObserver {
  /** `start`: by the start of which worker, counted, the link came to be: both ways of a pair have the same. */
  sent?(from: Slot, to: Slot, message: LinkMessage, start: number): void
  /** There was no credit for it. */
  refused?(from: Slot, to: Slot, message: LinkMessage): void
  /** The engine has handled it. */
  received?(from: Slot, to: Slot, message: LinkMessage): void
  opened?(slot: Slot): void
}

export class MeshLink implements Link {
  readonly from: Slot
  readonly to: Slot
  readonly bytesMax: number
  isReader = false
  readonly #start: number
  readonly #observer: MeshObserver
  queued: LinkMessage[] = []
  readonly batches: { readonly bytes: Uint8Array; readonly cost: number }[] = []
  queuedCost = 0
  underWay = 0
  refused = false
  /** One end is gone: what is sent falls on the floor. */
  closed = false

  constructor(from: Slot, to: Slot, bytesMax: number, start: number, observer: MeshObserver) {
    this.from = from
    this.to = to
    this.bytesMax = bytesMax
    this.#start = start
    this.#observer = observer
  }

  send(message: LinkMessage, bytes: number): boolean {
    if (this.underWay > 0 && this.underWay + bytes > this.bytesMax) {
      this.refused = true
      this.#observer.refused?.(this.from, this.to, message)
      return false
    }
    this.underWay += bytes
    this.queuedCost += bytes
    this.sendReserved(message)
    return true
  }

  sendReserved(message: LinkMessage): void {
    this.#observer.sent?.(this.from, this.to, message, this.#start)
    if (!this.closed) this.queued.push(message)
  }

  flush(): void {
    if (this.queued.length === 0) return
    this.batches.push({ bytes: packExact(this.queued), cost: this.queuedCost })
    this.queued = []
    this.queuedCost = 0
  }

  /** Ends it: what was flushed still arrives, the rest never does. */
  close(): void {
    this.closed = true
    this.queued = []
  }
}
