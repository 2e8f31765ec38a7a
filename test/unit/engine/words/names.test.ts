// Texts that come from outside: positions, channel names, and patterns, hostile ones too.
import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { matches } from '../../../../src/engine/words/pattern.ts'
import {
  formatPosition,
  parseEpoch,
  parseOffset,
  parsePosition,
} from '../../../../src/engine/words/position.ts'
import { parseChannelName } from '../../../../src/engine/words/publication.ts'

describe('position text', () => {
  const good = {
    '0': [undefined, 0],
    '7': [undefined, 7],
    '007': [undefined, 7],
    'e.7': ['e', 7],
    'E-x_9.12': ['E-x_9', 12],
    '12.34': ['12', 34],
    '9007199254740990': [undefined, Number.MAX_SAFE_INTEGER - 1],
    [`${'e'.repeat(64)}.1`]: ['e'.repeat(64), 1],
  } as const
  for (const [text, [epoch, offset]] of Object.entries(good)) {
    test(`${text} is ${epoch ?? 'the current epoch'} at ${offset}`, () => {
      deepEqual(parsePosition(text), { epoch, offset })
    })
  }

  const bad = [
    '',
    '.',
    'e',
    'e.',
    '.7',
    'e.f',
    'e.7.8',
    'e 7',
    ' e.7',
    'e.7\n',
    'e.-7',
    '-7',
    '+7',
    '7.5.1',
    '1e3',
    '0x10',
    'é.7',
    'e.٧',
    `${'e'.repeat(65)}.1`,
    '9007199254740991',
    '12345678901234567',
    'e.9999999999999999',
  ]
  for (const text of bad) {
    test(`${JSON.stringify(text)} is none`, () => equal(parsePosition(text), undefined))
  }

  test('what is written can be read', () => {
    const position = { epoch: parseEpoch('e1'), offset: parseOffset(108_800_000_000_007) }
    equal(formatPosition(position), 'e1.108800000000007')
    deepEqual(parsePosition(formatPosition(position)), position)
  })
})

describe('epochs', () => {
  test('are up to 64 characters that positions are written with', () => {
    for (const text of ['', 'e', '0badcafe', 'a_B-9', 'e'.repeat(64)]) equal(parseEpoch(text), text)
    for (const text of ['e'.repeat(65), 'e.1', 'e 1', 'e\n', 'é', '\u{1f600}'])
      throws(() => parseEpoch(text), /is no epoch/)
  })
})

describe('channel names', () => {
  test('1024 bytes of UTF-8 are a name, one more is none, and none at all is one', () => {
    equal(parseChannelName(''), '')
    equal(parseChannelName('x'.repeat(1024))?.length, 1024)
    equal(parseChannelName('x'.repeat(1025)), undefined)
    equal(parseChannelName('é'.repeat(512))?.length, 512)
    equal(parseChannelName(`${'é'.repeat(512)}x`), undefined)
  })

  test('U+0001 in front is for channels that nobody can name', () => {
    for (const text of ['\u0001', '\u0001x', '\u0001pushwire\u0001x'])
      equal(parseChannelName(text), undefined)
    equal(parseChannelName('x\u0001'), 'x\u0001')
  })

  test('half of a surrogate pair has no UTF-8, so it is in no name', () => {
    for (const half of ['\ud83d', '\ude00']) {
      equal(parseChannelName(`a name with ${half}`), undefined)
      equal(parseChannelName(half), undefined)
    }
    equal(parseChannelName('a name with 😀'), 'a name with 😀')
  })
})

/** A text that counts how often one of its characters is looked at. */
function counted(text: string): { text: string; looks: () => number } {
  let looks = 0
  const proxy = new Proxy(Object(text) as object, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) looks++
      return Reflect.get(target, key)
    },
  })
  return { text: proxy as unknown as string, looks: () => looks } // indexes and length are all that is used
}

describe('law 12, what a pattern matches', () => {
  const cases: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
    ['', [''], ['a']],
    ['*', ['', 'a', '*', 'a/b\n'], []],
    ['**', ['', 'a'], []],
    ['a', ['a'], ['', 'A', 'aa', 'ab', 'ba']],
    ['a*', ['a', 'ab', 'a*'], ['', 'ba']],
    ['*a', ['a', 'ba', 'aa', 'aba'], ['', 'ab']],
    ['a*a', ['aa', 'aba', 'aaa'], ['a', 'ab']],
    ['a*b*c', ['abc', 'axbxc', 'abbcc', 'abcbc'], ['acb', 'abcd', 'xabc']],
    ['*ab', ['ab', 'aab', 'abab'], ['aba', 'b']],
    ['*a*', ['a', 'bab', 'ab', 'ba'], ['', 'b']],
    ['a?c', ['a?c'], ['abc']],
    ['a.c', ['a.c'], ['abc']],
    ['[ab]', ['[ab]'], ['a']],
    ['\\*', ['\\', '\\x'], ['*']],
    ['news-*-de', ['news--de', 'news-x-de'], ['news-de']],
    ['é*', ['é', 'éa'], ['e']],
    ['*aab', ['aaaab', 'aab', 'aaabaab'], ['aaba']],
  ]
  for (const [pattern, yes, no] of cases) {
    test(`${JSON.stringify(pattern)}`, () => {
      for (const name of yes) ok(matches(pattern, name), name)
      for (const name of no) ok(!matches(pattern, name), name)
    })
  }

  const hostile = [
    { name: 'a million stars', pattern: '*'.repeat(1_000_000), channel: 'a'.repeat(1024), fits: true },
    {
      name: 'a million stars and an end',
      pattern: `${'*'.repeat(1_000_000)}b`,
      channel: 'a'.repeat(1024),
      fits: false,
    },
    {
      name: 'many stars that all could match',
      pattern: `${'a*'.repeat(500)}b`,
      channel: 'a'.repeat(1024),
      fits: false,
    },
    {
      name: 'a star and a long almost',
      pattern: `*${'a'.repeat(500)}b`,
      channel: 'a'.repeat(1024),
      fits: false,
    },
    {
      name: 'a pattern longer than any name',
      pattern: `${'a*'.repeat(500_000)}`,
      channel: 'a'.repeat(1024),
      fits: false,
    },
  ]
  for (const { name, pattern, channel, fits } of hostile) {
    test(`${name} takes a bounded number of looks`, () => {
      const counting = counted(pattern)
      equal(matches(counting.text, channel), fits)
      ok(counting.looks() <= 2 * (pattern.length + channel.length * 512), `${counting.looks()} looks`)
    })
  }
})
