// What is refused, over HTTP and on an open connection, and how connections end: by the tables of the contract.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { type Reason, refusalReply, refusals } from '../../../src/frontends/pushwire/refusals.ts'
import {
  type Ending,
  endingByClose,
  endingByRefusal,
  errorOf,
  lastWords,
} from '../../../src/frontends/pushwire/wire/endings.ts'
import { sendableCode } from '../../../src/net/close-code.ts'

test('every reason has a status and says in JSON what is wrong', () => {
  for (const reason of refusals.reasons) {
    const { status, headers, body } = refusals.answer(reason, 'x')
    ok(status >= 400 && status < 600)
    equal(headers?.['content-type'], 'application/json')
    equal(headers?.['retry-after'], status === 503 ? '1' : undefined)
    const { error } = JSON.parse(String(body))
    ok(typeof error === 'string' && error !== '')
  }
})

test('the statuses of the contract', () => {
  const statuses: Readonly<Partial<Record<Reason, number>>> = {
    'upgrade-missing': 400,
    'upgrade-refused': 426,
    'method-not-allowed': 405,
    'client-id-invalid': 400,
    'channels-empty': 400,
    unauthorized: 401,
    unavailable: 503,
    'ack-unauthorized': 401,
    'client-unknown': 404,
    'channel-unknown': 422,
    'ack-invalid': 422,
    'json-syntax': 400,
    'content-type': 415,
    'body-too-large': 413,
    draining: 503,
  }
  for (const reason of refusals.reasons) {
    const expected = statuses[reason]
    if (expected !== undefined) equal(refusalReply(reason).status, expected, reason)
  }
  equal(refusalReply('client-unknown').body, '{"error":"unknown client"}')
  equal(refusalReply('unauthorized').body, '{"error":"unauthorized"}')
  equal(refusalReply('unauthorized', 'go\naway').body, '{"error":"go\\naway"}')
  equal(refusalReply('position-invalid', 'cursor').body, '{"error":"not a position: cursor"}')
})

test('an error has a text for people and a stable word', () => {
  deepEqual(errorOf('unauthorized'), { op: 'error', message: 'unauthorized', code: 'unauthorized' })
  deepEqual(errorOf('unauthorized', 'not you'), { op: 'error', message: 'not you', code: 'unauthorized' })
  deepEqual(errorOf('channel-unknown', 'nope'), {
    op: 'error',
    message: 'unknown channel: nope',
    code: 'unknown_channel',
  })
  const long = errorOf('unauthorized', 'é😀'.repeat(1_000))
  ok(long.op === 'error' && long.message.length === 256 && long.message.isWellFormed())
})

test('connections end with the codes and the last words of the contract', () => {
  const table: Readonly<Record<Ending, readonly [code: number, words?: string]>> = {
    left: [1000],
    draining: [1001, 'goodbye: shutdown'],
    binary: [1003, 'error: binary_not_agreed'],
    unauthorized: [1008, 'error: unauthorized'],
    unavailable: [1013, 'error: unavailable'],
    'auth-expected': [1008, 'error: auth_expected'],
    'auth-invalid': [1008, 'error: invalid_field'],
    'auth-pending': [1008, 'error: auth_pending'],
    'auth-timeout': [4408, 'error: auth_timeout'],
    violations: [1008, 'error: too_many_faults'],
    flooding: [1008, 'error: rate_limited'],
    'message-too-large': [1009],
    'not-allowed': [1008, 'error: channel_not_allowed'],
    slow: [1013, 'goodbye: slow consumer'],
    lost: [1013, 'goodbye: try again'],
    overloaded: [1013, 'goodbye: overloaded'],
    'token-expired': [1008, 'goodbye: token expired'],
    kicked: [1008, 'goodbye: kicked'],
    replaced: [4409, 'goodbye: replaced'],
  }
  const endings = Object.keys(table) as readonly Ending[] // the table is total
  for (const ending of endings) {
    const { code, operation } = lastWords(ending)
    const words =
      operation?.op === 'error'
        ? `error: ${operation.code}`
        : operation?.op === 'goodbye'
          ? `goodbye: ${operation.reason}`
          : undefined
    deepEqual([code, words], [table[ending][0], table[ending][1]], ending)
    equal(sendableCode(code), code)
    if (operation?.op === 'error') match(operation.code ?? '', /^[a-z]+(?:_[a-z]+)*$/)
  }
  const timeout = lastWords('auth-timeout').operation
  equal(timeout?.op === 'error' && timeout.message, 'auth timeout')
  const refused = lastWords('unauthorized', 'no such token').operation
  equal(refused?.op === 'error' && refused.message, 'no such token')
})

test('what the engine closes or refuses ends so that a client tries again, but where it never may', () => {
  for (const ending of [...Object.values(endingByClose), ...Object.values(endingByRefusal)]) {
    const { code } = lastWords(ending)
    equal(code, ending === 'draining' ? 1001 : ending === 'not-allowed' ? 1008 : 1013)
  }
})
