// What formats are told beside the content: the epoch, and the extras that a draft came with, by every way to a
// subscriber. What has none is as short on a link and in a snapshot as if there were no extras at all.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LinkMessage } from '../../../src/engine/link.ts'
import type { ChannelSnapshot } from '../../../src/engine/snapshot.ts'
import type { Format } from '../../../src/engine/subscriber.ts'
import { packExact, unpack } from '../../../src/std/msgpack.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { Mesh } from '../../helpers/mesh.ts'
import { publishedOf } from '../../helpers/published.ts'

const format: Format = {
  id: 'extras',
  encode: ({ offset, content, extras }, epoch) =>
    Buffer.from(`${epoch}.${offset} ${Buffer.from(content.payload)} ${extras?.id} ${extras?.event};`),
}

const extras = { id: 'i', event: 'e' }
const kept = { size: 10, ttlMs: 60_000 }

/** Publishes at worker 1 for the owner, worker 0, and says where it stands. */
function publish(mesh: Mesh, text: string, draft = {}): string {
  const outcomes = mesh.publish(1, 'c0', text, draft)
  mesh.settle()
  const { epoch, offset } = publishedOf(outcomes)
  return `${epoch}.${offset}`
}

describe('epoch and extras', () => {
  test('reach subscribers of every worker', () => {
    const mesh = new Mesh()
    const subscribers = [0, 1, 2].map(slot => mesh.subscribe(slot, 'c0', new FakeSubscriber({ format })))
    mesh.settle()
    const [one, two] = [publish(mesh, '1', { extras }), publish(mesh, '2')]
    const expected = [`${one} 1 i e`, `${two} 2 undefined undefined`]
    for (const { received } of subscribers) deepEqual(received, expected)
  })

  test('are in what a client resumes with, from another worker and after a restart', () => {
    const mesh = new Mesh({ history: kept })
    const [before, one] = [publish(mesh, '0'), publish(mesh, '1', { extras })]
    const subscriber = mesh.subscribe(2, 'c0', new FakeSubscriber({ format }), before)
    mesh.settle()
    deepEqual(subscriber.received, [`${one} 1 i e`])

    const written = packExact(mesh.engines[0]?.snapshot())
    const next = new Mesh({ workers: 1, history: kept })
    next.kill(0)
    next.start(0, unpack(written) as ChannelSnapshot[]) // packed above
    const again = next.subscribe(0, 'c0', new FakeSubscriber({ format }), before)
    next.settle()
    deepEqual(again.received, [`${one} 1 i e`])
  })

  test('a new epoch is told from its first publication on', () => {
    const mesh = new Mesh()
    const subscriber = mesh.subscribe(2, 'c0', new FakeSubscriber({ format, tells: true }))
    mesh.settle()
    publish(mesh, '1')
    mesh.kill(0)
    mesh.settle()
    mesh.start(0)
    mesh.settle()
    const after = publish(mesh, '2')
    equal(subscriber.received.at(-1), `${after} 2 undefined undefined`)
  })

  test('cost nothing where there are none', () => {
    const lengths: Record<string, number[]> = {}
    const sent = (_from: number, _to: number, message: LinkMessage) => {
      const known = lengths[message[0]] ?? []
      lengths[message[0]] = [...known, message.length]
    }
    const mesh = new Mesh({ history: kept, observer: { sent } })
    mesh.subscribe(2, 'c0')
    mesh.settle()
    publish(mesh, '1')
    publish(mesh, '2', { extras })
    deepEqual(
      [lengths['publish'], lengths['publication']],
      [
        [7, 8],
        [5, 6],
      ],
    )
    const [[, , , , entries = []] = []] = mesh.engines[0]?.snapshot() ?? []
    deepEqual(
      entries.map(entry => entry.length),
      [4, 5],
    )
  })

  test('count against the bytes of a history', () => {
    const bytesOf = (draft: object) => {
      const mesh = new Mesh({ workers: 1, history: kept })
      mesh.publish(0, 'c0', 'x', draft)
      return mesh.engines[0]?.statistics().shard['historyBytes'] ?? 0
    }
    equal(bytesOf({ extras: { id: 'x'.repeat(100), event: 'y'.repeat(10) } }) - bytesOf({}), 174)
  })
})
