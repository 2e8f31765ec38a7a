// A carrier of whatever kind with its answers as promises and all that it tells noted, for tests that wait for conditions.
import { Buffer } from 'node:buffer'
import type { Append, AppendOutcome, Carrier, CarrierEvents } from '../../../src/cluster/carrier.ts'
import type { Epoch, Offset } from '../../../src/engine/words/position.ts'
import type { ChannelName } from '../../../src/engine/words/publication.ts'
import { until } from '../until.ts'

export interface HeardDelivery {
  readonly channel: ChannelName
  readonly epoch: Epoch
  readonly offset: Offset
  readonly text: string
}

export class HeardCarrier implements CarrierEvents {
  readonly carrier: Carrier
  readonly deliveries: HeardDelivery[] = []
  readonly matches: HeardDelivery[] = []
  readonly losses: ChannelName[] = []
  /** Lanes that are up. */
  readonly ups = new Set<number>()
  /** How often each lane came up. */
  readonly starts: number[] = []
  readonly reasons: string[] = []

  constructor(carrier: Carrier) {
    this.carrier = carrier
    carrier.start(this)
  }

  up(lane: number): void {
    this.ups.add(lane)
    this.starts[lane] = (this.starts[lane] ?? 0) + 1
  }

  down(lane: number, reason: string): void {
    this.ups.delete(lane)
    this.reasons.push(reason)
  }

  delivery(channel: ChannelName, epoch: Epoch, offset: Offset, envelope: Uint8Array): void {
    this.deliveries.push({ channel, epoch, offset, text: Buffer.from(envelope).toString() })
  }

  matched(channel: ChannelName, epoch: Epoch, offset: Offset, envelope: Uint8Array): void {
    this.matches.push({ channel, epoch, offset, text: Buffer.from(envelope).toString() })
  }

  lost(channels: readonly ChannelName[]): void {
    this.losses.push(...channels)
  }

  /** All lanes are up. */
  ready(): Promise<unknown> {
    return until('all lanes are up', () => this.ups.size === this.carrier.lanes)
  }

  heard(count: number): Promise<unknown> {
    return until(`${count} deliveries`, () => this.deliveries.length >= count)
  }

  textsOf(channel: ChannelName): readonly string[] {
    return this.deliveries.filter(delivery => delivery.channel === channel).map(({ text }) => text)
  }

  subscribe(...channels: readonly ChannelName[]): Promise<unknown> {
    const byLane = Map.groupBy(channels, channel => this.carrier.laneOf(channel))
    const each = [...byLane].map(
      ([lane, of]) => new Promise(resolve => this.carrier.subscribe(lane, of, resolve)),
    )
    return Promise.all(each)
  }

  /** Of one lane. */
  append(...batch: readonly Append[]): Promise<readonly AppendOutcome[]> {
    const lane = this.carrier.laneOf((batch[0] as Append).channel) // tests append something
    return new Promise(resolve => this.carrier.append(lane, batch, resolve))
  }

  ask(channel: ChannelName, reached = 0) {
    return answered<Parameters<Parameters<Carrier['ask']>[2]>[0]>(done =>
      this.carrier.ask(channel, reached, done),
    )
  }

  compare(known: Parameters<Carrier['compare']>[1]) {
    const lane = this.carrier.laneOf(known[0]?.channel as ChannelName) // tests compare something
    return answered<readonly number[] | 'away'>(done => this.carrier.compare(lane, known, done))
  }

  read(channel: ChannelName, epoch: Epoch, from: number, to: number) {
    return answered<Parameters<Parameters<Carrier['read']>[4]>[0]>(
      done => this.carrier.read(channel, epoch, from as Offset, to as Offset, done), // whole numbers of a test
    )
  }

  inspect(channel: ChannelName) {
    return answered<Parameters<Parameters<Carrier['inspect']>[1]>[0]>(done =>
      this.carrier.inspect(channel, done),
    )
  }

  elsewhere(channel: ChannelName) {
    return answered<number | 'away'>(done => this.carrier.elsewhere(channel, done))
  }

  /** On all lanes. */
  watch(pattern: string): Promise<unknown> {
    const lanes = Array.from({ length: this.carrier.lanes }, (_, lane) => lane)
    return Promise.all(lanes.map(lane => new Promise(resolve => this.carrier.watch(lane, pattern, resolve))))
  }

  close(): Promise<void> {
    return new Promise(resolve => this.carrier.close(resolve))
  }
}

/** What was not an outage. */
export function notAway<Answer>(answer: Answer | string | object): Answer {
  if (typeof answer === 'string') throw new Error(`the answer is ${answer}`)
  return answer as Answer // the type has other words left
}

function answered<Answer>(ask: (done: (answer: Answer) => void) => void): Promise<Answer> {
  return new Promise(ask)
}
