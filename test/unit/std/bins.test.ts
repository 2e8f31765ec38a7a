import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Bins } from '../../../src/std/bins.ts'

test('numbers are counted by the first bound that they are not above, and added up', () => {
  const bins = new Bins([0.5, 1, 10])
  deepEqual(bins.statistics('x'), { 'x.0.5': 0, 'x.1': 0, 'x.10': 0, 'x.Inf': 0, 'x.sum': 0 })
  for (const value of [0, 0.5, 0.75, 1, 10, 10.5, 1_000]) bins.note(value)
  deepEqual(bins.statistics('x'), { 'x.0.5': 2, 'x.1': 2, 'x.10': 1, 'x.Inf': 2, 'x.sum': 1_022.75 })
})
