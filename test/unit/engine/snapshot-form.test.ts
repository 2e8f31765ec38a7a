// Law 14, from a file that anybody may have written: what no node leaves is not taken.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseSnapshots } from '../../../src/engine/snapshot-form.ts'
import { packExact, unpack } from '../../../src/std/msgpack.ts'
import { Mesh } from '../../helpers/mesh.ts'
import { publishAll, texts } from '../../helpers/published.ts'

type Channel = unknown[]

const payload = Buffer.from('x')
const entry = (offset: number): unknown[] => [offset, 'text', payload, 1_000]

/** As a node leaves it: two publications, the first without place in history any more, and a key. */
const sound = (): Channel => ['c', 'a1b2c3d4', 5, 8, [entry(6), entry(7)], [['key', 7, 1_000]]]

/** A sound channel, with one element replaced. */
const withChange = (at: number, element: unknown): Channel => sound().with(at, element)

/** What is wrong with it; undefined: nothing. */
function mistakeIn(...channels: readonly unknown[]): string | undefined {
  const reading = parseSnapshots(channels)
  return reading.ok ? undefined : reading.detail
}

describe('a snapshot out of a file', () => {
  test('is taken as a node leaves it', () => {
    const mesh = new Mesh({ workers: 1, history: { size: 10, ttlMs: 60_000 } })
    publishAll(mesh, 0, 'c', texts(12))
    publishAll(mesh, 0, '', texts(1))
    mesh.publish(0, 'd', 'x', { idempotencyKey: 'key', extras: { id: 'i', event: 'e' } })
    mesh.subscribe(0, 'quiet')
    const snapshot: unknown = unpack(packExact(mesh.engines[0]?.snapshot()))
    deepEqual(parseSnapshots(snapshot), { ok: true, channels: snapshot })
    equal(mistakeIn(sound(), withChange(0, 'd')), undefined)
    equal(mistakeIn(withChange(4, []), ['e', 'e-1_x', 0, 0, [], [], 'of a later version']), undefined)
  })

  test('is no list of channels', () => {
    for (const value of [undefined, null, 7, 'text', {}, new Uint8Array(3)]) {
      deepEqual(parseSnapshots(value), { ok: false, detail: 'it holds no list of channels' })
    }
    equal(mistakeIn(sound(), 7), 'its channel 2 is no list')
  })

  const cases: readonly (readonly [mistake: string, at: number, elements: readonly unknown[]])[] = [
    ['has no name', 0, [undefined, 7, 'n'.repeat(1_025)]],
    ['is in no epoch', 1, [undefined, 7, '', 'a.b', 'e'.repeat(65)]],
    ['has offsets that cannot be', 2, [-1, 9, 5.5, Number.NaN, '5', undefined, 5n]],
    ['has offsets that cannot be', 3, [4, 1e15, Number.POSITIVE_INFINITY, undefined]],
    ['keeps what it never had', 4, [undefined, {}, [4, 5, 6, 7].map(entry)]],
    [
      'keeps what is no publication of its',
      4,
      [
        [7],
        [entry(6)],
        [entry(7), entry(7)],
        [entry(7), entry(6)],
        [entry(7).with(1, 'html')],
        [entry(7).with(2, 'x')],
        [entry(7).with(3, Number.NaN)],
        [entry(7).with(3, undefined)],
        [[...entry(7), 'extras']],
        [[...entry(7), { id: 7 }]],
        [[...entry(7), { event: [] }]],
      ],
    ],
    [
      'has a key that is none',
      5,
      [undefined, [7], [['key', 8, 1]], [['key', -1, 1]], [[7, 7, 1]], [['key', 7]]],
    ],
  ]
  for (const [mistake, at, elements] of cases) {
    test(`whose channel ${mistake} (element ${at}) is refused`, () => {
      for (const element of elements) equal(mistakeIn(withChange(at, element)), `its channel 1 ${mistake}`)
    })
  }

  test('with one channel twice is refused', () => {
    equal(mistakeIn(sound(), sound()), 'its channel 2 has the name of another')
  })
})
