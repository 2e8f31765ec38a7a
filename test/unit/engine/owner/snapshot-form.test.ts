// Law 14, from a file that anybody may have written: what no node leaves is not taken.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fromVersion2, parseSnapshots } from '../../../../src/engine/owner/snapshot-form.ts'
import { packExact, unpack } from '../../../../src/std/msgpack.ts'
import { Mesh } from '../../../helpers/mesh.ts'
import { publishAll, texts } from '../../../helpers/published.ts'

type Channel = unknown[]

const payload = Buffer.from('x')
/** The rest of the time, and the packed publication. */
const entry = (offset: number, ...beside: unknown[]): unknown[] => [1_000, [offset, 1, payload, ...beside]]

/** As a node leaves it: two publications, the first without place in history any more, and a key. */
const sound = (): Channel => ['c', 'a1b2c3d4', 5, 8, [entry(6), entry(7)], [['key', 7, 1_000]]]

/** One draft is held, and two ids were seen. */
const order = [
  '1',
  [[1_000, ['c', 'via', '', 1, payload, undefined, undefined, ['3', '2']]]],
  [
    ['1', 50],
    ['3', 500],
  ],
  0,
] as const

/** Records, so deep. */
function nested(depth: number): unknown {
  return depth === 1 ? {} : { loud: nested(depth - 1) }
}

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
    mesh.publish(0, 'd', 'x', { idempotencyKey: 'key', meta: { id: 'i', event: 'e' } })
    mesh.subscribe(0, 'quiet')
    const snapshot: unknown = unpack(packExact(mesh.engines[0]?.snapshot()))
    deepEqual(parseSnapshots(snapshot), { ok: true, channels: snapshot })
    equal(mistakeIn(sound(), withChange(0, 'd')), undefined)
    equal(
      mistakeIn(
        withChange(4, [entry(7, ['id', 'event'], nested(16), ['id', 'after', true, 'later'], 'later')]),
      ),
      undefined,
    )
    equal(mistakeIn(withChange(4, []), ['e', 'e-1_x', 0, 0, [], []]), undefined)
    equal(mistakeIn([...sound(), [undefined, [], [], 0, 'later'], 'later']), undefined)
    equal(mistakeIn([...sound(), order]), undefined)
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
        [[1_000]],
        [[1_000, [7]]],
        [[1_000, [7, 4, payload]]],
        [[1_000, [7, 'text', payload]]],
        [[1_000, [7, 1, 'x']]],
        [entry(7).with(0, Number.NaN)],
        [entry(7).with(0, undefined)],
        [entry(7, 'meta')],
        [entry(7, [7])],
        [entry(7, ['id', []])],
        [entry(7, undefined, 'renderings')],
        [entry(7, undefined, [])],
        [entry(7, undefined, payload)],
        [entry(7, undefined, { loud: new Date() })],
        [entry(7, undefined, nested(17))],
        [entry(7, undefined, undefined, 'sequence')],
        [entry(7, undefined, undefined, [7])],
        [entry(7, undefined, undefined, ['id', 'after', 1])],
        [entry(7, undefined, undefined, ['\ud800'])],
      ],
    ],
    [
      'has a key that is none',
      5,
      [undefined, [7], [['key', 8, 1]], [['key', -1, 1]], [[7, 7, 1]], [['key', 7]]],
    ],
  ]
  test('whose channel has an order that is none is refused', () => {
    const [last, held, seen] = order
    const waitedMs = held[0]?.[0]
    const draft: readonly unknown[] | undefined = held[0]?.[1]
    const orders: readonly unknown[] = [
      7,
      [],
      [7, [], [], 0],
      [last, [], [], undefined],
      [last, [], [], Number.NaN],
      [last, 7, seen, 0],
      [last, [7], seen, 0],
      [last, [[Number.NaN, draft]], seen, 0],
      [last, [[waitedMs, draft?.with(0, 'd')]], seen, 0],
      [last, [[waitedMs, draft?.with(1, 7)]], seen, 0],
      [last, [[waitedMs, draft?.with(3, 9)]], seen, 0],
      [last, [], 7, 0],
      [last, [], [['id']], 0],
      [last, [], [[7, 7]], 0],
    ]
    for (const each of orders) equal(mistakeIn([...sound(), each]), 'its channel 1 has an order that is none')
  })

  for (const [mistake, at, elements] of cases) {
    test(`whose channel ${mistake} (element ${at}) is refused`, () => {
      for (const element of elements) equal(mistakeIn(withChange(at, element)), `its channel 1 ${mistake}`)
    })
  }

  test('is taken as the version before left it', () => {
    const extras = { id: 'i', event: 'e' }
    const older: readonly unknown[] = [
      [
        'c',
        'a1b2c3d4',
        5,
        8,
        [
          [6, 'text', payload, 1_000],
          [7, 'json', payload, 500, extras],
        ],
        [['key', 7, 1_000]],
      ],
      ['d', 'a1b2c3d4', 5, 6, [[5, 'bytes', payload, 1_000, { event: 'e' }]], []],
      ['quiet', 'e', 9, 9, [], []],
    ]
    const bytes = new Uint8Array(payload)
    deepEqual(parseSnapshots(fromVersion2(unpack(packExact(older)))), {
      ok: true,
      channels: [
        [
          'c',
          'a1b2c3d4',
          5,
          8,
          [
            [1_000, [6, 1, bytes]],
            [500, [7, 0, bytes, ['i', 'e']]],
          ],
          [['key', 7, 1_000]],
        ],
        ['d', 'a1b2c3d4', 5, 6, [[1_000, [5, 2, bytes, [undefined, 'e']]]], []],
        ['quiet', 'e', 9, 9, [], []],
      ],
    })
  })

  test('of the version before is refused as one of today is', () => {
    const olderMistakes: readonly unknown[] = [
      7,
      [7],
      [7, 'html', payload, 1_000],
      [7, 'text', 'x', 1_000],
      [7, 'text', payload, Number.NaN],
      [7, 'text', payload, 1_000, 'extras'],
      [7, 'text', payload, 1_000, null],
      [7, 'text', payload, 1_000, { id: 7 }],
      [7, 'text', payload, 1_000, { event: [] }],
    ]
    for (const mistake of olderMistakes) {
      const reading = parseSnapshots(fromVersion2([withChange(4, [mistake])]))
      equal(reading.ok || reading.detail, 'its channel 1 keeps what is no publication of its')
    }
    for (const none of [undefined, 7, [7], [['c']]]) equal(parseSnapshots(fromVersion2(none)).ok, false)
  })

  test('with one channel twice is refused', () => {
    equal(mistakeIn(sound(), sound()), 'its channel 2 has the name of another')
  })
})
