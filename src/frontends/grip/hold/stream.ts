// A stream hold (contract §5.5, §5.6): an answer that goes on. Items are written as they come; the next page of its origin is
// fetched when its time comes, somebody hints, or an id shows that something is missing. While a page is on its way, items
// wait for it, and those that follow on are written behind it.
import type { GateResponse } from '../../../net/gate/gate-exchange.ts'
import type { Hold as HoldInstruct, Instruct, KeepAlive } from '../instruct/instruct.ts'
import type { Batch } from '../item/batch.ts'
import type { Item } from '../item/item.ts'
import type { EndCause } from './ends.ts'
import type { Held } from './hold.ts'
import { follows, isElsewhere, moveTo } from './order.ts'
import type { Timer, Timers } from './timers.ts'
import type { Waiting } from './waiting.ts'

export interface StreamOwner {
  /** The next page is to be fetched: at once, or in a while; one that was wanted before is given up. */
  fetch(uri: string, isAtOnce: boolean): void
  /** Holds what a page says from now on; `begin` follows when it is live. */
  join(hold: HoldInstruct): string | undefined
  /** The client was behind, and bytes of ours wait for it. */
  blocked(bytes: Uint8Array): void
  /** The answer has ended in order. */
  ended(why: EndCause): void
  /** It cannot go on in the middle of a page, which nobody may take for a whole one. */
  torn(why: EndCause): void
  readonly channels: readonly Held[]
  find(full: string): Held | undefined
  /** Causes are shown to the client. */
  readonly isDebug: boolean
}

/**
 * `passing`: a page's bytes leave, and nothing else may. `joining`: it is whole, and not all of its channels are live yet.
 * `live`: items leave as they come. `paging`: the next page was asked for. In all but `live` items wait.
 */
type Phase = 'passing' | 'joining' | 'live' | 'paging' | 'over'

export class Stream {
  readonly #response: GateResponse
  readonly #timers: Timers
  readonly #owner: StreamOwner
  /** Of the last page that is whole. */
  #instruct: Instruct
  #phase: Phase = 'passing'
  readonly #waiting: Waiting
  #keepAlive: Timer | undefined
  #next: Timer | undefined
  /** Channels that have had no item since the timer of the next page began; undefined: there is no such timer. */
  #quiet: Set<string> | undefined
  /** A page says where a client is; its first one alone is compared with where the channel is. */
  #isFirst = true
  /** Something was missed that the page under way may lack. */
  #isStale = false
  #isBehind = false

  /** The head has left, and the first page follows: `write`, then `pageEnded`. `waiting`: what came before. */
  constructor(
    response: GateResponse,
    { instruct, waiting }: { readonly instruct: Instruct; readonly waiting: Waiting },
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
    return this.#phase === 'over'
  }

  /** Bytes of a page. False: the client is behind. */
  write(bytes: Uint8Array): boolean {
    if (this.isOver) return true
    this.#phase = 'passing'
    return this.#put(bytes)
  }

  /** The page is whole: it says how to go on. */
  pageEnded(instruct: Instruct): void {
    if (this.isOver) return
    this.#instruct = instruct
    const { hold, next } = instruct
    if (hold !== undefined) {
      this.#phase = 'joining'
      const refusal = this.#owner.join(hold)
      if (refusal !== undefined) this.end('lost', `Subscriptions are not possible: ${refusal}`)
      return
    }
    if (next === undefined) return this.end('origin')
    this.#phase = 'paging'
    this.#isStale = false
    this.#owner.fetch(next.uri, true)
  }

  /** All channels of the page are live, and the client is at their ids. */
  begin(): void {
    if (this.#phase !== 'joining') return
    const { hold, next } = this.#instruct
    const isFirst = this.#isFirst
    this.#isFirst = false
    const stranded =
      next === undefined ? this.#owner.channels.find(({ prevId }) => prevId !== undefined) : undefined
    if (stranded !== undefined) {
      return this.end('origin-failed', `channel '${stranded.name}' specifies prev-id, but no next link found`)
    }
    this.#phase = 'live'
    if (this.#isStale) return this.#fetch(false)
    this.#startTimers(hold?.keepAlive)
    this.#release()
    if (isFirst && this.#isLive() && this.#owner.channels.some(isElsewhere)) this.#fetch(false)
  }

  /** False: the client is behind. */
  heard(held: Held, batch: Batch): boolean {
    if (this.#phase === 'live' && batch.isPlain && held.prevId === undefined) this.#plain(held, batch)
    else for (const { item } of batch.arrivals) this.#hear(held, item)
    return this.isOver || !this.#isBehind
  }

  /** Publications are missing: the next page may have them. Without one the stream ends, so that its client asks anew. */
  missed(): void {
    if (this.#phase === 'passing' || this.#phase === 'joining') this.#isStale = true
    else if (!this.isOver) this.#fetch(false)
  }

  /** As `/recover` asks. */
  recover(): void {
    if (this.#instruct.next !== undefined) this.missed()
  }

  /** It cannot go on; `cause` is for who debugs. */
  fail(why: EndCause, cause?: string): void {
    if (this.#phase === 'passing') this.#owner.torn(why)
    else this.end(why, cause)
  }

  /** Nothing is written any more. */
  stop(): void {
    this.#phase = 'over'
    this.#keepAlive?.cancel()
    this.#next?.cancel()
    this.#waiting.clear()
  }

  drained(): void {
    this.#isBehind = false
  }

  /** In order; `cause` is for who debugs. */
  end(why: EndCause, cause?: string): void {
    if (this.isOver) return
    if (cause !== undefined && this.#owner.isDebug) this.#put(Buffer.from(`\n\n${cause}\n`))
    this.stop()
    this.#response.end()
    this.#owner.ended(why)
  }

  #isLive(): boolean {
    return this.#phase === 'live'
  }

  #plain(held: Held, batch: Batch): void {
    const { chunks, arrivals } = batch
    if (chunks !== undefined) {
      if (this.#response.isChunked) this.#taken(this.#response.writeRaw(chunks), chunks)
      else for (const content of batch.contents) this.#put(content)
      this.#restart()
    }
    if (this.#next !== undefined && arrivals.some(({ item }) => item.stream !== undefined)) this.#seen(held)
  }

  #hear(held: Held, item: Item): void {
    if (this.isOver) return
    // What does not fit is told by the end of the stream: its client asks anew, and has no hole (contract §14, fault 6).
    if (!this.#isLive()) return this.#waiting.add(held, item) ? undefined : this.fail('overflow')
    if (follows(held, item)) this.#pass(held, item)
    else this.#fetch(false)
  }

  #pass(held: Held, item: Item): void {
    const { stream } = item
    if (stream?.action === 'hint') return this.#instruct.next && this.#fetch(true)
    moveTo(held, item)
    if (stream?.action === 'close') return this.end('published')
    if (stream?.action === 'send' && stream.content.length > 0) {
      this.#put(stream.content)
      this.#restart()
    }
    if (stream !== undefined) this.#seen(held)
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

  #fetch(isAtOnce: boolean): void {
    const { next } = this.#instruct
    if (next === undefined) return this.end('missed')
    this.#phase = 'paging'
    this.#isStale = false
    this.#next?.cancel()
    this.#owner.fetch(next.uri, isAtOnce)
  }

  /** What waited for the page and follows it. What it has already, or nobody can place, is dropped (contract §5.6). */
  #release(): void {
    for (const { held, item } of this.#waiting.take()) {
      // Behind a hint or a gap the others wait on, for the page that follows.
      if (!this.#isLive()) {
        this.#hear(held, item)
        continue
      }
      const now = this.#owner.find(held.full)
      if (now !== undefined && follows(now, item)) this.#pass(now, item)
    }
  }

  #startTimers(keepAlive: KeepAlive | undefined): void {
    this.#keepAlive?.cancel()
    this.#next?.cancel()
    this.#keepAlive = keepAlive && this.#timers.every(keepAlive.timeoutMs, () => this.#beat(keepAlive.bytes))
    const { next } = this.#instruct
    this.#quiet = next && this.#allQuiet()
    this.#next = next && this.#timers.once(next.timeoutMs, () => this.#fetch(true))
  }

  /** A client that is behind gets none: it would only keep a dead connection alive. */
  #beat(bytes: Uint8Array): void {
    if (!this.#isBehind && this.#phase !== 'passing') this.#put(bytes)
  }

  #restart(): void {
    if (this.#instruct.hold?.keepAlive?.mode === 'idle') this.#keepAlive?.restart()
  }

  /** The next page is due so long after every channel had an item (contract §5.6). */
  #seen({ full }: Held): void {
    if (this.#quiet === undefined) return
    this.#quiet.delete(full)
    if (this.#quiet.size > 0) return
    this.#quiet = this.#allQuiet()
    this.#next?.restart()
  }

  #allQuiet(): Set<string> {
    return new Set(this.#owner.channels.map(({ full }) => full))
  }
}
