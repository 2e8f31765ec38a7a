// The form that publishers of ZeroMQ write: what it takes, what it refuses, and both ways.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  formatTnetstring,
  parseTnetstring,
  type Tnet,
} from '../../../../src/frontends/grip/zmq/tnetstring.ts'

const parse = (text: string) => parseTnetstring(Buffer.from(text, 'latin1'))

describe('a tnetstring', () => {
  const taken: readonly (readonly [text: string, value: unknown])[] = [
    ['0:,', Buffer.alloc(0)],
    ['5:hello,', Buffer.from('hello')],
    ['3:\x01\x02\xff,', Buffer.from([1, 2, 255])],
    ['2:42#', 42],
    ['2:-1#', -1],
    ['3:1.5^', 1.5],
    ['4:true!', true],
    ['5:false!', false],
    ['0:~', null],
    ['0:]', []],
    ['0:}', {}],
    ['8:1:a,1:b,]', [Buffer.from('a'), Buffer.from('b')]],
    ['8:1:a,1:1#}', { a: 1 }],
    ['16:1:a,1:1#1:a,1:2#}', { a: 2 }],
  ]
  for (const [text, value] of taken) {
    test(`${JSON.stringify(text)} is read`, () => deepEqual(parse(text), { value }))
  }

  const refused: readonly string[] = [
    '',
    ':',
    '1:a',
    '1a,',
    '01:a,',
    '-1:a,',
    '2:a,',
    '1:a;',
    '1:a,x',
    '1:a,1:b,',
    '1:x#',
    '0:#',
    '17:12345678901234567#',
    '16:9999999999999999#',
    '3:1e5#',
    '4:TRUE!',
    '1:x~',
    '4:1:a,}',
    '8:1:1#1:a,}',
    '3:1:a]',
    '5:1:a,x]',
    '4:3:a,]',
    '1000000000:a,',
  ]
  for (const text of refused) {
    test(`${JSON.stringify(text)} is none`, () => equal(parse(text), undefined))
  }

  test('is nested thirty-one times at most below the first', () => {
    const nested = (depth: number): Buffer => {
      let value: Tnet = 'x'
      for (let level = 1; level < depth; level++) value = [value]
      return formatTnetstring(value)
    }
    equal(parseTnetstring(nested(32)) === undefined, false)
    equal(parseTnetstring(nested(33)), undefined)
  })

  test('names no prototype', () => {
    const value = parse('19:9:__proto__,4:true!}')?.value
    deepEqual(Object.keys(value ?? {}), ['__proto__'])
    equal(Object.getPrototypeOf(value), Object.prototype)
  })

  test('is the same value again when it was written', () => {
    fc.assert(
      fc.property(
        fc.letrec<{ tree: Tnet }>(again => ({
          tree: fc.oneof(
            { maxDepth: 4 },
            fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes)),
            fc.maxSafeInteger(),
            fc.boolean(),
            fc.constant(null),
            fc.array(again('tree'), { maxLength: 4 }),
            fc
              .dictionary(fc.string({ unit: 'grapheme', maxLength: 8 }), again('tree'), { maxKeys: 4 })
              .map(entries => ({ ...entries })),
          ),
        })).tree,
        value => deepEqual(parseTnetstring(formatTnetstring(value)), { value }),
      ),
    )
  })

  test('of arbitrary bytes is none, or what it is written as again', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9:,#\]}!~a]{0,30}$/), text => {
        const read = parse(text)
        if (read !== undefined) deepEqual(parseTnetstring(formatTnetstring(read.value)), read)
      }),
      { numRuns: 5_000 },
    )
  })
})
