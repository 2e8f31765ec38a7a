// What formats are told beside the content: the epoch, and the meta and renderings that a draft came with, by every way
// to a subscriber. What has none is as short on a link and in a snapshot as if there were no such thing.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { InspectOutcome } from '../../../../src/engine/owner/inspection.ts'
import type { ChannelSnapshot } from '../../../../src/engine/owner/snapshot.ts'
import type { Format } from '../../../../src/engine/reader/subscriber.ts'
import type { LinkMessage } from '../../../../src/engine/words/link.ts'
import {
  type Draft,
  isPackedPublication,
  type Publication,
  unpackPublication,
} from '../../../../src/engine/words/publication.ts'
import { packExact, unpack } from '../../../../src/std/msgpack.ts'
import { FakeSubscriber } from '../../../helpers/fake-subscriber.ts'
import { channelName, Mesh } from '../../../helpers/mesh.ts'
import { publishedOf } from '../../../helpers/published.ts'

type Beside = Pick<Draft, 'meta' | 'renderings' | 'sequence'>

/** Everything that a format is told, as text. */
const format: Format = {
  id: 'all',
  encode: ({ offset, content, meta, renderings, sequence }, epoch) => {
    const all = sequence === undefined ? [meta, renderings] : [meta, renderings, sequence]
    const beside = JSON.stringify(all, (_, value) =>
      value instanceof Uint8Array ? `bytes ${Buffer.from(value)}` : value,
    )
    return Buffer.from(`${epoch}.${offset} ${Buffer.from(content.payload)} ${beside};`)
  },
}

const meta = { id: 'i', event: 'e' }
/** Of a front-end that nobody here knows: bytes, and data of all kinds. */
const renderings = {
  loud: {
    body: Buffer.from('LOUD'),
    close: true,
    parts: [1, 'a text of more than thirteen units', null, {}],
  },
}
const renderedText =
  '{"loud":{"body":"bytes LOUD","close":true,"parts":[1,"a text of more than thirteen units",null,{}]}}'
const kept = { size: 20, ttlMs: 60_000 }

/** With the ends of what is told for each. */
const all: readonly (readonly [beside: Beside, told: string])[] = [
  [{}, '[null,null]'],
  [{ meta }, '[{"id":"i","event":"e"},null]'],
  [{ meta: { id: 'i' } }, '[{"id":"i"},null]'],
  [{ meta: { event: 'e' } }, '[{"event":"e"},null]'],
  [{ meta: {} }, '[{},null]'],
  [{ renderings }, `[null,${renderedText}]`],
  [{ meta, renderings }, `[{"id":"i","event":"e"},${renderedText}]`],
  [{ sequence: {} }, '[null,null,{}]'],
  [{ sequence: { id: '' } }, '[null,null,{"id":""}]'],
  [{ sequence: { after: '', id: '1' } }, '[null,null,{"id":"1","after":""}]'],
  [
    { meta, renderings, sequence: { isLoose: true, after: '7' } },
    `[{"id":"i","event":"e"},${renderedText},{"after":"7","isLoose":true}]`,
  ],
]

/** Publishes at worker 1 for the owner, worker 0, and says where it stands. */
function publish(mesh: Mesh, text: string, draft = {}): string {
  const outcomes = mesh.publish(1, 'c0', text, draft)
  mesh.settle()
  const { epoch, offset } = publishedOf(outcomes)
  return `${epoch}.${offset}`
}

function publishAll(mesh: Mesh): string[] {
  return all.map(([beside, told]) => `${publish(mesh, 'x', beside)} x ${told}`)
}

/** All of `c0`, as worker 2 is told by its owner. */
function inspect(mesh: Mesh): readonly Publication[] {
  let told: InspectOutcome | undefined
  mesh.engines[2]?.inspect(channelName('c0'), { limit: 100 }, outcome => {
    told = outcome
  })
  mesh.settle()
  return typeof told === 'object' ? told.publications : []
}

describe('epoch, meta and renderings', () => {
  test('reach subscribers of every worker', () => {
    const mesh = new Mesh()
    const subscribers = [0, 1, 2].map(slot => mesh.subscribe(slot, 'c0', new FakeSubscriber({ format })))
    mesh.settle()
    const expected = publishAll(mesh)
    for (const { received } of subscribers) deepEqual(received, expected)
  })

  test('are in what a client resumes with, from another worker and after a restart', () => {
    const mesh = new Mesh({ history: kept })
    const start = publish(mesh, '0')
    const expected = publishAll(mesh)
    const subscriber = mesh.subscribe(2, 'c0', new FakeSubscriber({ format }), start)
    mesh.settle()
    deepEqual(subscriber.received, expected)

    const written = packExact(mesh.engines[0]?.snapshot())
    const next = new Mesh({ workers: 1, history: kept })
    next.kill(0)
    next.start(0, unpack(written) as ChannelSnapshot[]) // packed above
    const again = next.subscribe(0, 'c0', new FakeSubscriber({ format }), start)
    next.settle()
    deepEqual(again.received, expected)
  })

  test('are told to whoever inspects the channel', () => {
    const mesh = new Mesh({ history: kept })
    publishAll(mesh)
    const told = inspect(mesh).map(publication => Object.keys(publication).slice(3))
    deepEqual(told, [
      [],
      ['meta'],
      ['meta'],
      ['meta'],
      ['meta'],
      ['renderings'],
      ['meta', 'renderings'],
      ['sequence'],
      ['sequence'],
      ['sequence'],
      ['meta', 'renderings', 'sequence'],
    ])
    deepEqual(Buffer.from(packExact(inspect(mesh).at(-1)?.renderings)), Buffer.from(packExact(renderings)))
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
    equal(subscriber.received.at(-1), `${after} 2 [null,null]`)
  })

  test('cost nothing where there are none', () => {
    const lengths: Record<string, number[]> = {}
    const sent = (_from: number, _to: number, message: LinkMessage) => {
      const packed = message[0] === 'publish' ? message[2] : message[0] === 'publication' ? message[2] : []
      lengths[message[0]] = [...(lengths[message[0]] ?? []), packed.length]
    }
    const mesh = new Mesh({ history: kept, observer: { sent } })
    mesh.subscribe(2, 'c0')
    mesh.settle()
    publish(mesh, '1')
    publish(mesh, '2', { meta })
    publish(mesh, '3', { renderings })
    deepEqual(
      [lengths['publish'], lengths['publication']],
      [
        [5, 6, 7],
        [3, 4, 5],
      ],
    )
    const [[, , , , entries = []] = []] = mesh.engines[0]?.snapshot() ?? []
    deepEqual(
      entries.map(([, packed]) => packed.length),
      [3, 4, 5],
    )
  })

  test('count against the bytes of a history', () => {
    const bytesOf = (draft: Beside) => {
      const mesh = new Mesh({ workers: 1, history: kept })
      mesh.publish(0, 'c0', 'x', draft)
      return mesh.engines[0]?.statistics().shard['historyBytes'] ?? 0
    }
    const none = bytesOf({})
    equal(bytesOf({ meta: { id: 'x'.repeat(100), event: 'y'.repeat(10) } }) - none, 174)
    equal(bytesOf({ renderings: { loud: Buffer.alloc(1_000) } }) - none, 64 + 'loud'.length + 64 + 1_000)
  })

  test('renderings count against the credits of a link, and what a slow subscriber may be behind', () => {
    const rendered = { renderings: { loud: Buffer.alloc(1_000) } }
    const mesh = new Mesh({ settings: { linkBytesMax: 1_000 } })
    mesh.publish(1, 'c0', 'x')
    deepEqual(mesh.publish(1, 'c0', 'x', rendered), ['overloaded'])
    mesh.settle()

    const slow = new Mesh({ workers: 1, settings: { outboxBytesMax: 1_000 } })
    const subscriber = slow.subscribe(0, 'c0')
    subscriber.writable = false
    for (const draft of [{}, {}, rendered]) {
      equal(subscriber.closedFor, undefined)
      slow.publish(0, 'c0', 'x', draft)
      slow.settle()
    }
    equal(subscriber.closedFor, 'slow')
  })

  test('history keeps no memory of the batch that a publication came in', () => {
    const mesh = new Mesh({ history: kept })
    publish(mesh, 'x', { renderings })
    const loud = mesh.engines[0]?.snapshot()[0]?.[4][0]?.[1][4]?.['loud'] as typeof renderings.loud
    equal(loud.body.byteLength, loud.body.buffer.byteLength)
  })
})

test('a list in place of meta may go on for ever: the first two are taken', () => {
  const packed: unknown = [7, 2, Buffer.from('x'), Array(200_000).fill('i')]
  if (!isPackedPublication(packed, 7)) throw new Error('it is taken, as a later version may have more')
  deepEqual(unpackPublication('c', packed).meta, { id: 'i', event: 'i' })
})
