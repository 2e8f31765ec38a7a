// The bearer secret of rpushd 1.0.3 ("Bearer secret") as data.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBearerCheck } from '../../../src/auth/bearer.ts'

const rows = [
  { name: 'the secret', input: 'Bearer publish-secret', expect: true },
  { name: 'no header', input: undefined, expect: false },
  { name: 'an empty header', input: '', expect: false },
  { name: 'the scheme alone', input: 'Bearer', expect: false },
  { name: 'an empty remainder', input: 'Bearer ', expect: false },
  { name: 'a wrong secret of the same length', input: 'Bearer publish-secreT', expect: false },
  { name: 'a shorter secret', input: 'Bearer publish-secre', expect: false },
  { name: 'a longer secret', input: 'Bearer publish-secret1', expect: false },
  { name: 'a lower-case scheme', input: 'bearer publish-secret', expect: false },
  { name: 'an upper-case scheme', input: 'BEARER publish-secret', expect: false },
  { name: 'two blanks', input: 'Bearer  publish-secret', expect: false },
  { name: 'a tab for the blank', input: 'Bearer\tpublish-secret', expect: false },
  { name: 'a blank in front', input: ' Bearer publish-secret', expect: false },
  { name: 'a blank behind', input: 'Bearer publish-secret ', expect: false },
  { name: 'another scheme', input: 'Basic publish-secret', expect: false },
  { name: 'the bare secret', input: 'publish-secret', expect: false },
  { name: 'a byte outside ASCII', input: 'Bearer publish-secret\u00e9', expect: false },
  { name: 'a letter with the same lower byte', input: 'Bearer publish-secre\u0174', expect: false },
  { name: 'a control character', input: 'Bearer publish-secret\u0001', expect: false },
  { name: 'a delete character', input: 'Bearer publish-secret\u007f', expect: false },
  { name: 'a line break behind', input: 'Bearer publish-secret\n', expect: false },
]

const check = createBearerCheck(['publish-secret'])
for (const { name, input, expect } of rows) {
  test(`bearer: ${name} is ${expect ? 'accepted' : 'refused'}`, () => assert.equal(check(input), expect))
}

test('bearer: blanks and tabs inside a secret count', () => {
  const inner = createBearerCheck(['a \tb'])
  assert.equal(inner('Bearer a \tb'), true)
  assert.equal(inner('Bearer a b'), false)
})

test('bearer: a secret outside ASCII never matches', () => {
  const secret = 'caf\u00e9'
  const bytes = Buffer.from(secret, 'utf8').toString('latin1')
  for (const shown of [secret, bytes]) assert.equal(createBearerCheck([secret])(`Bearer ${shown}`), false)
})

test('bearer: an empty secret never matches', () => {
  for (const header of ['Bearer ', 'Bearer', '']) assert.equal(createBearerCheck([''])(header), false)
})
