// The net below the rule that no secret is logged.
import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mintHmacToken } from '../../../src/auth/hmac-token.ts'
import { redactFields, redactText } from '../../../src/telemetry/redaction.ts'

const redacted = '[redacted]'

describe('fields', () => {
  const secretNames = [
    'secret',
    'publishSecret',
    'RINGCAST_RPUSHD_SECRET',
    'token',
    'tokens',
    'authorization',
    'proxy-authorization',
    'set-cookie',
    'password',
    'apiKey',
    'headers',
    'payload',
    'body',
    'content',
  ]
  for (const name of secretNames) {
    test(`${name} is blanked wherever it stands`, () => {
      deepEqual(redactFields({ [name]: 'x', a: { b: [{ [name]: ['x'] }] } }), {
        [name]: redacted,
        a: { b: [{ [name]: redacted }] },
      })
    })
  }

  test('counters and settings with such a name, and names of settings, stay', () => {
    const fields = {
      tokensRefused: 3,
      bodyBytesMax: 10,
      payload: undefined,
      changed: ['rpushd.secret'],
      request: 't1-a',
      contentType: 'text/plain',
    }
    deepEqual(redactFields(fields), fields)
  })

  test('bytes are blanked, for they may be a payload; what is too deep is too', () => {
    deepEqual(redactFields({ chunk: new Uint8Array(3) }), { chunk: redacted })
    const deep: Record<string, unknown> = {}
    deep['again'] = deep
    match(JSON.stringify(redactFields(deep)), /"again":"\[redacted\]"/)
  })

  test('an error shows type, message, code, stack and cause, and none of its other fields', () => {
    const cause = Object.assign(new RangeError('inner'), { config: { key: 'x' } })
    const error = Object.assign(new TypeError('outer', { cause }), {
      code: 'ECONNREFUSED',
      request: { headers: { authorization: 'x' } },
    })
    const { err } = redactFields({ err: error }) as { err: { stack: string; cause: { stack: string } } } // as logged
    match(err.stack, /^TypeError: outer\n {4}at /)
    deepEqual(err, {
      type: 'TypeError',
      message: 'outer',
      code: 'ECONNREFUSED',
      stack: err.stack,
      cause: { type: 'RangeError', message: 'inner', stack: err.cause.stack },
    })
  })
})

describe('texts', () => {
  test('a token is cut out, however it got there, and the line stays JSON', () => {
    const token = mintHmacToken('a secret', { channel: 'news' })
    const line = JSON.stringify({ msg: `refused\n${token}`, err: { message: `bad token "${token}"` } })
    deepEqual(JSON.parse(redactText(line)), {
      msg: `refused\n${redacted}`,
      err: { message: `bad token "${redacted}"` },
    })
  })

  test('what follows Bearer is cut out, unless it is a word of a sentence', () => {
    equal(redactText('authorization: Bearer 0123456789abcdef0'), `authorization: Bearer ${redacted}`)
    equal(redactText('the bearer secret is wrong'), 'the bearer secret is wrong')
  })
})
