// The bytes of one connection, read as a gate reads them: head, body, head, body, until it would close or wait.
import { BodyReader } from '../../../src/net/gate/body-reader.ts'
import {
  type HeadLimits,
  type RequestFault,
  type RequestHead,
  readRequestHead,
} from '../../../src/net/gate/request-head.ts'

export interface ReadRequest {
  readonly head: RequestHead
  readonly body: Buffer
  /** Where what we took of it ends among the bytes of the connection: whole, or up to the last byte of content. */
  readonly end: number
  readonly isWhole: boolean
}

export interface Reading {
  readonly requests: readonly ReadRequest[]
  /** `more`: it would wait. `last`: the client wants no more. `broken`: the body of the last request is. */
  readonly outcome: 'more' | 'last' | 'broken' | RequestFault
}

/** Of the requests all but the last are whole. */
export function readPieces(pieces: readonly Buffer[], limits: HeadLimits): Reading {
  const reader = new ConnectionReader(limits)
  for (const piece of pieces) reader.add(piece)
  return { requests: reader.requests(), outcome: reader.outcome }
}

class ConnectionReader {
  readonly #limits: HeadLimits
  readonly #whole: ReadRequest[] = []
  outcome: Reading['outcome'] = 'more'
  /** What was not taken yet, and where it begins. */
  #waiting: Buffer = Buffer.alloc(0)
  #at = 0
  #scannedFrom = 0
  #head: RequestHead | undefined
  #body: BodyReader | undefined
  #content: Buffer[] = []
  #end = 0

  constructor(limits: HeadLimits) {
    this.#limits = limits
  }

  requests(): readonly ReadRequest[] {
    return this.#head === undefined ? this.#whole : [...this.#whole, this.#current(this.#head, false)]
  }

  add(piece: Buffer): void {
    this.#waiting = this.#waiting.length === 0 ? piece : Buffer.concat([this.#waiting, piece])
    while (this.outcome === 'more' && this.#step()) {}
  }

  /** False where it can do no more without more bytes. */
  #step(): boolean {
    if (this.#head !== undefined) return this.#readBody(this.#head)
    if (this.#waiting.length === 0) return false
    const read = readRequestHead(this.#waiting, this.#limits, this.#scannedFrom)
    if (read.kind === 'fault') this.outcome = read.fault
    if (read.kind !== 'head') {
      this.#scannedFrom = this.#waiting.length
      return false
    }
    const { head, bytes } = read
    this.#take(bytes)
    this.#end = this.#at
    this.#head = head
    this.#body = head.framing.kind === 'none' ? undefined : new BodyReader(head.framing)
    return true
  }

  #readBody(head: RequestHead): boolean {
    const bytes = this.#waiting
    const { taken, state } = this.#body?.read(bytes, piece => {
      this.#content.push(piece)
      this.#end = this.#at + piece.byteOffset - bytes.byteOffset + piece.length
    }) ?? { taken: 0, state: 'done' }
    if (state === 'broken') this.outcome = 'broken'
    this.#take(taken)
    if (state !== 'done') return false
    this.#end = this.#at
    this.#whole.push(this.#current(head, true))
    if (!head.keepsAlive) this.outcome = 'last'
    this.#head = undefined
    this.#content = []
    return head.keepsAlive
  }

  #current(head: RequestHead, isWhole: boolean): ReadRequest {
    return { head, body: Buffer.concat(this.#content), end: this.#end, isWhole }
  }

  #take(count: number): void {
    this.#waiting = this.#waiting.subarray(count)
    this.#at += count
    this.#scannedFrom = 0
  }
}

/** `bytes` cut at these places; those beyond its end cut nothing. */
export function cutAt(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const sorted = [0, ...places.filter(place => place > 0 && place < bytes.length), bytes.length].sort(
    (a, b) => a - b,
  )
  return sorted.slice(1).map((place, index) => bytes.subarray(sorted[index], place))
}
