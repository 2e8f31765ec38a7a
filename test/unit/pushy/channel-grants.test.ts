// What patterns in a token cover: the table of the protocol's page, and hostile patterns that cost nothing.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  covers,
  grantsOf,
  isGranted,
  isPattern,
  isUsablePattern,
} from '../../../src/frontends/pushy/channel-grants.ts'
import { cpuMs, yardstickMs } from '../../helpers/cost.ts'

/** Pattern, name, and whether it is covered: wide, strict. */
const table: readonly (readonly [pattern: string, name: string, wide: boolean, strict: boolean])[] = [
  ['sports.updates', 'sports.updates', true, true],
  ['sports.updates', 'sports.update', false, false],
  ['sports.updates', 'sports.updates.uk', false, false],
  ['news.*', 'news.sports', true, true],
  ['news.*', 'news.sports.uk', true, false],
  ['news.*', 'news', false, false],
  ['news.*', 'newsroom.x', false, false],
  ['news.*', 'news.', false, false],
  ['news.*', '.news', false, false],
  ['*', 'news', true, true],
  ['*', 'news.sports', true, false],
  ['*', '', false, false],
  ['a.*.c', 'a.b.c', true, true],
  ['a.*.c', 'a.b.x.c', false, false],
  ['a.*.c', 'a..c', false, false],
  ['a.*.c', 'a.b.d', false, false],
  ['a.*.c.*', 'a.b.c.d.e', true, false],
  ['*.b', 'a.b', true, true],
  ['*.b', 'a.c', false, false],
  // A star inside a segment is a star.
  ['new*', 'news', false, false],
  ['new*', 'new*', true, true],
  ['', '', false, false],
  // Names that are patterns themselves: the same or a wider one covers them.
  ['news.*', 'news.*', true, true],
  ['*', 'news.*', true, false],
  ['news.*', 'news.sports.*', true, false],
  ['news.*', '*', false, false],
  ['a.*.c', 'a.*.c', true, true],
  ['*.*', 'a.*', true, true],
  ['a.*.c', 'a.*', false, false],
  ['a.*', 'a.*.c', true, false],
]

describe('patterns', () => {
  for (const [pattern, name, wide, strict] of table) {
    test(`'${pattern}' ${wide ? 'covers' : 'does not cover'} '${name}', strictly ${strict}`, () => {
      deepEqual([covers(pattern, name, 'wide'), covers(pattern, name, 'strict')], [wide, strict])
    })
  }

  test('as many stars and characters as the limits allow, and no more', () => {
    const stars = (count: number) => Array.from({ length: count }, () => '*').join('.')
    const name = (count: number) => Array.from({ length: count }, () => 'a').join('.')
    equal(covers(stars(16), name(16), 'strict'), true)
    equal(covers(stars(17), name(17), 'strict'), false)
    equal(covers('a'.repeat(1_024), 'a'.repeat(1_024), 'wide'), true)
    equal(covers('a'.repeat(1_025), 'a'.repeat(1_025), 'wide'), false)
  })

  test('hostile patterns of a megabyte cost nothing', () => {
    const name = 'a.'.repeat(500)
    const hostile = [
      '*.'.repeat(500_000),
      '*'.repeat(1_000_000),
      `${'a*'.repeat(500_000)}b`,
      '.'.repeat(1_000_000),
    ]
    const before = cpuMs()
    for (let times = 0; times < 1_000; times++) equal(isGranted(hostile, name, 'wide'), false)
    const tookMs = cpuMs() - before
    const yards = tookMs / yardstickMs()
    ok(yards < 40, `${tookMs} ms for 4,000 matches, ${yards} yardsticks`)
  })
})

describe('the claim', () => {
  test('absent and null are none; what is no list of texts opens nothing', () => {
    deepEqual([undefined, null].map(grantsOf), [undefined, undefined])
    deepEqual(['news', 7, true, {}].map(grantsOf), [[], [], [], []])
    deepEqual(grantsOf(['a', 1, null, 'b']), ['a', 'b'])
    deepEqual(grantsOf(Array.from({ length: 1_001 }, () => 'a'))?.length, 1_000)
  })

  test('a name is a pattern where a whole segment is a star', () => {
    deepEqual(['*', 'a.*', 'a.*.b', 'a', 'a*', '**', ''].map(isPattern), [
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ])
  })
})

test('a pattern is of use where it is within its limits', () => {
  for (const pattern of ['a', '*', 'news.*', 'x'.repeat(1_024), `a${'.*'.repeat(16)}`, 'a*'.repeat(20)]) {
    equal(isUsablePattern(pattern), true, pattern)
  }
  for (const pattern of ['', 'x'.repeat(1_025), `a${'.*'.repeat(17)}`]) {
    equal(isUsablePattern(pattern), false, pattern)
  }
})
