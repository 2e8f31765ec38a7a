// Subscriptions for some publications of their channel: each gets its own, in order, and costs the others nothing.
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Admits, Format } from '../../../../src/engine/reader/subscriber.ts'
import { Window } from '../../../../src/engine/reader/window.ts'
import { parseEpoch, parseOffset } from '../../../../src/engine/words/position.ts'
import { FakeSubscriber, textFormat } from '../../../helpers/fake-subscriber.ts'
import { channelName, Mesh } from '../../../helpers/mesh.ts'
import { publishAll } from '../../../helpers/published.ts'

/** Texts with one of these letters. */
function having(letters: string): Admits {
  return ({ content }) => [...letters].some(letter => content.payload.includes(letter.charCodeAt(0)))
}

function publish(mesh: Mesh, channel: string, ...texts: string[]): void {
  for (const text of texts) mesh.publish(0, channel, text)
  mesh.settle()
}

describe('a subscription that does not admit all', () => {
  test('gets what it admits, in one offer, and the others all, in theirs', () => {
    const mesh = new Mesh({ workers: 1 })
    const crowd = ['a', 'ab', 'x', undefined, undefined].map(letters => {
      const subscriber = new FakeSubscriber(letters === undefined ? {} : { admits: having(letters) })
      return mesh.subscribe(0, 'c0', subscriber)
    })
    publish(mesh, 'c0', '1a', '2b', '3a', '4c')
    deepEqual(
      crowd.map(({ offers }) => offers),
      [['1a;3a;'], ['1a;2b;3a;'], [], ['1a;2b;3a;4c;'], ['1a;2b;3a;4c;']],
    )
    const [one, two, , all, same] = crowd.map(({ batches }) => batches[0])
    equal(one?.frames[1], two?.frames[2], 'frames are shared with everybody')
    equal(all?.bytes, same?.bytes, 'those who admit all share their join')
    deepEqual([one?.from, one?.next], [all?.from, all?.next], 'places are those of all')
  })

  test('resumes with what it admits of the history', () => {
    const mesh = new Mesh({ history: { size: 100 } })
    const positions = publishAll(mesh, 0, 'c0', ['1a', '2b', '3a', '4b', '5a'])
    const subscriber = mesh.subscribe(1, 'c0', new FakeSubscriber({ admits: having('a') }), positions[0])
    mesh.settle()
    publish(mesh, 'c0', '6b', '7a')
    deepEqual([subscriber.received, subscriber.resumedWithGap], [['3a', '5a', '7a'], false])
  })

  test('is not told of what its format has no frame for, where it does not admit it', () => {
    const mesh = new Mesh({ workers: 1 })
    const format: Format = {
      id: 'no b',
      encode: publication => (having('b')(publication) ? undefined : textFormat.encode(publication)),
      omitted: () => 'end',
    }
    const admitting = mesh.subscribe(0, 'c0', new FakeSubscriber({ format, admits: having('ab') }))
    const other = mesh.subscribe(0, 'c0', new FakeSubscriber({ format, admits: having('a') }))
    publish(mesh, 'c0', '1a', '2b', '3a')
    deepEqual([admitting.received, admitting.closedFor], [['1a'], 'omitted'])
    deepEqual([other.received, other.closedFor], [['1a', '3a'], undefined])
  })

  test('of a pattern gets what it admits of all channels', () => {
    const mesh = new Mesh()
    const subscriber = new FakeSubscriber({ admits: having('a') })
    mesh.engines[1]?.subscribePattern(channelName('c*'), subscriber, {
      via: 'test',
      admits: subscriber.admits,
    })
    mesh.settle()
    publish(mesh, 'c0', '1a', '2b')
    publish(mesh, 'c1', '3b', '4a')
    deepEqual(subscriber.received, ['1a', '4a'])
  })

  test('waits behind a wire that takes nothing, and goes on with what it admits', () => {
    const mesh = new Mesh({ workers: 1 })
    const subscriber = mesh.subscribe(0, 'c0', new FakeSubscriber({ admits: having('a') }))
    subscriber.writable = false
    publish(mesh, 'c0', '1b')
    ok(!subscriber.wire.blocked, 'nothing was offered')
    publish(mesh, 'c0', '2a')
    publish(mesh, 'c0', '3b', '4a', '5b')
    subscriber.writable = true
    mesh.engines[0]?.drained(subscriber)
    mesh.settle()
    publish(mesh, 'c0', '6b', '7a')
    deepEqual(subscriber.offers, ['2a;', '4a;', '7a;'])
  })
})

test('many that admit differently do not cost the others their shared join', () => {
  const window = new Window(parseEpoch('e'), parseOffset(0))
  for (const offset of [0, 1, 2]) {
    const content = { kind: 'text', payload: Buffer.from(`${offset}a`) } as const
    window.push({ channel: channelName('c'), offset: parseOffset(offset), content })
  }
  const join = (admits?: Admits) => window.join(textFormat, parseOffset(0), parseOffset(3), 1_000, admits)
  const shared = join()
  for (let n = 0; n < 100; n++) notEqual(join(having('a')), shared)
  equal(join(), shared)
})
