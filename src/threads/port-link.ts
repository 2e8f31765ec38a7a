// A link over a port: what one turn queued is packed once and posted, in the form that crosses cheapest at its
// size. Credits are bytes: what was sent and not yet handled over there. Handled bytes travel back with the next batch;
// alone when a quarter of the credit waits for it, or when no batch comes for a while.
import assert from 'node:assert/strict'
import type { Link, LinkMessage, Slot } from '../engine/words/link.ts'
import type { Cancel, Clock } from '../std/clock.ts'
import { type Parcel, packForPort, unpackFromPort } from '../std/msgpack.ts'
import type { ParcelPort } from './parcel-port.ts'

export interface PortLinkDependencies {
  readonly to: Slot
  readonly port: ParcelPort
  /** See `Link`. */
  readonly isReader?: boolean | undefined
  readonly clock: Clock
  /** Credit: bytes that may be under way in this direction. */
  readonly bytesMax: number
  received(messages: readonly LinkMessage[]): void
  /** A send was refused for want of credit, and half of the credit is back. */
  drained(): void
  /** The other side closed its end; everything it sent before was received. */
  closed(): void
}

/** The unpacked form of a batch: bytes handled since the last batch, bytes this batch costs, messages. */
type Batch = readonly [handled: number, cost: number, messages: readonly LinkMessage[]]

/** A sender that finds too little credit on a link that is quiet otherwise waits so long for the rest, or twice that. */
const quietMs = 50

export class PortLink implements Link {
  readonly to: Slot
  readonly isReader: boolean
  readonly #dependencies: PortLinkDependencies
  #queued: LinkMessage[] = []
  #queuedBytes = 0
  /** Sent or queued, and not yet said to be handled. */
  #underWayBytes = 0
  /** Handled here since the other side was last told. */
  #handledBytes = 0
  #refused = false
  #armed = false
  /** Will send what is owed if nothing else does before. */
  #returning: Cancel | undefined
  /** A batch left since that was armed. */
  #isBusy = false
  readonly counters = { batches: 0, messages: 0, bytes: 0, refused: 0, publications: 0, publishes: 0 }

  constructor(dependencies: PortLinkDependencies) {
    this.to = dependencies.to
    this.isReader = dependencies.isReader === true
    this.#dependencies = dependencies
    dependencies.port.on('message', (parcel: Parcel) => this.#receive(parcel))
    dependencies.port.on('close', () => {
      this.#returning?.()
      dependencies.closed()
    })
  }

  send(message: LinkMessage, bytes: number): boolean {
    // A single message larger than all credit passes when nothing else is under way.
    if (this.#underWayBytes > 0 && this.#underWayBytes + bytes > this.#dependencies.bytesMax) {
      this.counters.refused++
      this.#refused = true
      return false
    }
    this.#underWayBytes += bytes
    this.#queuedBytes += bytes
    if (message[0] === 'publication') this.counters.publications++
    else this.counters.publishes++
    this.sendReserved(message)
    return true
  }

  sendReserved(message: LinkMessage): void {
    this.#queued.push(message)
    this.#arm()
  }

  flush(): void {
    if (this.#queued.length === 0 && this.#handledBytes === 0) return
    const batch: Batch = [this.#handledBytes, this.#queuedBytes, this.#queued]
    const parcel = packForPort(batch)
    this.counters.batches++
    this.counters.messages += this.#queued.length
    this.counters.bytes += parcel.length
    this.#queued = []
    this.#queuedBytes = this.#handledBytes = 0
    this.#isBusy = true
    if (typeof parcel === 'string') this.#dependencies.port.postMessage(parcel)
    else this.#dependencies.port.postMessage(parcel, [parcel.buffer])
  }

  close(): void {
    this.flush()
    this.#returning?.()
    this.#dependencies.port.close()
  }

  #arm(): void {
    if (this.#armed) return
    this.#armed = true
    this.#dependencies.clock.endOfTurn(() => {
      this.#armed = false
      this.flush()
    })
  }

  #receive(parcel: Parcel): void {
    const [handled, cost, messages] = unpackFromPort(parcel) as Batch // our own other end packed it
    assert(Number.isSafeInteger(cost) && cost >= 0, 'a batch costs a number of bytes')
    this.#credit(handled)
    this.#dependencies.received(messages)
    this.#handledBytes += cost
    if (this.#handledBytes * 4 > this.#dependencies.bytesMax) this.#arm()
    else if (this.#handledBytes > 0) this.#returnSoon()
  }

  /** One timer at a time. It runs out unused where a batch took along what was owed, and waits on where batches leave. */
  #returnSoon(): void {
    if (this.#returning !== undefined) return
    this.#isBusy = false
    this.#returning = this.#dependencies.clock.after(quietMs, () => {
      this.#returning = undefined
      if (this.#handledBytes === 0) return
      if (this.#isBusy) this.#returnSoon()
      else this.#arm()
    })
  }

  #credit(handled: number): void {
    // Any other number, or none, would leave the link without a bound, or without credit, for good.
    assert(handled >= 0 && handled <= this.#underWayBytes, 'only what was sent can have been handled')
    this.#underWayBytes -= handled
    if (!this.#refused || this.#underWayBytes * 2 > this.#dependencies.bytesMax) return
    this.#refused = false
    this.#dependencies.drained()
  }
}
