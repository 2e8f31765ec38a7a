// What whoever orders channels must keep, played on the ledger of a node that stands alone and on one that answers later.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Broker, BrokerEvents, Page } from '../../../src/engine/owner/broker.ts'
import { Ledger } from '../../../src/engine/owner/ledger.ts'
import type { Keep } from '../../../src/engine/words/namespace.ts'
import { formatPosition, type Offset, parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import type { Draft } from '../../../src/engine/words/publication.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { Late } from '../../helpers/late.ts'
import { channelName, engineDefaults } from '../../helpers/mesh.ts'

const first = 1_000
const keep: Keep = { historySize: 3, historyTtlMs: 60_000, historyBytesMax: 1_000_000 }
const name = channelName('c')

type Wrap = (clock: FakeClock, ledger: (events: BrokerEvents) => Ledger, events: BrokerEvents) => Broker

const brokers: Readonly<Record<string, Wrap>> = {
  'the ledger': (_clock, ledger, events) => ledger(events),
  'a broker that answers a turn later': (clock, ledger, events) => {
    const late = new Late(clock)
    return late.broker(ledger(late.events(events)))
  },
}

/** A worker that notes all that it is told, as text. */
class Follower implements BrokerEvents {
  readonly told: string[] = []
  readonly clock = new FakeClock()
  readonly broker: Broker
  readonly epochs: string[] = []

  constructor(wrap: Wrap) {
    const ledger = (events: BrokerEvents) =>
      new Ledger(
        {
          clock: this.clock,
          namespaceOf: () => keep,
          mintEpoch: () => parseEpoch(`e${this.epochs.push('')}`),
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
    this.broker = wrap(this.clock, ledger, this)
  }

  followed(channel: string, { epoch, offset }: { epoch: string; offset: number }): void {
    this.told.push(`followed ${channel} ${epoch}.${offset}`)
  }

  publication({ channel, offset, content }: Parameters<BrokerEvents['publication']>[0]): void {
    this.told.push(`publication ${channel} ${offset} ${Buffer.from(content.payload)}`)
  }

  gap(channel: string): void {
    this.told.push(`gap ${channel}`)
  }

  renumbered(channel: string): void {
    this.told.push(`renumbered ${channel}`)
  }

  matched({ channel, offset }: Parameters<BrokerEvents['matched']>[0]): void {
    this.told.push(`matched ${channel} ${offset}`)
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
      const place = typeof outcome === 'string' ? outcome : formatPosition(outcome)
      this.told.push(`done ${text} ${place} ${subscribers}${duplicate === true ? ' again' : ''}`)
    })
  }

  /** What the page has, as offsets behind its place. */
  read(from: number, to: number): void {
    this.broker.read(name, parseOffset(from), parseOffset(to), (page: Page) => {
      const offsets = page.publications.map(({ offset }: { offset: Offset }) => offset)
      this.told.push(`page ${page.from}: ${offsets}`)
    })
  }

  /** Everything that was told since the last time. */
  settle(): string[] {
    while (this.clock.turn());
    return this.told.splice(0)
  }
}

type Case = readonly [says: string, play: (follower: Follower) => void]

const cases: readonly Case[] = [
  [
    'a follower is told where the channel stands, and then each publication before its publisher is answered',
    follower => {
      follower.broker.follow(name, undefined)
      for (const text of ['a', 'b']) follower.publish(text)
      deepEqual(follower.settle(), [
        'followed c e1.1000',
        'publication c 1000 a',
        'done a e1.1000 7',
        'publication c 1001 b',
        'done b e1.1001 7',
      ])
    },
  ],
  [
    'who begins to follow later is told the place behind what was published',
    follower => {
      follower.publish('a')
      follower.broker.follow(name, undefined)
      follower.publish('b')
      const told = follower.settle().filter(line => !line.startsWith('done'))
      deepEqual(told, ['publication c 1000 a', 'followed c e1.1001', 'publication c 1001 b'])
    },
  ],
  [
    'what is published here is told although nobody follows: somebody may watch for a pattern',
    follower => {
      follower.publish('a')
      deepEqual(follower.settle(), ['publication c 1000 a', 'done a e1.1000 7'])
    },
  ],
  [
    'a repeated key gets the first place, and nothing is told again',
    follower => {
      for (const text of ['a', 'b']) follower.publish(text, { idempotencyKey: 'key' })
      deepEqual(follower.settle(), ['publication c 1000 a', 'done a e1.1000 7', 'done b e1.1000 7 again'])
    },
  ],
  [
    'drafts keep their order in each channel',
    follower => {
      const texts = ['a', 'b', 'c', 'd']
      texts.forEach((text, n) => follower.publish(text, { channel: channelName(`c${n % 2}`) }))
      const told = follower.settle().filter(line => line.startsWith('publication'))
      deepEqual(told, [
        'publication c0 1000 a',
        'publication c1 1000 b',
        'publication c0 1001 c',
        'publication c1 1001 d',
      ])
    },
  ],
  [
    'a new epoch begins 2^18 beyond what a follower has of an earlier one',
    follower => {
      follower.broker.follow(name, { epoch: parseEpoch('old'), next: parseOffset(5_000) })
      deepEqual(follower.settle(), [`followed c e1.${5_000 + 2 ** 18}`])
    },
  ],
  [
    'who leaves and follows again is told the same place, as often as it asked at most',
    follower => {
      follower.broker.follow(name, undefined)
      follower.settle()
      follower.broker.unfollow(name, false)
      follower.broker.follow(name, undefined)
      follower.broker.unfollow(name, true)
      follower.broker.follow(name, undefined)
      const told = follower.settle()
      ok(told.length > 0 && told.length <= 2 && told.every(line => line === 'followed c e1.1000'))
    },
  ],
  [
    'who follows again finds the same numbering, whether its subscribers left or are awaited',
    follower => {
      for (const awaited of [false, true]) {
        follower.broker.follow(name, undefined)
        follower.settle()
        follower.broker.unfollow(name, awaited)
        follower.publish('a')
      }
      follower.broker.follow(name, undefined)
      equal(follower.settle().at(-1), 'followed c e1.1002')
    },
  ],
  [
    'a page has all from its place up to the one asked for, and not that one',
    follower => {
      follower.broker.follow(name, undefined)
      for (const text of ['a', 'b', 'c']) follower.publish(text)
      follower.settle()
      follower.read(1_000, 1_003)
      follower.read(1_001, 1_002)
      follower.read(1_003, 1_003)
      deepEqual(follower.settle(), ['page 1000: 1000,1001,1002', 'page 1001: 1001', 'page 1003: '])
    },
  ],
  [
    'a page of which some is gone is empty and names the oldest that is not',
    follower => {
      follower.broker.follow(name, undefined)
      for (const text of ['a', 'b', 'c', 'd']) follower.publish(text)
      follower.settle()
      follower.read(1_000, 1_004)
      follower.read(1_001, 1_004)
      follower.clock.advance(60_000)
      follower.read(1_001, 1_004)
      deepEqual(follower.settle(), ['page 1001: ', 'page 1001: 1001,1002,1003', 'page 1004: '])
    },
  ],
  [
    'what was appended before a refresh is told before it is done',
    follower => {
      follower.broker.follow(name, undefined)
      follower.publish('a')
      follower.broker.refresh(name, () => follower.told.push('refreshed'))
      const told = follower.settle()
      equal(told.at(-1), 'refreshed')
      ok(told.includes('publication c 1000 a'))
    },
  ],
]

for (const [kind, wrap] of Object.entries(brokers)) {
  describe(`${kind} as a broker`, () => {
    for (const [says, play] of cases) test(says, () => play(new Follower(wrap)))
  })
}

test('the one that answers later tells nothing in the turn of the question, and nothing to who has left by then', () => {
  const follower = new Follower(brokers['a broker that answers a turn later'] as Wrap) // it is above
  follower.broker.follow(name, undefined)
  follower.publish('a')
  deepEqual(follower.told, [])
  follower.settle()
  follower.broker.unfollow(name, false)
  follower.broker.follow(name, undefined)
  follower.broker.unfollow(name, false)
  deepEqual(follower.settle(), [])
})
