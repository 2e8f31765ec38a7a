// The bounds of what is remembered.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { VerifiedTokens } from '../../../src/auth/verified-tokens.ts'

test('beyond ten thousand tokens the one that was longest not used goes', () => {
  const verified = new VerifiedTokens<number>()
  for (let index = 0; index < 10_000; index++) verified.add(`t${index}`, index)
  equal(verified.find('t0'), 0)
  verified.add('one more', -1)
  deepEqual([verified.size, verified.find('t0'), verified.find('t1')], [10_000, 0, undefined])
})

test('long tokens are bounded by their length together', () => {
  const verified = new VerifiedTokens<number>()
  for (let index = 0; index < 1_000; index++) verified.add(`${index} ${'x'.repeat(16_000)}`, index)
  equal(verified.size, 524)
  verified.clear()
  equal(verified.size, 0)
})
