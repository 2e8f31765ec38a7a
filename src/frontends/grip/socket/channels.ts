// The channels of one WebSocket, and what becomes of the items that come by them (contract §8.4, §8.5): those of its target, and
// those that its origin subscribes it to. Ids are the engine's business alone: a WebSocket misses nothing, or it is closed.
import type { Batch as EngineBatch } from '../../../engine/reader/subscriber.ts'
import type { ChannelName } from '../../../engine/words/publication.ts'
import type { CloseReason } from '../../../engine/words/refusal.ts'
import { serverFrame } from '../../../net/gate/frame-writer.ts'
import type { Observer } from '../control/observer.ts'
import { type Filters, noContent } from '../filter/filters.ts'
import { InOrder, type InOrderOwner } from '../filter/in-order.ts'
import type { FilterOrigin, Load, Party, Verdict } from '../filter/party.ts'
import type { Frames } from '../format.ts'
import { type Held, Hold, type HoldContext, type HoldOwner, type JoinRefusal } from '../hold/hold.ts'
import { Paced, type PacedOwner } from '../hold/paced.ts'
import type { DeliveryRate } from '../hold/rate.ts'
import type { Batch } from '../item/batch.ts'
import type { Item, SocketClose } from '../item/item.ts'
import { bytesOf, isFor } from '../item/transport.ts'
import type { Client } from './client.ts'
import { Wanted } from './wanted.ts'

export interface ChannelsContext {
  readonly holds: HoldContext
  readonly frames: Frames
  readonly filters: Filters
  /** Undefined: items are delivered as they come. */
  readonly rate: DeliveryRate | undefined
  readonly observer: Pick<Observer, 'delivered'>
  /** Explicit id of the rule; empty: it has none. */
  readonly route: string
  /** In front of what its origin names. */
  readonly prefix: string
  /** Of those that its origin names. */
  readonly channelsMax: number
}

export interface ChannelsOwner {
  /** What filters know of the subscription. */
  readonly meta: ReadonlyMap<string, string>
  /** Where filters ask. */
  filterOrigin(): FilterOrigin
  /** A content could not be altered for the client, and is dropped. */
  filterFailed(reason: string): void
  /** The client is at `id` in that channel, and history does not go back so far. */
  strandedAt(channel: string, id: string): void
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
  /** `returnMs`: as of `Subscriber.close`. */
  letGo(reason: CloseReason, returnMs?: number): void
  /** More deliveries would have waited for their turn than may. */
  overrun(): void
}

export class Channels implements HoldOwner, InOrderOwner, PacedOwner {
  readonly #context: ChannelsContext
  readonly #client: Client
  readonly #owner: ChannelsOwner
  readonly #hold: Hold
  readonly #wanted: Wanted
  /** Items with filters in their way; made with the first. */
  #sifting: InOrder | undefined
  /** Made where there is a rate. */
  #paced: Paced | undefined
  /** Where the client is, of channels that are to go on from there; until all are live. */
  #resuming: Map<ChannelName, string> | undefined
  #isOver = false

  constructor(context: ChannelsContext, client: Client, owner: ChannelsOwner) {
    this.#context = context
    this.#client = client
    this.#owner = owner
    this.#wanted = new Wanted(context.prefix, context.channelsMax)
    this.#hold = new Hold(context.holds, this)
  }

  get isLive(): boolean {
    return this.#hold.isLive
  }

  /** Those of its target, which have no prefix. */
  joinImplicit(names: readonly string[]): JoinRefusal | undefined {
    return this.#wanted.addImplicit(names) ? this.#set() : 'channel-invalid'
  }

  /**
   * As its origin names it; the last that is said of its filters counts. `prevId`: where the client is, for a channel that is not held yet
   * (ours alone: `resume_from_history`). `ignored`: there is no room, or no such channel.
   */
  join(name: string, filters: readonly string[], prevId?: string): JoinRefusal | 'ignored' | undefined {
    const full = this.#wanted.admitted(name)
    if (full === undefined) return 'ignored'
    if (prevId === undefined || this.#wanted.all.has(full) || !this.#context.holds.resumes()) {
      this.#wanted.set(full, { name, filters })
      return this.#set()
    }
    this.#resuming ??= new Map()
    this.#resuming.set(full, prevId)
    this.#wanted.set(full, { name, filters, prevId })
    const refusal = this.#set()
    // It is said once: from then on the client is where the channel is.
    if (this.#wanted.all.has(full)) this.#wanted.set(full, { name, filters })
    return refusal
  }

  /** One of the target's is meant by the same name where there is no other. */
  part(name: string): void {
    if (this.#wanted.remove(name)) this.#set()
  }

  /** The client takes more, and nothing waits for the end of a message. */
  drained(): void {
    if (this.#paced?.drained() !== false) this.#hold.drained()
  }

  /** By their full names. */
  get names(): readonly string[] {
    return [...this.#wanted.all.keys()]
  }

  /** What was held back by the rate is all that the client waits for. */
  get isPacing(): boolean {
    return this.#paced?.hasRest === true
  }

  /** The client did not take these bytes of ours at once. */
  blocked(bytes: Uint8Array): void {
    this.#hold.blocked(bytes)
  }

  leave(): void {
    this.#isOver = true
    this.#sifting?.stop()
    this.#paced?.leave()
    this.#hold.leave()
  }

  attached(): void {
    const resuming = this.#resuming ?? []
    this.#resuming = undefined
    for (const [full, id] of resuming) {
      const held = this.#hold.find(full)
      if (held !== undefined && !held.isResumed && held.lastId !== id) this.#owner.strandedAt(held.name, id)
    }
    this.#owner.live()
  }

  /** What comes inside an origin's message waits for its end, and the engine has the rest of it: its bounds hold. */
  heard(held: Held, batch: EngineBatch): boolean {
    const { frames, rate } = this.#context
    const items = frames.of(batch)
    if (rate === undefined) return this.deliver(held, items)
    this.#paced ??= new Paced(rate, this)
    return this.#paced.offer(held, items)
  }

  get route(): string {
    return this.#context.route
  }

  bytesFor(item: Item): number | undefined {
    return isFor(item, 'ws-message') ? bytesOf(item, 'ws-message') : undefined
  }

  caughtUp(): void {
    this.#hold.drained()
  }

  overrun(): void {
    this.#owner.overrun()
  }

  deliver(held: Held, items: Batch): boolean {
    if (this.isPacing) {
      this.#hold.progressed()
      // Its origin may have left the channel while it waited.
      if (this.#hold.find(held.full) !== held) return true
    }
    this.#context.observer.delivered(this.route, 'ws-message', items)
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

  letGo(reason: CloseReason, returnMs?: number): void {
    if (!this.#isOver) this.#owner.letGo(reason, returnMs)
  }

  #set(): JoinRefusal | undefined {
    return this.#hold.set(this.#wanted.all, 'ws')
  }

  #deliver(held: Held, items: Batch): void {
    if (this.#isOver) return
    const isFree = held.filters.length === 0 && this.#sifting?.isBusy !== true
    if (isFree && items.isPlainForSockets) return this.#send(items.socketFrames)
    for (const { item } of items.arrivals) {
      if (isFree && this.loadOf(item)?.contentFilters === undefined) this.#pass(item, items.frameOf(item))
      else this.#sift(held, item)
    }
  }

  /** What its channel's filters have to look at; what comes behind one that waits, waits. */
  #sift(held: Held, item: Item): void {
    if (this.#isOver) return
    this.#sifting ??= new InOrder(this.#context.filters, this)
    if (!this.#sifting.add(held, item)) this.#owner.letGo('slow')
  }

  party(): Party {
    return { meta: this.#owner.meta, channels: this.#hold.channels, origin: this.#owner.filterOrigin() }
  }

  loadOf({ socket }: Item): Load | undefined {
    if (socket === undefined) return undefined
    return socket.action === 'send' ? socket : noContent
  }

  sifted(_held: Held, item: Item, verdict: Verdict): void {
    const { socket } = item
    if (verdict.kind === 'fail') return this.#owner.filterFailed(verdict.reason)
    if (verdict.kind === 'drop') return
    this.#pass(item, socket?.action === 'send' ? serverFrame(socket.type, verdict.content) : undefined)
  }

  inTurn(run: () => void): void {
    this.#client.inTurn(run)
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
