// A stream hold (contract §5.5, §5.6): an answer that goes on. Items are written as they come; the next page of its origin is
// fetched when its time comes, somebody hints, or an id shows that something is missing. While a page is on its way, items
// wait for it, and those that follow on are written behind it. So they wait for one whose filters ask an origin.

import type { GateResponse } from '../../../net/gate/gate-exchange.ts'
import { isSifted, noContent } from '../filter/filters.ts'
import type { Pending, Verdict } from '../filter/party.ts'
import type { Hold as HoldInstruct, Instruct } from '../instruct/instruct.ts'
import type { Batch } from '../item/batch.ts'
import type { Item, StreamFormat } from '../item/item.ts'
import type { EndCause } from './ends.ts'
import type { Held } from './hold.ts'
import { follows, isElsewhere, moveTo } from './order.ts'
import { PageClock } from './page-clock.ts'
import type { Sift } from './sift.ts'
import { StreamClient } from './stream-client.ts'
import type { Timers } from './timers.ts'
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
  readonly sift: Sift
  /** Causes are shown to the client. */
  readonly isDebug: boolean
}

/**
 * `passing`: a page's bytes leave, and nothing else may. `joining`: it is whole, and not all of its channels are live yet.
 * `live`: items leave as they come. `filtering`: an origin is asked about one of them. `paging`: the next page was asked for. In all
 * but `live` items wait.
 */
type Phase = 'passing' | 'joining' | 'live' | 'filtering' | 'paging' | 'over'

export class Stream {
  readonly #client: StreamClient
  readonly #timers: Timers
  readonly #owner: StreamOwner
  /** Of the last page that is whole. */
  #instruct: Instruct
  #phase: Phase = 'passing'
  readonly #waiting: Waiting
  /** There is a next page. */
  #next: PageClock | undefined
  /** A page says where a client is; its first one alone is compared with where the channel is. */
  #isFirst = true
  /** The next page is wanted as soon as nothing is under way: something was missed, or its time came. */
  #isStale = false
  /** Of the item whose filters ask. */
  #pending: Pending | undefined

  /** The head has left, and the first page follows: `write`, then `pageEnded`. `waiting`: what came before. */
  constructor(
    response: GateResponse,
    { instruct, waiting }: { readonly instruct: Instruct; readonly waiting: Waiting },
    timers: Timers,
    owner: StreamOwner,
  ) {
    this.#client = new StreamClient(response, timers, bytes => owner.blocked(bytes))
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
    return this.#client.page(bytes)
  }

  /** The page is whole: it says how to go on. */
  pageEnded(instruct: Instruct): void {
    if (this.isOver) return
    this.#client.pageEnded()
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
    const stranded =
      next === undefined
        ? this.#owner.channels.find(({ prevId, isResumed }) => prevId !== undefined && !isResumed)
        : undefined
    if (stranded !== undefined) {
      return this.end('origin-failed', `channel '${stranded.name}' specifies prev-id, but no next link found`)
    }
    this.#phase = 'live'
    if (this.#isStale) return this.#fetch(false)
    this.#client.keepAlive(hold?.keepAlive)
    this.#startClock()
    this.#release()
    this.#compare()
  }

  /** False: the client is behind. */
  heard(held: Held, batch: Batch): boolean {
    const isPlain = batch.isPlain && held.prevId === undefined && held.filters.length === 0
    if (isPlain && this.#phase === 'live') this.#plain(held, batch)
    else for (const { item } of batch.arrivals) this.#hear(held, item)
    return this.isOver || !this.#client.isBehind
  }

  /** Publications are missing: the next page may have them. Without one the stream ends, so that its client asks anew. */
  missed(): void {
    if (this.#isUnderWay()) this.#isStale = true
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
    this.#client.stop()
    this.#next?.cancel()
    this.#pending?.cancel()
    this.#waiting.clear()
  }

  drained(): void {
    this.#client.drained()
  }

  /** In order; `cause` is for who debugs. */
  end(why: EndCause, cause?: string): void {
    if (this.isOver) return
    if (cause !== undefined && this.#owner.isDebug) this.#client.put(Buffer.from(`\n\n${cause}\n`))
    this.stop()
    this.#client.end()
    this.#owner.ended(why)
  }

  #isLive(): boolean {
    return this.#phase === 'live'
  }

  #isUnderWay(): boolean {
    return this.#phase === 'passing' || this.#phase === 'joining' || this.#phase === 'filtering'
  }

  /** Where its channels are, once and behind all that waited. */
  #compare(): void {
    if (!this.#isFirst || !this.#isLive()) return
    this.#isFirst = false
    if (this.#owner.channels.some(isElsewhere)) this.#fetch(false)
  }

  #plain(held: Held, batch: Batch): void {
    this.#client.sendAll(batch)
    if (this.#next !== undefined && batch.arrivals.some(({ item }) => item.stream !== undefined))
      this.#next.seen(held)
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
    if (stream === undefined) return moveTo(held, item)
    const load = stream.action === 'send' ? stream : noContent
    if (!isSifted(held, load)) return this.#deliver(held, item, stream, load.content)
    const verdict = this.#owner.sift(held, item, load, late => {
      this.#pending = undefined
      this.#phase = 'live'
      this.#settle(held, item, stream, late)
      this.#goOn()
    })
    if (verdict.kind === 'pending') {
      this.#phase = 'filtering'
      this.#pending = verdict
    } else this.#settle(held, item, stream, verdict)
  }

  #settle(held: Held, item: Item, stream: StreamFormat, verdict: Verdict): void {
    if (verdict.kind === 'pass') return this.#deliver(held, item, stream, verdict.content)
    moveTo(held, item)
    if (verdict.kind === 'fail' && this.#owner.isDebug) return this.end('origin-failed', verdict.reason)
    this.#next?.seen(held)
  }

  /** What waited for an item's filters, and what was wanted meanwhile. */
  #goOn(): void {
    if (this.#isLive() && this.#isStale) return this.#fetch(false)
    for (const { held, item } of this.#waiting.take()) this.#hear(held, item)
    this.#compare()
  }

  #deliver(held: Held, item: Item, { action }: StreamFormat, content: Uint8Array | undefined): void {
    if (action === 'hint') return this.#instruct.next && this.#fetch(true)
    moveTo(held, item)
    if (action === 'close') return this.end('published')
    if (action === 'send' && content !== undefined && content.length > 0) this.#client.send(content)
    this.#next?.seen(held)
  }

  #fetch(isAtOnce: boolean): void {
    const { next } = this.#instruct
    if (next === undefined) return this.end('missed')
    this.#phase = 'paging'
    this.#isStale = false
    this.#isFirst = false
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

  #startClock(): void {
    this.#next?.cancel()
    const { next } = this.#instruct
    const channels = (): readonly Held[] => this.#owner.channels
    this.#next = next && new PageClock(this.#timers, next.timeoutMs, channels, () => this.#due())
  }

  /** An item on its way is not overtaken by the page. */
  #due(): void {
    if (this.#isUnderWay()) this.#isStale = true
    else this.#fetch(true)
  }
}
