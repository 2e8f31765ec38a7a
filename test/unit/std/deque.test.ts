import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Deque } from '../../../src/std/deque.ts'

test('items leave a deque in the order in which they came, over many fillings', () => {
  const deque = new Deque<number>()
  const taken: number[] = []
  let next = 0
  for (const [push, take] of [
    [5, 3],
    [100, 60],
    [3, 45],
    [0, 5],
    [70, 70],
  ] as const) {
    for (let n = 0; n < push; n++) deque.push(next++)
    for (let n = 0; n < take; n++) {
      const item = deque.take()
      if (item !== undefined) taken.push(item)
    }
    equal(deque.length, next - taken.length)
  }
  deepEqual(
    taken,
    Array.from({ length: 178 }, (_, n) => n),
  )
  equal(deque.take(), undefined)
})
