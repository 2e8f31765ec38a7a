// Conditions and ranges of requests for assets (RFC 9110 sections 13 and 14).
import { deepEqual, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { wantedOf } from '../../../src/frontends/pushwire/assets/asset-conditions.ts'

const etag = '"abc"'

function wanted(headers: Readonly<Record<string, string>>, method = 'GET', size = 100) {
  return wantedOf({ method, header: name => headers[name] }, etag, size)
}

const whole = { kind: 'bytes', from: 0, to: 100, isPart: false }
const part = (from: number, to: number) => ({ kind: 'bytes', from, to, isPart: true })
const unchanged = { kind: 'unchanged' }
const failed = { kind: 'failed' }
const outside = { kind: 'outside' }

describe('a range', () => {
  for (const [range, expected] of [
    ['bytes=0-0', part(0, 1)],
    ['bytes=0-99', part(0, 100)],
    ['bytes=99-99', part(99, 100)],
    ['bytes=10-1000', part(10, 100)],
    ['bytes=10-', part(10, 100)],
    ['bytes=-1', part(99, 100)],
    ['bytes=-100', part(0, 100)],
    ['bytes=-1000', part(0, 100)],
    ['Bytes= 5-6 ', part(5, 7)],
    [`bytes=0-${'9'.repeat(400)}`, part(0, 100)],
    ['bytes=100-', outside],
    ['bytes=100-200', outside],
    [`bytes=${'9'.repeat(400)}-`, outside],
    ['bytes=-0', outside],
    ['bytes=-', whole],
    ['bytes=5-4', whole],
    ['bytes=0-1,5-6', whole],
    ['bytes=0-1,', whole],
    ['bytes', whole],
    ['items=0-1', whole],
    ['bytes=a-b', whole],
    ['bytes=0x1-2', whole],
    ['bytes=+1-2', whole],
    ['bytes=1-2-3', whole],
    ['', whole],
  ] as const) {
    test(`of ${range.slice(0, 30)}`, () => deepEqual(wanted({ range }), expected))
  }

  test('means nothing to HEAD', () => deepEqual(wanted({ range: 'bytes=0-1' }, 'HEAD'), whole))

  test('counts with `if-range` only where the tag is the same', () => {
    const range = 'bytes=1-2'
    deepEqual(wanted({ range, 'if-range': etag }), part(1, 3))
    for (const other of ['"other"', `W/${etag}`, 'Wed, 21 Oct 2026 07:28:00 GMT', '']) {
      deepEqual(wanted({ range, 'if-range': other }), whole, other)
    }
  })

  test('of any text gives bytes that are there, or none', () => {
    const ranges = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(300), fc.nat(300)).map(([from, to]) => `bytes=${from}-${to}`),
    )
    fc.assert(
      fc.property(ranges, fc.integer({ min: 1, max: 200 }), (range, size) => {
        const asked = wanted({ range }, 'GET', size)
        if (asked.kind === 'bytes') ok(asked.from >= 0 && asked.from < asked.to && asked.to <= size)
        else deepEqual(asked, outside)
      }),
    )
  })
})

describe('a condition', () => {
  for (const [name, value, expected] of [
    ['if-none-match', etag, unchanged],
    ['if-none-match', `W/${etag}`, unchanged],
    ['if-none-match', `"x", W/${etag} ,"y"`, unchanged],
    ['if-none-match', ' * ', unchanged],
    ['if-none-match', '"x"', whole],
    ['if-none-match', 'abc', whole],
    ['if-none-match', '', whole],
    ['if-match', etag, whole],
    ['if-match', '*', whole],
    ['if-match', `"x",${etag}`, whole],
    ['if-match', `W/${etag}`, failed],
    ['if-match', '"x"', failed],
  ] as const) {
    test(`${name}: ${value}`, () => {
      deepEqual(wanted({ [name]: value }), expected)
      deepEqual(wanted({ [name]: value }, 'HEAD'), expected)
    })
  }

  test('comes before the range', () => {
    deepEqual(wanted({ 'if-none-match': etag, range: 'bytes=100-' }), unchanged)
    deepEqual(wanted({ 'if-match': '"x"', 'if-none-match': etag }), failed)
  })
})
