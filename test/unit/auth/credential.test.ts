// A name and a secret side by side.
import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { createCredentialCheck } from '../../../src/auth/credential.ts'

test('name and one of the secrets pass, and nothing else', () => {
  const check = createCredentialCheck('app', ['new', 'old'])
  equal(check('app', 'new'), true)
  equal(check('app', 'old'), true)
  for (const [id, secret] of [
    ['app', 'other'],
    ['App', 'new'],
    ['other', 'new'],
    ['app', ''],
    ['', 'new'],
    [undefined, 'new'],
    ['app', undefined],
  ]) {
    equal(check(id, secret), false, `${id} ${secret}`)
  }
})

test('without a name or a secret nobody passes', () => {
  equal(createCredentialCheck('', ['secret'])('', 'secret'), false)
  equal(createCredentialCheck('app', [])('app', ''), false)
})
