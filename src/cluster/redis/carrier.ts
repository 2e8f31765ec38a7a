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
import { recordTtlMs } from './appends.ts'
import { Calls } from './calls.ts'
import { parseDelivery, parseFed } from './envelopes.ts'
import type { Keys } from './keys.ts'
import type { Link } from './link.ts'
import { Nodes } from './nodes.ts'
import { leaseMs, Patterns, patternsMax, renewMs } from './patterns.ts'
import { Presence, presenceTtlMs } from './presence.ts'
import { Publisher } from './publisher.ts'
import { listOf, numberOf } from './replies.ts'
import type { Route } from './route.ts'
import { askScript, compareScript, inspectScript, readScript, trimScript } from './scripts/reading.ts'
import { countScript, presenceScript, watchScript } from './scripts/session.ts'
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
}

/** Of a stretch: what a call may hold a server for, and what fits behind its limit for subscribers. */
const [entriesMax, bytesMax] = [1_000, 1_048_576]

const comparedMax = 250
const epochBytes = 8
/** Counts are written so often, where they changed. */
const countMs = 1_000

export class RedisCarrier implements Carrier {
  readonly lanes: number
  readonly #options: RedisCarrierOptions
  readonly #calls: Calls
  readonly #nodes = new Nodes()
  readonly #presence: Presence
  readonly #patterns = new Patterns()
  readonly #publisher: Publisher
  readonly #stops: Cancel[] = []
  readonly #counts = { deliveries: 0, matched: 0, outages: 0, moves: 0 }
  #events: CarrierEvents | undefined

  constructor(options: RedisCarrierOptions) {
    const { route, node } = options
    this.#options = options
    this.lanes = route.lanes
    this.#calls = new Calls(route)
    this.#presence = new Presence(node, this.#nodes, channel => this.laneOf(channel))
    this.#publisher = new Publisher(options, this.#calls, this.#presence)
  }

  laneOf(channel: ChannelName): number {
    return this.lanes === 1 ? 0 : this.#options.keys.partitionOf(channel)
  }

  start(events: CarrierEvents): void {
    const { clock, route } = this.#options
    this.#events = events
    this.#stops.push(
      clock.every(countMs, () => this.#writeCounts()),
      clock.every(renewMs, () => this.#renew()),
      clock.every(presenceTtlMs / 2, () => this.#presence.sayAgain(undefined)),
    )
    route.start({
      up: lane => {
        this.#presence.sayAgain(lane)
        events.up(lane)
      },
      down: (lane, reason) => this.#down(lane, reason),
      message: (channel, payload) => this.#message(channel, payload),
      nodes: nodes => this.#nodes.note(nodes, clock.now()),
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
      done(failure === undefined ? whereOf(reply) : 'away'),
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
      done(failure === undefined ? listOf(reply).map(numberOf) : 'away'),
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
      (reply, failure) => done(failure === undefined ? stretchOf(reply) : 'away'),
      { isBinary: true },
    )
  }

  inspect(channel: ChannelName, done: (inspected: Inspected | undefined | 'away') => void): void {
    this.#calls.run(this.laneOf(channel), inspectScript, this.#both(channel), [], (reply, failure) =>
      done(failure === undefined ? inspectedOf(reply) : 'away'),
    )
  }

  trim(channel: ChannelName, through: Offset): void {
    // What is lost on the way is trimmed with the next.
    this.#calls.run(this.laneOf(channel), trimScript, this.#both(channel), [String(through)], () => {})
  }

  count(channel: ChannelName, subscribers: number): void {
    this.#presence.count(channel, subscribers)
  }

  elsewhere(channel: ChannelName, done: (subscribers: number | 'away') => void): void {
    this.#readPresence(channel, [], (reply, failed) => {
      if (failed) return done('away')
      const { subscribers, dead } = this.#presence.elsewhere(listOf(reply))
      done(subscribers)
      if (dead.length > 0) this.#readPresence(channel, dead, () => {})
    })
  }

  watch(lane: number, pattern: string, done: (outcome: 'ok' | 'away') => void): void {
    const { keys, kind, clock, notice } = this.#options
    const enter = () => {
      const values = [String(leaseMs), String(patternsMax), pattern]
      this.#calls.run(lane, watchScript, [keys.watched(lane)], values, (reply, failure) => {
        const isWatched = failure === undefined && numberOf(listOf(reply)[0]) === 1
        if (!isWatched) this.#unwatched(lane, pattern)
        if (failure === undefined && !isWatched)
          notice(`${patternsMax} patterns are watched in the cluster, and no more are taken`)
        done(isWatched ? 'ok' : 'away')
      })
    }
    const isHeard = this.#patterns.has(lane)
    this.#patterns.watch(lane, pattern, clock.now())
    if (isHeard) return enter()
    this.#calls.send(
      lane,
      (_reply, failure) => {
        if (failure === undefined) return enter()
        this.#patterns.forget(lane)
        done('away')
      },
      (link, settle) => subscribeOn(link, kind, [keys.feed(lane)], settle),
    )
  }

  unwatch(lane: number, pattern: string): void {
    this.#unwatched(lane, pattern)
  }

  statistics(): Record<string, number> {
    return {
      ...this.#counts,
      ...this.#publisher.statistics(),
      underWay: this.#calls.count,
      nodes: this.#nodes.count,
      counted: this.#presence.channels,
      patterns: this.#patterns.count,
    }
  }

  close(done: () => void): void {
    const { clock, route, timeoutMs } = this.#options
    for (const stop of this.#stops.splice(0)) stop()
    this.#events = undefined
    let open = 1
    const end = () => {
      if (--open > 0) return
      open = Number.POSITIVE_INFINITY
      cancel()
      route.close()
      done()
    }
    const cancel = clock.after(timeoutMs, () => {
      open = 1
      end()
    })
    this.#presence.giveUp(
      lane => route.linkOf(lane) !== undefined,
      (lane, counts) => {
        open++
        this.#count(lane, counts, end)
      },
    )
    end()
  }

  #both(channel: ChannelName): readonly string[] {
    const { keys } = this.#options
    return [keys.of('record', channel), keys.of('history', channel)]
  }

  #down(lane: number, reason: string): void {
    this.#counts.outages++
    this.#patterns.forget(lane)
    this.#calls.fail(lane)
    this.#events?.down(lane, reason)
  }

  #message(topic: Buffer, payload: Buffer): void {
    const { kind, name } = this.#options.keys.read(topic)
    if (kind === 'c')
      this.#delivered(name as ChannelName, payload) // it was subscribed to by that name
    else if (kind === 'f') this.#fed(payload)
  }

  #delivered(channel: ChannelName, payload: Buffer): void {
    // What was subscribed to before the lane went down may come still.
    if (this.#options.route.linkOf(this.laneOf(channel)) === undefined) return
    const { epoch, offset, envelope } = parseDelivery(payload)
    this.#counts.deliveries++
    this.#events?.delivery(channel, epoch, offset, envelope)
  }

  #fed(payload: Buffer): void {
    const { channel, epoch, offset, envelope } = parseFed(payload)
    if (!this.#patterns.fits(this.laneOf(channel), channel)) return
    this.#counts.matched++
    this.#events?.matched(channel, epoch, offset, envelope)
  }

  #unwatched(lane: number, pattern: string): void {
    const { keys, kind, route } = this.#options
    if (this.#patterns.unwatch(lane, pattern))
      route.linkOf(lane)?.connection?.unsubscribe(kind, [keys.feed(lane)])
  }

  #renew(): void {
    const { keys, route, clock } = this.#options
    for (const lane of this.#patterns.lanes) {
      const patterns = this.#patterns.of(lane)
      const values = [String(leaseMs), String(patternsMax), ...patterns]
      this.#calls.run(lane, watchScript, [keys.watched(lane)], values, (reply, failure) => {
        if (failure !== undefined) return
        const entered = listOf(reply)
        const isWhole = patterns.every(
          (pattern, index) => this.#patterns.renewed(lane, pattern, clock.now()) && entered[index] === 1,
        )
        // Whoever published meanwhile may have sent nothing to the feed.
        if (!isWhole) route.moved(lane, 'patterns were not renewed in time')
      })
    }
  }

  #writeCounts(): void {
    const { route } = this.#options
    this.#presence.write(
      lane => route.linkOf(lane) !== undefined,
      (lane, counts) => this.#count(lane, counts, () => {}),
    )
  }

  #count(lane: number, counts: readonly (readonly [ChannelName, number])[], done: () => void): void {
    const { keys, node } = this.#options
    const names = counts.map(([channel]) => keys.of('presence', channel))
    const values = [node, String(presenceTtlMs), ...counts.map(([, count]) => String(count))]
    // What is lost is said again when the lane comes back.
    this.#calls.run(lane, countScript, names, values, done)
  }

  /** Removes those of nodes that are gone. */
  #readPresence(
    channel: ChannelName,
    gone: readonly string[],
    done: (reply: unknown, failed: boolean) => void,
  ): void {
    const key = this.#options.keys.of('presence', channel)
    this.#calls.run(this.laneOf(channel), presenceScript, [key], gone, (reply, failure) =>
      done(reply, failure !== undefined),
    )
  }
}

function subscribeOn(
  link: Link,
  kind: 'plain' | 'sharded',
  names: readonly string[],
  settle: Parameters<Parameters<Calls['send']>[2]>[1],
): void {
  if (link.connection === undefined) settle(undefined, { kind: 'lost', isWritten: false })
  else link.connection.subscribe(kind, names, settle)
}
