// The mode that asks an application: what is asked, what the answers mean, and what is remembered of them.
import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Verdict } from '../../../src/frontends/pushwire/validators/validator.ts'
import { WebhookValidator } from '../../../src/frontends/pushwire/validators/webhook.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import {
  clientId,
  HandCalls,
  judge,
  KeptLog,
  permissions,
  questionOf,
  wordOf,
} from '../../helpers/pushwire-validator.ts'

const everything = 'r chat,data w chat,data'
const unavailable = 'unavailable: unavailable'
/** Of the fake clock. */
const now = 1_700_000_000

function open() {
  const [clock, calls, kept] = [new FakeClock(), new HandCalls(), new KeptLog()]
  const validator = new WebhookValidator(
    { authUrl: 'http://a.example/auth?x=1', authTimeoutMs: 2_000 },
    { clock, calls, log: kept.log, permissions: permissions() },
  )
  return { validator, clock, calls, lines: kept.lines }
}

test('what is asked', async () => {
  const { validator, calls } = open()
  const verdict = judge(validator)
  const [asked] = calls.asked
  deepEqual(JSON.parse(asked?.body ?? ''), {
    client_id: clientId,
    token: 'a token',
    capabilities: ['chat'],
    transport: 'websocket',
    ip: '192.0.2.7',
  })
  const { target, method, path, rawHeaders } = asked?.request ?? {}
  deepEqual([target, method, path], [{ host: 'a.example', port: 80, isTls: false }, 'POST', '/auth?x=1'])
  deepEqual(rawHeaders, [
    'Host',
    'a.example',
    'Content-Type',
    'application/json',
    'Accept',
    'application/json',
  ])
  deepEqual(asked?.limits, { timeoutMs: 2_000, answerBytesMax: 65_536, isRepeatable: true })
  calls.answer(204)
  equal(wordOf(await verdict), everything)
  judge(validator, { token: undefined })
  equal(JSON.parse(calls.asked[1]?.body ?? '').token, null)
})

describe('an answer', () => {
  for (const [status, body, word] of [
    [200, '', everything],
    [200, {}, everything],
    [299, { unknown: 1 }, everything],
    [200, { channels: ['chat'] }, 'r chat w chat'],
    [200, { channels: { chat: 'r', data: 'w' } }, 'r chat w data'],
    [200, { channels: [] }, 'r  w '],
    [200, { client_id: clientId.toUpperCase(), ttl: null, expires_at: null }, everything],
    [200, { expires_at: now + 9.5 }, `${everything} until ${now + 10}`],
    [200, { expires_at: now }, 'refused: token expired'],
    [200, { client_id: `${clientId.slice(0, -1)}0` }, 'refused: unauthorized'],
    [401, '', 'refused: unauthorized'],
    [403, { message: 'not today' }, 'refused: not today'],
    [403, { message: 7 }, 'refused: unauthorized'],
    [401, '<html>', 'refused: unauthorized'],
    [403, { message: 'x'.repeat(300) }, `refused: ${'x'.repeat(256)}`],
    // Everything below could be taken for a yes by somebody less careful.
    [200, 'ok', unavailable],
    [200, '"ok"', unavailable],
    [200, '[]', unavailable],
    [200, 'null', unavailable],
    [200, '{"channels":["chat"]', unavailable],
    [200, `{"a":${'['.repeat(200)}${']'.repeat(200)}}`, unavailable],
    [200, { channels: null }, unavailable],
    [200, { channels: 'chat' }, unavailable],
    [200, { channels: ['chat', 1] }, unavailable],
    [200, { channels: { chat: 'admin' } }, unavailable],
    [200, { client_id: 7 }, unavailable],
    [200, { ttl: '60' }, unavailable],
    [200, { ttl: -1 }, unavailable],
    [200, { expires_at: '2030-01-01' }, unavailable],
    [200, '{"expires_at":1e400}', unavailable],
    [301, '', unavailable],
    [302, {}, unavailable],
    [304, '', unavailable],
    [400, { message: 'no' }, unavailable],
    [404, '', unavailable],
    [500, '', unavailable],
    [503, {}, unavailable],
  ] as const) {
    test(`of ${status} ${JSON.stringify(body).slice(0, 60)}: ${word.slice(0, 60)}`, async () => {
      const { validator, calls } = open()
      const verdict = judge(validator)
      calls.answer(status, body)
      equal(wordOf(await verdict), word)
    })
  }

  test('that does not come refuses, and the log says why without the token', async () => {
    const { validator, calls, lines } = open()
    const verdict = judge(validator, { token: 'very secret' })
    calls.fail('timeout')
    equal(wordOf(await verdict), unavailable)
    equal(lines.length, 1)
    match(lines[0] ?? '', /"code":"validator-failed".*"cause":"call-timeout".*a\.example:80 did not answer$/)
    const other = judge(validator, { token: 'very secret' })
    calls.answer(200, '{"channels":"very secret"}')
    equal(wordOf(await other), unavailable)
    match(lines[1] ?? '', /a\.example:80 answered with channels that are neither/)
    equal(lines.join().includes('secret'), false)
  })
})

describe('equal questions', () => {
  test('under way are asked once, those that differ in anything are not', () => {
    const { validator, calls } = open()
    const heard: string[] = []
    const ask = (more = {}) => validator.judge(questionOf(more), verdict => void heard.push(wordOf(verdict)))
    for (let count = 0; count < 3; count++) ask()
    for (const more of [{ token: 'b' }, { ip: '192.0.2.8' }, { transport: 'sse' }, { capabilities: [] }])
      ask(more)
    equal(calls.asked.length, 5)
    calls.answer(200, { channels: ['chat'] })
    deepEqual(heard, ['r chat w chat', 'r chat w chat', 'r chat w chat'])
    equal(validator.statistics().verdictsShared, 2)
    ask()
    equal(calls.asked.length, 6)
  })

  test('are answered from a yes for as long as it says, a minute at most', async () => {
    for (const [ttl, keptMs] of [
      [0.5, 500],
      [60, 60_000],
      [61, 60_000],
      [1e300, 60_000],
      [0, 0],
    ] as const) {
      const { validator, calls, clock } = open()
      const first = judge(validator)
      calls.answer(200, { ttl })
      equal(wordOf(await first), everything)
      if (keptMs > 0) {
        clock.advance(keptMs - 1)
        const again = await judge(validator)
        equal(again, await first)
        equal(calls.asked.length, 1)
        clock.advance(1)
      }
      judge(validator)
      equal(calls.asked.length, 2, `ttl ${ttl}`)
    }
  })

  test('are not answered from a yes that has expired meanwhile', async () => {
    const { validator, calls, clock } = open()
    const first = judge(validator)
    calls.answer(200, { ttl: 60, expires_at: now + 10 })
    await first
    clock.advance(9_999)
    equal(wordOf(await judge(validator)), `${everything} until ${now + 10}`)
    clock.advance(1)
    judge(validator)
    equal(calls.asked.length, 2)
  })

  test('are asked again after a no, and after a failure', async () => {
    const { validator, calls } = open()
    for (const answer of [() => calls.answer(403, { ttl: 60 }), () => calls.fail()]) {
      const verdict = judge(validator)
      answer()
      equal((await verdict).ok, false)
    }
    equal(calls.asked.length, 2)
  })

  test('are kept 10,000 of, and the oldest is forgotten first', () => {
    const { validator, calls } = open()
    const verdicts: Verdict[] = []
    const ask = (number: number) =>
      validator.judge(questionOf({ token: `${number}` }), verdict => void verdicts.push(verdict))
    for (let number = 0; number <= 10_000; number++) {
      ask(number)
      calls.answer(200, { ttl: 60 })
    }
    equal(validator.statistics().verdictsKept, 10_000)
    ask(10_000)
    ask(1)
    equal(calls.asked.length, 10_001)
    ask(0)
    equal(calls.asked.length, 10_002)
    equal(verdicts.length, 10_003)
  })
})

describe('an application that fails again and again', () => {
  const failing = async (times: number) => {
    const opened = open()
    for (let count = 0; count < times; count++) {
      const verdict = judge(opened.validator)
      if (count % 2 === 0) opened.calls.fail()
      else opened.calls.answer(500)
      await verdict
    }
    return opened
  }

  test('is asked after four failures, and is left alone for a second after five', async () => {
    const four = await failing(4)
    judge(four.validator)
    equal(four.calls.asked.length, 5)
    const { validator, calls, clock } = await failing(5)
    equal(wordOf(await judge(validator)), unavailable)
    clock.advance(999)
    equal(wordOf(await judge(validator)), unavailable)
    equal(calls.asked.length, 5)
    equal(validator.statistics().verdictsAtOnce, 2)
    clock.advance(1)
    const verdict = judge(validator)
    calls.fail()
    await verdict
    equal(wordOf(await judge(validator)), unavailable)
    equal(calls.asked.length, 6)
  })

  test('has no part in what clients bring it to: others are let in', async () => {
    const { validator, calls } = open()
    for (const status of [400, 404, 413, 422, 422, 422]) {
      const verdict = judge(validator, { token: `odd ${calls.asked.length}` })
      calls.answer(status)
      equal(wordOf(await verdict), unavailable)
    }
    const verdict = judge(validator)
    calls.answer(200)
    equal(wordOf(await verdict), everything)
  })

  test('has all its failures forgiven with one answer, a no included', async () => {
    const { validator, calls } = await failing(4)
    for (let count = 0; count < 5; count++) {
      const verdict = judge(validator)
      if (count === 0) calls.answer(403)
      else calls.fail()
      await verdict
    }
    judge(validator)
    equal(calls.asked.length, 10)
  })

  test('has no part in failures of our own bounds', async () => {
    const { validator, calls } = open()
    for (let count = 0; count < 6; count++) {
      const verdict = judge(validator)
      calls.fail('crowded')
      equal(wordOf(await verdict), unavailable)
    }
    equal(calls.asked.length, 6)
  })

  test('still has what it said before', async () => {
    const { validator, calls } = open()
    const first = judge(validator)
    calls.answer(200, { ttl: 60 })
    await first
    for (let count = 0; count < 5; count++) {
      const verdict = judge(validator, { token: 'other' })
      calls.fail()
      await verdict
    }
    equal(wordOf(await judge(validator)), everything)
  })
})
