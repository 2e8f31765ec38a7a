// Another process takes over the channels of this one while both have clients (law 21). In steps, for all workers of a node at
// once: what front-ends ask is held; what was under way is answered; each owner leaves its channels, says farewell and gives
// nothing a place any more; then the new owners are followed over new links, and what was held goes its way. Until the third
// step is done for good, `resume` goes back to where it began.
import type { Clock } from '../std/clock.ts'
import type { HeldCalls } from './held-calls.ts'
import type { Neighbours } from './neighbours.ts'
import type { ChannelSnapshot } from './owner/snapshot.ts'
import type { ChannelMap, Ownership } from './ownership.ts'
import type { Receivers } from './receive.ts'
import type { Slot } from './words/link.ts'

interface SuccessionDependencies extends Omit<Receivers, 'slot'> {
  readonly clock: Clock
  readonly ownership: Ownership
  readonly neighbours: Neighbours
  /** Of router and broadcasts. */
  readonly held: HeldCalls
  /** Publishes that are not answered. */
  pending(): number
}

/** How often it is looked whether a step is done. */
const lookMs = 2

export class Succession {
  readonly #dependencies: SuccessionDependencies
  /** It said farewell, and owns what it owned. */
  #isYielded = false

  constructor(dependencies: SuccessionDependencies) {
    this.#dependencies = dependencies
  }

  /** First step. `done`: everything that came before is answered. */
  hold(done: () => void): void {
    this.#dependencies.held.begin()
    this.#when(() => this.#dependencies.pending() === 0, done)
  }

  /**
   * When all workers hold: everything that was given a place is on its way to their hubs, and no more follows it. What is left is for
   * the next owner.
   */
  yield(done: (channels: readonly ChannelSnapshot[]) => void): void {
    const { neighbours, shard } = this.#dependencies
    const behind = () => neighbours.slots.flatMap(slot => shard.behind(slot) ?? [])
    this.#when(
      () => behind().length === 0,
      () => {
        this.#isYielded = true
        shard.sequencers.rest(true)
        neighbours.sayFarewell()
        done(shard.snapshot())
      },
    )
  }

  /** Last step. `done`: this worker owns nothing, and what it was sent by the others is here; links to the new owners are to come. */
  follow(slot: Slot, map: ChannelMap, done: () => void): void {
    const { broadcasts, hub, neighbours, ownership, router, shard } = this.#dependencies
    this.#when(
      () => neighbours.areLeaving,
      () => {
        shard.retire()
        for (const to of neighbours.slots) neighbours.down(to)
        shard.spread.hubLost(ownership.slot)
        hub.ownerLost(ownership.slot, shard.behind(ownership.slot))
        router.ownerLost(ownership.slot)
        broadcasts.forget()
        ownership.follow(slot, map)
        hub.moved()
        done()
      },
    )
  }

  /** What was held goes its way: the new owners are there, or the old ones go on after all. */
  resume(): void {
    const { held, neighbours, ownership, shard } = this.#dependencies
    if (ownership.isOwner && this.#isYielded) {
      shard.sequencers.rest(false)
      neighbours.stay()
    }
    this.#isYielded = false
    held.end()
  }

  #when(condition: () => boolean, done: () => void): void {
    if (condition()) done()
    else this.#dependencies.clock.after(lookMs, () => this.#when(condition, done))
  }
}
