// Every limit, drop, refusal and close leaves a number behind, at the worker where it was decided and nowhere else.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseOffset } from '../../../src/engine/words/position.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { channelName, Mesh } from '../../helpers/mesh.ts'
import { historyEntryBytes, historyListBytes, publishAll, texts } from '../../helpers/published.ts'

type Room = 'hub' | 'shard' | 'router'

/** Those counters of the worker that are not zero, of these. */
function counted(mesh: Mesh, slot: number, room: Room, names: RegExp): Record<string, number> {
  const all = mesh.engines[slot]?.statistics()[room] ?? {}
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => names.test(name) && value > 0))
}

/** Its wire takes nothing more after the first write. */
function slow(mesh: Mesh, slot: number, channel: string, wire = new FakeSubscriber()): FakeSubscriber {
  wire.writable = false
  mesh.subscribe(slot, channel, wire)
  mesh.settle()
  return wire
}

describe('refusals, by reason', () => {
  const reasons = /^refused\./

  test('a subscribe is counted by the hub, whether of a channel or of a pattern', () => {
    const namespaces = [{ pattern: 'guarded*', subscribe: [] }]
    const mesh = new Mesh({ namespaces, settings: { subscribersMax: 1 } })
    const [, engine] = mesh.engines
    const options = { via: 'test' }
    const ask = (name: string) => {
      engine?.subscribe(channelName(name), new FakeSubscriber(), options)
      engine?.subscribePattern(channelName(name), new FakeSubscriber(), options)
    }
    for (const name of ['guarded0', 'c0', 'c0', 'c0']) ask(name)
    deepEqual(counted(mesh, 1, 'hub', reasons), { 'refused.not-allowed': 2, 'refused.overloaded': 4 })
    engine?.drain(0)
    ask('d0')
    equal(counted(mesh, 1, 'hub', reasons)['refused.draining'], 2)
    deepEqual(counted(mesh, 0, 'hub', reasons), {})
  })

  test('a publish is counted where it was refused: at the owner, or on the way to it', () => {
    const namespaces = [{ pattern: 'guarded*', publish: [] }]
    const mesh = new Mesh({ namespaces, settings: { linkBytesMax: 100 } })
    mesh.publish(1, 'guarded0', 'x')
    mesh.settle()
    for (let n = 0; n < 3; n++) mesh.publish(1, 'c0', 'x'.repeat(40))
    mesh.settle()
    mesh.publish(1, 'c0', 'x')
    mesh.kill(0)
    mesh.publish(1, 'c0', 'x')
    mesh.engines[1]?.seal()
    mesh.publish(1, 'c1', 'x')
    deepEqual(counted(mesh, 1, 'router', reasons), {
      'refused.overloaded': 2,
      'refused.owner-lost': 2,
      'refused.draining': 1,
    })
    deepEqual(counted(mesh, 1, 'shard', reasons), {})
  })

  test('what the owner refuses is counted there', () => {
    const namespaces = [{ pattern: 'guarded*', publish: [] }]
    const mesh = new Mesh({ namespaces, settings: { fanoutBytesMax: 1_000 } })
    mesh.subscribe(0, 'c0')
    mesh.settle()
    mesh.publish(1, 'guarded0', 'x')
    for (let n = 0; n < 12; n++) mesh.publish(0, 'c0', 'x'.repeat(100))
    mesh.settle()
    deepEqual(counted(mesh, 0, 'shard', reasons), { 'refused.not-allowed': 1, 'refused.overloaded': 1 })
    equal(counted(mesh, 0, 'hub', /fanout/)['fanoutBytesExceeded'], 1)
    deepEqual(counted(mesh, 1, 'router', reasons), {})
  })

  test('a publish after the farewell is counted as one whose owner is lost', () => {
    const mesh = new Mesh()
    mesh.retire(0)
    deepEqual(mesh.publish(0, 'c0', 'x'), ['owner-lost'])
    deepEqual(counted(mesh, 0, 'router', reasons), { 'refused.owner-lost': 1 })
  })
})

describe('slow subscribers, by the bound that ended them', () => {
  const bounds = /Exceeded$|^closed\./

  test('too many bytes in front of one subscription', () => {
    const mesh = new Mesh({ workers: 1, settings: { outboxBytesMax: 100 } })
    slow(mesh, 0, 'c')
    publishAll(mesh, 0, 'c', ['x', 'x'.repeat(99), 'xx'])
    deepEqual(counted(mesh, 0, 'hub', bounds), { outboxBytesExceeded: 1, 'closed.slow': 1 })
  })

  test('nothing taken for too long', () => {
    const mesh = new Mesh({ workers: 1, settings: { outboxAgeMsMax: 1_000 } })
    slow(mesh, 0, 'c')
    publishAll(mesh, 0, 'c', ['x'])
    mesh.clock.advance(1_500)
    deepEqual(counted(mesh, 0, 'hub', bounds), { outboxAgeExceeded: 1, 'closed.slow': 1 })
  })

  test('too many bytes in front of a connection', () => {
    const mesh = new Mesh({ workers: 1, settings: { connectionBytesMax: 100 } })
    const one = slow(mesh, 0, 'a')
    const two = new FakeSubscriber()
    Object.assign(two, { wire: one.wire })
    slow(mesh, 0, 'b', two)
    publishAll(mesh, 0, 'a', ['x', 'x'.repeat(60)])
    publishAll(mesh, 0, 'b', ['x', 'x'.repeat(60)])
    deepEqual(counted(mesh, 0, 'hub', bounds), { connectionBytesExceeded: 2, 'closed.slow': 2 })
  })

  test('too many bytes in a worker', () => {
    const mesh = new Mesh({ workers: 1, settings: { workerBytesMax: 100 } })
    slow(mesh, 0, 'c')
    publishAll(mesh, 0, 'c', ['x', 'x'.repeat(101)])
    mesh.clock.advance(250)
    deepEqual(counted(mesh, 0, 'hub', bounds), { workerBytesExceeded: 1, 'closed.slow': 1 })
  })
})

describe('gaps', () => {
  const gaps = /[gG]ap|^closed\.|dropped/

  test('a resume that comes too late, of a channel and of a pattern', () => {
    const mesh = new Mesh({ history: { size: 1 } })
    const [first] = publishAll(mesh, 0, 'c0', texts(3))
    mesh.subscribe(1, 'c0', new FakeSubscriber(), first)
    mesh.settle()
    const options = { via: 'test', since: { epoch: undefined, offset: parseOffset(1) } }
    mesh.engines[1]?.subscribePattern(channelName('c*'), new FakeSubscriber(), options)
    mesh.settle()
    deepEqual(counted(mesh, 1, 'hub', gaps), { resumeGaps: 1, patternResumeGaps: 1 })
    deepEqual(counted(mesh, 0, 'shard', gaps), { recoveryGaps: 1 })
  })

  for (const [tells, name] of [
    [true, 'gapsTold'],
    [false, 'gapsUntold'],
  ] as const) {
    test(`a policy that skips, on a wire that ${tells ? 'can' : 'cannot'} say so`, () => {
      const mesh = new Mesh({ workers: 1, settings: { policy: 'latest' } })
      const wire = slow(mesh, 0, 'c', new FakeSubscriber({ tells }))
      publishAll(mesh, 0, 'c', texts(4))
      wire.writable = true
      mesh.engines[0]?.drained(wire)
      mesh.settle()
      deepEqual(counted(mesh, 0, 'hub', gaps), { dropped: 2, [name]: 1 })
    })
  }

  test('a full link: how often it was full for a channel or for patterns, and what was told instead', () => {
    const mesh = new Mesh({ settings: { linkBytesMax: 200 } })
    mesh.subscribe(1, 'c0')
    mesh.engines[2]?.subscribePattern(channelName('*'), new FakeSubscriber({ tells: true }), { via: 'test' })
    mesh.settle()
    for (let n = 0; n < 5; n++) mesh.publish(0, 'c0', 'x'.repeat(40))
    const links = /[lL]ink|patternGaps/
    deepEqual(counted(mesh, 0, 'shard', links), { linksFull: 1, patternLinksFull: 1 })
    mesh.settle()
    deepEqual(counted(mesh, 0, 'shard', links), {
      linksFull: 1,
      patternLinksFull: 1,
      linkGaps: 1,
      patternGaps: 1,
    })
    equal(counted(mesh, 2, 'hub', gaps)['gapsTold'], 1)
  })

  test('more for a pattern than may wait', () => {
    const mesh = new Mesh({ workers: 1, settings: { fanoutBytesMax: 1_000 } })
    const wire = new FakeSubscriber({ tells: true })
    mesh.engines[0]?.subscribePattern(channelName('*'), wire, { via: 'test' })
    for (let n = 0; n < 11; n++) mesh.publish(0, `c${n}`, 'x'.repeat(100))
    mesh.settle()
    deepEqual(counted(mesh, 0, 'hub', /Exceeded|gaps/), { patternBytesExceeded: 1, gapsTold: 1 })
  })
})

describe('what a shard forgets', () => {
  const history = /^history(?!Bytes)/

  test('history, by the bound', () => {
    const two = historyListBytes + 2 * (1 + historyEntryBytes)
    for (const [limits, expected] of [
      [{ size: 2 }, { historyOverSize: 1 }],
      [{ size: 9, bytesMax: two }, { historyOverBytes: 1 }],
      [{ size: 9, workerBytesMax: two }, { historyEvicted: 1 }],
      [{ size: 9, ttlMs: 1_000 }, { historyExpired: 3 }],
    ] as const) {
      const mesh = new Mesh({ workers: 1, history: limits })
      publishAll(mesh, 0, 'c', texts(3))
      mesh.clock.advance(5_000)
      deepEqual(counted(mesh, 0, 'shard', history), expected)
    }
  })

  test('idempotency keys before their time, and no others', () => {
    const mesh = new Mesh({ workers: 1, settings: { idempotencyKeysMax: 2, idempotencyMs: 1_000 } })
    const publish = (idempotencyKey: string) => mesh.publish(0, 'c', 'x', { idempotencyKey })
    for (const key of ['a', 'b', 'b']) publish(key)
    const keys = /keysForgotten|duplicates/
    deepEqual(counted(mesh, 0, 'shard', keys), { duplicates: 1 })
    publish('c')
    deepEqual(counted(mesh, 0, 'shard', keys), { duplicates: 1, keysForgotten: 1 })
    mesh.clock.advance(1_000)
    for (const key of ['d', 'e']) publish(key)
    deepEqual(counted(mesh, 0, 'shard', keys), { duplicates: 1, keysForgotten: 1 })
  })
})
