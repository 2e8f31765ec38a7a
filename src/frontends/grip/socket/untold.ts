// What the origin of a WebSocket over HTTP was not told yet, for its next requests: what the client sent, that it is to be asked
// though nothing was sent, and where the client is in channels that could not be resumed.
import type { LastId } from '../proxy/request-headers.ts'
import { ClientEvents, type Offer } from './client-events.ts'
import type { MessageKind } from './origin-end.ts'
import { Unfinished } from './unfinished.ts'

const nothing = Buffer.alloc(0)

export class Untold {
  readonly #events = new ClientEvents()
  readonly #message = new Unfinished()
  /** Who sends was told that no more is taken, and has to be told when it is. */
  #isBehind = false
  #wantsEmpty = false
  #lastIds: LastId[] = []

  /** What it takes in memory. */
  get heldBytes(): number {
    return this.#events.heldBytes + this.#message.heldBytes
  }

  /** Nothing more comes from the client. */
  get hasLast(): boolean {
    return this.#events.hasLast
  }

  /** The last event was sent, too. */
  get isSpent(): boolean {
    return this.#events.isSpent
  }

  /** The origin takes nothing of so much that nothing would ever change. */
  get isStuck(): boolean {
    return this.#events.isStuck
  }

  /** A piece of the client's: whether its message is whole, and waits with the others. */
  message(
    kind: MessageKind,
    piece: Buffer,
    isFirst: boolean,
    isLast: boolean,
  ): 'whole' | 'in-pieces' | 'too-long' {
    const whole = this.#message.add(kind, piece, isFirst, isLast)
    if (whole === 'too-long') return whole
    if (whole === undefined) return 'in-pieces'
    this.add(this.#message.kind === 'text' ? 'TEXT' : 'BINARY', whole)
    return 'whole'
  }

  add(type: string, content: Uint8Array): void {
    this.#events.add(type, content)
  }

  /** A second one is not sent, nor is a message that is not whole. */
  addLast(type: string, content?: Uint8Array): void {
    this.#message.drop()
    this.#events.addLast(type, content)
  }

  /** A request is made even where it is empty. */
  refresh(): void {
    this.#wantsEmpty = true
  }

  tellLastId(last: LastId): void {
    this.#lastIds.push(last)
  }

  /** False: no more is to come until `hasRoomAgain`. */
  hasRoom(): boolean {
    this.#isBehind ||= this.#events.isFull
    return !this.#isBehind
  }

  /** Once, after `hasRoom` was false. */
  hasRoomAgain(): boolean {
    if (!this.#isBehind || this.#events.isFull) return false
    this.#isBehind = false
    return true
  }

  /** All of it, or one event; undefined: there is no reason for a request. It is under way until `taken`. */
  offer(
    isOne: boolean,
  ): (Partial<Offer> & { readonly body: Buffer; readonly lastIds: readonly LastId[] }) | undefined {
    const { hasNew } = this.#events
    if (!hasNew && !this.#wantsEmpty) return undefined
    const lastIds = this.#lastIds
    this.#lastIds = []
    this.#wantsEmpty = false
    return hasNew ? { ...this.#events.offer(isOne), lastIds } : { body: nothing, lastIds }
  }

  /** As of `ClientEvents`. */
  taken(bytes: number | undefined): boolean {
    return this.#events.taken(bytes)
  }

  clear(): void {
    this.#message.drop()
    this.#events.clear()
  }
}
