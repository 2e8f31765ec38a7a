// Where tokens end and where they are wrong, and the parts of a text that is JSON.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { endOfNumber, endOfString, skipBlanks, wordOf } from '../../../src/std/json-tokens.ts'
import { enough, halfPairAt, meaningOf, passValue, walkList, walkObject } from '../../../src/std/json-walk.ts'

describe('the end of a token', () => {
  test('of a string is behind its quote, or where it is wrong', () => {
    for (const [text, end] of [
      ['"a"b', 3],
      ['"\\""', 4],
      ['"\\u00e9"', 8],
      ['""', 2],
      ['"a', ~2],
      ['"', ~1],
      ['"\\', ~2],
      ['"\u001f"', ~1],
      ['"\u0020"', 3],
      ['"\\x"', ~2],
      ['"\\u00g0"', ~2],
      ['"\\u00', ~2],
    ] as const) {
      equal(endOfString(text, 0), end, text)
      equal(endOfString(`[${text}`, 1), end < 0 ? end - 1 : end + 1, text)
    }
  })

  test('of what was wrong already is where that was wrong', () => {
    deepEqual([endOfString('abc"', ~0), endOfNumber('12', ~0), endOfNumber('12', ~1)], [~0, ~0, ~1])
  })

  test('of a number is behind its digits, or where it is wrong', () => {
    for (const [text, end] of [
      ['0', 1],
      ['-0,', 2],
      ['10.5e-3]', 7],
      ['1E+5', 4],
      ['01', ~1],
      ['-', ~1],
      ['1.', ~2],
      ['1e', ~2],
      ['1e+', ~3],
      ['x', ~0],
      ['', ~0],
    ] as const) {
      equal(endOfNumber(text, 0), end, text)
    }
  })

  test('of white space is where something else stands, and a word is told by its first letter', () => {
    deepEqual([skipBlanks(' \t\r\n1', 0), skipBlanks('1', 0), skipBlanks(' ', 0)], [4, 0, 1])
    equal(skipBlanks('\u00a0', 0), 0)
    deepEqual(
      [...'tfnTx'].map(letter => wordOf(letter.charCodeAt(0))),
      ['true', 'false', 'null', undefined, undefined],
    )
  })
})

describe('the parts of a text', () => {
  test('are those that a parser makes, however it is laid out', () => {
    const space = fc.constantFrom('', ' ', '\t')
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), space, (members, indent) => {
        const text = JSON.stringify(members, null, indent)
        const parts: [string, unknown][] = []
        const end = walkObject(text, 0, (name, at) => {
          parts.push([name, JSON.parse(text.slice(at, passValue(text, at)))])
          return passValue(text, at)
        })
        equal(end, text.length)
        deepEqual(new Map(parts), new Map(Object.entries(JSON.parse(text))))
      }),
    )
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), space, (elements, indent) => {
        const text = JSON.stringify(elements, null, indent)
        const parts: unknown[] = []
        const end = walkList(text, 0, at => {
          parts.push(JSON.parse(text.slice(at, passValue(text, at))))
          return passValue(text, at)
        })
        equal(end, text.length)
        deepEqual(parts, JSON.parse(text))
      }),
    )
  })

  test('are read no further once somebody has enough', () => {
    let count = 0
    const text = `[${'1,'.repeat(10)}1]`
    const end = walkList(text, 0, at => (++count === 3 ? enough : passValue(text, at)))
    deepEqual([end, count], [enough, 3])
  })
})

test('half a surrogate pair is told by the place of its escape', () => {
  for (const [text, at] of [
    ['"\\ud83d\\ude00"', -1],
    ['"a\\ud83d"', 2],
    ['"\\ude00"', 1],
    ['"\\ud83d\\ud83d\\ude00"', 1],
    ['"\\ud83d\\n\\ude00"', 1],
    ['"\\\\ud83d"', -1],
    ['"\\ud83d\\ude00\\udc00"', 13],
    ['none', -1],
  ] as const) {
    equal(halfPairAt(text), at, text)
  }
})

test('a string means what a parser makes of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      equal(meaningOf(JSON.stringify(text)), text)
    }),
  )
})
