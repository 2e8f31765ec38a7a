// Tokens and keys: no other text than a signed one passes, whatever a token says of itself; what is signed is read
// without a throw; and keys of a set that is taken can be used.
import assert, { deepEqual, equal } from 'node:assert/strict'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { createCredentialCheck } from '../../../src/auth/credential.ts'
import { type Claims, type JwtRules, JwtVerifier, type Verdict } from '../../../src/auth/jwt.ts'
import { parseKeySet, secretKeys } from '../../../src/auth/jwt-keys.ts'
import { mintJwt } from '../../../src/auth/jwt-mint.ts'
import { jsonFaultOf } from '../../../src/std/json-check.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { damaged } from '../damage.ts'
import type { Target } from '../target.ts'

const secret = 's'
const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const jwk = publicKey.export({ format: 'jwk' })
const set = parseKeySet(JSON.stringify({ keys: [{ ...jwk, alg: 'EdDSA', kid: 'one' }] }))
assert(set.ok, 'a public key is one')
const keys = [...secretKeys([secret]), ...set.keys]
const rules: JwtRules = { keys, skewSeconds: 5, expiryRequired: false }
const clock = new FakeClock()
const now = Math.floor(clock.unixMs() / 1_000)

/** Nothing is remembered from one input to the next. */
function verify(token: string): Promise<Verdict> {
  return new Promise(done => new JwtVerifier(clock, rules).verify(token, done))
}

function encode(text: string | Uint8Array): string {
  return Buffer.from(text).toString('base64url')
}

const eddsa = `${encode('{"alg":"EdDSA","kid":"one"}')}.${encode('{"channels":["b"]}')}`
const sound = [
  mintJwt(secret, { channels: ['news.*'], exp: now + 60 }),
  `${eddsa}.${sign(null, Buffer.from(eddsa), privateKey).toString('base64url')}`,
]

const tokens: Target = {
  name: 'jwt-tokens',
  inputs: damaged([
    ...sound,
    mintJwt('other', {}),
    `${encode('{"alg":"none"}')}.${encode('{}')}.`,
    `${encode('{"alg":"HS256","crit":["b64"],"b64":false}')}.${encode('{}')}.${encode('x'.repeat(64))}`,
  ]),
  share: 0.3,
  async check(bytes) {
    const token = bytes.toString('latin1')
    const verdict = await verify(token)
    equal(verdict.ok, sound.includes(token), 'nobody finds a signature by chance')
    if (!verdict.ok) equal(verdict.reason, 'invalid')
  },
}

const claims = [
  `{"channels":["news.*",1,null],"exp":${now + 60},"nbf":${now - 60},"sub":"u"}`,
  `{"exp":${now - 6}}`,
  `{"exp":${now - 5},"exp":null,"__proto__":{"nbf":1}}`,
  `{"nbf":${now + 6},"channels":"a"}`,
  `{"exp":"${now}","channels":[[]]}`,
  `{"nbf":1e400}`,
  '\ufeff{"exp":1}',
  `${'{"a":'.repeat(50)}[]${'}'.repeat(50)}`,
  '[1]',
]
const headers = [
  '{"alg":"HS512","typ":"JWT"}',
  '{"alg":"HS512","kid":"one"}',
  '{"alg":"HS512","kid":"two","jwk":{"kty":"oct"}}',
  '{"alg":"EdDSA"}',
  '{"alg":"HS512","crit":["exp"],"exp":1}',
]

/** As README.md of pushy says it; undefined: they are no claims. */
function read(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    if (jsonFaultOf(text) === 'depth') return undefined
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return value as Record<string, unknown>
  } catch {
    return undefined
  }
}

function reasonFor(bytes: Buffer): string {
  const value = read(bytes)
  if (value === undefined) return 'invalid'
  const [exp, nbf] = [value['exp'] ?? undefined, value['nbf'] ?? undefined]
  if ((exp !== undefined && typeof exp !== 'number') || (nbf !== undefined && typeof nbf !== 'number'))
    return 'times'
  if (exp !== undefined && exp + 5 < now) return 'expired'
  return nbf !== undefined && nbf - 5 > now ? 'not-yet' : 'ok'
}

const signed: Target = {
  name: 'jwt-signed',
  inputs: damaged([...claims, ...headers]),
  share: 0.3,
  async check(bytes) {
    const header = encode('{"alg":"HS512"}')
    const asClaims = await verify(signedText(`${header}.${encode(bytes)}`))
    equal(asClaims.ok ? 'ok' : asClaims.reason, reasonFor(bytes))
    if (asClaims.ok) checkClaims(asClaims.claims, bytes)
    // Only our own algorithm passes, and nothing in a header may throw.
    const asHeader = await verify(signedText(`${encode(bytes)}.${encode('{}')}`))
    if (asHeader.ok) equal(read(bytes)?.['alg'], 'HS512')
  },
}

function signedText(text: string): string {
  return `${text}.${createHmac('sha512', secret).update(text).digest('base64url')}`
}

function checkClaims(given: Claims, bytes: Buffer): void {
  const { exp, nbf, ...rest } = read(bytes) ?? {}
  deepEqual(given, { ...rest, ...(exp != null && { exp }), ...(nbf != null && { nbf }) })
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey.export({ format: 'jwk' })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
const isCredential = createCredentialCheck('app', ['one', 'two'])

const keySets: Target = {
  name: 'jwt-key-sets',
  inputs: damaged([
    JSON.stringify({ keys: [{ ...rsa, alg: 'RS256', kid: 'r' }] }),
    JSON.stringify({
      keys: [
        { ...ec, alg: 'ES256' },
        { ...jwk, alg: 'EdDSA' },
      ],
    }),
    '{"keys":[{"kty":"oct","alg":"HS512","k":"YQ","kid":"k"}]}',
    '{"keys":[{"kty":"oct","alg":"HS512","k":""},null,[]]}',
    'one',
    'two',
  ]),
  share: 0.3,
  async check(bytes) {
    const text = bytes.toString('utf8')
    equal(isCredential('app', text), text === 'one' || text === 'two')
    equal(isCredential(text, 'one'), text === 'app')
    const reading = parseKeySet(text)
    if (!reading.ok) return assert.match(reading.mistake, /^(?:is|has) /)
    assert(reading.keys.length >= 1 && reading.keys.length <= 64)
    for (const remark of reading.remarks) assert.match(remark, /^(?:some are passed over: )?key \d+ \w/)
    for (const { algs, kid, key } of reading.keys) {
      for (const alg of algs) assert.match(alg, /^(?:HS512|(?:RS|PS|ES)(?:256|384|512)|EdDSA|Ed25519)$/)
      assert(kid === undefined || typeof kid === 'string')
      const { type } = await key
      equal(type, algs.includes('HS512') ? 'secret' : 'public')
    }
  },
}

export const authTargets: readonly Target[] = [tokens, signed, keySets]
