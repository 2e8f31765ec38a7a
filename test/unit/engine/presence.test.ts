// Law 11: the owner knows how many subscribers a channel has on the whole node, per worker, told once a turn.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { channelName, Mesh } from '../../helpers/mesh.ts'
import { publishedOf } from '../../helpers/published.ts'

function countOf(mesh: Mesh, slot: number, channel: string): number {
  const outcomes = mesh.publish(slot, channel, 'x')
  mesh.settle()
  return publishedOf(outcomes).subscribers
}

/** What each worker is told when it asks. */
function presenceOf(mesh: Mesh, channel: string): (number | undefined)[] {
  const told: (number | undefined)[] = []
  mesh.engines.forEach((engine, slot) => {
    engine?.presence(channelName(channel), subscribers => {
      told[slot] = subscribers
    })
  })
  mesh.settle()
  return told
}

function leave(mesh: Mesh, slot: number, { subscription }: FakeSubscriber): void {
  mesh.engines[slot]?.unsubscribe(subscription!) // set by subscribe
}

describe('law 11, presence', () => {
  test('a publish is answered with the subscribers of all workers, whoever publishes', () => {
    const mesh = new Mesh()
    for (const slot of [0, 1, 1, 2, 2, 2]) mesh.subscribe(slot, 'c0')
    mesh.settle()
    deepEqual(
      [0, 1, 2].map(slot => countOf(mesh, slot, 'c0')),
      [6, 6, 6],
    )
    deepEqual(presenceOf(mesh, 'c0'), [6, 6, 6])
    deepEqual(presenceOf(mesh, 'nobody0'), [0, 0, 0])
  })

  test('those that leave are no longer counted, down to nobody', () => {
    const mesh = new Mesh()
    const crowd = [1, 1, 1].map(slot => mesh.subscribe(slot, 'c0'))
    mesh.settle()
    for (const [index, left] of [2, 1, 0].entries()) {
      leave(mesh, 1, crowd[index]!) // as many as there are
      mesh.settle()
      deepEqual([presenceOf(mesh, 'c0'), countOf(mesh, 2, 'c0')], [[left, left, left], left])
    }
  })

  test('whoever comes and goes in one turn makes one message at most', () => {
    const mesh = new Mesh()
    const stays = mesh.subscribe(1, 'c0')
    mesh.settle()
    const crowd = Array.from({ length: 20 }, () => mesh.subscribe(1, 'c0'))
    for (const subscriber of crowd.slice(0, 15)) leave(mesh, 1, subscriber)
    mesh.clock.turn()
    mesh.turn(1)
    equal(mesh.link(1, 0).batches.length, 1)
    mesh.settle()
    deepEqual(presenceOf(mesh, 'c0'), [6, 6, 6])
    const sent: unknown[] = []
    const again = mesh.subscribe(1, 'c0')
    leave(mesh, 1, again)
    leave(mesh, 1, stays)
    mesh.subscribe(1, 'c0')
    sent.push(...mesh.link(1, 0).queued)
    deepEqual(sent, [], 'nothing before the end of the turn')
    mesh.settle()
    deepEqual(presenceOf(mesh, 'c0'), [6, 6, 6])
  })

  test('a crowd that joins before the owner answered is counted', () => {
    const mesh = new Mesh()
    for (let n = 0; n < 4; n++) {
      mesh.subscribe(1, 'c0')
      mesh.turn()
    }
    mesh.settle()
    equal(countOf(mesh, 0, 'c0'), 4)
  })

  test('the share of a dead worker is dropped at once', () => {
    const mesh = new Mesh()
    for (const slot of [0, 1, 1, 2]) mesh.subscribe(slot, 'c0')
    mesh.settle()
    mesh.kill(1, { farewell: false })
    deepEqual(Object.values(presenceOf(mesh, 'c0')), [2, 2], 'as the other two are told')
    equal(countOf(mesh, 2, 'c0'), 2)
  })

  for (const farewell of [true, false]) {
    test(`a new owner is told by all hubs ${farewell ? 'after' : 'without'} a farewell`, () => {
      const mesh = new Mesh()
      const crowd = [1, 1, 2].map(slot => mesh.subscribe(slot, 'c0'))
      for (const subscriber of crowd) subscriber.gap = () => true
      mesh.settle()
      mesh.kill(0, { farewell })
      mesh.start(0)
      const late = mesh.subscribe(2, 'c0')
      mesh.settle()
      equal(countOf(mesh, 1, 'c0'), 4)
      leave(mesh, 2, late)
      mesh.settle()
      equal(countOf(mesh, 1, 'c0'), 3)
    })
  }

  test('nobody knows while the owner is away', () => {
    const mesh = new Mesh()
    mesh.subscribe(1, 'c0')
    mesh.settle()
    const told: (number | undefined)[] = []
    mesh.engines[1]?.presence(channelName('c0'), subscribers => told.push(subscribers))
    mesh.turn()
    mesh.kill(0)
    deepEqual([...told], [undefined], 'the question was lost with the owner')
    mesh.engines[2]?.presence(channelName('c0'), subscribers => told.push(subscribers))
    deepEqual(told, [undefined, undefined])
  })
})

test('who asks an owner for more than it answers is refused here', () => {
  const mesh = new Mesh()
  const answers: (number | undefined)[] = []
  const ask = () => mesh.engines[1]?.presence(channelName('c0'), subscribers => answers.push(subscribers))
  for (let n = 0; n < 4_097; n++) ask()
  deepEqual(answers, [undefined])
  equal(mesh.engines[1]?.statistics().router['questionsRefused'], 1)
  mesh.settle()
  deepEqual(new Set(answers.slice(1)), new Set([0]))
  equal(answers.length, 4_097)
  ask()
  mesh.settle()
  equal(answers.at(-1), 0)
})
