// What a worker's broker asks of its carrier, and how much at a time; what it keeps, and for how long.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { describe, test } from 'node:test'
import type { ClusterBroker } from '../../../src/cluster/broker.ts'
import type { ClusterLimits } from '../../../src/cluster/limits.ts'
import type { BrokerEvents, Page } from '../../../src/engine/owner/broker.ts'
import { parseOffset } from '../../../src/engine/words/position.ts'
import { MemoryCluster } from '../../helpers/cluster/memory-cluster.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { channelName } from '../../helpers/mesh.ts'

const keep = { historySize: 10, historyTtlMs: 60_000, historyBytesMax: 1_000_000 }
const c = channelName('c')

class Scene implements BrokerEvents {
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

function names(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `many${n}`)
}

describe('channels that are followed', () => {
  for (const [count, calls] of [
    [512, ['subscribe 512']],
    [513, ['subscribe 512', 'subscribe 1']],
  ] as const) {
    test(`${count} of one turn are subscribed to in calls of 512, and asked about 16 at a time`, () => {
      const scene = new Scene()
      scene.carrier.take()
      scene.follow(...names(count))
      scene.settle()
      const made = scene.carrier.take('subscribe', 'ask')
      deepEqual(
        made.filter(call => call !== 'ask'),
        calls,
      )
      equal(made.length - calls.length, count)
      equal(scene.carrier.most, 16)
      equal(scene.told.length, count)
    })
  }

  test('after an outage all are compared in calls of 250, and asked about where they differ', () => {
    const scene = new Scene()
    scene.follow('c', ...names(600))
    scene.settle()
    scene.cut()
    scene.publish('x')
    scene.settle()
    scene.carrier.take()
    scene.heal()
    const made = scene.carrier.take('subscribe', 'compare', 'ask', 'read')
    deepEqual(
      made.toSorted(),
      [
        'ask',
        'compare 250',
        'compare 250',
        'compare 12',
        'compare 89',
        'read c',
        'subscribe 512',
        'subscribe 89',
      ].toSorted(),
    )
    equal(scene.told.at(-1), 'told x')
  })

  test('the longest unheard are brought forward first', () => {
    const scene = new Scene()
    scene.follow('c', 'd', 'e')
    scene.settle()
    scene.publish('x', scene.other, channelName('c'))
    scene.settle()
    scene.cut()
    for (const name of ['c', 'd', 'e']) scene.publish(name, scene.other, channelName(name))
    scene.settle()
    scene.told.length = 0
    scene.heal()
    deepEqual(scene.told, ['told d', 'told e', 'told c'])
  })

  test('one that is left lingers, and whoever comes back in time is answered at once', () => {
    const scene = new Scene()
    scene.follow('c')
    scene.settle()
    scene.carrier.take()
    scene.broker.unfollow(c)
    scene.publish('unheard')
    scene.settle()
    scene.clock.advance(29_999)
    scene.told.length = 0
    scene.follow('c')
    deepEqual(scene.told, ['followed c'])
    deepEqual(scene.carrier.take('subscribe', 'unsubscribe', 'ask'), [])
    scene.broker.unfollow(c)
    scene.clock.advance(30_000)
    scene.settle()
    deepEqual(scene.carrier.take('unsubscribe'), ['unsubscribe 1'])
    equal(scene.broker.statistics()['broker.lingering'], 0)
  })

  test('at most 10,000 linger, and the one that waited longest goes first', () => {
    const scene = new Scene()
    const many = names(10_001)
    scene.follow(...many)
    scene.settle()
    for (const name of many) scene.broker.unfollow(channelName(name))
    equal(scene.broker.statistics()['broker.lingering'], 10_000)
    scene.settle()
    deepEqual(scene.carrier.take('unsubscribe'), ['unsubscribe 1'])
  })

  test('those that are not followed are kept by nobody', () => {
    const scene = new Scene()
    for (const name of names(100)) scene.publish(name, scene.broker, channelName(name))
    scene.settle()
    const {
      'broker.followed': followed,
      'broker.lingering': lingering,
      historyBytes,
    } = scene.broker.statistics()
    deepEqual([followed, lingering, historyBytes], [0, 0, 0])
  })
})

describe('reads', () => {
  test('a storm of them asks once, and then nothing', () => {
    const scene = new Scene()
    for (const text of ['a', 'b', 'c', 'd']) scene.publish(text)
    scene.settle()
    scene.follow('c')
    scene.settle()
    const pages = Array.from({ length: 1_000 }, (_, n) => scene.read(scene.next - 4 + (n % 4)))
    scene.settle()
    deepEqual(scene.carrier.take('read'), ['read c'])
    for (const [n, [page]] of pages.entries()) equal(page?.publications.length, 4 - (n % 4))
    equal(scene.read(scene.next - 4)[0]?.publications.length, 4)
    deepEqual(scene.carrier.take('read'), [])
  })

  test('wait while the broker is away, 10,000 at most, and are answered when it is back', () => {
    const scene = new Scene()
    scene.publish('a')
    scene.settle()
    scene.follow('c')
    scene.settle()
    scene.cut()
    const pages = Array.from({ length: 10_001 }, () => scene.read(scene.next - 1))
    deepEqual(pages[10_000], [{ from: scene.next, publications: [] }])
    equal(pages[9_999]?.length, 0)
    scene.heal()
    equal(pages[9_999]?.[0]?.publications.length, 1)
  })
})

describe('a publisher', () => {
  test('that is followed here is answered when it was told here, or when that takes too long', () => {
    const scene = new Scene()
    scene.follow('c')
    scene.settle()
    scene.told.length = 0
    scene.publish('x', scene.broker)
    scene.settle()
    deepEqual(scene.told, ['told x', 'done x'])
    // Nobody hears of what is delivered any more, and no sweep finds it.
    scene.carrier.compare = () => {}
    scene.carrier.connections[0]?.channels.clear()
    scene.publish('y', scene.broker)
    scene.settle()
    scene.clock.advance(1_499)
    scene.settle()
    ok(!scene.told.includes('done y'))
    scene.clock.advance(1)
    scene.settle()
    ok(scene.told.includes('done y'))
  })

  test('is refused while the broker is away, and until everything is brought forward', () => {
    const scene = new Scene()
    scene.cut()
    deepEqual(scene.publish('x', scene.broker), ['broker-away'])
    equal(scene.broker.away?.reason, 'the connection was cut')
    scene.heal()
    equal(scene.broker.away, undefined)
    const outcomes = scene.publish('y', scene.broker)
    scene.settle()
    equal(outcomes.length, 1)
  })
})

describe('what is lost without a word', () => {
  test('is found by the sweep of quiet channels, healed, counted and said', () => {
    const scene = new Scene()
    scene.follow('c')
    scene.settle()
    scene.publish('x')
    scene.cluster.lanes[0]?.master.attached.delete(scene.carrier.connections[0]!) // it is up
    scene.settle()
    ok(!scene.told.includes('told x'))
    scene.clock.advance(1_000)
    scene.settle()
    ok(scene.told.includes('told x'))
    equal(scene.broker.statistics()['broker.sweepDifferences'], 1)
    ok(scene.cluster.notices.some(line => line.startsWith('broker-differs c')))
  })

  test('200 are swept in a second', () => {
    const scene = new Scene()
    scene.follow(...names(300))
    scene.settle()
    scene.carrier.take()
    scene.clock.advance(2_000)
    deepEqual(scene.carrier.take('compare'), ['compare 200', 'compare 200'])
  })
})

describe('subscribers', () => {
  test('are told at most once a second, and only where they changed', () => {
    const scene = new Scene()
    scene.follow('c')
    scene.settle()
    for (const count of [1, 2, 3]) scene.broker.count(c, count)
    scene.clock.advance(999)
    deepEqual(scene.carrier.take('count'), [])
    scene.clock.advance(1)
    deepEqual(scene.carrier.take('count'), ['count c 3'])
    for (const count of [4, 3]) scene.broker.count(c, count)
    scene.clock.advance(5_000)
    deepEqual(scene.carrier.take('count'), [])
    scene.broker.unfollow(c)
    deepEqual(scene.carrier.take('count'), ['count c 0'])
  })

  test('are told again after an outage, and those that left meanwhile too', () => {
    const scene = new Scene()
    scene.follow('c', 'd')
    scene.settle()
    for (const name of ['c', 'd']) scene.broker.count(channelName(name), 2)
    scene.clock.advance(1_000)
    scene.cut()
    scene.broker.unfollow(channelName('d'))
    scene.carrier.take()
    scene.heal()
    scene.clock.advance(1_000)
    deepEqual(scene.carrier.take('count'), ['count d 0', 'count c 2'])
  })

  test('of other nodes are asked for at most every two seconds, by one of many', () => {
    const scene = new Scene()
    const known: number[] = []
    for (let n = 0; n < 10; n++) scene.broker.elsewhere(c, count => known.push(count))
    scene.settle()
    scene.clock.advance(1_999)
    scene.broker.elsewhere(c, count => known.push(count))
    deepEqual(scene.carrier.take('elsewhere'), ['elsewhere c'])
    scene.clock.advance(1)
    scene.broker.elsewhere(c, count => known.push(count))
    deepEqual(scene.carrier.take('elsewhere'), ['elsewhere c'])
    scene.settle()
    equal(known.length, 12)
  })
})

describe('patterns', () => {
  test('that were watched before an outage may have missed something, and are told so', () => {
    const scene = new Scene()
    let done = 0
    scene.broker.watch('c*', () => done++)
    scene.settle()
    equal(done, 1)
    scene.cut()
    ok(!scene.told.includes('pattern gap'))
    scene.heal()
    equal(scene.told.filter(line => line === 'pattern gap').length, 1)
  })

  test('that are first watched while it is away wait, and miss nothing', () => {
    const scene = new Scene()
    scene.cut()
    let done = 0
    scene.broker.watch('c*', () => done++)
    scene.settle()
    equal(done, 0)
    scene.heal()
    deepEqual([done, scene.told.includes('pattern gap')], [1, false])
  })
})
