// Publications that a format has no frame for: nothing to its subscribers, a gap, or the end, as the format says.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Format, Omission } from '../../../../src/engine/reader/subscriber.ts'
import type { Policy } from '../../../../src/engine/words/namespace.ts'
import { FakeSubscriber, textFormat } from '../../../helpers/fake-subscriber.ts'
import { Mesh } from '../../../helpers/mesh.ts'

/** No frame carries a text that begins with a dash. Notes each that it is asked about. */
function formatOf(omission: Omission | undefined) {
  const asked: string[] = []
  const format: Format = {
    id: `omits ${omission}`,
    encode: publication =>
      publication.content.payload[0] === 0x2d ? undefined : textFormat.encode(publication),
    ...(omission !== undefined && {
      omitted({ content }) {
        asked.push(Buffer.from(content.payload).toString())
        return omission
      },
    }),
  }
  return { asked, format }
}

function meshOf(policy: Policy = 'disconnect', flushBytesMax = 1_000): Mesh {
  return new Mesh({ workers: 1, namespaces: [{ pattern: '*', policy }], settings: { flushBytesMax } })
}

function publish(mesh: Mesh, ...texts: string[]): void {
  for (const text of texts) mesh.publish(0, 'c0', text)
  mesh.settle()
}

/** Offsets after the one at which it went live. */
function gapsOf({ gaps, position }: FakeSubscriber): number[] {
  return gaps.map(({ offset }) => offset - (position?.offset ?? 0))
}

function counters(mesh: Mesh): Readonly<Record<string, number>> {
  return mesh.engines[0]?.statistics().hub ?? {}
}

describe('a publication without a frame that is nothing to a format', () => {
  test('is passed over: its subscribers get all others, in one offer', () => {
    const mesh = meshOf()
    const { format, asked } = formatOf('pass')
    const [one, other, plain] = [
      mesh.subscribe(0, 'c0', new FakeSubscriber({ format })),
      mesh.subscribe(0, 'c0', new FakeSubscriber({ format })),
      mesh.subscribe(0, 'c0'),
    ]
    publish(mesh, '-a', 'b', '-c', 'd', '-e')
    deepEqual([one.offers, other.offers], [['b;d;'], ['b;d;']])
    const [batch] = one.batches
    equal((batch?.next ?? 0) - (batch?.from ?? 0), 5, 'the places are those of all')
    deepEqual(plain.received, ['-a', 'b', '-c', 'd', '-e'])
    deepEqual([one.gaps, one.closedFor], [[], undefined])
    deepEqual(asked, ['-a', '-c', '-e'], 'once for all')
  })

  test('is no offer by itself, and nobody stays behind for it', () => {
    const mesh = meshOf()
    const { format } = formatOf('pass')
    const subscriber = mesh.subscribe(0, 'c0', new FakeSubscriber({ format }))
    const before = counters(mesh)['writes']
    publish(mesh, '-a', '-b')
    deepEqual([subscriber.offers, counters(mesh)['writes']], [[], before])
    publish(mesh, 'c')
    deepEqual(subscriber.offers, ['c;'])
  })

  test('does not count for what one offer may hold', () => {
    const mesh = meshOf('disconnect', 4)
    const { format } = formatOf('pass')
    const subscriber = mesh.subscribe(0, 'c0', new FakeSubscriber({ format }))
    publish(mesh, 'a', '-long', 'b', 'c', '-', 'd')
    deepEqual(subscriber.offers, ['a;b;', 'c;d;'])
  })
})

describe('a publication without a frame that a format misses', () => {
  test('is told as a gap in its place where the format does not say', () => {
    const mesh = meshOf()
    const { format } = formatOf(undefined)
    const subscriber = mesh.subscribe(0, 'c0', new FakeSubscriber({ format, tells: true }))
    publish(mesh, 'a', '-b', 'c')
    deepEqual([subscriber.offers, gapsOf(subscriber)], [['a;', 'c;'], [2]])
    publish(mesh, '-d')
    deepEqual([gapsOf(subscriber), subscriber.closedFor], [[2, 4], undefined])
  })

  test('waits for a wire that is behind before it is told', () => {
    const mesh = meshOf()
    const { format } = formatOf('gap')
    const subscriber = mesh.subscribe(0, 'c0', new FakeSubscriber({ format, tells: true }))
    subscriber.writable = false
    publish(mesh, 'a', '-b', 'c')
    deepEqual([subscriber.offers, subscriber.gaps], [['a;'], []])
    subscriber.writable = true
    mesh.engines[0]?.drained(subscriber)
    mesh.settle()
    deepEqual([subscriber.offers, gapsOf(subscriber)], [['a;', 'c;'], [2]])
  })

  test('closes who cannot be told, unless the policy is to skip', () => {
    for (const [policy, closedFor, received] of [
      ['disconnect', 'gap', ['a']],
      ['drop-oldest', undefined, ['a', 'c']],
    ] as const) {
      const mesh = meshOf(policy)
      const { format } = formatOf('gap')
      const subscriber = mesh.subscribe(0, 'c0', new FakeSubscriber({ format }))
      publish(mesh, 'a', '-b', 'c')
      deepEqual([subscriber.received, subscriber.closedFor], [received, closedFor])
    }
  })
})

describe('a publication without a frame that ends a format', () => {
  test('closes its subscribers behind what came before, under any policy, and no others', () => {
    for (const policy of ['disconnect', 'drop-oldest', 'latest', 'catch-up'] as const) {
      const mesh = meshOf(policy)
      const { format, asked } = formatOf('end')
      const crowd = [1, 2, 3].map(() => mesh.subscribe(0, 'c0', new FakeSubscriber({ format, tells: true })))
      const plain = mesh.subscribe(0, 'c0')
      publish(mesh, 'a', 'b', '-c', 'd')
      for (const { offers, gaps, closedFor } of crowd)
        deepEqual([offers, gaps, closedFor], [['a;b;'], [], 'omitted'])
      deepEqual([plain.received, plain.closedFor], [['a', 'b', '-c', 'd'], undefined])
      deepEqual([asked, counters(mesh)['closed.omitted'], counters(mesh)['subscribers']], [['-c'], 3, 1])
      deepEqual(mesh.losses.at(-1), { kind: 'closed', reason: 'omitted', bound: undefined, channel: 'c0' })
    }
  })

  test('closes who was behind when it gets there, and not before', () => {
    const mesh = meshOf()
    const { format } = formatOf('end')
    const subscriber = mesh.subscribe(0, 'c0', new FakeSubscriber({ format }))
    subscriber.writable = false
    publish(mesh, 'a')
    publish(mesh, '-b', 'c')
    equal(subscriber.closedFor, undefined)
    mesh.engines[0]?.drained(subscriber)
    mesh.settle()
    deepEqual([subscriber.received, subscriber.closedFor], [['a'], 'omitted'])
  })
})
