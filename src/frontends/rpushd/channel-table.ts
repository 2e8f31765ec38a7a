// Which channels this worker used through rpushd, and when last: what stats list. Those without subscribers also
// stand in a list in the order of their last use, so that nothing here walks all channels but a report. The engine
// keeps its own record of channels; this one only mirrors what the original shows.
import type { Clock } from '../../std/clock.ts'
import { type Linked, LinkedList } from '../../std/linked-list.ts'
import type { Log } from '../../telemetry/log.ts'

/** One channel; its streams hold it, so that a heartbeat costs no look-up. */
export interface ChannelUse extends Linked<ChannelUse> {
  readonly name: string
  subscribers: number
  /** Monotonic. */
  usedMs: number
}

/** Plain and compact, for it crosses threads: names joined by line ends, numbers in the same order. */
export interface ChannelReport {
  readonly names: string
  readonly subscribers: Uint32Array
  readonly idleMs: Float64Array
}

export interface ChannelBounds {
  readonly channelsMax: number
  readonly channelIdleTtlMs: number
}

/** rpushd 1.0.3, constants. */
const sweepMs = 300_000

/** Each drop writes a line; more of them in one turn would hold up the streams. */
const dropsPerTurn = 500

export class ChannelTable {
  readonly #clock: Clock
  readonly #log: Log
  readonly #uses = new Map<string, ChannelUse>()
  /** Those without subscribers; the longest idle first. */
  readonly #idle = new LinkedList<ChannelUse>()
  /** In force now; a reload replaces them. */
  bounds: ChannelBounds

  constructor(clock: Clock, log: Log, bounds: ChannelBounds) {
    this.#clock = clock
    this.#log = log
    this.bounds = bounds
    // The original's first sweep comes at once; here it would find nothing.
    clock.every(sweepMs, () => this.#sweep())
  }

  get size(): number {
    return this.#uses.size
  }

  published(name: string): void {
    const use = this.#use(name)
    use.usedMs = this.#clock.now()
    if (use.subscribers === 0) this.#rest(use)
  }

  opened(name: string): ChannelUse {
    const use = this.#use(name)
    this.#idle.remove(use)
    use.subscribers++
    use.usedMs = this.#clock.now()
    return use
  }

  closed(use: ChannelUse): void {
    use.subscribers--
    use.usedMs = this.#clock.now()
    if (use.subscribers === 0) this.#rest(use)
  }

  report(): ChannelReport {
    const now = this.#clock.now()
    const uses = [...this.#uses.values()]
    return {
      names: uses.map(({ name }) => name).join('\n'),
      subscribers: Uint32Array.from(uses, ({ subscribers }) => subscribers),
      idleMs: Float64Array.from(uses, ({ usedMs }) => now - usedMs),
    }
  }

  #use(name: string): ChannelUse {
    const known = this.#uses.get(name)
    if (known !== undefined) return known
    const use: ChannelUse = { name, subscribers: 0, usedMs: 0, before: undefined, after: undefined }
    this.#uses.set(name, use)
    return use
  }

  /** It was used just now, and has no subscribers: to the end of the list. */
  #rest(use: ChannelUse): void {
    this.#idle.remove(use)
    this.#idle.append(use)
    while (this.#idle.size > this.bounds.channelsMax) this.#drop(this.#idle.first)
  }

  #drop(use: ChannelUse | undefined): void {
    if (use === undefined) return
    this.#idle.remove(use)
    this.#uses.delete(use.name)
  }

  #sweep(): void {
    const now = this.#clock.now()
    for (let drops = 0; ; drops++) {
      const oldest = this.#idle.first
      if (oldest === undefined || now - oldest.usedMs < this.bounds.channelIdleTtlMs) return
      if (drops === dropsPerTurn) return this.#clock.endOfTurn(() => this.#sweep())
      this.#drop(oldest)
      this.#log.info(`dropping idle channel ${oldest.name}`)
    }
  }
}
