// Brings channels up to the broker: all of a lane that is up again, those that are newly followed, and those that have a hole.
// What is cheap is done for many at once: subscribing, and comparing what is known with what the broker has. The rest is
// asked and read one by one, few at a time, so that a broker that is just back is not overrun.

import type { ChannelName } from '../engine/words/publication.ts'
import type { Clock } from '../std/clock.ts'
import { Deque } from '../std/deque.ts'
import { LinkedList } from '../std/linked-list.ts'
import type { Carrier } from './carrier.ts'
import type { ClusterChannel } from './cluster-channel.ts'
import type { Following } from './follower.ts'
import { Refused } from './refused.ts'

/** Channels in one call. */
const subscribedMax = 512
const comparedMax = 250

/** Channels that are asked about and read at a time, of all lanes. */
const turnsMax = 16

interface Lane {
  readonly number: number
  phase: 'down' | 'recovers' | 'up'
  /** All of the lane, the one longest unheard first. */
  readonly channels: LinkedList<ClusterChannel>
  /** To be subscribed to at the end of the turn. */
  toSubscribe: ClusterChannel[]
  readonly toUnsubscribe: Set<ChannelName>
  isArmed: boolean
  /** While it recovers: chunks that are not compared yet, and channels that differ. */
  chunks: number
  readonly different: Set<ClusterChannel>
}

export interface RecoveryOptions {
  readonly clock: Pick<Clock, 'after' | 'endOfTurn'>
  readonly carrier: Carrier
  readonly following: Pick<Following<ClusterChannel>, 'ask' | 'lost' | 'proven'>
  /** Everything in the lane was told, or its gap was. */
  back(lane: number): void
}

export class Recovery {
  readonly #options: RecoveryOptions
  readonly #lanes: readonly Lane[]
  readonly #queue = new Deque<ClusterChannel>()
  /** Those that somebody waits for, or that were whole until now. */
  readonly #urgent = new Deque<ClusterChannel>()
  readonly #turns = new Set<ClusterChannel>()
  readonly #refused: Refused
  /** A turn may be over at once. */
  #pumps = false
  readonly counters = {
    compared: 0,
    compareDifferences: 0,
    recovered: 0,
    subscriptionsLost: 0,
    asksRefused: 0,
  }

  constructor(options: RecoveryOptions) {
    this.#options = options
    this.#refused = new Refused({
      clock: options.clock,
      passed: channels => this.#passed(channels),
      again: channels => this.#again(channels),
    })
    this.#lanes = Array.from({ length: options.carrier.lanes }, (_, number) => ({
      number,
      phase: 'down',
      channels: new LinkedList<ClusterChannel>(),
      toSubscribe: [],
      toUnsubscribe: new Set<ChannelName>(),
      isArmed: false,
      chunks: 0,
      different: new Set<ClusterChannel>(),
    }))
  }

  phaseOf(lane: number): 'down' | 'recovers' | 'up' {
    return this.#lane(lane).phase
  }

  /** Of the lane, the one longest unheard first. */
  channelsOf(lane: number): LinkedList<ClusterChannel> {
    return this.#lane(lane).channels
  }

  /** The others of its lane are next to be looked at. */
  heard(channel: ClusterChannel): void {
    this.#lane(channel.lane).channels.used(channel)
  }

  up(number: number): void {
    const lane = this.#lane(number)
    lane.phase = 'recovers'
    lane.toSubscribe = []
    lane.toUnsubscribe.clear()
    const channels = [...lane.channels]
    lane.chunks = Math.ceil(channels.length / subscribedMax)
    this.#subscribeNext(lane, channels, 0)
    this.#proceed(lane)
  }

  down(number: number): void {
    const lane = this.#lane(number)
    lane.phase = 'down'
    lane.different.clear()
    for (const channel of lane.channels) {
      channel.isSubscribed = false
      this.#options.following.lost(channel)
      this.#turns.delete(channel)
    }
    this.#pump()
  }

  /** It is new, and is asked about once it is subscribed to: at once, or with all others of its lane. */
  add(channel: ClusterChannel): void {
    const lane = this.#lane(channel.lane)
    lane.channels.append(channel)
    if (lane.phase !== 'down') this.#subscribe(lane, channel)
  }

  remove(channel: ClusterChannel): void {
    const lane = this.#lane(channel.lane)
    lane.channels.remove(channel)
    channel.asking = undefined
    if (lane.phase !== 'down') {
      lane.toUnsubscribe.add(channel.name)
      this.#arm(lane)
    }
    this.settled(channel)
  }

  /** The broker ended the subscription by itself. */
  lost(channel: ClusterChannel): void {
    this.counters.subscriptionsLost++
    channel.isSubscribed = false
    this.#options.following.lost(channel)
    this.#release(channel)
    const lane = this.#lane(channel.lane)
    if (lane.phase === 'recovers') lane.different.add(channel)
    if (lane.phase !== 'down') this.#subscribe(lane, channel)
  }

  wants(channel: ClusterChannel): void {
    const isRecovered = this.#lane(channel.lane).different.has(channel)
    if (isRecovered) this.#queue.push(channel)
    else this.#urgent.push(channel)
    this.#pump()
  }

  settled(channel: ClusterChannel): void {
    this.#release(channel)
    const lane = this.#lane(channel.lane)
    const isOver = channel.asking === undefined && lane.different.delete(channel)
    if (isOver && channel.state !== 'gone') this.counters.recovered++
    if (channel.asking === undefined) this.#refused.remove(channel)
    else this.#refused.add(channel)
    this.#proceed(lane)
  }

  #passed(channels: readonly ClusterChannel[]): void {
    this.counters.asksRefused += channels.length
    for (const channel of channels) this.#lane(channel.lane).different.delete(channel)
    for (const lane of this.#lanes) this.#proceed(lane)
  }

  #again(channels: readonly ClusterChannel[]): void {
    for (const channel of channels) this.#queue.push(channel)
    this.#pump()
  }

  /** In calls of so many, one at a time; each is compared while the next one is subscribed to. */
  #subscribeNext(lane: Lane, channels: readonly ClusterChannel[], at: number): void {
    if (at >= channels.length) return
    const chunk = channels.slice(at, at + subscribedMax)
    const names = chunk.map(({ name }) => name)
    this.#options.carrier.subscribe(lane.number, names, outcome => {
      if (outcome === 'away') return
      const present = chunk.filter(({ state }) => state !== 'gone')
      for (const channel of present) channel.isSubscribed = true
      this.#compare(lane, present)
      this.#subscribeNext(lane, channels, at + subscribedMax)
    })
  }

  #compare(lane: Lane, chunk: readonly ClusterChannel[]): void {
    const known = chunk.filter(({ asking }) => asking?.isOpening !== true)
    for (const channel of chunk) if (channel.asking?.isOpening) this.#differs(lane, channel)
    let calls = Math.ceil(known.length / comparedMax)
    const ends = () => {
      if (calls > 0) return
      lane.chunks--
      this.#proceed(lane)
    }
    for (let at = 0; at < known.length; at += comparedMax) {
      const channels = known.slice(at, at + comparedMax)
      const states = channels.map(({ asking }) => asking)
      this.#options.carrier.compare(lane.number, channels.map(toKnown), different => {
        if (different === 'away') return
        this.counters.compared += channels.length
        this.counters.compareDifferences += different.length
        const others = new Set(different)
        for (const [index, channel] of channels.entries()) {
          // It left, or lost its subscription, and is subscribed to anew before it is asked about.
          if (channel.state === 'gone' || channel.asking !== states[index]) continue
          if (others.has(index)) this.#differs(lane, channel)
          else this.#proven(lane, channel)
        }
        calls--
        ends()
      })
    }
    ends()
  }

  #proven(lane: Lane, channel: ClusterChannel): void {
    this.#options.following.proven(channel)
    // What came meanwhile does not follow.
    if (channel.asking !== undefined) lane.different.add(channel)
  }

  #differs(lane: Lane, channel: ClusterChannel): void {
    lane.different.add(channel)
    this.wants(channel)
  }

  #proceed(lane: Lane): void {
    if (lane.phase !== 'recovers' || lane.chunks > 0 || lane.different.size > 0) return
    lane.phase = 'up'
    this.#options.back(lane.number)
  }

  #subscribe(lane: Lane, channel: ClusterChannel): void {
    lane.toSubscribe.push(channel)
    this.#arm(lane)
  }

  #arm(lane: Lane): void {
    if (lane.isArmed) return
    lane.isArmed = true
    this.#options.clock.endOfTurn(() => {
      lane.isArmed = false
      if (lane.phase !== 'down') this.#flush(lane)
    })
  }

  /** What is left goes first: it may be followed again. */
  #flush(lane: Lane): void {
    const { carrier } = this.#options
    const names = [...lane.toUnsubscribe]
    lane.toUnsubscribe.clear()
    for (let at = 0; at < names.length; at += subscribedMax)
      carrier.unsubscribe(lane.number, names.slice(at, at + subscribedMax))
    const channels = lane.toSubscribe.filter(({ state }) => state !== 'gone')
    lane.toSubscribe = []
    for (let at = 0; at < channels.length; at += subscribedMax) {
      const chunk = channels.slice(at, at + subscribedMax)
      const subscribed = chunk.map(({ name }) => name)
      carrier.subscribe(lane.number, subscribed, outcome => {
        if (outcome === 'away') return
        for (const channel of chunk) {
          if (channel.state === 'gone') continue
          channel.isSubscribed = true
          this.wants(channel)
        }
      })
    }
  }

  #release(channel: ClusterChannel): void {
    if (this.#turns.delete(channel)) this.#pump()
  }

  #pump(): void {
    if (this.#pumps) return
    this.#pumps = true
    while (this.#turns.size < turnsMax) {
      const channel = this.#urgent.take() ?? this.#queue.take()
      if (channel === undefined) break
      const isWanted = channel.isSubscribed && channel.state !== 'gone' && channel.asking !== undefined
      // Whatever has its turn is asked about as often as it takes.
      if (!isWanted || this.#turns.has(channel)) continue
      this.#turns.add(channel)
      this.#options.following.ask(channel)
    }
    this.#pumps = false
  }

  #lane(number: number): Lane {
    const lane = this.#lanes[number]
    if (lane === undefined) throw new RangeError(`there is no lane ${number}`)
    return lane
  }
}

function toKnown({ name, epoch, next }: ClusterChannel) {
  return { channel: name, epoch, next }
}
