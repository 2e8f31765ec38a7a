// A worker's broker over servers in memory, beside one of another node; what it tells is noted as text.
import { Buffer } from 'node:buffer'
import type { ClusterBroker } from '../../../src/cluster/broker.ts'
import type { ClusterLimits } from '../../../src/cluster/limits.ts'
import type { BrokerEvents, Page } from '../../../src/engine/owner/broker.ts'
import { parseOffset } from '../../../src/engine/words/position.ts'
import { FakeClock } from '../fake-clock.ts'
import { channelName } from '../mesh.ts'
import { MemoryCluster } from './memory-cluster.ts'

const keep = { historySize: 10, historyTtlMs: 60_000, historyBytesMax: 1_000_000 }
/** The channel that most is about. */
export const c = channelName('c')

export class ToldBroker implements BrokerEvents {
  readonly clock = new FakeClock()
  readonly cluster = new MemoryCluster({ clock: this.clock })
  readonly broker: ClusterBroker
  readonly other: ClusterBroker
  readonly told: string[] = []
  next = 0

  constructor(limits: Partial<ClusterLimits> = {}) {
    this.broker = this.cluster.broker(this.clock, this, { keep, limits })
    const nobody = { ...silent, presence: () => 0 }
    this.other = this.cluster.broker(this.clock, nobody, { keep, node: 'b' })
    this.settle()
  }

  get carrier() {
    const [carrier] = this.cluster.carriers
    if (carrier === undefined) throw new RangeError('there is one')
    return carrier
  }

  settle(): void {
    while (this.clock.turn());
  }

  follow(...names: readonly string[]): void {
    for (const name of names) this.broker.follow(channelName(name), undefined)
  }

  publish(text: string, by = this.other, channel = c): string[] {
    const outcomes: string[] = []
    const content = { kind: 'text', payload: Buffer.from(text) } as const
    by.publish({ channel, content, via: 'test' }, keep, outcome => {
      outcomes.push(typeof outcome === 'string' ? outcome : `${outcome.offset}`)
      this.told.push(`done ${text}`)
    })
    return outcomes
  }

  read(from: number, to = this.next): Page[] {
    const pages: Page[] = []
    this.broker.read(c, parseOffset(from), parseOffset(to), page => pages.push(page))
    return pages
  }

  cut(): void {
    this.carrier.barred.add(0)
    this.carrier.cut(0)
    this.settle()
  }

  heal(): void {
    this.carrier.barred.clear()
    this.carrier.connect(0)
    this.settle()
  }

  followed(channel: string, { offset }: { offset: number }): void {
    this.told.push(`followed ${channel}`)
    this.next = offset
  }

  publication({ content, offset }: Parameters<BrokerEvents['publication']>[0]): void {
    this.told.push(`told ${Buffer.from(content.payload)}`)
    this.next = offset + 1
  }

  gap(channel: string): void {
    this.told.push(`gap ${channel}`)
  }

  renumbered(): void {}
  matched(): void {}
  patternGap(): void {
    this.told.push('pattern gap')
  }

  presence(): number {
    return 0
  }
}

const silent = {
  followed() {},
  publication() {},
  gap() {},
  renumbered() {},
  matched() {},
  patternGap() {},
}

/** Of so many channels. */
export function names(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `many${n}`)
}
