// Tokens: which key may check what, times, and what is remembered.
import assert, { deepEqual, equal } from 'node:assert/strict'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { describe, test } from 'node:test'
import { mintHmacToken } from '../../../src/auth/hmac-token.ts'
import { type JwtRules, JwtVerifier, type Verdict } from '../../../src/auth/jwt.ts'
import { parseKeySet, secretKeys } from '../../../src/auth/jwt-keys.ts'
import { mintJwt } from '../../../src/auth/jwt-mint.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

/** The original's public examples and tests, secret `secret`. */
const accepted =
  'eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoxfQ.rINrV4jad74K9b1W39TEKlqXpG63h-dn-yfqQpVEztuhomwW4lZ36j6cKl9IXLiq43zvmNjBlMOA_aCbgofQOg'
const expired =
  'eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJleHAiOjAsInN1YiI6IjEyMzQ1Njc4OTAifQ.B_I-iGwk5WgzJZktj3S_Q3z6yOHH_rQZeIMRKK6XUSg476hfxJwKtNpuQ6r1yev-5Pi03PpGMEhUfONHAoNHUg'

const base = { keys: secretKeys(['secret']), skewSeconds: 0, expiryRequired: false } satisfies JwtRules

function createVerifier(rules: Partial<JwtRules> = {}) {
  const clock = new FakeClock()
  const verifier = new JwtVerifier(clock, { ...base, ...rules })
  const verify = (token: string) => new Promise<Verdict>(done => verifier.verify(token, done))
  const now = () => Math.floor(clock.unixMs() / 1_000)
  return { clock, verifier, verify, now }
}

const reasonOf = (verdict: Verdict) => (verdict.ok ? 'ok' : verdict.reason)

function signWith(hash: string, header: object, claims: unknown, secret = 'secret'): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part(header)}.${part(claims)}`
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
}

describe('who signed a token', () => {
  test('a protocol has one algorithm for its secrets, and no other passes', async () => {
    const { verify } = createVerifier({ keys: secretKeys(['secret'], 'HS256') })
    const claims = { sub: 'a' }
    deepEqual(await verify(mintHmacToken('secret', claims)), { ok: true, claims })
    for (const token of [
      mintHmacToken('other', claims),
      mintJwt('secret', claims),
      signWith('sha512', { alg: 'HS256' }, claims),
      signWith('sha256', { alg: 'HS512' }, claims),
    ]) {
      equal(reasonOf(await verify(token)), 'invalid', token)
    }
  })

  test('the published vectors are what they are said to be', async () => {
    const { verify } = createVerifier()
    deepEqual(await verify(accepted), { ok: true, claims: { user_id: 1 } })
    equal(reasonOf(await verify(expired)), 'expired')
  })

  test('another algorithm, signature or form is invalid, whatever the token says of itself', async () => {
    const { verify } = createVerifier()
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    for (const token of [
      '',
      'invalid.token.value',
      signWith('sha256', { alg: 'HS256' }, {}),
      signWith('sha512', { alg: 'HS256' }, {}),
      signWith('sha512', {}, {}),
      `${part({ alg: 'none' })}.${part({})}.`,
      signWith('sha512', { alg: 'HS512' }, {}, 'other'),
      signWith('sha512', { alg: 'HS512' }, [1]),
      signWith('sha512', { alg: 'HS512' }, 'text'),
      `${accepted}x`,
      `${accepted}.${accepted}`,
      mintJwt('secret', { long: 'x'.repeat(20_000) }),
    ]) {
      equal(reasonOf(await verify(token)), 'invalid', token.slice(0, 80))
    }
  })

  test('each of several secrets is accepted, and the first one mints', async () => {
    const { verify } = createVerifier({ keys: secretKeys(['new', 'old']) })
    equal(reasonOf(await verify(mintJwt('new', {}))), 'ok')
    equal(reasonOf(await verify(mintJwt('old', {}))), 'ok')
    equal(reasonOf(await verify(mintJwt('older', {}))), 'invalid')
  })

  test('a public key checks its own algorithm only, and never serves as a secret', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const jwk = publicKey.export({ format: 'jwk' })
    const set = parseKeySet(JSON.stringify({ keys: [{ ...jwk, alg: 'RS256', kid: 'one' }] }))
    assert(set.ok)
    const { verify } = createVerifier({ keys: [...base.keys, ...set.keys] })
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const rsa = (header: object, hash = 'sha256') => {
      const signed = `${part(header)}.${part({ sub: 'a' })}`
      return `${signed}.${sign(hash, Buffer.from(signed), privateKey).toString('base64url')}`
    }
    equal(reasonOf(await verify(rsa({ alg: 'RS256', kid: 'one' }))), 'ok')
    equal(reasonOf(await verify(rsa({ alg: 'RS256' }))), 'ok', 'all keys are tried')
    equal(reasonOf(await verify(rsa({ alg: 'RS256', kid: 'two' }))), 'invalid', 'no key has that name')
    equal(reasonOf(await verify(rsa({ alg: 'RS512', kid: 'one' }, 'sha512'))), 'invalid')
    const pem = publicKey.export({ format: 'pem', type: 'spki' })
    const confused = signWith('sha512', { alg: 'HS512', kid: 'one' }, {}, String(pem))
    equal(reasonOf(await verify(confused)), 'invalid')
    equal(
      reasonOf(await verify(signWith('sha512', { alg: 'HS512', kid: 'x' }, {}))),
      'ok',
      'secrets have no name',
    )
  })
})

describe('a token is answered as long as a head has room for, and 128 deep', () => {
  const part = (text: string) => Buffer.from(text).toString('base64url')
  const signed = (text: string) =>
    `${text}.${createHmac('sha512', 'secret').update(text).digest('base64url')}`
  const header = part('{"alg":"HS512"}')
  const deep = (lists: number) => `{"a":${'['.repeat(lists)}${']'.repeat(lists)},"alg":"HS512"}`

  test('deeper or longer ones are invalid, and no signature of these was looked at', async () => {
    const { verifier, verify } = createVerifier()
    equal(reasonOf(await verify(signed(`${part(deep(127))}.${part('{}')}`))), 'ok')
    equal(reasonOf(await verify(signed(`${header}.${part(`{"x":"${'x'.repeat(12_000)}"}`)}`))), 'ok')
    const { tokensVerified } = verifier.counters
    for (const text of [
      '.'.repeat(16_384),
      'a'.repeat(16_384),
      mintJwt('secret', { a: 'x'.repeat(12_300) }),
      signed(`${part(deep(128))}.${part('{}')}`),
      signed(`${part(deep(5_900))}.${part('{}')}`),
      `${part(deep(5_900))}.${part('{}')}.AA`,
    ]) {
      equal(reasonOf(await verify(text)), 'invalid')
    }
    equal(verifier.counters.tokensVerified, tokensVerified)
  })

  test('so are claims, whoever signed them', async () => {
    const { verify } = createVerifier()
    equal(reasonOf(await verify(signed(`${header}.${part(deep(127))}`))), 'ok')
    equal(reasonOf(await verify(signed(`${header}.${part(deep(128))}`))), 'invalid')
    equal(reasonOf(await verify(signed(`${header}.${part(deep(5_900))}`))), 'invalid')
  })
})

test('what is no UTF-8 or begins with a byte-order mark is no JSON, as RFC 8259 section 8.1 allows', async () => {
  const { verify } = createVerifier()
  const part = (bytes: string) => Buffer.from(bytes, 'latin1').toString('base64url')
  const signed = (text: string) =>
    `${text}.${createHmac('sha512', 'secret').update(text).digest('base64url')}`
  const [header, claims] = ['{"alg":"HS512","kid":"\xc3\xa9"}', '{"a":"\xc3\xa9"}']
  equal(reasonOf(await verify(signed(`${part(header)}.${part(claims)}`))), 'ok')
  equal(reasonOf(await verify(signed(`${part(header)}.${part(`\xef\xbb\xbf${claims}`)}`))), 'invalid')
  equal(reasonOf(await verify(signed(`${part(header)}.${part('{"a":"\xe9"}')}`))), 'invalid')
  equal(reasonOf(await verify(signed(`${part(`\xef\xbb\xbf${header}`)}.${part(claims)}`))), 'invalid')
  equal(reasonOf(await verify(signed(`${part('{"alg":"HS512","kid":"\xe9"}')}.${part(claims)}`))), 'invalid')
})

describe('times of a token', () => {
  test('the second of exp is still valid, and skew adds to it', async () => {
    for (const skewSeconds of [0, 5]) {
      const { verify, now } = createVerifier({ skewSeconds })
      equal(reasonOf(await verify(mintJwt('secret', { exp: now() - skewSeconds }))), 'ok')
      equal(reasonOf(await verify(mintJwt('secret', { exp: now() - skewSeconds - 1 }))), 'expired')
      equal(reasonOf(await verify(mintJwt('secret', { exp: now() - skewSeconds - 0.5 }))), 'expired')
      equal(reasonOf(await verify(mintJwt('secret', { nbf: now() + skewSeconds }))), 'ok')
      equal(reasonOf(await verify(mintJwt('secret', { nbf: now() + skewSeconds + 1 }))), 'not-yet')
    }
  })

  test('a time that is no number is refused; null is none', async () => {
    const { verify } = createVerifier()
    for (const exp of ['0', '4102444800', [], {}, true]) {
      equal(reasonOf(await verify(mintJwt('secret', { exp }))), 'times')
      equal(reasonOf(await verify(mintJwt('secret', { nbf: exp }))), 'times')
    }
    equal(reasonOf(await verify(mintJwt('secret', { exp: null, nbf: null }))), 'ok')
  })

  test('a token without exp is refused where one is required', async () => {
    const { verify, now } = createVerifier({ expiryRequired: true })
    equal(reasonOf(await verify(mintJwt('secret', {}))), 'times')
    equal(reasonOf(await verify(mintJwt('secret', { exp: now() }))), 'ok')
  })
})

describe('tokens that passed', () => {
  test('are not checked again, and answered at once; their times are compared all the same', async () => {
    const { clock, verifier, verify, now } = createVerifier()
    const token = mintJwt('secret', { exp: now() + 10 })
    await verify(token)
    const verdicts: Verdict[] = []
    verifier.verify(token, verdict => verdicts.push(verdict))
    clock.advance(11_000)
    verifier.verify(token, verdict => verdicts.push(verdict))
    deepEqual(verdicts.map(reasonOf), ['ok', 'expired'])
    equal(verifier.counters.tokensVerified, 1)
  })

  test('are forgotten when keys change, also those whose check was under way', async () => {
    const { verifier, verify } = createVerifier()
    const [known, underway] = [mintJwt('secret', { a: 1 }), mintJwt('secret', { a: 2 })]
    await verify(known)
    equal(verifier.remembered, 1)
    const late = verify(underway)
    verifier.replaceRules({ ...base, keys: secretKeys(['other']) })
    equal(reasonOf(await late), 'ok', 'it was asked under the old keys')
    equal(verifier.remembered, 0)
    equal(reasonOf(await verify(known)), 'invalid')
    equal(reasonOf(await verify(underway)), 'invalid')
  })

  test('what is invalid is not remembered', async () => {
    const { verifier, verify } = createVerifier()
    await verify('invalid.token.value')
    await verify(mintJwt('secret', { exp: 'soon' }))
    equal(verifier.remembered, 0)
  })
})
