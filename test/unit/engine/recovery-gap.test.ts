// Law 1: a position that history does not cover is answered with a gap, then live from the head; one that it
// covers never is, whoever waits beside it.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parsePosition } from '../../../src/engine/words/position.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { Mesh } from '../../helpers/mesh.ts'
import { publishAll, publishedOf, texts } from '../../helpers/published.ts'

describe('law 1, positions that nothing covers', () => {
  const cases = [
    { name: 'ahead of the head', since: (epoch: string, head: number) => `${epoch}.${head + 1}` },
    { name: 'far ahead of the head', since: (epoch: string) => `${epoch}.${Number.MAX_SAFE_INTEGER - 1}` },
    { name: 'bare and ahead of the head', since: (_: string, head: number) => `${head + 1}` },
    { name: 'of another epoch', since: (_: string, head: number) => `other.${head}` },
    { name: 'older than history', since: (epoch: string, head: number) => `${epoch}.${head - 4}` },
    { name: 'zero', since: (epoch: string) => `${epoch}.0` },
  ]
  for (const { name, since } of cases) {
    for (const slot of [0, 1]) {
      test(`${name}, seen from worker ${slot}: a gap, then live from the head`, () => {
        const mesh = new Mesh({ history: { size: 3 } })
        publishAll(mesh, 0, 'c0', texts(9))
        const { epoch, offset } = publishedOf(mesh.publish(0, 'c0', '9'))
        const subscriber = mesh.subscribe(slot, 'c0', new FakeSubscriber(), since(epoch, offset))
        mesh.settle()
        deepEqual([subscriber.resumedWithGap, subscriber.received], [true, []])
        deepEqual(subscriber.position, { epoch, offset })
        publishAll(mesh, 0, 'c0', ['10'])
        deepEqual([subscriber.received, subscriber.closedFor, subscriber.gaps], [['10'], undefined, []])
      })
    }
  }

  test('the oldest position that history covers has no gap', () => {
    const mesh = new Mesh({ history: { size: 3 } })
    const positions = publishAll(mesh, 0, 'c0', texts(9))
    const subscriber = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[5])
    mesh.settle()
    deepEqual([subscriber.received, subscriber.resumedWithGap], [['6', '7', '8'], false])
  })

  test('a channel without history covers its head and nothing else', () => {
    const mesh = new Mesh()
    const positions = publishAll(mesh, 0, 'c0', texts(3))
    const crowd = [1, 2].map(n => mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[n]))
    mesh.settle()
    deepEqual(
      crowd.map(({ resumedWithGap }) => resumedWithGap),
      [true, false],
    )
  })

  test('the greatest number that can be written is no position that breaks the owner', () => {
    const mesh = new Mesh({ history: { size: 3 } })
    publishAll(mesh, 0, 'c0', texts(3))
    equal(parsePosition(`${Number.MAX_SAFE_INTEGER}`), undefined)
    const subscriber = mesh.subscribe(1, 'c0', new FakeSubscriber(), `${Number.MAX_SAFE_INTEGER - 1}`)
    mesh.settle()
    equal(subscriber.resumedWithGap, true)
  })
})

describe('law 1, positions that wait beside others', () => {
  test('one ahead of the head is a gap, though it waits beside one that is covered', () => {
    const mesh = new Mesh({ history: { size: 10 } })
    const positions = publishAll(mesh, 0, 'c0', texts(4))
    mesh.subscribe(1, 'c0')
    mesh.settle()
    const covered = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[0])
    const ahead = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[3]?.replace(/\d$/, '9'))
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['4'])
    deepEqual([covered.resumedWithGap, covered.received], [false, texts(4, 1)])
    deepEqual([ahead.resumedWithGap, ahead.received], [true, ['4']])
  })

  test('all of one lost epoch are answered at once', () => {
    const mesh = new Mesh({ history: { size: 10 } })
    const positions = publishAll(mesh, 0, 'c0', texts(4)).map(position => position.replace(/^\w+/, 'lost'))
    mesh.subscribe(1, 'c0')
    mesh.settle()
    const crowd = positions.map(since => mesh.subscribe(1, 'c0', new FakeSubscriber(), since))
    mesh.turn()
    mesh.deliver(1, 0)
    mesh.turn()
    mesh.deliver(0, 1)
    deepEqual(
      crowd.map(({ resumedWithGap }) => resumedWithGap),
      [true, true, true, true],
    )
  })
})

describe('law 1, a position that is covered has no gap', () => {
  test('though it waits beside one that is older than history', () => {
    const mesh = new Mesh({ history: { size: 4 } })
    const positions = publishAll(mesh, 0, 'c0', texts(9))
    mesh.subscribe(1, 'c0')
    mesh.settle()
    const crowd = [0, 6, 2, 5, 4].map(n => mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[n]))
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['9'])
    deepEqual(
      crowd.map(({ resumedWithGap, received }) => [resumedWithGap, received]),
      [
        [true, ['9']],
        [false, ['7', '8', '9']],
        [true, ['9']],
        [false, ['6', '7', '8', '9']],
        [false, ['5', '6', '7', '8', '9']],
      ],
    )
  })

  test('many that are all too old are answered in a few rounds', () => {
    const mesh = new Mesh({ history: { size: 1 } })
    const positions = publishAll(mesh, 0, 'c0', texts(50))
    mesh.subscribe(1, 'c0')
    mesh.settle()
    const crowd = positions.slice(0, 40).map(since => mesh.subscribe(1, 'c0', new FakeSubscriber(), since))
    for (let rounds = 0; rounds < 2; rounds++) {
      mesh.turn()
      mesh.deliver(1, 0)
      mesh.turn()
      mesh.deliver(0, 1)
    }
    deepEqual(new Set(crowd.map(({ resumedWithGap }) => resumedWithGap)), new Set([true]))
  })

  test('though a bare one that waits beside it is older than the epoch', () => {
    const mesh = new Mesh({ history: { size: 10 } })
    const first = publishedOf(mesh.publish(0, 'c0', '0'))
    publishAll(mesh, 0, 'c0', ['1', '2'])
    mesh.subscribe(1, 'c0')
    mesh.settle()
    const old = mesh.subscribe(1, 'c0', new FakeSubscriber(), '5')
    const covered = mesh.subscribe(1, 'c0', new FakeSubscriber(), `${first.offset}`)
    mesh.settle()
    deepEqual([old.resumedWithGap, covered.resumedWithGap], [true, false])
    deepEqual([old.received, covered.received], [[], ['1', '2']])
  })

  test('though its own worker has not been sent that far: the link is full', () => {
    const mesh = new Mesh({ history: { size: 100 }, settings: { linkBytesMax: 300 } })
    const far = mesh.subscribe(1, 'c0')
    mesh.settle()
    const published = texts(9).map(text => publishedOf(mesh.publish(0, 'c0', text.padEnd(40, 'x'))))
    const crowd = published.map(({ epoch, offset }) =>
      mesh.subscribe(1, 'c0', new FakeSubscriber(), `${epoch}.${offset}`),
    )
    mesh.settle()
    crowd.forEach(({ received, resumedWithGap, gaps }, n) => {
      const own = received.map(text => text[0])
      deepEqual([own, resumedWithGap, gaps], [texts(8 - n, n + 1), false, []], `after ${n}`)
    })
    equal(far.received.length, 9)
  })

  test('though it was given out after the question that it could have waited beside', () => {
    const mesh = new Mesh({ history: { size: 100 } })
    const positions = publishAll(mesh, 0, 'c0', texts(3))
    mesh.subscribe(1, 'c0')
    mesh.settle()
    mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[0])
    mesh.turn()
    mesh.deliver(1, 0)
    const { epoch, offset } = publishedOf(mesh.publish(0, 'c0', '3'))
    const subscriber = mesh.subscribe(1, 'c0', new FakeSubscriber(), `${epoch}.${offset}`)
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['4'])
    deepEqual([subscriber.received, subscriber.resumedWithGap], [['4'], false])
  })
})
