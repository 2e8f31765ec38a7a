// Law 10: several subscriptions on one connection keep their own bounds and policies, share a total bound, and are
// drained in turn.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CloseReason } from '../../../../src/engine/words/refusal.ts'
import { FakeSubscriber } from '../../../helpers/fake-subscriber.ts'
import { channelName, Mesh } from '../../../helpers/mesh.ts'
import { publishAll, publishedOf, texts } from '../../../helpers/published.ts'

/** A connection in worker 0 with subscriptions, and what the engine closed on it. */
function connect(mesh: Mesh, channels: readonly string[]): { wire: FakeSubscriber; closed: string[] } {
  const wire = new FakeSubscriber({ tells: true })
  const closed: string[] = []
  wire.close = (reason: CloseReason, channel = '') => void closed.push(`${channel} ${reason}`)
  for (const channel of channels) mesh.subscribe(0, channel, wire)
  mesh.settle()
  return { wire, closed }
}

function drain(mesh: Mesh, subscriber: FakeSubscriber): void {
  subscriber.writable = true
  mesh.engines[0]?.drained(subscriber)
  mesh.settle()
}

describe('law 10, several channels on one connection', () => {
  test('a channel whose news meet a wire that another one filled is served when it drains', () => {
    const mesh = new Mesh({ workers: 1 })
    const { wire, closed } = connect(mesh, ['a', 'b'])
    wire.writable = false
    publishAll(mesh, 0, 'a', ['a0'])
    publishAll(mesh, 0, 'b', texts(3))
    deepEqual(wire.received, ['a0'])
    drain(mesh, wire)
    deepEqual([wire.received, wire.gaps, closed], [['a0', ...texts(3)], [], []])
  })

  test('a subscription made while the wire is full gets all that follows', () => {
    const mesh = new Mesh({ workers: 1 })
    const { wire } = connect(mesh, ['a'])
    wire.writable = false
    publishAll(mesh, 0, 'a', ['a0'])
    mesh.subscribe(0, 'b', wire)
    mesh.subscribe(0, 'b')
    publishAll(mesh, 0, 'b', texts(3))
    drain(mesh, wire)
    deepEqual(wire.received, ['a0', ...texts(3)])
  })

  test('a recovery onto a full wire waits for it', () => {
    const mesh = new Mesh({ workers: 1, history: { size: 10 } })
    const positions = publishAll(mesh, 0, 'b', texts(4))
    const { wire } = connect(mesh, ['a'])
    wire.writable = false
    publishAll(mesh, 0, 'a', ['a0'])
    mesh.subscribe(0, 'b', wire, positions[0])
    publishAll(mesh, 0, 'b', ['4'])
    deepEqual(wire.received, ['a0'])
    drain(mesh, wire)
    deepEqual(wire.received, ['a0', ...texts(4, 1)])
  })

  test('each subscription has its own bound and policy', () => {
    const namespaces = [
      { pattern: 'strict', outboxBytesMax: 100 },
      { pattern: 'loose', outboxBytesMax: 200, policy: 'drop-oldest' },
    ] as const
    const mesh = new Mesh({ workers: 1, namespaces })
    const { wire, closed } = connect(mesh, ['strict', 'loose', 'other'])
    wire.writable = false
    publishAll(mesh, 0, 'other', ['x'])
    publishAll(mesh, 0, 'strict', ['s'.repeat(99), 's'])
    deepEqual(closed, [])
    publishAll(mesh, 0, 'strict', ['s'])
    deepEqual(closed, ['strict slow'])
    publishAll(mesh, 0, 'loose', ['1'.repeat(90), '2'.repeat(90), '3'.repeat(90)])
    publishAll(mesh, 0, 'other', ['y'.repeat(300)])
    drain(mesh, wire)
    deepEqual(closed, ['strict slow'])
    deepEqual(wire.received.map(text => text[0]).sort(), ['2', '3', 'x', 'y'])
    equal(wire.gaps.length, 1)
  })

  for (const [channels, sizes] of [
    [
      ['a', 'b', 'c'],
      [400, 400, 200],
    ],
    [['a'], [1_000, 0, 0]],
  ] as const) {
    test(`the total bound of a connection closes all of it, with ${channels.length} subscriptions`, () => {
      const mesh = new Mesh({ workers: 1, settings: { connectionBytesMax: 1_000 } })
      const { wire, closed } = connect(mesh, channels)
      const bystander = mesh.subscribe(0, 'a')
      wire.writable = false
      publishAll(mesh, 0, 'a', ['first'])
      channels.forEach((channel, index) => publishAll(mesh, 0, channel, ['x'.repeat(sizes[index] ?? 0)]))
      deepEqual(closed, [], 'the bound itself is allowed')
      publishAll(mesh, 0, 'a', ['!'])
      deepEqual(
        closed.sort(),
        channels.map(channel => `${channel} slow`),
      )
      equal(mesh.engines[0]?.statistics().hub['closed.slow'], channels.length)
      equal(bystander.received.at(-1), '!')
    })
  }

  test('the total bound counts whatever the policies are', () => {
    const mesh = new Mesh({ workers: 1, settings: { connectionBytesMax: 100, policy: 'drop-oldest' } })
    const { wire, closed } = connect(mesh, ['a', 'b'])
    wire.writable = false
    publishAll(mesh, 0, 'a', ['first', 'x'.repeat(60)])
    publishAll(mesh, 0, 'b', ['y'.repeat(60)])
    deepEqual(closed.sort(), ['a slow', 'b slow'])
  })

  test('a wire that takes a little at a time serves its channels in turn', () => {
    const mesh = new Mesh({ workers: 1, settings: { flushBytesMax: 4 } })
    const { wire } = connect(mesh, ['a', 'b', 'c'])
    wire.writable = false
    publishAll(mesh, 0, 'a', ['go'])
    for (const channel of ['a', 'b', 'c']) {
      publishAll(
        mesh,
        0,
        channel,
        texts(4).map(text => `${channel}${text}`),
      )
    }
    for (let round = 0; round < 12; round++) {
      mesh.engines[0]?.drained(wire)
      mesh.settle()
    }
    equal(wire.received.length, 13)
    for (const channel of ['a', 'b', 'c']) {
      const own = wire.received.filter(text => text.startsWith(channel))
      deepEqual(
        own,
        texts(4).map(text => `${channel}${text}`),
        'in order within the channel',
      )
    }
    for (let round = 0; round < 4; round++) {
      const turn = wire.received.slice(1 + round * 3, 4 + round * 3).map(text => text[0])
      deepEqual(turn.sort(), ['a', 'b', 'c'], `round ${round}`)
    }
  })

  test('leaving one channel leaves the others as they are', () => {
    const mesh = new Mesh({ workers: 1 })
    const { wire, closed } = connect(mesh, ['a', 'b'])
    wire.writable = false
    publishAll(mesh, 0, 'a', ['a0', 'a1'])
    publishAll(mesh, 0, 'b', ['b0'])
    mesh.engines[0]?.unsubscribe(wire.subscription!) // that of the last channel, set by subscribe
    publishAll(mesh, 0, 'b', ['b1'])
    drain(mesh, wire)
    deepEqual([wire.received, closed], [['a0', 'a1'], []])
    equal(publishedOf(mesh.publish(0, 'b', 'nobody')).subscribers, 0)
  })

  test('leaving gives up all of them, a pattern among them, and is harmless when repeated', () => {
    const mesh = new Mesh({ workers: 1 })
    const { wire, closed } = connect(mesh, ['a', 'b'])
    mesh.engines[0]?.subscribePattern(channelName('a*'), wire, { via: 'test' })
    mesh.engines[0]?.leave(wire)
    mesh.engines[0]?.leave(wire)
    publishAll(mesh, 0, 'a', ['a0'])
    const { subscribers, patterns } = mesh.engines[0]?.statistics().hub ?? {}
    deepEqual([wire.received, closed, subscribers, patterns], [[], [], 0, 0])
  })

  test('time without progress closes every subscription that is behind', () => {
    const mesh = new Mesh({ workers: 1, settings: { outboxAgeMsMax: 1_000 } })
    const { wire, closed } = connect(mesh, ['a', 'b'])
    wire.writable = false
    publishAll(mesh, 0, 'a', ['a0', 'a1'])
    publishAll(mesh, 0, 'b', ['b0'])
    mesh.clock.advance(900)
    equal(closed.length, 0)
    mesh.clock.advance(500)
    ok(closed.includes('a slow') && closed.includes('b slow'))
  })
})
