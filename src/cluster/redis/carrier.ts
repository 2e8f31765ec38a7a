// The carrier over Redis: each call of the port as a script on the server that has the lane.
import type { Offset } from '../../engine/words/position.ts'
import type { ChannelName } from '../../engine/words/publication.ts'
import type { Cancel, Clock } from '../../std/clock.ts'
import type { Random } from '../../std/random.ts'
import type {
  Append,
  AppendOutcome,
  Carrier,
  CarrierEvents,
  Inspected,
  Known,
  Stretch,
  Where,
} from '../carrier.ts'
import type { Differences } from '../differences.ts'
import { recordTtlMs } from './appends.ts'
import { Calls, subscribeOn } from './calls.ts'
import type { Failure, Reply } from './connection.ts'
import { Counting } from './counting.ts'
import { readDelivery, readFed } from './envelopes.ts'
import type { Keys } from './keys.ts'
import type { Link } from './link.ts'
import { Nodes } from './nodes.ts'
import { renewMs } from './patterns.ts'
import { Presence, presenceTtlMs } from './presence.ts'
import { Publisher } from './publisher.ts'
import { numbersOf } from './replies.ts'
import type { Route } from './route.ts'
import { askScript, compareScript, inspectScript, readScript, trimScript } from './scripts/reading.ts'
import { Watching } from './watching.ts'
import { inspectedOf, stretchOf, whereOf } from './where.ts'

export interface RedisCarrierOptions {
  readonly route: Route
  readonly keys: Keys
  /** Sharded in a Redis Cluster. */
  readonly kind: 'plain' | 'sharded'
  readonly node: string
  readonly acks: 'master' | 'replica'
  readonly timeoutMs: number
  readonly clock: Clock
  readonly random: Random
  notice(text: string): void
  /** Told what each node that lives says of itself. */
  readonly differences: Differences
}

/** Of a stretch: what a call may hold a server for, and what fits behind its limit for subscribers. */
const [entriesMax, bytesMax] = [1_000, 1_048_576]

const comparedMax = 250
const epochBytes = 8
/** Counts are written so often, where they changed: whoever counts has waited for a second already. */
const countMs = 100

export class RedisCarrier implements Carrier {
  readonly lanes: number
  readonly #options: RedisCarrierOptions
  readonly #calls: Calls
  readonly #nodes: Nodes
  readonly #counting: Counting
  readonly #watching: Watching
  readonly #publisher: Publisher
  readonly #stops: Cancel[] = []
  /** `strange`: what none of us wrote, as a delivery or as an answer. */
  readonly #counts = { deliveries: 0, matched: 0, outages: 0, strange: 0 }
  readonly #ups = new Set<number>()
  #signs: CarrierEvents | undefined

  constructor(options: RedisCarrierOptions) {
    const { route, node, keys, kind, clock } = options
    this.#options = options
    this.lanes = route.lanes
    this.#calls = new Calls(route, kind)
    this.#nodes = new Nodes(options.timeoutMs)
    const presence = new Presence(node, this.#nodes, clock, channel => this.laneOf(channel))
    this.#counting = new Counting(presence, node, keys, route, this.#calls)
    this.#watching = new Watching(options, this.#calls)
    this.#publisher = new Publisher(options, this.#calls, presence)
  }

  laneOf(channel: ChannelName): number {
    return this.lanes === 1 ? 0 : this.#options.keys.partitionOf(channel)
  }

  start(events: CarrierEvents): void {
    const { clock, route } = this.#options
    this.#signs = events
    this.#stops.push(
      clock.every(countMs, () => this.#counting.write()),
      clock.every(renewMs, () => this.#watching.renew()),
      clock.every(presenceTtlMs / 2, () => this.#counting.presence.sayAgain(undefined)),
    )
    route.start({
      up: lane => this.#up(lane),
      down: (lane, reason) => this.#down(lane, reason),
      message: (link, channel, payload) => this.#message(link, channel, payload),
      nodes: (nodes, isNew, about) => {
        this.#nodes.note(nodes, clock.now(), about)
        this.#options.differences.note(this.#nodes.about)
        // Others may have taken us for dead, and removed what we said.
        if (isNew) this.#counting.presence.sayAgain(undefined)
      },
    })
  }

  subscribe(lane: number, channels: readonly ChannelName[], done: (outcome: 'ok' | 'away') => void): void {
    const { kind, keys } = this.#options
    if (channels.length === 0) return done(this.#options.route.linkOf(lane) === undefined ? 'away' : 'ok')
    const names = channels.map(channel => keys.of('deliveries', channel))
    this.#calls.send(
      lane,
      (_reply, failure) => done(failure === undefined ? 'ok' : 'away'),
      (link, settle) => subscribeOn(link, kind, names, settle),
    )
  }

  unsubscribe(lane: number, channels: readonly ChannelName[]): void {
    const { kind, keys, route } = this.#options
    if (channels.length === 0) return
    const names = channels.map(channel => keys.of('deliveries', channel))
    route.linkOf(lane)?.connection?.unsubscribe(kind, names)
  }

  append(lane: number, batch: readonly Append[], done: (outcomes: readonly AppendOutcome[]) => void): void {
    this.#publisher.append(lane, batch, done)
  }

  ask(channel: ChannelName, reached: number, done: (where: Where | 'away') => void): void {
    const epoch = this.#options.random.hex(epochBytes)
    const values = [epoch, String(reached), String(recordTtlMs)]
    this.#calls.run(this.laneOf(channel), askScript, this.#both(channel), values, (reply, failure) =>
      done(this.#answer(reply, failure, whereOf)),
    )
  }

  compare(
    lane: number,
    channels: readonly (Known & { readonly channel: ChannelName })[],
    done: (different: readonly number[] | 'away') => void,
  ): void {
    if (channels.length > comparedMax)
      throw new RangeError(`${channels.length} channels are too many for a call`)
    const keys = channels.map(({ channel }) => this.#options.keys.of('record', channel))
    const values = channels.flatMap(({ epoch, next }) => [epoch, String(next)])
    this.#calls.run(lane, compareScript, keys, [String(recordTtlMs), ...values], (reply, failure) =>
      done(this.#answer(reply, failure, numbersOf)),
    )
  }

  read(
    channel: ChannelName,
    epoch: Known['epoch'],
    from: Offset,
    to: Offset,
    done: (stretch: Stretch | 'other-epoch' | 'away') => void,
  ): void {
    const values = [epoch, String(from), String(to - 1), String(entriesMax), String(bytesMax)]
    this.#calls.run(
      this.laneOf(channel),
      readScript,
      this.#both(channel),
      values,
      (reply, failure) => done(this.#answer(reply, failure, stretchOf)),
      { isBinary: true },
    )
  }

  inspect(channel: ChannelName, done: (inspected: Inspected | undefined | 'away') => void): void {
    this.#calls.run(this.laneOf(channel), inspectScript, this.#both(channel), [], (reply, failure) =>
      done(this.#answer(reply, failure, inspectedOf)),
    )
  }

  trim(channel: ChannelName, through: Offset): void {
    // What is lost on the way is trimmed with the next.
    this.#calls.run(this.laneOf(channel), trimScript, this.#both(channel), [String(through)], () => {})
  }

  count(channel: ChannelName, subscribers: number): void {
    this.#counting.presence.count(channel, subscribers)
  }

  elsewhere(channel: ChannelName, done: (subscribers: number | 'away') => void): void {
    this.#counting.elsewhere(channel, done)
  }

  watch(lane: number, pattern: string, done: (outcome: 'ok' | 'away') => void): void {
    this.#watching.watch(lane, pattern, done)
  }

  unwatch(lane: number, pattern: string): void {
    this.#watching.unwatch(lane, pattern)
  }

  statistics(): Record<string, number> {
    return {
      ...this.#counts,
      ...this.#publisher.statistics(),
      underWay: this.#calls.count,
      nodes: this.#nodes.count,
      nodesDiffering: this.#options.differences.count,
      counted: this.#counting.presence.channels,
      patterns: this.#watching.patterns.count,
    }
  }

  close(done: () => void): void {
    const { clock, route, timeoutMs } = this.#options
    for (const stop of this.#stops.splice(0)) stop()
    this.#signs = undefined
    let isClosed = false
    const end = () => {
      if (isClosed) return
      isClosed = true
      cancel()
      route.close()
      done()
    }
    const cancel = clock.after(timeoutMs, end)
    this.#counting.giveUp(end)
  }

  /** A record that others wrote to makes an answer that is none: the channel cannot be had, as if it were away. */
  #answer<Value>(reply: Reply, failure: Failure | undefined, read: (reply: Reply) => Value): Value | 'away' {
    if (failure !== undefined) return 'away'
    try {
      return read(reply)
    } catch {
      this.#counts.strange++
      return 'away'
    }
  }

  #both(channel: ChannelName): readonly string[] {
    const { keys } = this.#options
    return [keys.of('record', channel), keys.of('history', channel)]
  }

  #up(lane: number): void {
    this.#ups.add(lane)
    this.#counting.presence.sayAgain(lane)
    this.#signs?.up(lane)
  }

  #down(lane: number, reason: string): void {
    if (this.#ups.delete(lane)) this.#counts.outages++
    this.#watching.patterns.forget(lane)
    this.#calls.fail(lane)
    this.#signs?.down(lane, reason)
  }

  #message(link: Link, bytes: Buffer, payload: Buffer): void {
    const { kind, name } = this.#options.keys.read(bytes)
    if (kind === 'c')
      this.#delivered(link, name as ChannelName, payload) // it was subscribed to by that name
    else if (kind === 'f') this.#fed(link, payload)
  }

  /** What was subscribed to before the lane went down may come still, and from where it was then. */
  #isOf(link: Link, channel: ChannelName): boolean {
    return this.#options.route.linkOf(this.laneOf(channel)) === link
  }

  #delivered(link: Link, channel: ChannelName, payload: Buffer): void {
    if (!this.#isOf(link, channel)) return
    const delivery = readDelivery(payload)
    if (delivery === undefined) return void this.#counts.strange++
    const { epoch, offset, envelope } = delivery
    this.#counts.deliveries++
    this.#signs?.delivery(channel, epoch, offset, envelope)
  }

  #fed(link: Link, payload: Buffer): void {
    const fed = readFed(payload)
    if (fed === undefined) return void this.#counts.strange++
    const { channel, epoch, offset, envelope } = fed
    if (!this.#isOf(link, channel) || !this.#watching.patterns.fits(this.laneOf(channel), channel)) return
    this.#counts.matched++
    this.#signs?.matched(channel, epoch, offset, envelope)
  }
}
