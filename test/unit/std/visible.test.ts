import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { visibleJson, visibleLine, visibleText } from '../../../src/std/visible.ts'

/** What a terminal obeys, or what turns around what it shows. */
const driving = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

describe('text for a terminal', () => {
  test('shows what could drive it as JSON writes it', () => {
    equal(
      visibleLine('\u001b]0;title\u0007 \u001b[2J \u009b31m \u007f \r\n\t\0'),
      '\\u001b]0;title\\u0007 \\u001b[2J \\u009b31m \\u007f \\r\\n\\t\\u0000',
    )
    equal(
      visibleLine('\u202e \u2066 \u200f \u061c \u2028 \u2029'),
      '\\u202e \\u2066 \\u200f \\u061c \\u2028 \\u2029',
    )
  })

  test('leaves everything else as it is', () => {
    const text = 'caf\u00e9 \u00a0 \u2027 \u2030 \u200d \u6f22 \ud83d\udc4b \\u001b "quoted" \\'
    for (const visible of [visibleLine, visibleText, visibleJson]) equal(visible(text), text)
  })

  test('keeps line ends and tabs where a text has them, and nothing else', () => {
    equal(visibleText('a\n\tb\r\n\u001b[2J'), 'a\n\tb\\r\n\\u001b[2J')
  })

  test('whatever it is, it drives nothing', () => {
    const unit = fc.integer({ min: 0, max: 0x20ff }).map(code => String.fromCharCode(code))
    fc.assert(fc.property(fc.string({ unit }), text => !driving.test(visibleLine(text))))
  })

  test('JSON stays the same value, and no character above ASCII drives', () => {
    const unit = fc.integer({ min: 0, max: 0x20ff }).map(code => String.fromCharCode(code))
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit }), fc.string({ unit })), value => {
        const json = JSON.stringify({ ...value })
        deepEqual(JSON.parse(visibleJson(json)), JSON.parse(json))
        match(visibleJson(json), /^[^\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$/)
      }),
    )
  })
})
