// A stream hold (contract §5.5, §5.6): an answer that goes on. Items are written as they come; the next page of its origin is
// fetched when its time comes, somebody hints, or an id shows that something is missing. While a page is on its way, items
// wait for it, and those that follow on are written behind it.
import type { GateResponse } from '../../../net/gate/gate-exchange.ts'
import type { Hold as HoldInstruct, Instruct, KeepAlive } from '../instruct/instruct.ts'
import type { Batch } from '../item/batch.ts'
import type { Item } from '../item/item.ts'
import type { Held } from './hold.ts'
import type { Timer, Timers } from './timers.ts'

export interface StreamOwner {
  /** The next page is to be fetched: at once, or in a while. The stream waits for `page…`. */
  fetch(uri: string, isAtOnce: boolean): void
  /** Holds what a page says from now on; `begin` follows when it is live. */
  join(hold: HoldInstruct): string | undefined
  /** The client was behind, and bytes of ours wait for it. */
  blocked(bytes: Uint8Array): void
  /** The answer has ended in order. */
  ended(): void
  held(): readonly Held[]
  /** Causes are shown to the client. */
  readonly isDebug: boolean
}

/** Contract §10; and what they may take, since an item may be large. */
const waitingMax = 100
const waitingBytesMax = 1_000_000

/** An item that waits, and for which channel it came. */
export interface Waiting {
  readonly held: Held
  readonly item: Item
}

export class Stream {
  readonly #response: GateResponse
  readonly #timers: Timers
  readonly #owner: StreamOwner
  #instruct: Instruct
  /** Items that came while a page is under way; undefined: none is. */
  #waiting: Waiting[] | undefined
  #waitingBytes = 0
  /** Bytes of the page are being written, and nothing else may be. */
  #isPassing = true
  #keepAlive: Timer | undefined
  #next: Timer | undefined
  /** Channels that have had no item since the timer of the next page began. */
  readonly #quiet = new Set<string>()
  /** A page says where a client is; its first one alone is compared with where the channel is. */
  #isFirst = true
  #isBehind = false
  #isOver = false

  /** The head has left, and the first page follows: `write`, then `pageEnded`. `waiting`: what came before. */
  constructor(
    response: GateResponse,
    { instruct, waiting }: { readonly instruct: Instruct; readonly waiting: Waiting[] },
    timers: Timers,
    owner: StreamOwner,
  ) {
    this.#response = response
    this.#instruct = instruct
    this.#waiting = waiting
    this.#timers = timers
    this.#owner = owner
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Bytes of a page. False: the client is behind. */
  write(bytes: Uint8Array): boolean {
    if (this.#isOver) return true
    this.#isPassing = true
    return this.#put(bytes)
  }

  /** The page is whole: it says how to go on. */
  pageEnded(instruct: Instruct): void {
    if (this.#isOver) return
    this.#instruct = instruct
    this.#isPassing = false
    const { hold, next } = instruct
    if (hold === undefined) {
      if (next === undefined) return this.end()
      return this.#owner.fetch(next.uri, true)
    }
    const refusal = this.#owner.join(hold)
    if (refusal !== undefined) return this.end(`Subscriptions are not possible: ${refusal}`)
  }

  /** All channels of the page are live, and the client is at their ids. */
  begin(): void {
    if (this.#isOver || this.#isPassing) return
    const { hold, next } = this.#instruct
    const isFirst = this.#isFirst
    this.#isFirst = false
    const held = this.#owner.held()
    const stranded = next === undefined ? held.find(({ prevId }) => prevId !== undefined) : undefined
    if (stranded !== undefined) {
      return this.end(`channel '${stranded.name}' specifies prev-id, but no next link found`)
    }
    this.#startTimers(hold?.keepAlive)
    const hasMissed = isFirst && held.some(isElsewhere)
    if (hasMissed) return this.#fetch(false)
    this.#release()
  }

  /** False: the client is behind. */
  heard(held: Held, batch: Batch): boolean {
    if (this.#isOver) return true
    if (this.#waiting === undefined && batch.isPlain && held.prevId === undefined)
      return this.#plain(held, batch)
    for (const { item } of batch.arrivals) this.#hear(held, item)
    return !this.#isBehind
  }

  /** Publications are missing: the next page may have them. Without one the stream ends, so that its client asks anew. */
  missed(): void {
    if (this.#instruct.next === undefined) this.end()
    else this.#fetch(false)
  }

  /** As `/recover` asks. */
  recover(): void {
    if (this.#instruct.next !== undefined) this.#fetch(false)
  }

  /** In order; `cause` is for who debugs. */
  end(cause?: string): void {
    if (this.#isOver) return
    if (cause !== undefined && this.#owner.isDebug) this.#put(Buffer.from(`\n\n${cause}\n`))
    this.stop()
    this.#response.end()
    this.#owner.ended()
  }

  /** Nothing is written any more. */
  stop(): void {
    this.#isOver = true
    this.#keepAlive?.cancel()
    this.#next?.cancel()
  }

  drained(): void {
    this.#isBehind = false
  }

  #plain(held: Held, batch: Batch): boolean {
    const { chunks } = batch
    if (chunks !== undefined) {
      if (this.#response.isChunked) this.#taken(this.#response.writeRaw(chunks), chunks)
      else for (const content of batch.contents) this.#put(content)
      this.#restart()
    }
    this.#seen(held)
    return !this.#isBehind
  }

  #hear(held: Held, item: Item): void {
    if (this.#isOver) return
    if (this.#waiting !== undefined) return this.#keep(held, item)
    if (!this.#follows(held, item)) return this.#fetch(false)
    this.#pass(held, item)
  }

  /** Whether it comes next after what the client has; it is there then. */
  #follows(held: Held, item: Item): boolean {
    if (held.prevId === undefined || item.noSeq) return true
    if (item.prevId !== undefined && item.prevId !== held.prevId) return false
    if (item.id !== undefined) held.prevId = item.id
    return true
  }

  #pass(held: Held, item: Item): void {
    switch (item.stream?.action) {
      case 'send':
        this.#send(item)
        if (item.stream.content.length > 0) this.#restart()
        break
      case 'hint':
        return this.#instruct.next === undefined ? undefined : this.#fetch(true)
      case 'close':
        return this.end()
      default: // a refresh is for WebSockets, and no stream format is nothing to us
    }
    this.#seen(held)
  }

  #send({ stream }: Item): void {
    if (stream?.action === 'send' && stream.content.length > 0) this.#put(stream.content)
  }

  #put(bytes: Uint8Array): boolean {
    return this.#taken(this.#response.write(bytes), bytes)
  }

  #taken(isTaken: boolean, bytes: Uint8Array): boolean {
    if (isTaken || this.#isBehind) return isTaken
    this.#isBehind = true
    this.#owner.blocked(bytes)
    return false
  }

  /** What does not fit is told by the end of the stream: its client asks anew, and has no hole (contract §14, fault 6). */
  #keep(held: Held, item: Item): void {
    this.#waitingBytes += item.stream?.action === 'send' ? item.stream.content.length : 0
    this.#waiting?.push({ held, item })
    if ((this.#waiting?.length ?? 0) > waitingMax || this.#waitingBytes > waitingBytesMax) this.end()
  }

  #fetch(isAtOnce: boolean): void {
    const { next } = this.#instruct
    if (next === undefined) return this.end()
    this.#next?.cancel()
    this.#waiting = []
    this.#waitingBytes = 0
    this.#owner.fetch(next.uri, isAtOnce)
  }

  /** What waited for the page and follows it. What it has already, or nobody can place, is dropped (contract §5.6). */
  #release(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const { held, item } of waiting) {
      if (this.#isOver || this.#waiting !== undefined) return
      const now = this.#owner.held().find(({ full }) => full === held.full)
      if (now !== undefined && this.#follows(now, item)) this.#pass(now, item)
    }
  }

  #startTimers(keepAlive: KeepAlive | undefined): void {
    this.#keepAlive?.cancel()
    this.#next?.cancel()
    this.#keepAlive = keepAlive && this.#timers.every(keepAlive.timeoutMs, () => this.#beat(keepAlive.bytes))
    const { next } = this.#instruct
    this.#quiet.clear()
    for (const { full } of this.#owner.held()) this.#quiet.add(full)
    this.#next = next && this.#timers.once(next.timeoutMs, () => this.#fetch(true))
  }

  /** A client that is behind gets none: it would only keep a dead connection alive. */
  #beat(bytes: Uint8Array): void {
    if (!this.#isBehind && !this.#isPassing) this.#put(bytes)
  }

  #restart(): void {
    if (this.#instruct.hold?.keepAlive?.mode === 'idle') this.#keepAlive?.restart()
  }

  /** The next page is due so long after every channel had an item (contract §5.6). */
  #seen({ full }: Held): void {
    if (this.#next === undefined) return
    this.#quiet.delete(full)
    if (this.#quiet.size > 0) return
    for (const { full } of this.#owner.held()) this.#quiet.add(full)
    this.#next.restart()
  }
}

function isElsewhere({ prevId, lastId }: Held): boolean {
  return prevId !== undefined && lastId !== undefined && prevId !== lastId
}
