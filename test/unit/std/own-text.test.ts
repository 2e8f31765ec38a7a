import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { ownText } from '../../../src/std/own-text.ts'
import { growthOf } from '../../helpers/heap.ts'

test('an own text is the same text, whatever its characters', () => {
  for (const text of [
    '',
    'short',
    'a text of more units',
    'ý'.repeat(20),
    '\ufeff'.repeat(20),
    '😀'.repeat(20),
  ])
    equal(ownText(text), text)
})

test('it holds neither what it was cut out of nor what it was added up from', () => {
  const kept: string[] = []
  const grown = growthOf(() => {
    for (let n = 0; n < 100; n++) {
      const long = Buffer.alloc(100_000, 97).toString()
      kept.push(ownText(long.slice(n, n + 13)), ownText(`${long.slice(0, 13)}${long.slice(50, 90)}`))
    }
  })
  ok(kept.length === 200 && grown < 1_048_576, `200 texts hold ${grown} bytes`)
})
