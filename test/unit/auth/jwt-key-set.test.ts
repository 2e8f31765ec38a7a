// Key sets as issuers publish them: what is of no use here is passed over and told, and what is left checks tokens.
import assert, { deepEqual, equal, match } from 'node:assert/strict'
import { createSecretKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, test } from 'node:test'
import { mintHmacToken } from '../../../src/auth/hmac-token.ts'
import { JwtVerifier } from '../../../src/auth/jwt.ts'
import { type JwtKey, parseKeySet } from '../../../src/auth/jwt-keys.ts'
import { mintJwt } from '../../../src/auth/jwt-mint.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

const rsaPair = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const edPair = generateKeyPairSync('ed25519')
const ecPair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = (key: KeyObject) => key.export({ format: 'jwk' })
const rsa = jwk(rsaPair.publicKey)
const ed = jwk(edPair.publicKey)
const ec = jwk(ecPair.publicKey)
const oct = (secret: string, more: object = { alg: 'HS512' }) => ({
  ...createSecretKey(secret, 'latin1').export({ format: 'jwk' }),
  ...more,
})

function read(...keys: readonly unknown[]) {
  return parseKeySet(JSON.stringify({ keys }))
}

function taken(...keys: readonly unknown[]) {
  const reading = read(...keys)
  assert(reading.ok, JSON.stringify(reading))
  return reading
}

function refused(...keys: readonly unknown[]): string {
  const reading = read(...keys)
  assert(!reading.ok)
  return reading.mistake
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

function signWith(key: KeyObject, hash: string | null, header: object): string {
  const signed = `${part(header)}.${part({ sub: 'a' })}`
  const options = { key, dsaEncoding: 'ieee-p1363' } as const
  return `${signed}.${sign(hash, Buffer.from(signed), options).toString('base64url')}`
}

function verify(keys: readonly JwtKey[], token: string): Promise<boolean> {
  const verifier = new JwtVerifier(new FakeClock(), { keys, skewSeconds: 0, expiryRequired: false })
  return new Promise(done => verifier.verify(token, verdict => done(verdict.ok)))
}

test('secrets of a set are for the one algorithm of the protocol', async () => {
  const text = JSON.stringify({
    keys: [oct('s'.repeat(31), {}), oct('t'.repeat(64)), oct('u'.repeat(32), { alg: 'HS256' })],
  })
  const reading = parseKeySet(text, 'HS256')
  assert(reading.ok, JSON.stringify(reading))
  deepEqual(reading.remarks, [
    'some are passed over: key 2 has the algorithm "HS512", which is none of ours',
    'key 1 has fewer than 32 bytes, which HS256 wants (RFC 7518 section 3.2)',
  ])
  for (const [secret, passes] of [
    ['s'.repeat(31), true],
    ['t'.repeat(64), false],
    ['u'.repeat(32), true],
  ] as const) {
    equal(await verify(reading.keys, mintHmacToken(secret, { sub: 'a' })), passes)
    equal(await verify(reading.keys, mintJwt(secret, { sub: 'a' })), false)
  }
})

describe('keys for other purposes', () => {
  test('are passed over, and told', async () => {
    // As Keycloak lists them.
    const { keys, remarks } = taken(
      { ...rsa, alg: 'RSA-OAEP', use: 'enc', kid: 'b' },
      { ...rsa, alg: 'RS256', use: 'sig', kid: 'a' },
    )
    deepEqual(remarks, ['some are passed over: key 1 has the use "enc"'])
    equal(keys.length, 1)
    equal(await verify(keys, signWith(rsaPair.privateKey, 'sha256', { alg: 'RS256', kid: 'a' })), true)
    equal(await verify(keys, signWith(rsaPair.privateKey, 'sha256', { alg: 'RS256', kid: 'b' })), false)
  })

  const sound = { ...ec, alg: 'ES256' }
  const x25519 = jwk(generateKeyPairSync('x25519').publicKey)
  const p384 = jwk(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey)
  const koblitz = jwk(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)
  const short = jwk(generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey)
  const rows: readonly (readonly [entry: unknown, why: string])[] = [
    [{ ...rsa, alg: 'RS256', use: 'enc' }, 'has the use "enc"'],
    [{ ...rsa, alg: 'RS256', use: null }, 'has the use null'],
    [{ ...rsa, alg: 'RS256', key_ops: ['encrypt'] }, 'may ["encrypt"], and not verify'],
    [{ ...rsa, alg: 'RS256', key_ops: 'verify' }, 'may "verify", and not verify'],
    [{ ...rsa, alg: 'RSA-OAEP' }, 'has the algorithm "RSA-OAEP", which is none of ours'],
    [{ ...rsa, alg: 'toString' }, 'has the algorithm "toString", which is none of ours'],
    [{ ...rsa, alg: 'x'.repeat(100) }, `has the algorithm "${'x'.repeat(39)}, which is none of ours`],
    [{ kty: 'AKP', alg: 'ML-DSA-44', pub: 'AA' }, 'has the algorithm "ML-DSA-44", which is none of ours'],
    [{ kty: 'AKP', pub: 'AA' }, 'has the type "AKP", which is none of ours'],
    [{}, 'has the type undefined, which is none of ours'],
    [{ kty: 'RSA', alg: 'RS256' }, 'is no public key'],
    [{ ...rsa, alg: 'ES256' }, 'does not fit ES256'],
    [{ ...p384, alg: 'ES256' }, 'does not fit ES256'],
    [x25519, 'does not fit any algorithm'],
    [koblitz, 'does not fit any algorithm'],
    [{ ...short, alg: 'RS256' }, 'has fewer than 2048 bits'],
    [oct('a', { alg: 'HS256' }), 'has the algorithm "HS256", which is none of ours'],
    [{ kty: 'oct', k: '', alg: 'HS512' }, 'has an empty secret'],
    [{ kty: 'oct', alg: 'HS512' }, 'has an empty secret'],
    [null, 'is no object'],
    ['key', 'is no object'],
  ]
  for (const [entry, why] of rows) {
    test(`one that ${why}`, () => {
      const { keys, remarks } = taken(entry, sound)
      deepEqual(remarks, [`some are passed over: key 1 ${why}`])
      equal(keys.length, 1)
      equal(refused(entry), `has no key that can be used: key 1 ${why}`)
    })
  }

  test('are told up to a number', () => {
    const many = Array.from({ length: 10 }, () => ({ ...rsa, use: 'enc' }))
    const [remark = ''] = taken(...many.slice(0, 8), sound).remarks
    match(remark, /key 8 has the use "enc"$/)
    match(taken(...many, sound).remarks[0] ?? '', /key 8 has the use "enc"; and 2 more$/)
  })
})

describe('a key without an algorithm has the one that its kind usually has', () => {
  const p384 = jwk(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey)
  const p521 = jwk(generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey)
  const rows: readonly (readonly [entry: unknown, algs: readonly string[]])[] = [
    [{ ...rsa, use: 'sig' }, ['RS256']],
    [ec, ['ES256']],
    [p384, ['ES384']],
    [p521, ['ES512']],
    [ed, ['Ed25519', 'EdDSA']],
    [oct('x'.repeat(64), {}), ['HS512']],
  ]
  for (const [entry, algs] of rows) {
    test(algs.join(', '), () => {
      const { keys, remarks } = taken(entry)
      deepEqual([keys[0]?.algs, remarks], [algs, []])
    })
  }

  test('and checks no other', async () => {
    // As Entra lists it.
    const { keys } = taken({ ...rsa, use: 'sig', kid: 'a', x5t: 'a' })
    equal(await verify(keys, signWith(rsaPair.privateKey, 'sha256', { alg: 'RS256', kid: 'a' })), true)
    equal(await verify(keys, signWith(rsaPair.privateKey, 'sha512', { alg: 'RS512', kid: 'a' })), false)
  })
})

test('Ed25519 has two names, whichever the key says', async () => {
  for (const name of ['EdDSA', 'Ed25519']) {
    const { keys, remarks } = taken({ ...ed, alg: name })
    deepEqual(remarks, [])
    for (const alg of ['EdDSA', 'Ed25519']) {
      equal(await verify(keys, signWith(edPair.privateKey, null, { alg })), true, `${name}, ${alg}`)
    }
    equal(await verify(keys, signWith(edPair.privateKey, null, { alg: 'ES256' })), false)
  }
  equal(await verify(taken(ec).keys, signWith(ecPair.privateKey, 'sha256', { alg: 'ES256' })), true)
})

describe('what should not be in a set', () => {
  test('a private key is used for its public part, and told', async () => {
    for (const pair of [rsaPair, ecPair, edPair]) {
      const { keys, remarks } = taken(jwk(pair.privateKey))
      deepEqual(remarks, [
        'key 1 is a private key; the public one is enough here, and this one should not be',
      ])
      equal((await keys[0]?.key)?.type, 'public')
    }
  })

  test('a secret is handed out for whoever judges secrets; one shorter than its hash is told', async () => {
    const { keys, remarks, secrets } = taken(oct('x'), oct('\xff'.repeat(64)))
    deepEqual(remarks, ['key 1 has fewer than 64 bytes, which HS512 wants (RFC 7518 section 3.2)'])
    deepEqual(secrets, [
      { name: 'key 1', secret: 'x' },
      { name: 'key 2', secret: '\xff'.repeat(64) },
    ])
    equal(await verify(keys, mintJwt('x', {})), true)
  })
})

test('a set that is none is refused', () => {
  const refusals: readonly (readonly [text: string, why: RegExp])[] = [
    ['{', /^is not JSON$/],
    [`{"keys":${'['.repeat(128)}${']'.repeat(128)}}`, /^is not JSON$/],
    ['null', /^has no list named keys$/],
    ['{}', /^has no list named keys$/],
    ['{"keys":{}}', /^has no list named keys$/],
    ['{"keys":[]}', /^has no key that can be used$/],
  ]
  for (const [text, why] of refusals) {
    const reading = parseKeySet(text)
    assert(!reading.ok)
    match(reading.mistake, why, text.slice(0, 20))
  }
})

describe('bounds', () => {
  const named = (count: number) => Array.from({ length: count }, (_, n) => ({ ...ed, kid: `k${n}` }))

  test('64 keys are used, and those beyond are passed over', async () => {
    deepEqual(taken(...named(64)).remarks, [])
    const { keys, remarks } = taken(...named(66))
    equal(keys.length, 64)
    deepEqual(remarks, ['some are passed over: key 65 is beyond 64; key 66 is beyond 64'])
    equal(await verify(keys, signWith(edPair.privateKey, null, { alg: 'EdDSA', kid: 'k63' })), true)
    equal(await verify(keys, signWith(edPair.privateKey, null, { alg: 'EdDSA', kid: 'k64' })), false)
  })

  test('a token costs 16 signatures at most, of its own algorithm alone', async () => {
    const other = jwk(generateKeyPairSync('ed25519').publicKey)
    const others = (count: number) => Array.from({ length: count }, () => other)
    const many = Array.from({ length: 30 }, () => ec)
    const token = signWith(edPair.privateKey, null, { alg: 'EdDSA' })
    equal(await verify(taken(...many, ...others(15), ed).keys, token), true)
    equal(await verify(taken(...many, ...others(16), ed).keys, token), false)
    const named = taken(...others(16), { ...ed, kid: 'a' }).keys
    equal(await verify(named, signWith(edPair.privateKey, null, { alg: 'EdDSA', kid: 'a' })), true)
  })
})
