// Compact signatures: form, alphabet and secrets. What the payload claims is tested with the protocol that reads it.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { createHmacVerifier, mintHmacToken } from '../../../src/auth/hmac-token.ts'

const secret = 'subscription-secret'
const claims = { aud: 'rpushd', channel: 'thread-writers:459', exp: 4102444800, scope: 'subscribe' }
const header = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9'
const payload =
  'eyJhdWQiOiJycHVzaGQiLCJjaGFubmVsIjoidGhyZWFkLXdyaXRlcnM6NDU5IiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6InN1YnNjcmliZSJ9'
const signature = '66mZPyt1Q6yv0Dhx7sNZEIMbptFOxnigq1uD9Hq0a-Y'
const token = `${header}.${payload}.${signature}`

/** Signs any two parts, valid or not. */
function signed(head: string, body: string, key = secret): string {
  const digest = createHmac('sha256', key).update(`${head}.${body}`).digest('base64url')
  return `${head}.${body}.${digest}`
}

function padded(text: string): string {
  return text + '='.repeat((4 - (text.length % 4)) % 4)
}

const none = Buffer.from('{"alg":"none"}').toString('base64url')
const rows = [
  { name: 'the published vector', input: token, expect: true },
  {
    name: 'the published vector without header',
    input: `.${payload}.jC4uTR1nd7fdpU4nuE6Pmxi5W4MNjR8KSo3I5GlmQIk`,
    expect: true,
  },
  { name: 'a header that is no base64', input: signed('***', payload), expect: true },
  { name: 'a header outside ASCII', input: signed('é😀', payload), expect: true },
  { name: 'a header that names no algorithm, but signed', input: signed(none, payload), expect: true },
  { name: 'a header that names no algorithm, unsigned', input: `${none}.${payload}.`, expect: false },
  { name: 'an empty payload', input: signed(header, ''), expect: true },
  { name: 'an empty text', input: '', expect: false },
  { name: 'a word', input: 'invalid', expect: false },
  { name: 'one dot', input: `${header}.${payload}`, expect: false },
  { name: 'two dots alone', input: '..', expect: false },
  { name: 'a fourth part', input: `${token}.`, expect: false },
  { name: 'a leading dot more', input: `.${token}`, expect: false },
  { name: 'another header under the signature', input: `x.${payload}.${signature}`, expect: false },
  { name: 'another payload under the signature', input: `${header}.e30.${signature}`, expect: false },
  { name: 'another secret', input: signed(header, payload, 'other'), expect: false },
  { name: 'a signature with padding', input: `${token}=`, expect: false },
  { name: 'a signature cut short', input: token.slice(0, -1), expect: false },
  { name: 'a signature of one byte more', input: `${token}A`, expect: false },
  { name: 'a signature with stray trailing bits', input: `${token.slice(0, -1)}Z`, expect: false },
  { name: 'a signature in the other alphabet', input: token.replace('a-Y', 'a+Y'), expect: false },
  { name: 'a signature with a blank', input: `${token.slice(0, -3)} ${token.slice(-3)}`, expect: false },
  { name: 'a payload with padding', input: signed(header, padded(`${payload}IA`)), expect: false },
  { name: 'a payload with stray trailing bits', input: signed(header, 'e31'), expect: false },
  { name: 'a payload of an impossible length', input: signed(header, 'e30xx'), expect: false },
  { name: 'a payload in the other alphabet', input: signed(header, 'Pz8/Pj4+'), expect: false },
  { name: 'a payload with a blank', input: signed(header, 'e3 0'), expect: false },
  { name: 'a payload with a line break', input: signed(header, 'e30\n'), expect: false },
]

const verify = createHmacVerifier([secret])
for (const { name, input, expect } of rows) {
  test(`token: ${name} is ${expect ? 'accepted' : 'refused'}`, () => {
    assert.equal(verify(input) !== undefined, expect)
  })
}

test('token: the payload comes out as its bytes', () => {
  assert.equal(Buffer.from(verify(token) ?? []).toString(), JSON.stringify(claims))
})

test('token: minting gives the published vector', () => {
  assert.equal(mintHmacToken(secret, claims), token)
})

test('token: each of several secrets is good, none is not', () => {
  const both = createHmacVerifier(['new', 'old'])
  for (const key of ['new', 'old']) assert.notEqual(both(mintHmacToken(key, {})), undefined)
  assert.equal(both(mintHmacToken('other', {})), undefined)
  assert.equal(createHmacVerifier([])(mintHmacToken('new', {})), undefined)
})
