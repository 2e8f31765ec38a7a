// Law 15, the engine's part: subscribers go first while publishes still flow, then publishes are refused, and what is
// under way is answered. And a batch: each draft by itself, outcomes in the order of the drafts.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PublishOutcome } from '../../../src/engine/router.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { channelName, Mesh } from '../../helpers/mesh.ts'
import { publishAll, publishedOf, texts } from '../../helpers/published.ts'

const via = 'test'

describe('law 15, drain', () => {
  test('it closes subscribers of channels and patterns, refuses new ones, and publishes still flow', () => {
    const mesh = new Mesh()
    const [here, there] = [mesh.subscribe(1, 'c0'), mesh.subscribe(2, 'c0')]
    const pattern = new FakeSubscriber()
    mesh.engines[1]?.subscribePattern(channelName('*'), pattern, { via })
    mesh.settle()
    mesh.engines[1]?.drain(0)
    deepEqual([here.closedFor, pattern.closedFor, there.closedFor], ['draining', 'draining', undefined])
    equal(mesh.engines[1]?.subscribe(channelName('c0'), new FakeSubscriber(), { via }), 'draining')
    equal(mesh.engines[1]?.subscribePattern(channelName('*'), new FakeSubscriber(), { via }), 'draining')
    mesh.settle()
    publishAll(mesh, 1, 'c0', ['c'])
    publishAll(mesh, 2, 'd1', ['d'])
    deepEqual([there.received, here.received, pattern.received], [['c'], [], []])
    const { subscribers, channels, patterns } = mesh.engines[1]?.statistics().hub ?? {}
    deepEqual([subscribers, channels, patterns], [0, 0, 0])
    equal(mesh.engines[1]?.statistics().hub['closed.draining'], 2)
  })

  test('closing is spread over the time that it is given, and nobody is offered anything after its end', () => {
    const mesh = new Mesh({ workers: 1 })
    const crowd = Array.from({ length: 100 }, () => mesh.subscribe(0, 'c'))
    const closed = () => crowd.filter(({ closedFor }) => closedFor === 'draining').length
    mesh.engines[0]?.drain(1_000)
    const atOnce = closed()
    mesh.clock.advance(500)
    const half = closed()
    mesh.publish(0, 'c', 'to those that are left')
    mesh.settle()
    mesh.clock.advance(500)
    ok(atOnce <= 10 && half >= 45 && half <= 65, `${atOnce} at once, ${half} after half of the time`)
    equal(closed(), 100)
    equal(crowd.filter(({ received }) => received.length === 1).length, 100 - half)
  })

  test('a thread too busy to keep its timers takes no longer for it', () => {
    const mesh = new Mesh({ workers: 1 })
    const crowd = Array.from({ length: 100 }, () => mesh.subscribe(0, 'c'))
    const left = () => crowd.filter(({ closedFor }) => closedFor === undefined).length
    mesh.engines[0]?.drain(1_000)
    mesh.clock.stall(900)
    mesh.clock.advance(20)
    ok(left() > 0 && left() <= 10, `${left()} are left shortly before the end`)
    mesh.clock.advance(80)
    equal(left(), 0)
  })

  test('it says once that everybody was closed, and at once where nobody is', () => {
    const mesh = new Mesh({ workers: 1 })
    let done = 0
    mesh.engines[0]?.drain(1_000, () => done++)
    equal(done, 1)
    const other = new Mesh({ workers: 1 })
    const crowd = Array.from({ length: 10 }, () => other.subscribe(0, 'c'))
    const left = () => crowd.filter(({ closedFor }) => closedFor === undefined).length
    let leftWhenDone: number | undefined
    other.engines[0]?.drain(1_000, () => {
      equal(leftWhenDone, undefined, 'it was said before')
      leftWhenDone = left()
    })
    while (left() > 0) {
      equal(leftWhenDone, undefined)
      other.clock.advance(20)
    }
    equal(leftWhenDone, 0)
    other.clock.advance(2_000)
    other.engines[0]?.retire()
  })

  test('one that retires meanwhile is done with it, once', () => {
    const mesh = new Mesh()
    for (let n = 0; n < 10; n++) mesh.subscribe(0, 'c0')
    mesh.settle()
    const done: string[] = []
    mesh.engines[0]?.drain(1_000, () => done.push('first'))
    mesh.engines[0]?.retire()
    deepEqual(done, ['first'])
    mesh.clock.advance(2_000)
    mesh.engines[0]?.drain(1_000, () => done.push('second'))
    mesh.clock.advance(2_000)
    deepEqual(done, ['first', 'second'])
  })

  test('whoever leaves while it lasts is not closed as well', () => {
    const mesh = new Mesh({ workers: 1 })
    const crowd = Array.from({ length: 10 }, () => mesh.subscribe(0, 'c'))
    mesh.engines[0]?.drain(1_000)
    for (const { subscription } of crowd) mesh.engines[0]?.unsubscribe(subscription!) // set by subscribe
    mesh.clock.advance(2_000)
    deepEqual(
      crowd.map(({ closedFor }) => closedFor).filter(reason => reason !== undefined).length,
      mesh.engines[0]?.statistics().hub['closed.draining'],
    )
    ok((mesh.engines[0]?.statistics().hub['closed.draining'] ?? 0) < 10)
  })

  test('it makes no channel idle: what had subscribers when it began is in the snapshot, wherever it is owned', () => {
    const names = Array.from({ length: 12 }, (_, n) => `c${n}`)
    for (const spreadMs of [0, 1_000]) {
      const mesh = new Mesh({ settings: { idleChannelsMax: 1 } })
      for (const [n, name] of names.entries()) mesh.subscribe((n >> 1) % 3, name)
      mesh.settle()
      const epochs = names.map(name => publishedOf(mesh.publish(Number(name.slice(1)) % 3, name, 'x')).epoch)
      mesh.settle()
      // One after the other, as the workers hear of the stop.
      for (const engine of mesh.engines) {
        engine?.drain(spreadMs)
        mesh.settle()
        mesh.clock.advance(300)
      }
      mesh.clock.advance(1_000)
      mesh.settle()
      for (let n = 0; n < 9; n++) mesh.publish(0, `passing-${n}`, 'x')
      mesh.settle()
      const left = mesh.engines.flatMap(engine => engine?.snapshot() ?? [])
      const known = new Map(left.map(([name, epoch]) => [name, epoch]))
      deepEqual(
        names.map(name => known.get(name)),
        epochs,
      )
    }
  })

  test('a channel that everybody was sent away from takes publishes and counts nobody, also where it was held up', () => {
    const mesh = new Mesh({ settings: { fanoutBytesMax: 100 } })
    for (const slot of [1, 2]) mesh.subscribe(slot, 'c0')
    mesh.settle()
    mesh.publish(0, 'c0', 'x'.repeat(200))
    mesh.turn(0)
    for (const slot of [1, 2]) mesh.deliver(0, slot)
    // They have it, no pass has offered it yet, and the owner is told to wait: that is on its way.
    for (const slot of [1, 2]) mesh.engines[slot]?.drain(0)
    mesh.settle()
    const { subscribers, duplicate } = publishedOf(mesh.publish(0, 'c0', 'y'))
    deepEqual([subscribers, duplicate], [0, false])
  })

  test('a worker that is lost meanwhile, or comes back, costs no channel either', () => {
    const mesh = new Mesh({ settings: { idleChannelsMax: 1 } })
    const names = ['a0', 'b0', 'c0', 'a2', 'b2', 'c2']
    for (const name of names) mesh.subscribe(1, name)
    mesh.settle()
    const epochs = names.map(name => publishedOf(mesh.publish(Number(name[1]), name, 'x')).epoch)
    for (const engine of mesh.engines) engine?.drain(1_000)
    const snapshot = mesh.engines[2]?.snapshot()
    for (const slot of [1, 2]) mesh.kill(slot)
    mesh.start(2, snapshot)
    mesh.clock.advance(2_000)
    mesh.settle()
    const left = mesh.engines.flatMap(engine => engine?.snapshot() ?? [])
    const known = new Map(left.map(([name, epoch]) => [name, epoch]))
    deepEqual(
      names.map(name => known.get(name)),
      epochs,
    )
  })

  test('sealed, it refuses publishes of its own and answers those of others', () => {
    const mesh = new Mesh()
    mesh.engines[0]?.seal()
    deepEqual(mesh.publish(0, 'c0', 'x'), ['draining'])
    deepEqual(mesh.publish(0, 'c1', 'x'), ['draining'])
    const outcomes = mesh.publish(1, 'c0', 'x')
    mesh.settle()
    equal(publishedOf(outcomes).duplicate, false)
  })

  test('what was under way when it was sealed is answered, and counted until then', () => {
    const mesh = new Mesh()
    const outcomes = texts(3).map(text => mesh.publish(1, 'c0', text))
    equal(mesh.engines[1]?.pending, 3)
    mesh.engines[1]?.seal()
    mesh.turn()
    mesh.deliver(1, 0)
    equal(mesh.engines[1]?.pending, 3)
    mesh.settle()
    equal(mesh.engines[1]?.pending, 0)
    for (const outcome of outcomes) publishedOf(outcome)
  })

  test('questions under way keep no worker from stopping', () => {
    const mesh = new Mesh()
    mesh.engines[1]?.presence(channelName('c0'), () => {})
    mesh.engines[1]?.inspect(channelName('c0'), { limit: 1 }, () => {})
    mesh.engines[1]?.seal()
    equal(mesh.engines[1]?.pending, 0)
    equal(mesh.engines[1]?.statistics().router['pending'], 2)
  })

  test('nothing waits any more where the owner is gone', () => {
    const mesh = new Mesh()
    mesh.publish(1, 'c0', 'x')
    mesh.turn()
    mesh.kill(0)
    equal(mesh.engines[1]?.pending, 0)
  })

  test('a node that drained and sealed in all workers has a snapshot of everything that was answered', () => {
    const mesh = new Mesh({ history: { size: 10 } })
    const outcomes = texts(3).map(text => mesh.publish(1, 'c0', text))
    for (const engine of mesh.engines) engine?.drain(0)
    for (const engine of mesh.engines) engine?.seal()
    mesh.settle()
    const offsets = mesh.engines[0]?.snapshot()[0]?.[4].map(([, [offset]]) => offset)
    deepEqual(
      offsets,
      outcomes.map(outcome => publishedOf(outcome).offset),
    )
  })
})

describe('a batch', () => {
  function publishBatch(
    mesh: Mesh,
    slot: number,
    channels: readonly string[],
  ): (readonly PublishOutcome[])[] {
    const answers: (readonly PublishOutcome[])[] = []
    const drafts = channels.map((channel, index) => ({
      channel: channelName(channel),
      content: { kind: 'text', payload: Buffer.from(`${index}`) } as const,
      via,
    }))
    mesh.engines[slot]?.publishBatch(drafts, outcomes => answers.push(outcomes))
    return answers
  }

  test('is answered once, in the order of its drafts, over several owners', () => {
    const mesh = new Mesh()
    const subscribers = ['a0', 'a1', 'a2'].map(channel => mesh.subscribe(0, channel))
    mesh.settle()
    const answers = publishBatch(mesh, 1, ['a0', 'a1', 'a2', 'a0', 'a2', 'a0'])
    mesh.turn()
    equal(answers.length, 0)
    for (const owner of [2, 0]) {
      mesh.deliver(1, owner)
      mesh.turn()
      mesh.deliver(owner, 1)
    }
    equal(answers.length, 1)
    mesh.settle()
    deepEqual(
      subscribers.map(({ received }) => received),
      [['0', '3', '5'], ['1'], ['2', '4']],
    )
    const offsets = answers[0]?.map(outcome => publishedOf([outcome]).offset) ?? []
    deepEqual(
      [3, 5, 4].map((later, index) => (offsets[later] ?? 0) - (offsets[[0, 3, 2][index] ?? 0] ?? 0)),
      [1, 1, 1],
    )
  })

  test('that fails in part says where', () => {
    const mesh = new Mesh({ namespaces: [{ pattern: 'no-*', publish: [] }] })
    mesh.kill(2)
    const answers = publishBatch(mesh, 1, ['a0', 'no-1', 'a2', 'no-0', 'a1'])
    mesh.settle()
    deepEqual(
      answers[0]?.map(outcome => (typeof outcome === 'string' ? outcome : 'done')),
      ['done', 'not-allowed', 'owner-lost', 'not-allowed', 'done'],
    )
  })

  test('of nothing is answered at once', () => {
    deepEqual(publishBatch(new Mesh(), 1, []), [[]])
  })
})

test('a stop waits for publishes that the broker of this worker has not answered', () => {
  const mesh = new Mesh({ workers: 1, late: 3 })
  const outcomes = mesh.publish(0, 'c0', 'x')
  const [engine] = mesh.engines
  engine?.seal()
  deepEqual([engine?.pending, outcomes.length], [1, 0])
  mesh.settle()
  deepEqual([engine?.pending, outcomes.length], [0, 1])
})
