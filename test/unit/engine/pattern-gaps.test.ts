// Law 12 where something may be missing: full links, lost owners, disorder. A pattern subscriber is told, or closed
// where its wire cannot say so; and it is never told for nothing.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { channelName, Mesh } from '../../helpers/mesh.ts'
import { publishAll, texts } from '../../helpers/published.ts'

const narrow = { linkBytesMax: 300 }

function watch(mesh: Mesh, slot: number, pattern: string, tells = true): FakeSubscriber {
  const subscriber = new FakeSubscriber({ tells })
  mesh.engines[slot]?.subscribePattern(channelName(pattern), subscriber, { via: 'test' })
  mesh.settle()
  return subscriber
}

/** More than a narrow link carries at once. */
function flood(mesh: Mesh, channel: string): void {
  for (const text of texts(6)) mesh.publish(0, channel, text.padEnd(60, '.'))
}

describe('law 12, a full link', () => {
  test('is a gap for a pattern that alone asked for the publications', () => {
    const mesh = new Mesh({ settings: narrow, history: { size: 100 } })
    const [teller, mute] = [watch(mesh, 1, 'c*'), watch(mesh, 1, 'c*', false)]
    const elsewhere = watch(mesh, 2, 'c*')
    flood(mesh, 'c0')
    mesh.turn()
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['after'])
    deepEqual([teller.gaps.length, teller.received.at(-1)], [1, 'after'])
    deepEqual([mute.gaps.length, mute.closedFor], [1, 'gap'])
    equal(elsewhere.gaps.length, 1, 'its link was as full')
  })

  test('is none where a subscriber of the channel has the missing range sent', () => {
    const mesh = new Mesh({ settings: narrow, history: { size: 100 } })
    const [direct, pattern] = [mesh.subscribe(1, 'c0'), watch(mesh, 1, 'c*')]
    flood(mesh, 'c0')
    mesh.settle()
    deepEqual([pattern.received.length, pattern.gaps], [6, []])
    deepEqual(direct.received, pattern.received)
  })

  test('is a gap for both where nothing is kept', () => {
    const mesh = new Mesh({ settings: narrow })
    const direct = mesh.subscribe(1, 'c0', new FakeSubscriber({ tells: true }))
    const [pattern, other] = [watch(mesh, 1, 'c*'), watch(mesh, 1, 'd*')]
    flood(mesh, 'c0')
    mesh.settle()
    deepEqual([direct.gaps.length, pattern.gaps.length, other.gaps.length], [1, 1, 0])
  })

  test('is a gap where the subscriber of the channel leaves before the missing range was sent', () => {
    const mesh = new Mesh({ settings: narrow, history: { size: 100 } })
    const direct = mesh.subscribe(1, 'c0')
    const pattern = watch(mesh, 1, 'c*')
    flood(mesh, 'c0')
    mesh.engines[1]?.unsubscribe(direct.subscription!) // set by subscribe
    mesh.link(1, 0).flush()
    mesh.deliver(1, 0)
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['after'])
    equal(pattern.received.at(-1), 'after')
    deepEqual([pattern.received.length < 7, pattern.gaps.length], [true, 1])
  })
})

describe('law 12, a lost owner', () => {
  test('that said farewell is no gap, and its successor is watched', () => {
    const mesh = new Mesh()
    const pattern = watch(mesh, 1, '*', false)
    publishAll(mesh, 2, 'c0', ['a'])
    mesh.kill(0)
    mesh.start(0)
    mesh.settle()
    publishAll(mesh, 2, 'c0', ['b'])
    deepEqual([pattern.received, pattern.gaps], [['a', 'b'], []])
  })

  test('that said none is a gap', () => {
    const mesh = new Mesh()
    const [teller, mute] = [watch(mesh, 1, '*'), watch(mesh, 1, '*', false)]
    mesh.kill(0, { farewell: false })
    mesh.start(0)
    mesh.settle()
    publishAll(mesh, 2, 'c0', ['b'])
    deepEqual([teller.gaps.length, teller.received], [1, ['b']])
    equal(mute.closedFor, 'gap')
  })

  test('that owed something when it said farewell is a gap', () => {
    for (const direct of [true, false]) {
      const mesh = new Mesh({ settings: narrow })
      const pattern = watch(mesh, 1, 'c*')
      if (direct) mesh.subscribe(1, 'c0', new FakeSubscriber({ tells: true }))
      mesh.settle()
      flood(mesh, 'c0')
      mesh.kill(0)
      mesh.start(0)
      mesh.settle()
      publishAll(mesh, 2, 'c0', ['after'])
      deepEqual([pattern.gaps.length, pattern.received.at(-1)], [1, 'after'])
    }
  })
})

describe('law 12, disorder', () => {
  test('a channel that has to be attached again never repeats or swaps what a pattern gets', () => {
    const mesh = new Mesh({ history: { size: 100 } })
    const direct = mesh.subscribe(1, 'c0')
    const pattern = watch(mesh, 1, 'c*')
    publishAll(mesh, 0, 'c0', ['0'])
    mesh.publish(0, 'c0', '1')
    mesh.turn()
    mesh.link(0, 1).batches.length = 0
    publishAll(mesh, 0, 'c0', texts(3, 2))
    deepEqual(direct.received, texts(5))
    deepEqual(pattern.received, texts(5))
    equal(pattern.gaps.length, 1)
  })

  test('what waits for a first pass beyond the limit is a gap, for no single owner could be slowed', () => {
    const mesh = new Mesh({ settings: { fanoutBytesMax: 1_000 } })
    const [teller, mute] = [watch(mesh, 0, '*'), watch(mesh, 0, '*', false)]
    for (const text of texts(10)) mesh.publish(0, 'c0', text.padEnd(100, '.'))
    mesh.settle()
    deepEqual([teller.received.length, teller.gaps, mute.closedFor], [10, [], undefined])
    for (const text of texts(11)) mesh.publish(0, 'c0', text.padEnd(100, '.'))
    mesh.settle()
    deepEqual([teller.gaps.length, mute.closedFor], [1, 'gap'])
    publishAll(mesh, 0, 'c0', ['after'])
    equal(teller.received.at(-1), 'after')
  })
})
