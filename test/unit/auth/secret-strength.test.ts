import { equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { makeSecret, secretAdvice, weaknessOf } from '../../../src/auth/secret-strength.ts'
import { systemRandom } from '../../../src/std/random.ts'

test('a secret of 15 characters is too short, one of 16 is not', () => {
  match(String(weaknessOf('f3a9c1d8e7b2064')), /too short for production: under 16/)
  equal(weaknessOf('f3a9c1d8e7b20645'), undefined)
})

test('a secret of four different characters is too simple, one of five is not', () => {
  match(String(weaknessOf('abcdabcdabcdabcd')), /too simple for production: under 5/)
  equal(weaknessOf('abcdeabcdeabcdea'), undefined)
})

test('a secret out of a sample is none, however it is written', () => {
  for (const secret of [
    'please-change-me-now',
    'REPLACE-ME-1234567',
    'MyPassw0rd1234567',
    'your secret goes here',
  ]) {
    equal(weaknessOf(secret), 'looks like a placeholder', secret)
  }
  equal(weaknessOf('yours-truly-1234567'), undefined)
})

test('one that is made, here or as advised, is good enough', () => {
  const secret = makeSecret(systemRandom)
  equal(weaknessOf(secret), undefined)
  match(secretAdvice, new RegExp(`openssl rand -hex ${secret.length / 2}$`))
})
