// Law 21: another process takes over the channels. Its owners go on with numbering, history, keys and orders; the readers of the
// process before miss nothing and get everything until their own end; and nothing is refused meanwhile.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { channelName, Mesh, type MeshOptions } from '../../helpers/mesh.ts'
import { publishAll, publishedOf, texts } from '../../helpers/published.ts'
import { Successors } from '../../helpers/successors.ts'

const kept = { history: { size: 100 } } as const

function subscribePattern(mesh: Mesh, subscriber: FakeSubscriber): void {
  const outcome = mesh.engines[0]?.subscribePattern(channelName('c*'), subscriber, { via: 'test' })
  equal(typeof outcome, 'object')
}

/** Three workers, and two that take over from them. */
function scene(options: MeshOptions = {}): Successors {
  return new Successors(new Mesh(options), new Mesh({ ...options, workers: 2 }))
}

describe('law 21, succession', () => {
  for (const options of [{}, kept]) {
    const history = 'history' in options ? 'with' : 'without'
    test(`readers of the process before go on, ${history} history`, () => {
      const both = scene(options)
      const readers = [0, 1, 2].map(slot => both.old.subscribe(slot, 'c1'))
      both.old.settle()
      publishAll(both.old, 0, 'c1', texts(3))
      both.complete()
      const late = both.young.subscribe(0, 'c1')
      both.settle()
      const outcomes = [both.young.publish(1, 'c1', '3'), both.old.publish(2, 'c1', '4')]
      both.settle()
      for (const { received, gaps, closedFor } of readers)
        deepEqual([received, gaps, closedFor], [texts(5), [], undefined])
      deepEqual(late.received, ['3', '4'])
      deepEqual(
        outcomes.map(outcome => publishedOf(outcome).subscribers),
        [4, 4],
      )
    })
  }

  test('the numbering goes on, and positions of before are good', () => {
    const both = scene(kept)
    const positions = publishAll(both.old, 0, 'c4', texts(3))
    both.complete()
    const [next = ''] = publishAll(both.young, 0, 'c4', ['3'])
    both.settle()
    const [epoch, offset] = (positions[2] ?? '').split('.')
    equal(next, `${epoch}.${Number(offset) + 1}`)
    const resumed = both.young.subscribe(1, 'c4', new FakeSubscriber(), positions[0])
    both.settle()
    deepEqual([resumed.received, resumed.resumedWithGap], [texts(3, 1), false])
  })

  test('what is published meanwhile waits, and is given its place by the new owner in its order', () => {
    const both = scene(kept)
    const reader = both.old.subscribe(1, 'c0')
    both.old.settle()
    both.hold()
    const first = both.old.publish(0, 'c0', '0')
    both.leave()
    const second = both.old.publish(0, 'c0', '1')
    both.settle()
    deepEqual([first, second, reader.received], [[], [], []])
    both.follow()
    both.resume()
    both.settle()
    deepEqual(reader.received, ['0', '1'])
    equal(publishedOf(second).offset, publishedOf(first).offset + 1)
  })

  test('more than a link may have under way is refused, and the rest goes on', () => {
    const both = scene({ settings: { linkBytesMax: 4_096 } })
    both.hold()
    const outcomes = Array.from({ length: 3 }, () => both.old.publish(0, 'c0', 'x'.repeat(1_900)))
    deepEqual(outcomes, [[], [], ['overloaded']])
    both.leave()
    both.follow()
    both.resume()
    both.settle()
    for (const outcome of outcomes.slice(0, 2)) ok(publishedOf(outcome).offset > 0)
  })

  test('the old owners go on where nobody takes over after all', () => {
    const both = scene(kept)
    const reader = both.old.subscribe(1, 'c0', new FakeSubscriber({ tells: true }))
    both.old.settle()
    publishAll(both.old, 0, 'c0', ['0'])
    both.hold()
    const held = both.old.publish(2, 'c0', '1')
    both.leave()
    both.resume()
    both.settle()
    publishAll(both.old, 1, 'c0', ['2'])
    both.settle()
    deepEqual([reader.received, reader.gaps], [texts(3), []])
    ok(publishedOf(held).offset > 0)
    // Its end is not what the farewell of before says.
    both.old.kill(0, { farewell: false })
    both.old.start(0)
    both.old.settle()
    equal(reader.gaps.length, 1)
  })

  test('keys of publishers are known to the new owner', () => {
    const both = scene(kept)
    const first = both.old.publish(0, 'c0', 'x', { idempotencyKey: 'k' })
    both.old.settle()
    both.complete()
    const again = both.old.publish(1, 'c0', 'x', { idempotencyKey: 'k' })
    both.settle()
    deepEqual(again, [{ ...publishedOf(first), duplicate: true }])
  })

  test('patterns of readers get what is published to the new owners, and those of the new ones what old clients publish', () => {
    const both = scene()
    const [old, young] = [new FakeSubscriber(), new FakeSubscriber()]
    subscribePattern(both.old, old)
    both.old.settle()
    both.complete()
    subscribePattern(both.young, young)
    both.settle()
    both.young.publish(0, 'c1', '0')
    both.settle()
    both.old.publish(0, 'c2', '1')
    both.settle()
    deepEqual([old.received, old.gaps], [['0', '1'], []])
    deepEqual(young.received, ['0', '1'])
  })

  test('questions wait, too, and are answered by the new owner', () => {
    const both = scene(kept)
    both.old.subscribe(1, 'c0')
    both.old.settle()
    both.hold()
    const seen: unknown[] = []
    both.old.engines[2]?.presence(channelName('c0'), subscribers => seen.push(subscribers))
    both.leave()
    both.settle()
    deepEqual(seen, [])
    both.follow()
    both.resume()
    both.settle()
    deepEqual(seen, [1])
  })

  test('a client that comes to a reader afterwards is served', () => {
    const both = scene(kept)
    publishAll(both.old, 0, 'c0', texts(2))
    both.complete()
    const reader = both.old.subscribe(2, 'c0', new FakeSubscriber(), '0')
    both.settle()
    publishAll(both.young, 1, 'c0', ['2'])
    both.settle()
    deepEqual(reader.received.at(-1), '2')
  })
})
