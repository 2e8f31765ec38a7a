// Whether a channel is where the broker is: asked for those of which a client knows more than this worker, and, a few at a
// time, for those that were quiet for longest, of which nothing should ever be found.
import type { Clock } from '../std/clock.ts'
import type { Carrier } from './carrier.ts'
import type { ClusterChannel } from './cluster-channel.ts'

/** Channels of one comparison. */
const comparedMax = 250

/** Quiet channels that are compared in a second. */
const sweptMax = 200
const sweepMs = 1_000

/** Refreshes that wait, of all channels: beyond it, what is here is taken for all that there is. */
const refreshesMax = 10_000

interface Lane {
  /** Whoever waits for an answer, by channel. */
  asked: Map<ClusterChannel, (() => void)[]>
  isUnderWay: boolean
  isArmed: boolean
}

export interface DoubtsOptions {
  readonly clock: Pick<Clock, 'endOfTurn' | 'every'>
  readonly carrier: Carrier
  isUp(lane: number): boolean
  /** Of the lane, the one longest unheard first. */
  quiet(lane: number): Iterable<ClusterChannel>
  /** It was heard of: the others are next. */
  heard(channel: ClusterChannel): void
  doubt(channel: ClusterChannel): void
  /** What a sweep found. */
  found(channel: ClusterChannel): void
}

export class Doubts {
  readonly #options: DoubtsOptions
  readonly #lanes: readonly Lane[]
  /** Whoever waits until the channel is live. */
  readonly #settling = new Map<ClusterChannel, (() => void)[]>()
  #waiting = 0
  #sweeps = 0
  readonly #stop: () => void
  readonly counters = { refreshes: 0, refreshesOverMax: 0, swept: 0, sweepDifferences: 0 }

  constructor(options: DoubtsOptions) {
    this.#options = options
    this.#lanes = Array.from({ length: options.carrier.lanes }, () => ({
      asked: new Map<ClusterChannel, (() => void)[]>(),
      isUnderWay: false,
      isArmed: false,
    }))
    this.#stop = options.clock.every(sweepMs, () => this.#sweep())
  }

  /** `done`: the channel is where the broker was when this was asked, at least. */
  refresh(channel: ClusterChannel, done: () => void): void {
    this.counters.refreshes++
    if (this.#waiting === refreshesMax) {
      this.counters.refreshesOverMax++
      return done()
    }
    this.#waiting++
    const lane = this.#lane(channel.lane)
    note(lane.asked, channel, done)
    this.#arm(channel.lane, lane)
  }

  /** It is live. */
  settled(channel: ClusterChannel): void {
    if (this.#settling.size === 0) return
    this.#done(take(this.#settling, channel))
  }

  /** It is followed no more. */
  forget(channel: ClusterChannel): void {
    this.#done(take(this.#settling, channel))
    this.#done(take(this.#lane(channel.lane).asked, channel))
  }

  /** All that is followed in the lane is where the broker was a moment ago. */
  back(number: number): void {
    const lane = this.#lane(number)
    const { asked } = lane
    lane.asked = new Map()
    for (const dones of asked.values()) this.#done(dones)
  }

  close(): void {
    this.#stop()
  }

  #arm(number: number, lane: Lane): void {
    if (lane.isArmed || lane.isUnderWay) return
    lane.isArmed = true
    this.#options.clock.endOfTurn(() => {
      lane.isArmed = false
      this.#compare(number, lane)
    })
  }

  #compare(number: number, lane: Lane): void {
    const { carrier, isUp } = this.#options
    if (lane.isUnderWay || !isUp(number) || lane.asked.size === 0) return
    const channels: ClusterChannel[] = []
    for (const channel of lane.asked.keys()) {
      channels.push(channel)
      if (channels.length === comparedMax) break
    }
    const dones = channels.map(channel => take(lane.asked, channel))
    lane.isUnderWay = true
    carrier.compare(number, channels.map(toKnown), different => {
      lane.isUnderWay = false
      for (const [index, channel] of channels.entries()) {
        const waiting = dones[index] ?? []
        if (channel.state === 'gone') this.#done(waiting)
        else if (different === 'away') for (const done of waiting) note(lane.asked, channel, done)
        else this.#compared(channel, different.includes(index), waiting)
      }
      // When the lane is back everything is.
      if (different !== 'away') this.#compare(number, lane)
    })
  }

  #compared(channel: ClusterChannel, differs: boolean, waiting: readonly (() => void)[]): void {
    if (!differs && channel.asking === undefined) return this.#done(waiting)
    for (const done of waiting) note(this.#settling, channel, done)
    this.#options.doubt(channel)
  }

  /** The longest unheard of all lanes in turn. */
  #sweep(): void {
    const { carrier, quiet, isUp } = this.#options
    let left = sweptMax
    for (let turn = 0; turn < carrier.lanes && left > 0; turn++) {
      const number = (this.#sweeps + turn) % carrier.lanes
      if (!isUp(number)) continue
      const channels: ClusterChannel[] = []
      for (const channel of quiet(number)) {
        if (channels.length === left) break
        if (channel.asking === undefined) channels.push(channel)
      }
      left -= channels.length
      if (channels.length > 0) this.#sweepLane(number, channels)
    }
    this.#sweeps++
  }

  #sweepLane(number: number, channels: readonly ClusterChannel[]): void {
    for (const channel of channels) this.#options.heard(channel)
    const known = channels.map(toKnown)
    this.#options.carrier.compare(number, known, different => {
      if (different === 'away') return
      this.counters.swept += channels.length
      for (const index of different) {
        const channel = channels[index]
        const before = known[index]
        // What came meanwhile makes it another one than was compared.
        const isSame = channel?.epoch === before?.epoch && channel?.next === before?.next
        if (channel === undefined || channel.asking !== undefined || channel.state === 'gone' || !isSame)
          continue
        this.counters.sweepDifferences++
        this.#options.found(channel)
        this.#options.doubt(channel)
      }
    })
  }

  #done(waiting: readonly (() => void)[]): void {
    this.#waiting -= waiting.length
    for (const done of waiting) done()
  }

  #lane(number: number): Lane {
    const lane = this.#lanes[number]
    if (lane === undefined) throw new RangeError(`there is no lane ${number}`)
    return lane
  }
}

type Waiting = Map<ClusterChannel, (() => void)[]>

function note(waiting: Waiting, channel: ClusterChannel, done: () => void): void {
  const of = waiting.get(channel)
  if (of === undefined) waiting.set(channel, [done])
  else of.push(done)
}

function take(waiting: Waiting, channel: ClusterChannel): readonly (() => void)[] {
  const of = waiting.get(channel)
  if (of === undefined) return []
  waiting.delete(channel)
  return of
}

function toKnown({ name, epoch, next }: ClusterChannel) {
  return { channel: name, epoch, next }
}
