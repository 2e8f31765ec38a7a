// Modes that answer by themselves: open, static and jwt.
import { deepEqual, equal, throws } from 'node:assert/strict'
import { createSecretKey, hash } from 'node:crypto'
import { describe, test } from 'node:test'
import { mintHmacToken } from '../../../src/auth/hmac-token.ts'
import { mintJwt } from '../../../src/auth/jwt-mint.ts'
import { type PushwireSettings, pushwireSection } from '../../../src/frontends/pushwire/settings.ts'
import { refusal } from '../../../src/frontends/pushwire/validators/answers.ts'
import { jwtKeysOf } from '../../../src/frontends/pushwire/validators/jwt.ts'
import { openValidator, validatorMetrics } from '../../../src/frontends/pushwire/validators/validation.ts'
import type { Validator } from '../../../src/frontends/pushwire/validators/validator.ts'
import { defaultsOf } from '../../helpers/defaults.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { clientId, HandCalls, judge, KeptLog, permissions, wordOf } from '../../helpers/pushwire-validator.ts'

const presets = defaultsOf<PushwireSettings>(pushwireSection.fields)
const everything = 'r chat,data w chat,data'

function open(more: Partial<PushwireSettings>, file = ''): { validator: Validator; clock: FakeClock } {
  const clock = new FakeClock()
  const settings = { ...presets, ...more }
  const { keys } = jwtKeysOf(settings, () => file)
  const { log } = new KeptLog()
  const given = { clock, log, permissions: permissions(), calls: new HandCalls(), keys }
  return { validator: openValidator(settings, given), clock }
}

test('open lets everybody in, to everything', async () => {
  const { validator } = open({})
  for (const token of [undefined, '', 'any']) equal(wordOf(await judge(validator, { token })), everything)
  deepEqual(validator.statistics(), {})
})

describe('static', () => {
  const digest = (token: string) => hash('sha256', token, 'hex')
  const tokens = [
    { sha256: digest('all') },
    { sha256: digest('some').toUpperCase(), channels: ['chat:r', 'data:w', 'system'] },
    { sha256: digest('none'), channels: [] },
    { sha256: digest('mine'), channels: ['chat'], clientId: clientId.toUpperCase() },
    { sha256: digest('über\u{1f980}') },
  ]
  for (const [token, word] of [
    ['all', everything],
    ['some', 'r chat w data'],
    ['none', 'r  w '],
    ['mine', 'r chat w chat'],
    ['über\u{1f980}', everything],
    ['other', 'refused: unauthorized'],
    ['', 'refused: unauthorized'],
    [digest('all'), 'refused: unauthorized'],
    [undefined, 'refused: unauthorized'],
  ] as const) {
    test(`says of ${token}: ${word}`, async () => {
      equal(wordOf(await judge(open({ auth: 'static', tokens }).validator, { token })), word)
    })
  }

  test('a token for one id is none for another', async () => {
    const { validator } = open({ auth: 'static', tokens })
    equal(
      wordOf(await judge(validator, { token: 'mine', clientId: `${clientId.slice(0, -1)}0` })),
      'refused: unauthorized',
    )
  })
})

describe('jwt', () => {
  const secret = 'a secret of the application, 0123456789'
  const jwt = { auth: 'jwt', jwtSecret: [secret], skewMs: 5_000 } as const
  /** Of the fake clock. */
  const now = 1_700_000_000
  for (const [what, claims, word] of [
    ['nothing', {}, everything],
    ['the id of the client, in any case', { sub: clientId.toUpperCase() }, everything],
    ['the id of another', { sub: `${clientId.slice(0, -1)}0` }, 'refused: unauthorized'],
    ['a subject that is no text', { sub: null }, 'refused: unauthorized'],
    ['a list of channels', { channels: ['chat', 'other'] }, 'r chat w chat'],
    ['a map of channels', { channels: { chat: 'r', data: 'rw' } }, 'r chat,data w data'],
    ['no channels', { channels: [] }, 'r  w '],
    ['channels that are neither', { channels: 'chat' }, 'refused: unauthorized'],
    ['channels of null', { channels: null }, 'refused: unauthorized'],
    ['a grant that is none', { channels: { chat: true } }, 'refused: unauthorized'],
    ['an end', { exp: now + 60 }, `${everything} until ${now + 66}`],
    ['an end that no clock can show', { exp: 1e300 }, everything],
    ['an end within the skew', { exp: now - 5 }, `${everything} until ${now + 1}`],
    ['an end that is over', { exp: now - 6 }, 'refused: token expired'],
    ['a beginning', { nbf: now + 6 }, 'refused: unauthorized'],
    ['an end that is no time', { exp: 'soon' }, 'refused: unauthorized'],
  ] as const) {
    test(`with ${what}: ${word}`, async () => {
      equal(wordOf(await judge(open(jwt).validator, { token: mintHmacToken(secret, claims) })), word)
    })
  }

  test('no token, one of another algorithm and one of another secret are refused alike', async () => {
    const { validator } = open(jwt)
    for (const token of [undefined, '', 'x', mintJwt(secret, {}), mintHmacToken('other', {})]) {
      equal(wordOf(await judge(validator, { token })), 'refused: unauthorized')
    }
  })

  test('signatures are checked once, times on every use; equal permissions are one', async () => {
    const { validator, clock } = open(jwt)
    const token = mintHmacToken(secret, { exp: now + 60 })
    const [first, second] = [await judge(validator, { token }), await judge(validator, { token })]
    equal(first.ok && second.ok && first.permission === second.permission, true)
    deepEqual(validator.statistics(), { tokensVerified: 1, tokensRemembered: 1 })
    clock.advance(66_000)
    equal(wordOf(await judge(validator, { token })), 'refused: token expired')
  })

  test('a key set beside the secret', async () => {
    const other = 'o'.repeat(32)
    const file = JSON.stringify({ keys: [createSecretKey(Buffer.from(other)).export({ format: 'jwk' })] })
    const { validator } = open({ ...jwt, jwksFile: '/keys' }, file)
    for (const each of [secret, other]) {
      equal(wordOf(await judge(validator, { token: mintHmacToken(each, {}) })), everything)
    }
    const settings = { ...presets, ...jwt, jwksFile: '/keys' }
    const { remarks, secrets } = jwtKeysOf(settings, () => file.replace(/"k":"[^"]*"/, '"k":"bw"'))
    deepEqual(remarks, [
      'the key set /keys: key 1 has fewer than 32 bytes, which HS256 wants (RFC 7518 section 3.2)',
    ])
    deepEqual(secrets, [{ name: 'the key set /keys: key 1', secret: 'o' }])
    throws(() => jwtKeysOf(settings, () => '{'), /^Error: the key set \/keys is not JSON$/)
  })
})

test('words of an application have 256 characters, and no half of one', () => {
  const message = (words: unknown) => refusal(words)
  deepEqual(message('no'), { ok: false, reason: 'refused', message: 'no' })
  for (const words of ['', undefined, 7, null, {}]) {
    deepEqual(message(words), { ok: false, reason: 'refused', message: 'unauthorized' })
  }
  for (const [words, length] of [
    ['x'.repeat(256), 256],
    ['x'.repeat(257), 256],
    ['\u{1f980}'.repeat(300), 512],
    [`\ud800${'x'.repeat(255)}`, 256],
  ] as const) {
    const verdict = message(words)
    equal(verdict.ok ? '' : verdict.message.length, length)
    equal(!verdict.ok && verdict.message.isWellFormed(), true)
  }
})

test('what validators count is described', () => {
  const described = new Set<string>(validatorMetrics.map(([key]) => key))
  for (const settings of [{}, { auth: 'jwt' }, { auth: 'webhook', authUrl: 'http://a.example/' }] as const) {
    for (const key of Object.keys(open(settings).validator.statistics())) equal(described.has(key), true, key)
  }
})
