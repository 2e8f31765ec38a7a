// A worker's broker over a Redis of a test; what it tells is noted as text.
import { Buffer } from 'node:buffer'
import { ClusterBroker } from '../../../src/cluster/broker.ts'
import type { BrokerEvents } from '../../../src/engine/owner/broker.ts'
import type { ChannelName } from '../../../src/engine/words/publication.ts'
import { systemClock } from '../../../src/std/clock.ts'
import type { Ending } from '../redis/server.ts'
import { type OpenOptions, redisCarrier } from './redis-carrier.ts'

const keep = { historySize: 100, historyTtlMs: 60_000, historyBytesMax: 100_000_000 }
const limits = {
  timeoutMs: 5_000,
  acks: 'master',
  publishBytesMax: 16_777_216,
  lingerMs: 30_000,
  idempotencyMs: 60_000,
  historyBytesMax: 1_000_000,
  presence: 'node',
} as const

export class RedisBroker implements BrokerEvents {
  readonly broker: ClusterBroker
  readonly told: string[] = []
  readonly notices: string[] = []

  constructor(t: Ending, options: OpenOptions) {
    this.broker = new ClusterBroker(
      {
        clock: systemClock,
        carrier: redisCarrier(options),
        limits,
        slot: 0,
        workers: 1,
        namespaceOf: () => keep,
        notice: notice => void this.notices.push(notice),
      },
      this,
    )
    t.after(() => new Promise<void>(resolve => this.broker.close(resolve)))
  }

  follow(...channels: readonly ChannelName[]): void {
    for (const channel of channels) this.broker.follow(channel, undefined)
  }

  /** What became of it: its offset, or why there is none. */
  publish(channel: ChannelName, text: string): Promise<number | string> {
    const content = { kind: 'text', payload: Buffer.from(text) } as const
    return new Promise(resolve =>
      this.broker.publish({ channel, content, via: 'test' }, keep, outcome =>
        resolve(typeof outcome === 'string' ? outcome : outcome.offset),
      ),
    )
  }

  followed(channel: string): void {
    this.told.push(`followed ${channel}`)
  }

  publication({ channel, content }: Parameters<BrokerEvents['publication']>[0]): void {
    this.told.push(`${channel}: ${Buffer.from(content.payload)}`)
  }

  gap(channel: string): void {
    this.told.push(`gap ${channel}`)
  }

  renumbered(): void {}
  matched(): void {}
  patternGap(): void {}

  presence(): number {
    return 0
  }
}
