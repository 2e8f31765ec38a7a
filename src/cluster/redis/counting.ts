// Presence as it is written and read: see presence.ts for what is said when.
import type { ChannelName } from '../../engine/words/publication.ts'
import type { Calls } from './calls.ts'
import type { Keys } from './keys.ts'
import { type Presence, presenceTtlMs } from './presence.ts'
import { listOf } from './replies.ts'
import type { Route } from './route.ts'
import { countScript, presenceScript } from './scripts/session.ts'

export class Counting {
  readonly presence: Presence
  readonly #node: string
  readonly #keys: Keys
  readonly #route: Route
  readonly #calls: Calls

  constructor(presence: Presence, node: string, keys: Keys, route: Route, calls: Calls) {
    this.presence = presence
    this.#node = node
    this.#keys = keys
    this.#route = route
    this.#calls = calls
  }

  /** What changed in lanes that are up. */
  write(): void {
    this.presence.write(
      lane => this.#isUp(lane),
      (lane, counts) => this.#write(lane, counts, () => {}),
    )
  }

  /** All that it said is taken back; `done` comes when that is known to be, or to have failed. */
  giveUp(done: () => void): void {
    let open = 1
    const end = () => {
      if (--open === 0) done()
    }
    this.presence.giveUp(
      lane => this.#isUp(lane),
      (lane, counts) => {
        open++
        this.#write(lane, counts, end)
      },
    )
    end()
  }

  elsewhere(channel: ChannelName, done: (subscribers: number | 'away') => void): void {
    this.#read(channel, [], counts => {
      if (counts === undefined) return done('away')
      const { subscribers, dead } = this.presence.elsewhere(counts)
      done(subscribers)
      if (dead.length > 0) this.#read(channel, dead, () => {})
    })
  }

  #isUp(lane: number): boolean {
    return this.#route.linkOf(lane) !== undefined
  }

  #write(lane: number, counts: readonly (readonly [ChannelName, number])[], done: () => void): void {
    const names = counts.map(([channel]) => this.#keys.of('presence', channel))
    const values = [this.#node, String(presenceTtlMs), ...counts.map(([, count]) => String(count))]
    // What is lost is said again when the lane comes back.
    this.#calls.run(lane, countScript, names, values, done)
  }

  /** Removes those of nodes that are `gone`. */
  #read(
    channel: ChannelName,
    gone: readonly string[],
    done: (counts: readonly unknown[] | undefined) => void,
  ): void {
    const lane = this.#route.lanes === 1 ? 0 : this.#keys.partitionOf(channel)
    this.#calls.run(lane, presenceScript, [this.#keys.of('presence', channel)], gone, (reply, failure) =>
      done(failure === undefined ? listOf(reply) : undefined),
    )
  }
}
