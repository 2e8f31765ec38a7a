// JSON that is judged and not parsed: the same verdicts as the parser's, and a bound for depth.
import { equal } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isJson, jsonDepthMax, jsonFaultOf } from '../../../src/std/json-check.ts'

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
const options = { seed, numRuns: 2_000 }

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const objects = (depth: number) => '{"a":'.repeat(depth) + 1 + '}'.repeat(depth)

describe('a text is JSON where a parser says so', () => {
  const rows = [
    ...['{}', '[]', ' [ ] ', '{ "a" : [ ] , "b" : { } }', '\t\n\r 1 \r\n', '"a"', 'true', 'null', 'false'],
    ...['', ' ', '[', ']', '{', '}', '[,]', '[1,]', '[1 2]', '{,}', '{"a"}', '{"a":}', '{"a":1,}', '{1:2}'],
    ...['[}', '{]', '[1}', '{"a":1]', '[[]', '[]]', '1 1', '{}x', "{'a':1}", '{"a":1 "b":2}', '{"a" 1}'],
    ...['0', '-0', '10', '0.5', '1e5', '1E+5', '1e-5', '-1.25e10', '01', '-', '+1', '.5', '1.', '1e', '1e+'],
    ...['1.e1', '0x1', '1_0', 'NaN', 'Infinity', '-Infinity', 'tru', 'truex', 'TRUE', 'nul', 'undefined'],
    ...['"\\u00e9\\/\\"\\\\\\b\\f\\n\\r\\t"', '"\\u00g0"', '"\\u00"', '"\\x41"', '"\\"', '"\\', '"', '"a'],
    ...['"\u001f"', '"\n"', '"\u007f\u2028é😀"', '"\\ud800"', '"\ud800"', '\ufeff1', '[1]\u00a0', '1\u2028'],
  ]
  for (const text of rows) test(JSON.stringify(text), () => equal(isJson(text), parses(text)))

  test('whatever it is', () => {
    fc.assert(
      fc.property(fc.json(), text => isJson(text)),
      options,
    )
  })

  test('and wherever it is broken', () => {
    const piece = fc.constantFrom(...'[]{}",:\\ue+-.019afx \n\u0001é', '\\u00', '\\"', 'true', 'null', '""')
    const damage = fc.tuple(fc.nat(), fc.nat({ max: 2 }), piece)
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 3 }),
        fc.array(damage, { minLength: 1, maxLength: 3 }),
        (text, damages) => {
          let broken = text
          for (const [place, cut, put] of damages) {
            const at = place % (broken.length + 1)
            broken = broken.slice(0, at) + put + broken.slice(at + cut)
          }
          equal(isJson(broken), parses(broken), broken)
        },
      ),
      options,
    )
  })
})

describe('depth', () => {
  test('is bounded, for lists and objects alike', () => {
    for (const nest of [lists, objects]) {
      equal(jsonFaultOf(nest(jsonDepthMax)), undefined)
      equal(jsonFaultOf(nest(jsonDepthMax + 1)), 'depth')
    }
    equal(jsonFaultOf(`{"a":${lists(jsonDepthMax - 1)}}`), undefined)
    equal(jsonFaultOf(`{"a":${lists(jsonDepthMax)}}`), 'depth')
  })

  test('is that of what is open, and brackets in texts are none', () => {
    equal(
      jsonFaultOf(
        `[${Array(1_000)
          .fill(lists(jsonDepthMax - 1))
          .join()}]`,
      ),
      undefined,
    )
    equal(jsonFaultOf(`["${'['.repeat(1_000)}\\"${'{'.repeat(1_000)}"]`), undefined)
  })

  test('is told before whatever is wrong behind it', () => {
    equal(jsonFaultOf('['.repeat(500_000)), 'depth')
    equal(jsonFaultOf(`x${'['.repeat(500_000)}`), 'syntax')
  })
})
