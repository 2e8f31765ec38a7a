import { equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { systemRandom } from '../../../src/std/random.ts'

test('texts have the length that was asked for, and none comes twice', () => {
  const texts = new Set<string>()
  for (const bytes of [8, 16, 4_090, 4_096, 4_097, 10_000]) {
    for (let times = 0; times < 600; times++) {
      const text = systemRandom.hex(bytes)
      equal(text.length, 2 * bytes)
      texts.add(text)
    }
    match(systemRandom.hex(bytes), /^[0-9a-f]+$/)
  }
  equal(texts.size, 6 * 600)
  equal(systemRandom.hex(0), '')
})

test('no byte is given to two callers', () => {
  // A text that begins within another one would be found by its first bytes.
  const all = Array.from({ length: 2_000 }, () => systemRandom.hex(16))
  const starts = new Set(all.map(text => text.slice(0, 16)))
  equal(starts.size, all.length)
  const ends = all.filter(text => starts.has(text.slice(16)))
  equal(ends.length, 0)
})
