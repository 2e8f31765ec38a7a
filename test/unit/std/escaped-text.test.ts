import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { isIntact } from '../../../src/std/escaped-text.ts'

const rows: readonly (readonly [raw: string, expected: boolean])[] = [
  ['', true],
  ['/publish/a', true],
  ['/publish/é', true],
  ['/publish/%C3%A9%c3%a9', true],
  ['/publish/%EF%BF%BD', true],
  ['/publish/%zz%4', true],
  ['/publish/100%25', true],
  ['/publish/\ufffd', false],
  ['/publish/%ff', false],
  ['/publish/%41%FF', false],
  ['/publish/%C3a%A9', false],
  ['/publish/%c3', false],
  ['/publish/%ED%A0%80', false],
  ['channels[]=a&channels[]=%E4', false],
]

for (const [raw, expected] of rows) {
  test(`${raw} is ${expected ? '' : 'not '}intact`, () => equal(isIntact(raw), expected))
}
