// Brokers of all kinds, and a worker that notes what one of them tells it, as text.
import { Buffer } from 'node:buffer'
import type { Broker, BrokerEvents, Page } from '../../src/engine/owner/broker.ts'
import { Ledger } from '../../src/engine/owner/ledger.ts'
import type { Keep } from '../../src/engine/words/namespace.ts'
import { type Offset, type Position, parseEpoch, parseOffset } from '../../src/engine/words/position.ts'
import type { Draft } from '../../src/engine/words/publication.ts'
import { memoryCluster } from './cluster/memory-cluster.ts'
import { FakeClock } from './fake-clock.ts'
import { Late } from './late.ts'
import { channelName, engineDefaults } from './mesh.ts'

/** What the first offset of the first numbering is told as. */
export const first = 1_000
const keep: Keep = { historySize: 3, historyTtlMs: 60_000, historyBytesMax: 1_000_000 }
/** The channel that most is about. */
export const name = channelName('c')

export interface BrokerKind {
  make(clock: FakeClock, events: BrokerEvents): Broker
  /** Where its first numbering begins, if nothing is known of another one. */
  readonly first: number
  /** Where one begins if somebody had an earlier one up to there. */
  beyond(next: number): number
}

function ledger(clock: FakeClock, events: BrokerEvents): Ledger {
  let epochs = 0
  return new Ledger(
    {
      clock,
      namespaceOf: () => keep,
      mintEpoch: () => parseEpoch(`e${++epochs}`),
      seed: () => parseOffset(first),
      idempotency: engineDefaults,
      idleChannelsMax: 10,
      idlePrivateChannelsMax: 10,
      idlePrivateMs: 1_000,
      awaitedMs: 1_000,
      awaitedChannelsMax: 10,
      historyBytesMax: 1_000_000,
    },
    events,
  )
}

function cluster(lanes: number, answersFirst: boolean): BrokerKind {
  return {
    make(clock, events) {
      // So that numberings begin where what is known of them says.
      clock.epochMs = 0
      return memoryCluster({ clock, lanes, answersFirst: () => answersFirst }).broker(clock, events, { keep })
    },
    first: 2 ** 18,
    beyond: next => next - 1 + 2 ** 18,
  }
}

const alone = { first, beyond: (next: number) => next + 2 ** 18 }
export const later: BrokerKind = {
  ...alone,
  make(clock, events) {
    const late = new Late(clock)
    return late.broker(ledger(clock, late.events(events)))
  },
}

export const brokerKinds: Readonly<Record<string, BrokerKind>> = {
  'the ledger': { ...alone, make: ledger },
  'a broker that answers a turn later': later,
  'what joins nodes over a carrier in memory': cluster(1, false),
  'the same with many lanes, whose answers come first': cluster(7, true),
}

/** A worker that notes all that it is told, as text. Offsets are told as if the first numbering began at `first`. */
export class ToldFollower implements BrokerEvents {
  readonly told: string[] = []
  readonly clock = new FakeClock()
  readonly kind: BrokerKind
  readonly broker: Broker
  readonly #epochs: string[] = []

  constructor(kind: BrokerKind) {
    this.kind = kind
    this.broker = kind.make(this.clock, this)
    this.settle()
  }

  /** The offset of its broker that is told as this one. */
  at(offset: number): Offset {
    return parseOffset(offset - first + this.kind.first)
  }

  #place({ epoch, offset }: Position): string {
    if (!this.#epochs.includes(epoch)) this.#epochs.push(epoch)
    return `e${this.#epochs.indexOf(epoch) + 1}.${this.#offset(offset)}`
  }

  #offset(offset: number): number {
    return offset - this.kind.first + first
  }

  followed(channel: string, next: Position): void {
    this.told.push(`followed ${channel} ${this.#place(next)}`)
  }

  publication({ channel, offset, content }: Parameters<BrokerEvents['publication']>[0]): void {
    this.told.push(`publication ${channel} ${this.#offset(offset)} ${Buffer.from(content.payload)}`)
  }

  gap(channel: string): void {
    this.told.push(`gap ${channel}`)
  }

  renumbered(channel: string): void {
    this.told.push(`renumbered ${channel}`)
  }

  matched({ channel, offset }: Parameters<BrokerEvents['matched']>[0]): void {
    this.told.push(`matched ${channel} ${this.#offset(offset)}`)
  }

  patternGap(): void {
    this.told.push('pattern gap')
  }

  presence(): number {
    return 7
  }

  publish(text: string, draft: Partial<Draft> = {}): void {
    const content = { kind: 'text', payload: Buffer.from(text) } as const
    this.broker.publish({ channel: name, content, via: 'test', ...draft }, keep, outcome => {
      const { duplicate = undefined, subscribers = 0 } = typeof outcome === 'string' ? {} : outcome
      const place = typeof outcome === 'string' ? outcome : this.#place(outcome)
      this.told.push(`done ${text} ${place} ${subscribers}${duplicate === true ? ' again' : ''}`)
    })
  }

  /** What the page has, as offsets behind its place. */
  read(from: number, to: number): void {
    this.broker.read(name, this.at(from), this.at(to), (page: Page) => {
      const offsets = page.publications.map(({ offset }) => this.#offset(offset))
      this.told.push(`page ${this.#offset(page.from)}: ${offsets}`)
    })
  }

  /** Everything that was told since the last time. */
  settle(): string[] {
    while (this.clock.turn());
    return this.told.splice(0)
  }
}
