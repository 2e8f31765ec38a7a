// What a client sent and its origin has not taken: events that wait for a request, those of the request that is under way, and
// the rest of those that it saw and did not take (contract §8.3). All are kept as the bytes that are sent, however many there are.
import { GatheredBytes } from '../../../std/gathered-bytes.ts'
import { EventReader, encodeEvent } from './events.ts'

/** Above one of them nothing more is read from the client, until the origin took some of it. */
export const waitingBytesMax = 1_048_576
export const waitingEventsMax = 1_000

/** What is sent in one request. */
export interface Offer {
  readonly body: Buffer
  /** Bytes of contents that the origin has seen already. */
  readonly replayedBytes: number
}

const nothing: Buffer = Buffer.alloc(0)

/** Where what was taken is dropped from a buffer that goes on to be filled. */
const compactFrom = 65_536

export class ClientEvents {
  /** Seen by the origin, and not taken. */
  #rest: Buffer = nothing
  #restCount = 0
  #offered: Buffer | undefined
  #offeredCount = 0
  /** What its memory has room for. */
  #offeredBytes = 0
  #waiting: GatheredBytes | undefined
  #waitingCount = 0
  /** Where in `#waiting` begins what was not offered yet. */
  #from = 0
  #hasLast = false

  /** What it takes in memory. */
  get heldBytes(): number {
    return this.#rest.length + this.#offeredBytes + (this.#waiting?.heldBytes ?? 0)
  }

  /** Nothing more comes from the client. */
  get hasLast(): boolean {
    return this.#hasLast
  }

  /** The last one was sent, too; what the origin did not take of all is not sent again. */
  get isSpent(): boolean {
    return this.#hasLast && !this.hasNew
  }

  /** There is something that the origin has not seen. */
  get hasNew(): boolean {
    return this.#waiting !== undefined
  }

  get isFull(): boolean {
    const waiting = (this.#waiting?.length ?? 0) - this.#from
    const bytes = this.#rest.length + (this.#offered?.length ?? 0) + waiting
    const count = this.#restCount + this.#offeredCount + this.#waitingCount
    return bytes > waitingBytesMax || count > waitingEventsMax
  }

  /** The origin takes nothing of so much that a client is not read any more, so that nothing would ever change. */
  get isStuck(): boolean {
    return this.isFull && !this.hasNew && this.#offered === undefined
  }

  add(type: string, content?: Uint8Array): void {
    this.#waiting ??= new GatheredBytes(2 * waitingBytesMax)
    this.#waiting.add(encodeEvent(type, content))
    this.#waitingCount++
  }

  /** CLOSE or DISCONNECT: a second one is not sent. */
  addLast(type: string, content?: Uint8Array): void {
    if (!this.#hasLast) this.add(type, content)
    this.#hasLast = true
  }

  /** Behind the rest: everything that waits, or one event of it (contract §14, fault 17). It is under way until `taken`. */
  offer(isOne: boolean): Offer {
    const fresh = isOne ? this.#takeOne() : this.#takeAll()
    const hasRest = this.#rest.length > 0
    const replayedBytes = hasRest ? contentBytesOf(this.#rest) : 0
    const body = hasRest ? Buffer.concat([this.#rest, fresh]) : fresh
    if (hasRest) this.#offeredBytes = body.length
    this.#offered = body
    this.#offeredCount += this.#restCount
    this.#rest = nothing
    this.#restCount = 0
    return { body, replayedBytes }
  }

  /**
   * How many bytes of contents the origin took of what was offered; undefined: all. False: more than it was offered. Where it
   * took all of them it took the empty events, too; else those in front of the last byte that it took (contract §14, fault 8).
   */
  taken(bytes: number | undefined): boolean {
    const offered = this.#offered ?? nothing
    this.#offered = undefined
    this.#offeredCount = 0
    this.#offeredBytes = 0
    if (bytes === undefined) return true
    const total = contentBytesOf(offered)
    if (bytes >= total) return bytes === total
    this.#rest = restOf(offered, bytes)
    this.#restCount = countOf(this.#rest)
    return true
  }

  clear(): void {
    this.#rest = nothing
    this.#restCount = 0
    this.taken(undefined)
    this.#takeAll()
    this.taken(undefined)
    this.#hasLast = false
  }

  #takeAll(): Buffer {
    const fresh = this.#fresh()
    this.#offeredBytes = this.#waiting?.heldBytes ?? 0
    this.#offeredCount = this.#waitingCount
    this.#waiting = undefined
    this.#waitingCount = 0
    this.#from = 0
    return fresh
  }

  #takeOne(): Buffer {
    const fresh = this.#fresh()
    const reader = new EventReader(fresh)
    reader.next()
    if (reader.at >= fresh.length) return this.#takeAll()
    this.#from += reader.at
    // Not a view: it would keep all that waits.
    const one = Buffer.from(fresh.subarray(0, reader.at))
    if (this.#from > compactFrom && this.#from > fresh.length / 2) this.#compact()
    this.#offeredBytes = one.length
    this.#offeredCount = 1
    this.#waitingCount--
    return one
  }

  #compact(): void {
    const kept = new GatheredBytes(2 * waitingBytesMax)
    kept.add(this.#fresh())
    this.#waiting = kept
    this.#from = 0
  }

  #fresh(): Buffer {
    const bytes = this.#waiting?.bytes ?? nothing
    return Buffer.from(bytes.buffer, bytes.byteOffset + this.#from, bytes.length - this.#from)
  }
}

/** From where so many bytes of contents end, fewer than there are, with the event that they end in begun anew. */
function restOf(offered: Buffer, bytes: number): Buffer {
  const reader = new EventReader(offered)
  let left = bytes
  for (let event = left > 0 ? reader.next() : undefined; event !== undefined; event = reader.next()) {
    const { type, content } = event
    if (content.length > left) {
      return Buffer.concat([encodeEvent(type, content.subarray(left)), offered.subarray(reader.at)])
    }
    left -= content.length
    if (left === 0) break
  }
  return Buffer.from(offered.subarray(reader.at))
}

function contentBytesOf(events: Buffer): number {
  const reader = new EventReader(events)
  let sum = 0
  for (let event = reader.next(); event !== undefined; event = reader.next()) sum += event.content.length
  return sum
}

function countOf(events: Buffer): number {
  const reader = new EventReader(events)
  let count = 0
  while (reader.next() !== undefined) count++
  return count
}
