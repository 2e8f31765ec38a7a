// A carrier in memory: a connection to each lane's server, which a test moves step by step or lets run by itself, cuts at any
// point and lets come back. Commands are executed in their order; what is heard comes in the order of the server. Whether the
// answer to an append comes before what it delivers is up to chance.
import type {
  Append,
  AppendOutcome,
  Carrier,
  CarrierEvents,
  Inspected,
  Known,
  Stretch,
  Where,
} from '../../../src/cluster/carrier.ts'
import type { Epoch, Offset } from '../../../src/engine/words/position.ts'
import type { ChannelName } from '../../../src/engine/words/publication.ts'
import type { Clock } from '../../../src/std/clock.ts'
import { type Command, type ConnectionOptions, MemoryConnection } from './memory-connection.ts'
import type { MemoryBroker, MemoryServer } from './memory-server.ts'

export interface MemoryCarrierOptions extends ConnectionOptions {
  /** One a lane. */
  readonly brokers: readonly MemoryBroker[]
  /** It connects, and all its connections move, at the end of each turn. Undefined: the test moves them. */
  readonly clock?: Pick<Clock, 'endOfTurn'> | undefined
}

export class MemoryCarrier implements Carrier {
  readonly #options: MemoryCarrierOptions
  readonly lanes: number
  readonly connections: (MemoryConnection | undefined)[]
  /** Lanes that nobody can connect to. */
  readonly barred = new Set<number>()
  readonly #appending = new Set<number>()
  #events: CarrierEvents | undefined
  #closed = false
  #armed = false

  constructor(options: MemoryCarrierOptions) {
    this.#options = options
    this.lanes = options.brokers.length
    this.connections = options.brokers.map(() => undefined)
  }

  laneOf(channel: ChannelName): number {
    let hash = 0
    for (let at = 0; at < channel.length; at++) hash = (hash * 31 + channel.charCodeAt(at)) % 65_521
    return hash % this.lanes
  }

  start(events: CarrierEvents): void {
    this.#events = events
    this.#arm()
  }

  /** False: it is connected already, or cannot be. */
  connect(lane: number): boolean {
    const broker = this.#options.brokers[lane]
    const isFree = this.connections[lane] === undefined && !this.barred.has(lane) && !this.#closed
    if (!isFree || this.#events === undefined || broker === undefined) return false
    this.connections[lane] = new MemoryConnection(this.#options, broker.master, this.#events, () =>
      this.#arm(),
    )
    this.#events.up(lane)
    this.#arm()
    return true
  }

  /** False: there is no connection. */
  cut(lane: number, { arrives = false } = {}): boolean {
    const connection = this.connections[lane]
    if (connection === undefined) return false
    this.connections[lane] = undefined
    connection.end(arrives)
    this.#events?.down(lane, 'the connection was cut')
    this.#arm()
    return true
  }

  subscribe(lane: number, channels: readonly ChannelName[], done: (outcome: 'ok' | 'away') => void): void {
    this.#send<'ok'>(lane, done, (_server, by) => {
      for (const channel of channels) by.channels.add(channel)
      return 'ok'
    })
  }

  unsubscribe(lane: number, channels: readonly ChannelName[]): void {
    this.#send(lane, undefined, (_server, by) => {
      for (const channel of channels) by.channels.delete(channel)
    })
  }

  append(lane: number, batch: readonly Append[], done: (outcomes: readonly AppendOutcome[]) => void): void {
    if (this.#appending.has(lane)) throw new RangeError(`lane ${lane} has an append under way`)
    for (const { channel } of batch)
      if (this.laneOf(channel) !== lane) throw new RangeError(`${channel} is of another lane`)
    this.#appending.add(lane)
    const finish = (outcomes: readonly AppendOutcome[]) => {
      this.#appending.delete(lane)
      done(outcomes)
    }
    this.#command(lane, {
      run: (server, by) => {
        const outcomes = server.append(batch, by)
        return () => finish(outcomes)
      },
      fail: isWritten => finish(batch.map(() => (isWritten ? 'unknown' : 'away'))),
    })
  }

  ask(channel: ChannelName, reached: number, done: (where: Where | 'away') => void): void {
    this.#send(this.laneOf(channel), done, server => server.ask(channel, reached))
  }

  compare(
    lane: number,
    channels: readonly (Known & { readonly channel: ChannelName })[],
    done: (different: readonly number[] | 'away') => void,
  ): void {
    if (channels.length > 250) throw new RangeError(`${channels.length} are too many`)
    const known = channels.map(({ channel, epoch, next }) => ({ channel, epoch, next }))
    this.#send<readonly number[]>(lane, done, server =>
      known.flatMap((each, index) => (server.differs(each) ? [index] : [])),
    )
  }

  read(
    channel: ChannelName,
    epoch: Epoch,
    from: Offset,
    to: Offset,
    done: (stretch: Stretch | 'other-epoch' | 'away') => void,
  ): void {
    this.#send<Stretch | 'other-epoch'>(this.laneOf(channel), done, server =>
      server.read(channel, epoch, from, to),
    )
  }

  inspect(channel: ChannelName, done: (inspected: Inspected | undefined | 'away') => void): void {
    this.#send<Inspected | undefined>(this.laneOf(channel), done, server => server.inspect(channel))
  }

  trim(channel: ChannelName, through: Offset): void {
    this.#send(this.laneOf(channel), undefined, server => server.trim(channel, through))
  }

  count(channel: ChannelName, subscribers: number): void {
    this.#send(this.laneOf(channel), undefined, (server, by) => server.count(channel, by.node, subscribers))
  }

  elsewhere(channel: ChannelName, done: (subscribers: number | 'away') => void): void {
    this.#send<number>(this.laneOf(channel), done, (server, by) => server.elsewhere(channel, by.node))
  }

  watch(lane: number, pattern: string, done: (outcome: 'ok' | 'away') => void): void {
    this.#send<'ok'>(lane, done, (_server, by) => {
      by.patterns.add(pattern)
      return 'ok'
    })
  }

  unwatch(lane: number, pattern: string): void {
    this.#send(lane, undefined, (_server, by) => void by.patterns.delete(pattern))
  }

  statistics(): Record<string, number> {
    return {}
  }

  /** Its worker died: nobody is told of anything any more, and its node's counts stay. */
  end(): void {
    this.#closed = true
    for (const connection of this.connections.splice(0)) connection?.server.attached.delete(connection)
  }

  close(done: () => void): void {
    this.#closed = true
    for (const [lane, connection] of this.connections.entries()) {
      this.connections[lane] = undefined
      connection?.end(false)
      connection?.server.forgetNode(this.#options.node)
    }
    done()
  }

  /** `done`: undefined where nobody hears of it. */
  #send<Answer>(
    lane: number,
    done: ((answer: Answer | 'away') => void) | undefined,
    run: (server: MemoryServer, by: MemoryConnection) => Answer,
  ): void {
    this.#command(lane, {
      run: (server, by) => {
        const answer = run(server, by)
        return () => done?.(answer)
      },
      fail: () => done?.('away'),
    })
  }

  #command(lane: number, command: Command): void {
    const connection = this.connections[lane]
    if (connection === undefined) return command.fail(false)
    connection.outbox.push(command)
    this.#arm()
  }

  #arm(): void {
    const { clock } = this.#options
    if (clock === undefined || this.#armed || this.#closed) return
    this.#armed = true
    clock.endOfTurn(() => {
      this.#armed = false
      this.#move()
    })
  }

  /** Connects what is down, and moves all that is under way. */
  #move(): void {
    for (let lane = 0; lane < this.lanes; lane++) {
      this.connect(lane)
      const connection = this.connections[lane]
      if (connection === undefined) continue
      while (connection.write());
      while (connection.execute());
      while (connection.hear());
    }
  }
}
