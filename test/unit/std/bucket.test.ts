// A token bucket gives its burst at once, its rate in the long run, and never more than either.
import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Bucket } from '../../../src/std/bucket.ts'

function taken(bucket: Bucket, now: number): number {
  let count = 0
  while (count < 10_000 && bucket.take(now)) count++
  return count
}

test('gives its burst, and then what its rate fills in', () => {
  const bucket = new Bucket({ rate: 10, burst: 4 }, 1_000)
  equal(taken(bucket, 1_000), 4)
  equal(taken(bucket, 1_099), 0)
  equal(taken(bucket, 1_100), 1)
  equal(taken(bucket, 1_350), 2)
})

test('holds no more than its burst, however long nobody asks', () => {
  const bucket = new Bucket({ rate: 10, burst: 4 }, 0)
  equal(taken(bucket, 3_600_000), 4)
})

test('keeps what is left over of a token', () => {
  const bucket = new Bucket({ rate: 3, burst: 1 }, 0)
  equal(taken(bucket, 0), 1)
  let count = 0
  for (let now = 1; now <= 10_000; now++) count += bucket.take(now) ? 1 : 0
  equal(count >= 29 && count <= 30, true, String(count))
})

test('is no limit without a rate', () => {
  equal(taken(new Bucket({ rate: 0, burst: 1 }, 0), 0), 10_000)
})
