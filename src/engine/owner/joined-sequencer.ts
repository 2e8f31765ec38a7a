// Publishers' own order where nodes are joined (law 16): what follows what is judged by the broker, in one step with the place
// that a draft gets, whichever node it came to. The node that took a draft which is not next holds it, and asks again: when
// what it follows comes, now and then where nobody here is told that, and at last without condition.
import type { Clock } from '../../std/clock.ts'
import { ownText } from '../../std/own-text.ts'
import {
  type ChannelName,
  type Draft,
  ownDraft,
  type Publication,
  type Published,
  type Unplaced,
} from '../words/publication.ts'
import type { Refusal } from '../words/refusal.ts'
import { lastIdAfter, type Sequence } from '../words/sequence.ts'
import type { Ordering, Unordered } from './broker.ts'
import { type HeldDraft, type HeldDrafts, WorkerHeld } from './held-drafts.ts'
import { Orders } from './orders.ts'
import { SeenIds } from './seen-ids.ts'
import type { OrderSnapshot, SequencerLimits, Sequencing } from './sequencing.ts'

export interface JoinedSequencerDependencies {
  readonly clock: Clock
  readonly limits: SequencerLimits
  presence(channel: ChannelName): number
  /** Calls `done` exactly once, possibly before it returns. */
  append(draft: Draft, ordering: Ordering, done: (outcome: Published | Unordered | Refusal) => void): void
}

type Done = (outcome: Published | Unplaced | Refusal) => void

/** A channel of which drafts are held. */
interface Holder {
  readonly channel: ChannelName
  held: HeldDrafts | undefined
}

/** A publisher notices no more of it than of the network, where what is awaited came to a node that nobody here follows. */
const sweepMs = 250

/** Channels of which the broker is asked with each sweep, in turn: 400 questions a second at most. */
const probesMax = 100

export class JoinedSequencer implements Sequencing {
  readonly #dependencies: JoinedSequencerDependencies
  readonly orders: Orders
  readonly #seen: SeenIds
  readonly #held: WorkerHeld<Holder>
  readonly #holders = new Map<string, Holder>()
  /** The broker was asked for them and has not answered. */
  readonly #asked = new Set<HeldDraft>()
  #probes = 0
  #closed = false
  #retired = false
  #resting = false
  /** Until then whatever comes may follow. */
  #freeUntil = 0
  readonly #counters = {
    draftsHeld: 0,
    draftsLate: 0,
    draftsDropped: 0,
    draftsRefused: 0,
    /** Times that the broker was asked again for one that is held. */
    draftsAskedAgain: 0,
  }

  constructor(dependencies: JoinedSequencerDependencies) {
    this.#dependencies = dependencies
    const { clock, limits } = dependencies
    this.#seen = new SeenIds(limits)
    this.#held = new WorkerHeld(limits.heldBytesMax)
    // What is held does not hang on who subscribes here.
    this.orders = new Orders({ clock, limits, forgotten: () => {} })
    clock.every(sweepMs, () => this.#sweep())
  }

  statistics(): Record<string, number> {
    const { size: heldDrafts, bytes: heldBytes } = this.#held
    const { bytes: idsBytes, forgotten: idsForgotten } = this.#seen
    return { ...this.#counters, orders: this.orders.size, heldDrafts, heldBytes, idsBytes, idsForgotten }
  }

  /** Calls `done` exactly once, possibly before it returns. */
  publish(draft: Draft, { id, after, isLoose }: Sequence, done: Done): void {
    const { channel } = draft
    const now = this.#dependencies.clock.now()
    if (id !== undefined && this.#seen.has(channel, id, now)) return this.#drop(channel, done)
    const awaited = isLoose ? undefined : after
    const isLeftOut = awaited !== undefined && this.#find(channel, awaited) !== undefined
    if (isLeftOut) return this.#dropSecond(draft, done)
    this.#append(draft, this.#closed || now < this.#freeUntil, outcome => {
      if (outcome === 'seen') return this.#drop(channel, done)
      if (typeof outcome === 'object' && 'last' in outcome) {
        if (awaited === undefined) throw new RangeError(`${channel}: what follows nothing is not next`)
        return this.#hold({ draft, after: awaited, since: now }, done)
      }
      // Whoever is refused may try again.
      if (typeof outcome === 'object') this.#see(draft)
      done(outcome)
    })
  }

  /** Those that wait for their place, of a node that stops. */
  get pending(): number {
    return this.#closed ? this.#held.size : 0
  }

  placed({ channel, sequence }: Publication): void {
    const order = this.orders.touch(channel)
    const last = lastIdAfter(order.last, sequence)
    if (last !== order.last) order.last = last && ownText(last)
    this.orders.tidy(order)
    this.#askFor(channel, last)
  }

  known(channel: ChannelName, lastId: string | undefined): void {
    if (lastId === undefined && this.orders.find(channel) === undefined) return
    const order = this.orders.touch(channel)
    order.last = lastId && ownText(lastId)
    this.orders.tidy(order)
    this.#askFor(channel, lastId)
  }

  lastId(channel: string): string | undefined {
    return this.orders.find(channel)?.last
  }

  /** What comes to this node in the next seconds may follow whatever there is. What is held stays so. */
  forgetLastIds(): void {
    const { clock, limits } = this.#dependencies
    this.#freeUntil = clock.now() + limits.waitMs
    for (const order of this.orders.all()) {
      order.last = undefined
      this.orders.tidy(order)
    }
  }

  close(): void {
    this.#closed = true
    const all = this.#held.holders().flatMap(holder => allOf(holder).map(held => ({ holder, held })))
    for (const { holder, held } of all.sort((a, b) => a.held.since - b.held.since))
      this.#ask(holder, held, true)
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
    const note = (channel: string, part: Partial<OrderSnapshot>) => {
      const nothing = { last: undefined, held: [], seen: [], lingerMs: 0 }
      snapshots.set(channel, { ...(snapshots.get(channel) ?? nothing), ...part })
    }
    for (const [channel, seen] of this.#seen.entries(now)) note(channel, { seen })
    for (const { channel, lingersUntil } of this.orders.all()) {
      if (lingersUntil > now) note(channel, { lingerMs: lingersUntil - now })
    }
    for (const holder of this.#held.holders()) {
      note(holder.channel, { held: allOf(holder).map(({ since, draft }) => [now - since, draft] as const) })
    }
    return snapshots
  }

  restore(channel: ChannelName, { held, seen, lingerMs }: OrderSnapshot, goneMs: number): void {
    const now = this.#dependencies.clock.now()
    for (const [id, leftMs] of seen) this.#seen.add(channel, id, now, leftMs - goneMs)
    if (lingerMs > goneMs) {
      this.orders.linger(channel, lingerMs - goneMs)
      this.orders.awaitSubscribers(this.orders.touch(channel))
    }
    for (const [waitedMs, draft] of held) {
      const after = draft.sequence?.after
      if (after !== undefined) this.#keep({ draft, after, since: now - waitedMs - goneMs })
    }
  }

  #append(draft: Draft, isForced: boolean, done: (outcome: Published | Unordered | Refusal) => void): void {
    const { limits, append } = this.#dependencies
    append(draft, { isForced, seenMs: limits.seenMs }, done)
  }

  #drop(channel: ChannelName, done: Done): void {
    this.#counters.draftsDropped++
    done({ fate: 'dropped', subscribers: this.#dependencies.presence(channel), duplicate: true })
  }

  /** Another one waits for the same. It counts as seen, as in the original: it is dropped when it comes again. */
  #dropSecond(draft: Draft, done: Done): void {
    this.#see(draft)
    this.#drop(draft.channel, done)
  }

  #see({ channel, sequence }: Draft): void {
    const id = sequence?.id
    if (id !== undefined) this.#seen.add(channel, id, this.#dependencies.clock.now())
  }

  #hold(held: HeldDraft, done: Done): void {
    const { draft, after } = held
    const { channel } = draft
    // One that was asked for at the same time may wait for the same.
    if (this.#find(channel, after) !== undefined) return this.#dropSecond(draft, done)
    const { heldMax } = this.#dependencies.limits
    const holder = this.#holders.get(channel)
    const size = holder?.held?.size ?? 0
    // The broker answers later, so that there may be some more for a moment.
    if (!this.#held.fits(draft) || size >= 2 * heldMax) return this.#refuse(done)
    if (holder !== undefined && size >= heldMax) {
      const longest = allOf(holder).find(each => !this.#asked.has(each))
      if (longest !== undefined) this.#ask(holder, longest, true)
    }
    this.#keep(held)
    this.#see(draft)
    this.#counters.draftsHeld++
    done({ fate: 'held', subscribers: this.#dependencies.presence(channel), duplicate: false })
    // It may have come while the broker answered.
    this.#askFor(channel, this.lastId(channel))
  }

  #refuse(done: Done): void {
    this.#counters.draftsRefused++
    done('overloaded')
  }

  #keep({ draft, after, since }: HeldDraft): void {
    const own = ownDraft(draft)
    const holder = this.#holders.get(own.channel) ?? { channel: own.channel, held: undefined }
    if (holder.held?.find(after) !== undefined) return
    this.#holders.set(holder.channel, holder)
    this.#held.add(holder, { draft: own, after: ownText(after), since })
  }

  #find(channel: string, after: string | undefined): HeldDraft | undefined {
    return this.#holders.get(channel)?.held?.find(after)
  }

  /** What waits for that id, if anything does. */
  #askFor(channel: string, id: string | undefined): void {
    const holder = this.#holders.get(channel)
    const held = holder?.held?.find(id)
    if (holder !== undefined && held !== undefined) this.#ask(holder, held, false)
  }

  /** It stays held until it has its place: a worker that retires leaves it to the next one. */
  #ask(holder: Holder, held: HeldDraft, isForced: boolean): void {
    if (this.#retired || this.#asked.has(held)) return
    this.#asked.add(held)
    this.#counters.draftsAskedAgain++
    this.#append(held.draft, isForced, outcome => {
      this.#asked.delete(held)
      if (this.#retired) return
      if (typeof outcome === 'object' && 'last' in outcome) return this.#askFor(holder.channel, outcome.last)
      // A broker that refuses is asked again with the next sweep.
      if (typeof outcome === 'string' && outcome !== 'seen') return
      if (isForced) this.#counters.draftsLate++
      this.#held.remove(holder, held)
      if (holder.held === undefined) this.#holders.delete(holder.channel)
      this.#askFor(holder.channel, held.draft.sequence?.id)
    })
  }

  #sweep(): void {
    if (this.#retired || this.#resting) return
    const { clock, limits } = this.#dependencies
    const now = clock.now()
    const holders = this.#held.holders()
    for (const holder of holders) {
      for (const held of allOf(holder)) {
        if (this.#closed || now - held.since >= limits.waitMs) this.#ask(holder, held, true)
      }
    }
    for (let probe = 0; probe < Math.min(probesMax, holders.length); probe++) {
      const holder = holders[this.#probes++ % holders.length]
      const [first] = holder === undefined ? [] : allOf(holder)
      if (holder !== undefined && first !== undefined) this.#ask(holder, first, false)
    }
    this.orders.expire(now)
    this.#seen.expire(now)
  }
}

function allOf({ held }: Holder): readonly HeldDraft[] {
  return held?.all() ?? []
}
