// A rate limiter gives its burst at once, its rate in the long run, and never more than either.
import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { RateLimiter } from '../../../src/std/rate-limiter.ts'

function taken(limiter: RateLimiter, now: number): number {
  let count = 0
  while (count < 10_000 && limiter.take(now)) count++
  return count
}

test('gives its burst, and then what its rate fills in', () => {
  const limiter = new RateLimiter({ rate: 10, burst: 4 }, 1_000)
  equal(taken(limiter, 1_000), 4)
  equal(taken(limiter, 1_099), 0)
  equal(taken(limiter, 1_100), 1)
  equal(taken(limiter, 1_350), 2)
})

test('holds no more than its burst, however long nobody asks', () => {
  const limiter = new RateLimiter({ rate: 10, burst: 4 }, 0)
  equal(taken(limiter, 3_600_000), 4)
})

test('keeps what is left over', () => {
  const limiter = new RateLimiter({ rate: 3, burst: 1 }, 0)
  equal(taken(limiter, 0), 1)
  let count = 0
  for (let now = 1; now <= 10_000; now++) count += limiter.take(now) ? 1 : 0
  equal(count >= 29 && count <= 30, true, String(count))
})

test('is no limit without a rate', () => {
  equal(taken(new RateLimiter({ rate: 0, burst: 1 }, 0), 0), 10_000)
})
