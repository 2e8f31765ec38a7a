// Streams end in the second in which their token expires, whatever the clock does.
import { deepEqual } from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { Expiries } from '../../../src/std/expiries.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

let clock: FakeClock
let expired: string[]
let expiries: Expiries<string>
let start: number

beforeEach(() => {
  clock = new FakeClock()
  expired = []
  expiries = new Expiries(clock, item => expired.push(item))
  start = Math.floor(clock.unixMs() / 1_000)
})

test('each in its second, and not before', () => {
  for (const seconds of [3, 1, 2]) expiries.add(`after ${seconds}`, start + seconds)
  clock.advance(1_000)
  deepEqual(expired, ['after 1'])
  clock.advance(2_000)
  deepEqual(expired, ['after 1', 'after 2', 'after 3'])
})

test('one that is expired already goes at the next look', () => {
  const second = expiries.add('late', start - 10)
  deepEqual(second, start + 1)
  clock.advance(1_000)
  deepEqual(expired, ['late'])
})

test('one that left does not expire', () => {
  expiries.remove('left', expiries.add('left', start + 1))
  expiries.remove('left', start + 1)
  clock.advance(5_000)
  deepEqual(expired, [])
})

test('a step of the clock forward serves all that it passed; one back serves none again', () => {
  for (const seconds of [100, 1_000, 100_000]) expiries.add(`after ${seconds}`, start + seconds)
  clock.epochMs += 5_000_000
  clock.advance(1_000)
  deepEqual(expired, ['after 100', 'after 1000'])
  clock.epochMs -= 5_000_000
  clock.advance(10_000)
  deepEqual(expired, ['after 100', 'after 1000'])
})
