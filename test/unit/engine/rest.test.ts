// Law 18: whoever wants the rest is told a gap once, and then gets all that the channel's owner still holds.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { Mesh } from '../../helpers/mesh.ts'
import { publishAll, publishedOf, texts } from '../../helpers/published.ts'

function wanting(): FakeSubscriber {
  return new FakeSubscriber({ tells: true, rest: true })
}

describe('law 18, positions that nothing covers', () => {
  const cases = [
    { name: 'ahead of the head', since: (epoch: string, head: number) => `${epoch}.${head + 1}` },
    { name: 'bare and ahead of the head', since: (_: string, head: number) => `${head + 100}` },
    { name: 'of another epoch', since: (_: string, head: number) => `other.${head}` },
    { name: 'older than history', since: (epoch: string, head: number) => `${epoch}.${head - 4}` },
    { name: 'zero', since: () => '0' },
  ]
  for (const { name, since } of cases) {
    for (const [slot, late] of [
      [0, 0],
      [1, 0],
      [1, 2],
    ] as const) {
      test(`${name}, seen from worker ${slot} with answers ${late} turns late: the gap, what is left, then live`, () => {
        const mesh = new Mesh({ history: { size: 3 }, late })
        publishAll(mesh, 0, 'c0', texts(9))
        const outcome = mesh.publish(0, 'c0', '9')
        mesh.settle()
        const { epoch, offset } = publishedOf(outcome)
        const subscriber = mesh.subscribe(slot, 'c0', wanting(), since(epoch, offset))
        mesh.settle()
        deepEqual([subscriber.resumedWithGap, subscriber.received], [true, ['7', '8', '9']])
        deepEqual(subscriber.position, { epoch, offset: offset - 3 })
        publishAll(mesh, 0, 'c0', ['10'])
        deepEqual([subscriber.received.at(-1), subscriber.closedFor, subscriber.gaps], ['10', undefined, []])
      })
    }
  }

  test('where nothing is left it goes live at the head', () => {
    const mesh = new Mesh()
    const [, last = ''] = publishAll(mesh, 0, 'c0', texts(2))
    const subscriber = mesh.subscribe(1, 'c0', wanting(), '0')
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['2'])
    deepEqual([subscriber.resumedWithGap, subscriber.received], [true, ['2']])
    equal(`${subscriber.position?.epoch}.${subscriber.position?.offset}`, last)
  })

  test('a position that is covered is answered as ever', () => {
    const mesh = new Mesh({ history: { size: 3 } })
    const positions = publishAll(mesh, 0, 'c0', texts(9))
    const subscriber = mesh.subscribe(1, 'c0', wanting(), positions[5])
    mesh.settle()
    deepEqual([subscriber.resumedWithGap, subscriber.received], [false, ['6', '7', '8']])
  })
})

describe('law 18, those who wait beside each other', () => {
  test('who has a place among what is left is told no gap, and who does not want the rest goes live at the head', () => {
    const mesh = new Mesh({ history: { size: 4 } })
    const positions = publishAll(mesh, 0, 'c0', texts(9))
    mesh.subscribe(1, 'c0')
    mesh.settle()
    const crowd = [0, 6, 2, 4].map(n => mesh.subscribe(1, 'c0', wanting(), positions[n]))
    const other = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[0])
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['9'])
    deepEqual(
      crowd.map(({ resumedWithGap, received }) => [resumedWithGap, received]),
      [
        [true, texts(5, 5)],
        [false, texts(3, 7)],
        [true, texts(5, 5)],
        [false, texts(5, 5)],
      ],
    )
    deepEqual([other.resumedWithGap, other.received], [true, ['9']])
  })

  test('many that are all too old are one question, and those without the rest another one', () => {
    const mesh = new Mesh({ history: { size: 1 } })
    const positions = publishAll(mesh, 0, 'c0', texts(50))
    mesh.subscribe(1, 'c0')
    mesh.settle()
    for (const since of positions.slice(0, 40)) {
      mesh.subscribe(1, 'c0', wanting(), since)
      mesh.subscribe(1, 'c0', new FakeSubscriber(), since)
    }
    const asked = mesh.link(1, 0).queued.filter(([type]) => type === 'recover')
    deepEqual(
      asked.map(message => message.length),
      [6, 5],
    )
  })
})

describe('law 18, whoever is live', () => {
  test('is told once of an owner that was lost, and gets what its successor was given before it heard', () => {
    const mesh = new Mesh({ history: { size: 10 } })
    const subscriber = mesh.subscribe(1, 'c0', wanting())
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['0'])
    mesh.kill(0, { farewell: false })
    mesh.start(0)
    mesh.turn()
    while (mesh.deliver(1, 0) || mesh.deliver(2, 0));
    const outcome = mesh.publish(0, 'c0', 'new')
    mesh.settle()
    const { epoch, offset } = publishedOf(outcome)
    deepEqual(subscriber.received, ['0', 'new'])
    deepEqual(subscriber.gaps, [{ epoch, offset: offset - 1 }])
  })

  test('gets what history has left of what a full link did not take', () => {
    const mesh = new Mesh({ history: { size: 3 }, settings: { linkBytesMax: 300 } })
    const subscriber = mesh.subscribe(1, 'c0', wanting())
    mesh.settle()
    const last = texts(9).map(text => publishedOf(mesh.publish(0, 'c0', text.padEnd(40, 'x'))).offset)
    mesh.settle()
    const got = subscriber.received.map(text => Number(text[0]))
    deepEqual(got.slice(-3), [6, 7, 8])
    deepEqual(
      subscriber.gaps.map(({ offset }) => offset),
      [last[5]],
    )
  })

  test('is told of one gap where what its hub is owed is gone as it asks', () => {
    const mesh = new Mesh({ history: { size: 3 }, settings: { linkBytesMax: 300 } })
    mesh.subscribe(1, 'c0')
    mesh.settle()
    const first = publishedOf(mesh.publish(0, 'c0', 'first'))
    mesh.settle()
    for (const text of texts(9)) publishedOf(mesh.publish(0, 'c0', text.padEnd(40, 'x')))
    const subscriber = mesh.subscribe(1, 'c0', wanting(), `${first.offset - 1}`)
    mesh.turn(1)
    while (mesh.deliver(1, 0));
    mesh.settle()
    deepEqual([subscriber.resumedWithGap, subscriber.gaps], [true, []])
    deepEqual(
      subscriber.received.map(text => text[0]),
      ['6', '7', '8'],
    )
  })

  test('and gave up its place behind a slow wire is told once, when that takes more', () => {
    const mesh = new Mesh({
      history: { size: 3 },
      settings: { policy: 'catch-up', outboxBytesMax: 20 },
    })
    const subscriber = wanting()
    subscriber.writable = false
    mesh.subscribe(1, 'c0', subscriber)
    mesh.settle()
    publishAll(
      mesh,
      0,
      'c0',
      texts(9).map(text => text.padEnd(20, 'x')),
    )
    subscriber.writable = true
    mesh.engines[1]?.drained(subscriber)
    mesh.settle()
    equal(subscriber.gaps.length, 1)
    deepEqual(
      subscriber.received.map(text => text[0]),
      ['0', '6', '7', '8'],
    )
  })

  test('but behind a slow wire when its channel is told a gap gets the rest, when that takes more', () => {
    const mesh = new Mesh({ history: { size: 10 } })
    const subscriber = wanting()
    subscriber.writable = false
    mesh.subscribe(1, 'c0', subscriber)
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['0'])
    mesh.kill(0, { farewell: false })
    mesh.start(0)
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['1', '2'])
    deepEqual([subscriber.received, subscriber.gaps.length], [['0'], 0])
    subscriber.writable = true
    mesh.engines[1]?.drained(subscriber)
    mesh.settle()
    deepEqual([subscriber.received, subscriber.gaps.length], [['0', '1', '2'], 1])
  })
})
