// Grip-Sig in both directions (contract §4.3, §4.4).
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { jwtVerify } from 'jose'
import { type GripKey, parseKey } from '../../../src/frontends/grip/proxy/keys.ts'
import { createSigner, Signers } from '../../../src/frontends/grip/proxy/signature.ts'
import { createTrustCheck } from '../../../src/frontends/grip/proxy/trust.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { routes } from './given.ts'

const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 })
const other = generateKeyPairSync('ed25519')
const secretPem = ({ privateKey }: typeof ec) =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const publicPem = ({ publicKey }: typeof ec) => publicKey.export({ type: 'spki', format: 'pem' }).toString()

const files: Readonly<Record<string, string>> = {
  ec: secretPem(ec),
  'ec.pub': publicPem(ec),
  rsa: secretPem(rsa),
  'rsa.pub': publicPem(rsa),
  weak: secretPem(weak),
  other: secretPem(other),
  broken: '-----BEGIN PRIVATE KEY-----\nxx\n-----END PRIVATE KEY-----\n',
  hex: '736563726574\n',
  odd: '7365637',
}
const readFile = (path: string) => files[path]

function keyOf(text: string, use: 'sign' | 'verify' = 'sign'): GripKey {
  const read = parseKey(text, use, readFile)
  if (!read.ok || read.key === undefined) throw new Error(`no key: ${text}`)
  return read.key
}

describe('the signature', () => {
  test('row 30: exactly these members, in this order', () => {
    const clock = new FakeClock()
    const [header = '', claims = '', signature = ''] = createSigner(
      keyOf('changeme'),
      'pushpin',
      clock,
    )().split('.')
    equal(Buffer.from(header, 'base64url').toString(), '{"typ":"JWT","alg":"HS256"}')
    const exp = Math.floor(clock.unixMs() / 1_000) + 3_600
    equal(Buffer.from(claims, 'base64url').toString(), `{"exp":${exp},"iss":"pushpin"}`)
    match(signature, /^[\w-]{43}$/)
  })

  test('one token serves a second', () => {
    const clock = new FakeClock()
    const signer = createSigner(keyOf('k'), 'i', clock)
    const first = signer()
    equal(signer(), first)
    clock.advance(1_000)
    notEqual(signer(), first)
  })

  const kinds = [
    ['text', 'secret', Buffer.from('secret'), 'HS256'],
    ['row 7: base64', 'base64:c2VjcmV0', Buffer.from('secret'), 'HS256'],
    ['hexadecimal digits in a file', 'file:hex', Buffer.from('secret'), 'HS256'],
    ['an EC key', 'file:ec', ec.publicKey, 'ES256'],
    ['an RSA key', 'file:rsa', rsa.publicKey, 'RS256'],
  ] as const
  for (const [name, text, key, alg] of kinds) {
    test(`${name} is verified as ${alg} by a library`, async () => {
      const clock = new FakeClock()
      const token = createSigner(keyOf(text), 'pushpin', clock)()
      const currentDate = new Date(clock.unixMs())
      const { protectedHeader } = await jwtVerify(token, key, {
        algorithms: [alg],
        issuer: 'pushpin',
        currentDate,
      })
      deepEqual(protectedHeader, { typ: 'JWT', alg })
    })
  }

  test('an empty text is no key; others that are none say why', () => {
    deepEqual(parseKey('', 'sign', readFile), { ok: true, key: undefined })
    for (const text of ['base64:', 'file:missing', 'file:odd', 'file:broken', 'file:weak', 'file:other']) {
      equal(parseKey(text, 'sign', readFile).ok, false, text)
    }
    equal(parseKey('file:ec.pub', 'sign', readFile).ok, false)
  })
})

describe('signers of rules', () => {
  test('a rule has its own issuer and key, or the usual ones', () => {
    const signers = new Signers(new FakeClock(), readFile)
    const { table } = routes(
      '* t:1\na,sig_iss=other,sig_key=base64:c2VjcmV0 t:1\nb,no_grip t:1\nc,sig_key= t:1\nd,sig_key=file:missing t:1\ne t:1',
    )
    const mistakes = signers.prepare({ sigIss: 'pushpin', sigKey: 'changeme' }, table.rules)
    deepEqual(mistakes, ['line 5: sig_key names missing, which cannot be read'])
    const [usual, own, ...rest] = table.rules.map(rule => signers.of(rule))
    equal(claimsOf(usual?.()).iss, 'pushpin')
    equal(claimsOf(own?.()).iss, 'other')
    deepEqual(
      rest.map(signer => signer === usual),
      [false, false, false, true],
    )
    deepEqual(rest.slice(0, 3), [undefined, undefined, undefined])
  })

  test('a rule of a table before keeps its signer', () => {
    const signers = new Signers(new FakeClock(), readFile)
    const [old] = routes('* t:1').table.rules
    ok(old !== undefined)
    signers.prepare({ sigIss: 'i', sigKey: 'k' }, [old])
    signers.prepare({ sigIss: 'i', sigKey: '' }, routes('* t:1').table.rules)
    equal(claimsOf(signers.of(old)?.()).iss, 'i')
  })
})

function claimsOf(token = ''): { readonly iss?: string } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

describe('trust', () => {
  const clock = new FakeClock()
  const check = createTrustCheck(
    [keyOf('k'), keyOf('file:ec.pub', 'verify'), keyOf('file:rsa.pub', 'verify')],
    clock,
  )
  const signed = (text: string) => ['grip-SIG', createSigner(keyOf(text), 'x', clock)()]

  test('rows 39 and 40: a token of one of the keys, and no other', () => {
    for (const text of ['k', 'file:ec', 'file:rsa']) ok(check(signed(text)), text)
    ok(!check(signed('other')))
    ok(!check([]))
    ok(!check(['Grip-Sig', '']))
    ok(!check(['Grip-Sig', `${signed('k')[1]}x`]))
    ok(!createTrustCheck([], clock)(signed('k')))
  })

  test('exp is required, and the second that it names is over', () => {
    const key = keyOf('k')
    const token = signed('k')
    clock.advance(3_599_000)
    ok(check(token))
    clock.advance(1_000)
    ok(!check(token))
    for (const claims of ['{"iss":"x"}', '{"exp":"9999999999"}', '[]', 'null', '7', '{']) {
      ok(!createTrustCheck([key], clock)(['Grip-Sig', tokenOf(claims)]), claims)
    }
  })

  test('a token of any length costs little', () => {
    ok(!check(['Grip-Sig', `${'a'.repeat(4_000)}.${'b'.repeat(4_000)}.c`]))
  })
})

/** Signed as HS256 by `k`, whatever it claims. */
function tokenOf(claims: string): string {
  const key = keyOf('k')
  const clock = new FakeClock()
  const [header = ''] = createSigner(key, '', clock)().split('.')
  const payload = Buffer.from(claims).toString('base64url')
  return `${header}.${payload}.${createHmac('sha256', key.key).update(`${header}.${payload}`).digest('base64url')}`
}
