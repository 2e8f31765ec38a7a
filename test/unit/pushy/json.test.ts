// The normal form of JSON.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { JsonText, objectText, parseJson, withMember } from '../../../src/frontends/pushy/json.ts'
import { stringText } from '../../../src/frontends/pushy/json-string.ts'

const normal = (text: string) => parseJson(text)?.normal()

const rows: readonly (readonly [given: string, expected: string | undefined])[] = [
  ['{"b":1,"a":{"d":1,"c":2}}', '{"a":{"c":2,"d":1},"b":1}'],
  [' { "a" : [ 1 , 2 , { } , [ ] ] , "b" : "x y" } ', '{"a":[1,2,{},[]],"b":"x y"}'],
  ['{"a":1,"b":2,"a":3}', '{"a":3,"b":2}'],
  ['{"__proto__":1,"constructor":2}', '{"__proto__":1,"constructor":2}'],
  ['{"2":1,"10":2}', '{"10":2,"2":1}'],
  ['[10.0,1e5,-0,12345678901234567890123456789]', '[10.0,1e5,-0,12345678901234567890123456789]'],
  ['"\\u00e9\\/\\u001f\\u0041\\n\\"\\\\"', '"é/\\u001FA\\n\\"\\\\"'],
  ['"\\\\u001f"', '"\\\\u001f"'],
  ['"\u007f\u2028"', '"\u007f\u2028"'],
  ['"\\ud83d\\ude00"', '"😀"'],
  ['{"\\ud83d\\ude00":1,"\uffff":2}', '{"\uffff":2,"😀":1}'],
  ['"\\ud800"', undefined],
  ['{"\\udc00":1}', undefined],
  ['"\\ud83d\\n\\ude00"', undefined],
  ['"\\ud83d\\ud83d\\ude00"', undefined],
  ['["\\ud83d","\\ude00"]', undefined],
  ['{"a":"\\ud800","a":1}', undefined],
  ['"\\\\ud800"', '"\\\\ud800"'],
  ['true', 'true'],
  ['null', 'null'],
  ['{"data":', undefined],
  ["{'a':1}", undefined],
  ['01', undefined],
  ['1 2', undefined],
  ['', undefined],
  ['"a\nb"', undefined],
  ['['.repeat(128) + ']'.repeat(128), '['.repeat(128) + ']'.repeat(128)],
  ['['.repeat(129) + ']'.repeat(129), undefined],
  [`"${'['.repeat(200)}"`, `"${'['.repeat(200)}"`],
]

describe('normal form', () => {
  for (const [given, expected] of rows) {
    test(`${given.slice(0, 60)} is ${expected?.slice(0, 60)}`, () => equal(normal(given), expected))
  }

  test('is one line that says the same, and its own normal form', () => {
    fc.assert(
      fc.property(fc.json(), text => {
        const line = normal(text)
        if (line === undefined) return !text.isWellFormed() || /\\u[dD][89a-fA-F]/.test(text)
        deepEqual(JSON.parse(line), JSON.parse(text))
        equal(/[\r\n]/.test(line), false)
        return normal(line) === line
      }),
    )
  })

  test('a text is escaped as in JSON that came', () => {
    equal(stringText('a"\\\u0001\u001fé'), '"a\\"\\\\\\u0001\\u001Fé"')
  })
})

describe('members', () => {
  test('another one comes into its place and replaces one of its key', () => {
    const members = new JsonText('{"b":1,"z":2,"timestamp":5}').members()
    equal(objectText(withMember(members, { key: 'timestamp', text: '7' })), '{"b":1,"timestamp":7,"z":2}')
    equal(objectText(withMember([], { key: 'timestamp', text: '7' })), '{"timestamp":7}')
  })

  test('what is no object has none', () => {
    deepEqual(new JsonText('[{"a":1}]').members(), [])
    equal(new JsonText('[{"a":1}]').part('a'), undefined)
  })

  test('one as it came is the last of equal keys, without the blanks around it', () => {
    const json = new JsonText(' {"b" : [1, "]}\\"" ] ,"a":1,"\\u0061": {"x":{} } } ')
    deepEqual(
      ['a', 'b', 'x', 'b'].map(key => json.part(key)),
      ['{"x":{} }', '[1, "]}\\"" ]', undefined, '[1, "]}\\"" ]'],
    )
  })
})

test('keys and texts without escapes are taken as they stand', t => {
  const { parse } = JSON
  let parses = 0
  t.mock.method(JSON, 'parse', (text: string) => {
    parses++
    return parse(text)
  })
  const text = `{${Array.from({ length: 500 }, (_, n) => `"k${n}":"v"`).join(',')}}`
  equal(parseJson(text)?.members().length, 500)
  equal(parses, 0)
})
