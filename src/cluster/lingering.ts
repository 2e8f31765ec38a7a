// Channels that nobody follows any more, kept for a while, so that whoever comes back finds them as they were and nothing is
// subscribed to anew.
import type { Clock } from '../std/clock.ts'
import type { ClusterChannel } from './cluster-channel.ts'

/** Of a worker; whichever waited longest goes first. */
const lingeringMax = 10_000

export class Lingering {
  readonly #clock: Pick<Clock, 'now' | 'after'>
  readonly #lingerMs: number
  readonly #drop: (channel: ClusterChannel) => void
  /** Until when, by the clock; the next one to end first. */
  readonly #channels = new Map<ClusterChannel, number>()
  #armed = false

  constructor(
    clock: Pick<Clock, 'now' | 'after'>,
    lingerMs: number,
    drop: (channel: ClusterChannel) => void,
  ) {
    this.#clock = clock
    this.#lingerMs = lingerMs
    this.#drop = drop
  }

  get size(): number {
    return this.#channels.size
  }

  add(channel: ClusterChannel): void {
    this.#channels.set(channel, this.#clock.now() + this.#lingerMs)
    for (const [oldest] of this.#channels) {
      if (this.#lingerMs > 0 && this.#channels.size <= lingeringMax) break
      this.#end(oldest)
    }
    this.#arm()
  }

  /** Somebody follows it again. */
  remove(channel: ClusterChannel): void {
    this.#channels.delete(channel)
  }

  /** All of the lane go at once. */
  dropLane(lane: number): void {
    for (const channel of [...this.#channels.keys()]) if (channel.lane === lane) this.#end(channel)
  }

  #end(channel: ClusterChannel): void {
    this.#channels.delete(channel)
    this.#drop(channel)
  }

  #arm(): void {
    const [first] = this.#channels.values()
    if (this.#armed || first === undefined) return
    this.#armed = true
    this.#clock.after(Math.max(0, first - this.#clock.now()), () => {
      this.#armed = false
      const now = this.#clock.now()
      for (const [channel, due] of this.#channels) {
        if (due > now) break
        this.#end(channel)
      }
      this.#arm()
    })
  }
}
