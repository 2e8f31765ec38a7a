// Frames of clients on their way to an application: their order, what waits, and what becomes of those that fail.
import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  WebhookHandler,
  type WebhookHandlerOptions,
  type WebhookOutcome,
  type WebhookQueue,
  webhookHandlerMetrics,
} from '../../../src/frontends/pushwire/handlers/webhook-handler.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { clientId, HandCalls, KeptLog } from '../../helpers/pushwire-validator.ts'

function open(bounds: WebhookHandlerOptions['bounds'] = {}) {
  const [calls, { log, lines }] = [new HandCalls(), new KeptLog()]
  const handler = new WebhookHandler({
    channel: 'data',
    url: 'http://a.example/data',
    clock: new FakeClock(),
    log,
    calls,
    timeoutMs: () => 1_500,
    bounds,
  })
  const heard: string[] = []
  const pushTo = (queue: WebhookQueue, payload: string, name = payload): boolean =>
    queue.push(Buffer.from(payload), outcome => void heard.push(`${name} ${wordOf(outcome)}`))
  const queue = handler.queueOf(clientId)
  return { handler, calls, lines, heard, queue, pushTo, push: (payload: string) => pushTo(queue, payload) }
}

function wordOf(outcome: WebhookOutcome): string {
  if (!outcome.ok) return outcome.code
  const { send, broadcast } = outcome.orders
  return `${send.length} ${broadcast.map(({ channel, payload }) => `${channel}=${payload}`)}`
}

test('a frame is posted as it stands, with the id of its client, and is not posted again', () => {
  const { calls, heard, push } = open()
  push('{"n": 12345678901234567890}')
  const [asked] = calls.asked
  equal(
    asked?.body,
    `{"client_id":"${clientId}","frame":{"channel":"data","payload":{"n": 12345678901234567890},"client_id":"${clientId}"}}`,
  )
  deepEqual([asked?.request.method, asked?.request.path], ['POST', '/data'])
  deepEqual(asked?.limits, { timeoutMs: 1_500, answerBytesMax: 65_536 })
  calls.answer(200, '{"broadcast":[{"channel":"chat","payload":1.0}]}')
  deepEqual(heard, ['{"n": 12345678901234567890} 0 chat=1.0'])
})

describe('frames of one connection', () => {
  test('are posted one after the other, in their order, those that fail included', () => {
    const { calls, heard, push } = open()
    for (const payload of ['1', '2', '3', '4']) push(payload)
    equal(calls.asked.length, 1)
    calls.answer(204)
    calls.fail('timeout')
    equal(calls.asked.length, 3)
    calls.answer(302)
    calls.answer(200, '{"send":1}')
    deepEqual(heard, ['1 0 ', '2 handler_failed', '3 handler_failed', '4 handler_failed'])
    const posted = calls.asked.map(({ body }) => JSON.parse(body).frame.payload)
    deepEqual(posted, [1, 2, 3, 4])
  })

  test('do not wait for those of another', () => {
    const { calls, heard, handler, pushTo, push } = open()
    push('1')
    pushTo(handler.queueOf('7d444840-9dc0-11d1-b245-5ffdce74fad3'), '2')
    equal(calls.asked.length, 2)
    calls.answer(204)
    calls.answer(204)
    deepEqual(heard, ['1 0 ', '2 0 '])
  })

  test('wait, 64 of them behind the one that is posted, and no more', () => {
    const { calls, heard, push, handler } = open()
    for (let number = 0; number <= 64; number++) equal(push(`${number}`), true)
    equal(push('65'), false)
    equal(push('66'), false)
    calls.answer(204)
    equal(push('67'), true)
    equal(push('68'), false)
    for (let count = 0; count < 65; count++) calls.answer(204)
    equal(heard.length, 66)
    equal(heard.at(-1), '67 0 ')
    deepEqual(handler.statistics(), {
      framesPosted: 66,
      framesFailed: 0,
      framesTurnedAway: 3,
      framesWaitingBytes: 0,
    })
  })

  test('that are pushed when an outcome is told come behind those that wait', () => {
    const { calls, queue, heard, push } = open()
    queue.push(Buffer.from('1'), () => void push('3'))
    push('2')
    for (let count = 0; count < 3; count++) calls.answer(204)
    deepEqual(heard, ['2 0 ', '3 0 '])
  })
})

test('bytes that wait are bounded for all connections together', () => {
  const { calls, handler, pushTo } = open({ waitingBytesMax: 10 })
  const [one, other] = [handler.queueOf(clientId), handler.queueOf(clientId)]
  equal(pushTo(one, '"1234567890"'), true)
  equal(pushTo(other, '"1234567890"'), true)
  equal(pushTo(one, '"123456"'), true)
  equal(pushTo(other, '123'), false)
  equal(pushTo(other, '12'), true)
  equal(handler.statistics()['framesWaitingBytes'], 10)
  calls.answer(204)
  equal(pushTo(other, '12345678'), true)
  for (let count = 0; count < 4; count++) calls.answer(204)
  equal(handler.statistics()['framesWaitingBytes'], 0)
})

test('the log says why a frame was not handled, and nothing of the frame', () => {
  const { calls, lines, push } = open()
  push('"very secret"')
  calls.fail('timeout')
  push('"very secret"')
  calls.answer(500, 'very secret')
  match(
    lines[0] ?? '',
    /"code":"webhook-failed","protocol":"pushwire","channel":"data","cause":"call-timeout".*a\.example:80 did not answer$/,
  )
  match(lines[1] ?? '', /a\.example:80 answered with status 500$/)
  equal(lines.join().includes('secret'), false)
})

test('what it counts is described', () => {
  deepEqual(
    webhookHandlerMetrics.map(([key]) => key),
    Object.keys(open().handler.statistics()),
  )
})
