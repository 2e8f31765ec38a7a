// The claims of a subscribe token, rpushd 1.0.3 ("Subscribe token"), as data.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { mintHmacToken } from '../../../src/auth/hmac-token.ts'
import { createTokenCheck, mintToken } from '../../../src/frontends/rpushd/token.ts'

const secret = 'subscription-secret'
const channel = 'thread-writers:459'
const now = 1_776_528_000
const check = createTokenCheck([secret])

/** Signs a payload as it is, so that a row can hold JSON that no minter would write. */
function tokenOf(payload: string | Uint8Array): string {
  const signed = `.${Buffer.from(payload).toString('base64url')}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

/** The claims of a valid token with some texts of JSON changed; an undefined one is left out. */
function claims(changes: Record<string, string | undefined>): string {
  const texts = { aud: '"rpushd"', channel: `"${channel}"`, exp: `${now}`, scope: '"subscribe"', ...changes }
  const members = Object.entries(texts).filter(([, text]) => text !== undefined)
  return `{${members.map(([name, text]) => `"${name}":${text}`).join(',')}}`
}

const valid = claims({})
const rows = [
  { name: 'all claims', input: valid, expect: true },
  { name: 'exp of this second', input: claims({ exp: `${now}` }), expect: true },
  { name: 'exp of the second before', input: claims({ exp: `${now - 1}` }), expect: false },
  { name: 'exp zero', input: claims({ exp: '0' }), expect: false },
  { name: 'exp above 2^53', input: claims({ exp: '9007199254740993' }), expect: true },
  { name: 'exp 2^64-1', input: claims({ exp: '18446744073709551615' }), expect: true },
  { name: 'exp 2^64', input: claims({ exp: '18446744073709551616' }), expect: false },
  { name: 'exp of 21 digits', input: claims({ exp: '100000000000000000000' }), expect: false },
  { name: 'exp with a fraction', input: claims({ exp: `${now}.0` }), expect: false },
  { name: 'exp with an exponent', input: claims({ exp: '2e9' }), expect: false },
  { name: 'exp below zero', input: claims({ exp: '-1' }), expect: false },
  { name: 'exp minus zero', input: claims({ exp: '-0' }), expect: false },
  { name: 'exp as a string', input: claims({ exp: `"${now}"` }), expect: false },
  { name: 'exp null', input: claims({ exp: 'null' }), expect: false },
  { name: 'exp missing', input: claims({ exp: undefined }), expect: false },
  { name: 'another audience', input: claims({ aud: '"other"' }), expect: false },
  { name: 'the audience in capitals', input: claims({ aud: '"RPUSHD"' }), expect: false },
  { name: 'the audience as a list', input: claims({ aud: '["rpushd"]' }), expect: false },
  { name: 'the audience escaped', input: claims({ aud: '"\\u0072pushd"' }), expect: true },
  { name: 'no audience', input: claims({ aud: undefined }), expect: false },
  { name: 'another scope', input: claims({ scope: '"publish"' }), expect: false },
  { name: 'two scopes', input: claims({ scope: '"subscribe publish"' }), expect: false },
  { name: 'no scope', input: claims({ scope: undefined }), expect: false },
  { name: 'another channel', input: claims({ channel: '"thread-writers:45"' }), expect: false },
  { name: 'the channel in capitals', input: claims({ channel: '"Thread-writers:459"' }), expect: false },
  { name: 'a channel that is no string', input: claims({ channel: '459' }), expect: false },
  { name: 'no channel', input: claims({ channel: undefined }), expect: false },
  { name: 'other claims', input: claims({ iat: '1.5', nbf: '"never"', jti: '{"a":[]}' }), expect: true },
  { name: 'another claim twice', input: valid.replace('{', '{"sub":1,"sub":2,'), expect: true },
  { name: 'aud twice, alike', input: valid.replace('{', '{"aud":"rpushd",'), expect: false },
  { name: 'exp twice, once escaped', input: valid.replace('{', `{"\\u0065xp":${now},`), expect: false },
  { name: 'white space', input: ` ${valid.replaceAll(',', ' ,\n')}\t`, expect: true },
  { name: 'an array in order', input: `["rpushd","${channel}",${now},"subscribe"]`, expect: true },
  { name: 'an array too short', input: `["rpushd","${channel}",${now}]`, expect: false },
  { name: 'an array too long', input: `["rpushd","${channel}",${now},"subscribe",1]`, expect: false },
  { name: 'an array in another order', input: `["${channel}","rpushd",${now},"subscribe"]`, expect: false },
  { name: 'an empty payload', input: '', expect: false },
  { name: 'an empty object', input: '{}', expect: false },
  { name: 'a string', input: '"rpushd"', expect: false },
  { name: 'null', input: 'null', expect: false },
  { name: 'a byte-order mark', input: `\ufeff${valid}`, expect: false },
  { name: 'something behind', input: `${valid}x`, expect: false },
  { name: 'a claim outside UTF-8', input: Buffer.from(claims({ x: '"\xff"' }), 'latin1'), expect: false },
]

for (const { name, input, expect } of rows) {
  test(`claims: ${name}: ${expect ? 'accepted' : 'refused'}`, () => {
    assert.equal(check(tokenOf(input), channel, now), expect)
  })
}

const vectors = [
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhdWQiOiJycHVzaGQiLCJjaGFubmVsIjoidGhyZWFkLXdyaXRlcnM6NDU5IiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6InN1YnNjcmliZSJ9.66mZPyt1Q6yv0Dhx7sNZEIMbptFOxnigq1uD9Hq0a-Y',
  '.eyJhdWQiOiJycHVzaGQiLCJjaGFubmVsIjoidGhyZWFkLXdyaXRlcnM6NDU5IiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6InN1YnNjcmliZSJ9.jC4uTR1nd7fdpU4nuE6Pmxi5W4MNjR8KSo3I5GlmQIk',
]

for (const [index, vector] of vectors.entries()) {
  test(`the published token ${index} is good to its last second, on its channel only`, () => {
    assert.equal(check(vector, channel, now), true)
    assert.equal(check(vector, channel, 4102444800.9), true)
    assert.equal(check(vector, channel, 4102444801), false)
    assert.equal(check(vector, 'thread-writers:460', now), false)
    assert.equal(createTokenCheck(['other'])(vector, channel, now), false)
    assert.equal(createTokenCheck(['other', secret])(vector, channel, now), true)
  })
}

test('claims: a minted token is accepted', () => {
  const token = mintHmacToken(secret, { aud: 'rpushd', channel, exp: now + 60, scope: 'subscribe' })
  assert.equal(check(token, channel, now), true)
})

test('claims: a text without signature is refused', () => {
  for (const token of ['', 'invalid', '..']) assert.equal(check(token, channel, now), false)
})

test('a minted token is accepted up to its second, for its channel alone', () => {
  const token = mintToken(secret, channel, now)
  assert.deepEqual(
    [check(token, channel, now), check(token, channel, now + 1), check(token, 'other', now)],
    [true, false, false],
  )
})

test('no token is minted for what is no channel', () => {
  for (const name of ['', 'a b', 'a/b', '*', 'n'.repeat(192)]) {
    assert.throws(() => mintToken(secret, name, now), assert.AssertionError, name)
  }
})
