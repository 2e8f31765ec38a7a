import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { GatheredBytes } from '../../../src/std/gathered-bytes.ts'

test('pieces stand one behind the other, in little more than they need', () => {
  const gathered = new GatheredBytes(1_000)
  deepEqual([gathered.length, gathered.heldBytes, gathered.bytes.length], [0, 0, 0])
  const piece = Buffer.from('ab')
  gathered.add(piece)
  piece.fill('?')
  deepEqual([String(Buffer.from(gathered.bytes)), gathered.heldBytes], ['ab', 2])
  for (let count = 0; count < 400; count++) {
    gathered.add(Buffer.from('c'))
    ok(gathered.heldBytes <= 2 * gathered.length, `${gathered.heldBytes} for ${gathered.length}`)
  }
  equal(String(Buffer.from(gathered.bytes)), `ab${'c'.repeat(400)}`)
})

test('it is never larger than its bound, unless there is so much', () => {
  const gathered = new GatheredBytes(100)
  gathered.add(Buffer.alloc(60))
  gathered.add(Buffer.alloc(1))
  equal(gathered.heldBytes, 100)
  gathered.add(Buffer.alloc(50))
  deepEqual([gathered.length, gathered.heldBytes], [111, 111])
})

test('a view stays as it is when more comes', () => {
  const gathered = new GatheredBytes(100)
  gathered.add(Buffer.from('one'))
  gathered.add(Buffer.from('two'))
  const view = gathered.bytes
  gathered.add(Buffer.from('three'))
  gathered.add(Buffer.from('four'))
  equal(String(Buffer.from(view)), 'onetwo')
})
