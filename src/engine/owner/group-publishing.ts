// What is published to whole groups of private channels (law 19), as the worker that owns some of them does it: slice by slice,
// and where nodes are joined for all of them.
import type { Clock } from '../../std/clock.ts'
import type { Each } from '../words/each.ts'
import type { Slot } from '../words/link.ts'
import type { Keep } from '../words/namespace.ts'
import type { HubPort } from '../words/ports.ts'
import { privateChannel } from '../words/private.ts'
import type { ChannelName, Draft, Published, Unplaced } from '../words/publication.ts'
import type { Refusal } from '../words/refusal.ts'
import type { Broker } from './broker.ts'
import { type EachDone, Eaches } from './eaches.ts'
import { entryKeyMs, JoinedEaches } from './joined-eaches.ts'
import type { Spread } from './spread.ts'

/** Bytes under way to what joins the nodes: a part of what that takes from a worker. */
const underWayBytesMax = 1_048_576

interface GroupPublishingDependencies {
  readonly clock: Clock
  readonly spread: Spread
  /** Some other node may have channels of the same groups. */
  readonly isJoined: boolean
  broker(): Broker
  hub(slot: Slot): HubPort | undefined
  /** `keyMs`: how long its key is known; undefined: as usual. */
  publish(
    draft: Draft,
    keyMs: number | undefined,
    done: (outcome: Published | Unplaced | Refusal) => void,
  ): void
  append(draft: Draft, keep: Keep, done: (outcome: Published | Refusal) => void): void
}

export class GroupPublishing {
  readonly #spread: Spread
  readonly #eaches: Eaches
  /** Reaches the groups of other nodes, too; undefined: this node stands alone. */
  readonly joined: JoinedEaches | undefined

  constructor(dependencies: GroupPublishingDependencies) {
    const { clock, spread, isJoined, publish } = dependencies
    this.#spread = spread
    this.#eaches = new Eaches({
      clock,
      publish: (draft, done) => publish(draft, isJoined ? entryKeyMs : undefined, done),
      underWayBytesMax: isJoined ? underWayBytesMax : undefined,
    })
    if (isJoined) {
      const here = (each: Each, key: string, lost: (channel: ChannelName) => void) =>
        this.#publish(each, key, () => {}, lost)
      this.joined = new JoinedEaches({ ...dependencies, publish: here })
    }
  }

  /** Channels whose turn has not come. */
  get waiting(): number {
    return this.#eaches.waiting
  }

  /** Before something is published to that channel alone. */
  settle(channel: ChannelName): void {
    if (this.#eaches.waiting > 0) this.#eaches.settle(channel)
  }

  /** See `Shard`. */
  publish(each: Each, done: EachDone): void {
    this.#publish(each, undefined, done)
  }

  /** After a farewell. */
  retire(): void {
    this.joined?.retire()
    this.#eaches.giveUp()
  }

  #publish(
    { group, except, ...body }: Each,
    idempotencyKey: string | undefined,
    done: EachDone,
    lost?: (channel: ChannelName) => void,
  ): void {
    const wanted = this.#spread.groups.channelsOf(group)
    if (except !== undefined) wanted.delete(privateChannel(group, except))
    this.#eaches.publish(wanted, { ...body, idempotencyKey }, done, lost)
  }
}
