// Publishers' own order (law 16): a draft that names the one before it is held until that came, or did not come in time,
// before it is given a place. What was held was acknowledged, so that it is published whatever happens to the channel.
import type { Clock } from '../../std/clock.ts'
import { ownText } from '../../std/own-text.ts'
import {
  type ChannelName,
  type Draft,
  ownDraft,
  type Published,
  type Unplaced,
} from '../words/publication.ts'
import type { Refusal } from '../words/refusal.ts'
import { lastIdAfter, type Sequence } from '../words/sequence.ts'
import { type HeldDraft, WorkerHeld } from './held-drafts.ts'
import { type Order, Orders } from './orders.ts'
import { SeenIds } from './seen-ids.ts'
import type { OrderSnapshot, SequencerLimits, Sequencing } from './sequencing.ts'

export interface SequencerDependencies {
  readonly clock: Clock
  readonly limits: SequencerLimits
  /** Somebody subscribes to the channel on this node. */
  isFollowed(channel: ChannelName): boolean
  presence(channel: ChannelName): number
  /** Gives the draft its place. Calls `done` exactly once, possibly before it returns. */
  append(draft: Draft, done: (outcome: Published | Refusal) => void): void
}

type Done = (outcome: Published | Unplaced | Refusal) => void

const sweepMs = 1_000

export class Sequencer implements Sequencing {
  readonly #dependencies: SequencerDependencies
  readonly orders: Orders
  readonly #seen: SeenIds
  readonly #held: WorkerHeld<Order>
  /** Nothing is held any more: the node stops. */
  #closed = false
  /** Nothing is published any more: the worker retires, and another one takes what is held. */
  #retired = false
  #resting = false
  readonly #counters = {
    draftsHeld: 0,
    /** What they wait for did not come before they went on. */
    draftsLate: 0,
    draftsDropped: 0,
    draftsRefused: 0,
  }

  constructor(dependencies: SequencerDependencies) {
    this.#dependencies = dependencies
    const { clock, limits } = dependencies
    this.#seen = new SeenIds(limits)
    this.#held = new WorkerHeld(limits.heldBytesMax)
    this.orders = new Orders({
      clock,
      limits,
      forgotten: order => {
        for (const held of order.held?.all() ?? []) this.#release(order, held)
      },
    })
    clock.every(sweepMs, () => this.#sweep())
  }

  /** A ledger gives them a place as the node stops. */
  readonly pending = 0

  statistics(): Record<string, number> {
    const { size: heldDrafts, bytes: heldBytes } = this.#held
    const { bytes: idsBytes, forgotten: idsForgotten } = this.#seen
    return { ...this.#counters, orders: this.orders.size, heldDrafts, heldBytes, idsBytes, idsForgotten }
  }

  /** Calls `done` exactly once, possibly before it returns. */
  publish(draft: Draft, sequence: Sequence, done: Done): void {
    const { channel } = draft
    const { id, after, isLoose } = sequence
    const now = this.#dependencies.clock.now()
    if (id !== undefined && this.#seen.has(channel, id, now)) return this.#drop(draft, done)
    if (isLoose || !this.#isKept(channel)) return this.#place(undefined, draft, done)
    const order = this.orders.touch(channel)
    const isNext = after === undefined || order.last === undefined || after === order.last
    if (isNext || this.#closed) return this.#place(order, draft, done)
    if (order.held?.find(after) !== undefined) {
      // It counts as seen, as in the original: it is dropped when it comes again.
      if (id !== undefined) this.#seen.add(channel, id, now)
      return this.#drop(draft, done)
    }
    const { heldMax } = this.#dependencies.limits
    const [longest] = order.held !== undefined && order.held.size >= heldMax ? order.held.all() : []
    if (longest === undefined) return this.#hold(order, { draft, after, since: now }, done)
    this.#letGo(order, longest)
    // A broker may have refused it.
    if ((order.held?.size ?? 0) < heldMax) this.publish(draft, sequence, done)
    else this.#refuse(done)
  }

  lastId(channel: string): string | undefined {
    return this.orders.find(channel)?.last
  }

  forgetLastIds(): void {
    for (const order of this.orders.all()) {
      order.last = undefined
      this.orders.tidy(order)
    }
  }

  close(): void {
    this.#closed = true
    const all = this.#held
      .holders()
      .flatMap(order => (order.held?.all() ?? []).map(held => ({ order, held })))
    for (const { order, held } of all.sort((a, b) => a.held.since - b.held.since)) this.#release(order, held)
  }

  retire(): void {
    this.#retired = true
  }

  rest(on: boolean): void {
    this.#resting = on
  }

  get retired(): boolean {
    return this.#retired
  }

  snapshot(): Map<string, OrderSnapshot> {
    const now = this.#dependencies.clock.now()
    const snapshots = new Map<string, OrderSnapshot>()
    for (const [channel, seen] of this.#seen.entries(now)) {
      snapshots.set(channel, { last: undefined, held: [], seen, lingerMs: 0 })
    }
    for (const { channel, last, held, lingersUntil } of this.orders.all()) {
      const waiting = held?.all().map(({ since, draft }) => [now - since, draft] as const) ?? []
      const lingerMs = Math.max(0, lingersUntil - now)
      if (last === undefined && waiting.length === 0 && lingerMs === 0) continue
      const { seen = [] } = snapshots.get(channel) ?? {}
      snapshots.set(channel, { last, held: waiting, seen, lingerMs })
    }
    return snapshots
  }

  restore(channel: ChannelName, { last, held, seen, lingerMs }: OrderSnapshot, goneMs: number): void {
    const now = this.#dependencies.clock.now()
    for (const [id, leftMs] of seen) this.#seen.add(channel, id, now, leftMs - goneMs)
    const lingersMs = Math.max(0, lingerMs - goneMs)
    if (last === undefined && held.length === 0 && lingersMs === 0) return
    const order = this.orders.touch(channel)
    if (lingersMs > 0) this.orders.linger(channel, lingersMs)
    order.last = last
    for (const [waitedMs, draft] of held) {
      const after = draft.sequence?.after
      if (after !== undefined) this.#keep(order, { draft, after, since: now - waitedMs - goneMs })
    }
    this.orders.awaitSubscribers(order)
  }

  /** The channel has an order: somebody subscribes, or may yet. */
  #isKept(channel: ChannelName): boolean {
    return this.#dependencies.isFollowed(channel) || this.orders.find(channel) !== undefined
  }

  #drop({ channel }: Draft, done: Done): void {
    this.#counters.draftsDropped++
    done({ fate: 'dropped', subscribers: this.#dependencies.presence(channel), duplicate: true })
  }

  #refuse(done: Done): void {
    this.#counters.draftsRefused++
    done('overloaded')
  }

  #hold(order: Order, held: HeldDraft, done: Done): void {
    if (!this.#held.fits(held.draft)) return this.#refuse(done)
    const { channel } = order
    const id = held.draft.sequence?.id
    if (id !== undefined) this.#seen.add(channel, id, held.since)
    this.#keep(order, held)
    this.#counters.draftsHeld++
    done({ fate: 'held', subscribers: this.#dependencies.presence(channel), duplicate: false })
  }

  #keep(order: Order, { draft, after, since }: HeldDraft): void {
    if (order.held?.find(after) !== undefined) return
    this.#held.add(order, { draft: ownDraft(draft), after: ownText(after), since })
  }

  /** It gets its place, and then those that follow it, in the same turn. Without an order nothing but its id is remembered. */
  #place(order: Order | undefined, draft: Draft, done: Done): void {
    const id = draft.sequence?.id
    if (id !== undefined) this.#seen.add(draft.channel, id, this.#dependencies.clock.now())
    if (order !== undefined) moveLast(order, draft)
    this.#dependencies.append(draft, outcome => {
      // Whoever is refused may try again.
      if (typeof outcome === 'string' && id !== undefined) this.#seen.remove(draft.channel, id)
      done(outcome)
    })
    if (order === undefined) return
    this.#goOn(order)
    this.orders.tidy(order)
  }

  /** What waits for the last one goes on, and what waits for that. */
  #goOn(order: Order): void {
    for (let next = order.held?.find(order.last); next !== undefined; next = order.held?.find(order.last)) {
      this.#append(order, next)
    }
  }

  /** It goes on as if it had waited for the last one. */
  #letGo(order: Order, held: HeldDraft): void {
    this.#release(order, held)
    this.#goOn(order)
  }

  #release(order: Order, held: HeldDraft): void {
    this.#counters.draftsLate++
    this.#append(order, held)
  }

  /** It was answered when it was held, so that a broker that refuses it now is asked again with the next sweep. */
  #append(order: Order, held: HeldDraft): void {
    this.#held.remove(order, held)
    moveLast(order, held.draft)
    this.#dependencies.append(held.draft, outcome => {
      if (typeof outcome !== 'string' || this.#retired) return
      const again = this.orders.touch(order.channel)
      this.#keep(again, held)
      if (!this.#dependencies.isFollowed(again.channel)) this.orders.awaitSubscribers(again)
    })
  }

  #sweep(): void {
    if (this.#retired || this.#resting) return
    const now = this.#dependencies.clock.now()
    const due = ({ since }: HeldDraft) => now - since >= this.#dependencies.limits.waitMs
    for (const order of this.#held.holders()) {
      // Each of them once: one may have gone on behind another, and a broker may refuse.
      for (const held of order.held?.all().filter(due) ?? []) {
        if (order.held?.find(held.after) === held) this.#letGo(order, held)
      }
      this.orders.tidy(order)
    }
    this.orders.expire(now)
    this.#seen.expire(now)
  }
}

function moveLast(order: Order, { sequence }: Draft): void {
  const last = lastIdAfter(order.last, sequence)
  if (last !== order.last) order.last = last && ownText(last)
}
