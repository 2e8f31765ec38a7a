// Channels that a broker which is up will not say anything of: it is full, or others wrote to the channel's record. Each is
// asked about again after a while, so many at a time, and the others of its lane do not wait for it.
import type { Clock } from '../std/clock.ts'
import type { ClusterChannel } from './cluster-channel.ts'

const againMs = 1_000
const againMax = 1_000

export interface RefusedOptions {
  readonly clock: Pick<Clock, 'after'>
  /** Nobody is to wait for these. */
  passed(channels: readonly ClusterChannel[]): void
  /** It is their turn once more. */
  again(channels: readonly ClusterChannel[]): void
}

export class Refused {
  readonly #options: RefusedOptions
  readonly #channels = new Set<ClusterChannel>()
  #isArmed = false

  constructor(options: RefusedOptions) {
    this.#options = options
  }

  /** Its turn is over, and nothing is known of it. Where that is because its lane goes down, nothing comes of it. */
  add(channel: ClusterChannel): void {
    this.#channels.add(channel)
    if (this.#isArmed) return
    this.#isArmed = true
    this.#options.clock.after(againMs, () => {
      this.#isArmed = false
      this.#again()
    })
  }

  remove(channel: ClusterChannel): void {
    this.#channels.delete(channel)
  }

  #again(): void {
    const refused = [...this.#channels].filter(isRefused)
    this.#channels.clear()
    for (const channel of refused.slice(againMax)) this.add(channel)
    this.#options.passed(refused)
    this.#options.again(refused.slice(0, againMax))
  }
}

function isRefused({ asking, state, isSubscribed }: ClusterChannel): boolean {
  return asking?.stage === 'waits' && state !== 'gone' && isSubscribed
}
