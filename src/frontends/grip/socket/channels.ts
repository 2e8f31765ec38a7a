// The channels of one WebSocket, and what becomes of the items that come by them (contract §8.4, §8.5): those of its target, and
// those that its origin subscribes it to. Ids are the engine's business alone: a WebSocket misses nothing, or it is closed.
import type { Batch as EngineBatch } from '../../../engine/reader/subscriber.ts'
import { type ChannelName, parseChannelName } from '../../../engine/words/publication.ts'
import type { CloseReason } from '../../../engine/words/refusal.ts'
import type { Frames } from '../format.ts'
import { type Held, Hold, type HoldContext, type HoldOwner } from '../hold/hold.ts'
import type { JoinRefusal } from '../hold/holding.ts'
import type { HoldChannel } from '../instruct/instruct.ts'
import type { Batch } from '../item/batch.ts'
import type { Item, SocketClose } from '../item/item.ts'
import type { Client } from './client.ts'

export interface ChannelsContext {
  readonly holds: HoldContext
  readonly frames: Frames
  /** In front of what its origin names. */
  readonly prefix: string
  /** Of those that its origin names. */
  readonly channelsMax: number
}

export interface ChannelsOwner {
  /** Whatever is published from now on is heard. */
  live(): void
  /** Something was sent to the client. */
  sent(): void
  /** A close was published. */
  closedBy(close: SocketClose): void
  /** Its origin is to be asked (contract §8.4). */
  refresh(): void
  /** Publications are missing. */
  missed(): void
  letGo(reason: CloseReason): void
}

export class Channels implements HoldOwner {
  readonly #context: ChannelsContext
  readonly #client: Client
  readonly #owner: ChannelsOwner
  readonly #hold: Hold
  /** By their full names: all that are wanted. */
  readonly #wanted = new Map<ChannelName, HoldChannel>()
  /** Those of the target, which count for no limit; undefined: it has none. */
  #implicit: Set<ChannelName> | undefined
  #isOver = false

  constructor(context: ChannelsContext, client: Client, owner: ChannelsOwner) {
    this.#context = context
    this.#client = client
    this.#owner = owner
    this.#hold = new Hold(context.holds, this)
  }

  get isLive(): boolean {
    return this.#hold.isLive
  }

  /** Those of its target, which have no prefix. */
  joinImplicit(names: readonly string[]): JoinRefusal | undefined {
    for (const name of names) {
      const full = parseChannelName(name)
      if (full === undefined) return 'channel-invalid'
      this.#implicit ??= new Set()
      this.#implicit.add(full)
      if (!this.#wanted.has(full)) this.#wanted.set(full, { name, filters: [] })
    }
    return this.#set()
  }

  /** As its origin names it; the last that is said of its filters counts. `ignored`: there is no room, or no such channel. */
  join(name: string, filters: readonly string[]): JoinRefusal | 'ignored' | undefined {
    const full = parseChannelName(this.#context.prefix + name)
    if (full === undefined || (!this.#wanted.has(full) && !this.#hasRoom)) return 'ignored'
    this.#wanted.set(full, { name, filters })
    return this.#set()
  }

  /** One of the target's is meant by the same name where there is no other. */
  part(name: string): void {
    const full = parseChannelName(this.#context.prefix + name)
    const own = parseChannelName(name)
    if (full !== undefined && this.#wanted.has(full)) this.#remove(full)
    else if (own !== undefined && this.#implicit?.has(own) === true) this.#remove(own)
  }

  /** The client takes more, and nothing waits for the end of a message. */
  drained(): void {
    this.#hold.drained()
  }

  /** The client did not take these bytes of ours at once. */
  blocked(bytes: Uint8Array): void {
    this.#hold.blocked(bytes)
  }

  leave(): void {
    this.#isOver = true
    this.#hold.leave()
  }

  attached(): void {
    this.#owner.live()
  }

  /** What comes inside an origin's message waits for its end, and the engine has the rest of it: its bounds hold. */
  heard(held: Held, batch: EngineBatch): boolean {
    const items = this.#context.frames.of(batch)
    if (this.#client.mustWait) {
      this.#client.inTurn(() => this.#deliver(held, items))
      return false
    }
    this.#deliver(held, items)
    return !this.#client.isBehind
  }

  missed(): void {
    this.#owner.missed()
  }

  letGo(reason: CloseReason): void {
    if (!this.#isOver) this.#owner.letGo(reason)
  }

  get #hasRoom(): boolean {
    return this.#wanted.size - (this.#implicit?.size ?? 0) < this.#context.channelsMax
  }

  #remove(full: ChannelName): void {
    this.#wanted.delete(full)
    this.#implicit?.delete(full)
    this.#set()
  }

  #set(): JoinRefusal | undefined {
    return this.#hold.set(this.#wanted, false)
  }

  #deliver(held: Held, items: Batch): void {
    if (this.#isOver) return
    if (held.filters.length === 0 && items.isPlainForSockets) return this.#send(items.socketFrames)
    for (const { item } of items.arrivals) this.#filter(held, item, items)
  }

  /** The one place where an item passes the filters of its channel, before anything is done with it. */
  #filter(_held: Held, item: Item, items: Batch): void {
    this.#pass(item, items.frameOf(item))
  }

  #pass({ socket }: Item, frame: Uint8Array | undefined): void {
    // The item before may have closed the client.
    if (this.#isOver) return
    if (socket?.action === 'close') this.#owner.closedBy(socket)
    else if (socket?.action === 'refresh') this.#owner.refresh()
    else this.#send(frame)
  }

  #send(frames: Uint8Array | undefined): void {
    if (frames === undefined) return
    if (!this.#client.send(frames)) this.#hold.blocked(frames)
    this.#owner.sent()
  }
}
