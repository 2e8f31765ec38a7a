// A draft for every private channel of a group that somebody reads now (law 19), wherever those are at home: one message to
// each worker, which appends to its own. It goes the way of publishes, so that what one sender publishes before it or after
// it, and to whichever of those channels, keeps its place.
import type { HeldCalls } from './held-calls.ts'
import { type Each, packEach } from './words/each.ts'
import { type Link, linkBytes, type Slot } from './words/link.ts'
import type { Refusal } from './words/refusal.ts'

/** What became of it. */
export interface EachOutcome {
  /** Channels that it was appended to. */
  readonly channels: number
  /** Workers that could not be asked, were lost before they answered, or were overloaded: with theirs it perhaps is not. */
  readonly workersMissed: number
}

interface BroadcastsDependencies {
  readonly held: HeldCalls
  publishHere(each: Each, done: (channels: number, isWhole: boolean) => void): void
  /** See `Shard`: what takes it in the place of the workers. They say only how many of their channels it is for. */
  readonly publishJoined: ((each: Each, done: (refusal: Refusal | undefined) => void) => void) | undefined
  countHere(each: Pick<Each, 'group' | 'except'>): number
  /** To all other workers that live now. */
  links(): readonly Link[]
}

interface Pending {
  readonly owner: Slot
  answered(channels: number, isMissed: boolean): void
}

export class Broadcasts {
  readonly #dependencies: BroadcastsDependencies
  readonly #pending = new Map<number, Pending>()
  /** Workers that there ever were. */
  readonly #met = new Set<Slot>()
  #requests = 0

  constructor(dependencies: BroadcastsDependencies) {
    this.#dependencies = dependencies
  }

  /** Workers that have not answered yet. */
  get pending(): number {
    return this.#pending.size
  }

  met(slot: Slot): void {
    this.#met.add(slot)
  }

  /** Others are the workers from now on. */
  forget(): void {
    this.#met.clear()
  }

  /** Calls `done` exactly once, when all have answered; possibly before it returns. */
  publish(each: Each, done: (outcome: EachOutcome | Refusal) => void): void {
    const { held, publishJoined } = this.#dependencies
    if (held.isOn) return held.each(each, own => this.publish(own, done)) ? undefined : done('overloaded')
    if (publishJoined === undefined) return this.#publish(each, done)
    publishJoined(each, refusal => {
      if (refusal === undefined) this.#count(each, done)
      else done(refusal)
    })
  }

  /** What cannot be asked now is not counted: it is on its way there all the same. */
  #count({ group, except = '' }: Each, done: (outcome: EachOutcome) => void): void {
    const links = this.#dependencies.links()
    let channels = this.#dependencies.countHere({ group, except })
    let waiting = links.length
    if (waiting === 0) return done({ channels, workersMissed: 0 })
    const answered = (counted: number) => {
      channels += counted
      if (--waiting === 0) done({ channels, workersMissed: 0 })
    }
    for (const link of links) {
      const request = ++this.#requests
      this.#pending.set(request, { owner: link.to, answered })
      link.sendReserved(['count-each', request, group, except])
    }
  }

  #publish(each: Each, done: (outcome: EachOutcome) => void): void {
    const links = this.#dependencies.links()
    // Whose channels wait for a new owner.
    let workersMissed = this.#met.size - links.length
    let channels = 0
    let waiting = links.length + 1
    const answered = (appended: number, isMissed: boolean) => {
      channels += appended
      if (isMissed) workersMissed++
      if (--waiting === 0) done({ channels, workersMissed })
    }
    for (const link of links) {
      const request = ++this.#requests
      const message = ['publish-each', request, packEach(each)] as const
      if (!link.send(message, linkBytes({ ...each, channel: each.group }))) answered(0, true)
      else this.#pending.set(request, { owner: link.to, answered })
    }
    this.#dependencies.publishHere(each, (appended, isWhole) => answered(appended, !isWhole))
  }

  published(request: number, channels: number, isWhole: boolean): void {
    const pending = this.#pending.get(request)
    this.#pending.delete(request)
    pending?.answered(channels, !isWhole)
  }

  ownerLost(owner: Slot): void {
    for (const [request, pending] of this.#pending) {
      if (pending.owner !== owner) continue
      this.#pending.delete(request)
      pending.answered(0, true)
    }
  }
}
