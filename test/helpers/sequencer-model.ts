// What a channel's order is by the contract, in as few words as it can be said: the model beside which the sequencer is
// played. Times are those of the common clock; sweeps come each second from the start of the owner on.
import type { Sequence } from '../../src/engine/words/sequence.ts'

interface Waiting {
  readonly text: string
  readonly sequence: Sequence
  readonly since: number
}

export type Fate = 'published' | 'held' | 'dropped'

export const times = { waitMs: 5_000, seenMs: 8_000, awaitedMs: 20_000, sweepMs: 1_000 } as const

export class SequencerModel {
  now = 0
  /** Everything that has its place, in the channel's order. */
  readonly order: string[] = []
  last: string | undefined
  /** By what each waits for, in the order in which they came. */
  held = new Map<string, Waiting>()
  readonly #seen = new Map<string, number>()
  #nextSweep: number = times.sweepMs
  #lingersUntil = 0
  #restsUntil: number | undefined
  isFollowed = false

  publish(text: string, sequence: Sequence): Fate {
    const { id, after, isLoose } = sequence
    if (id !== undefined && (this.#seen.get(id) ?? 0) > this.now) return 'dropped'
    if (id !== undefined) this.#seen.set(id, this.now + times.seenMs)
    const isKept = !isLoose && (this.isFollowed || this.#restsUntil !== undefined)
    if (isKept && after !== undefined && this.last !== undefined && after !== this.last) {
      if (this.held.has(after)) return 'dropped'
      this.held.set(after, { text, sequence, since: this.now })
      return 'held'
    }
    this.order.push(text)
    if (isKept) this.#goOn(id)
    return 'published'
  }

  /** The last one is that, and all that wait for it follow. */
  #goOn(id: string | undefined): void {
    this.last = id
    const next = id === undefined ? undefined : this.held.get(id)
    if (next !== undefined) this.#release(id ?? '', next)
  }

  #release(after: string, { text, sequence }: Waiting): void {
    this.held.delete(after)
    this.order.push(text)
    this.#goOn(sequence.id)
  }

  followed(): void {
    this.isFollowed = true
    this.#restsUntil = undefined
  }

  linger(until: number): void {
    if (until > this.now) this.#lingersUntil = Math.max(this.#lingersUntil, until)
  }

  unfollowed(isAwaited: boolean): void {
    this.isFollowed = false
    const isRemembered = this.last !== undefined || this.held.size > 0 || this.#lingersUntil > 0
    const until = Math.max(this.#lingersUntil, isAwaited ? this.now + times.awaitedMs : 0)
    if (until <= this.now) this.#forget()
    else if (isRemembered) this.#restsUntil = until
  }

  /** Whatever is held has been acknowledged: nothing of it is lost. */
  #forget(): void {
    for (const { text } of this.held.values()) this.order.push(text)
    this.held = new Map()
    this.last = undefined
    this.#lingersUntil = 0
    this.#restsUntil = undefined
  }

  advance(ms: number): void {
    const end = this.now + ms
    for (; this.#nextSweep <= end; this.#nextSweep += times.sweepMs) {
      this.now = this.#nextSweep
      for (const [after, waiting] of [...this.held]) {
        const isDue = this.now - waiting.since >= times.waitMs
        if (isDue && this.held.get(after) === waiting) this.#release(after, waiting)
      }
      if (this.#restsUntil !== undefined && this.#restsUntil <= this.now) this.#forget()
    }
    this.now = end
  }

  /** The owner retires and another one takes over; subscribers elsewhere stay. */
  handOver(isFollowed: boolean): void {
    this.#nextSweep = this.now + times.sweepMs
    if (this.#lingersUntil <= this.now) this.#lingersUntil = 0
    this.isFollowed = isFollowed
    const isHandedOver = this.last !== undefined || this.held.size > 0 || this.#lingersUntil > 0
    const until = Math.max(this.#lingersUntil, this.now + times.awaitedMs)
    this.#restsUntil = isFollowed || !isHandedOver ? undefined : until
  }
}
