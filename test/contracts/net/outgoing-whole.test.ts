// Calls whose answer is wanted whole, and origins that do not give it so: each is over by its deadline, takes no more than its
// bound, and goes nowhere else.
import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { wholeCallMetrics } from '../../../src/net/outgoing/whole-calls.ts'
import { type OriginConnection, openRawOrigin } from '../../helpers/outgoing-origin.ts'
import { until } from '../../helpers/until.ts'
import { ask, openWholeCalls, saying, says, saysNothing, sized, wordOf } from '../../helpers/whole-calls.ts'

describe('a whole answer', () => {
  test('comes with its status, headers and body, and the connection is kept', async t => {
    const [calls, origin] = [openWholeCalls(t), await openRawOrigin(t, { serve: saying(says(sized('yes'))) })]
    const answer = await ask(calls, origin.port)
    equal(wordOf(answer), '200 yes')
    deepEqual(answer.ok && answer.rawHeaders, ['Content-Length', '3'])
    equal(wordOf(await ask(calls, origin.port)), '200 yes')
    equal(origin.connections.length, 1)
    const described = new Set(wholeCallMetrics.map(([key]) => key.replace('.*', '')))
    for (const key of Object.keys(calls.statistics()))
      equal(described.has(key.replace(/\..*/, '')), true, key)
    const { calls: count, callsUnderWay, callsWaiting } = calls.statistics()
    deepEqual({ count, callsUnderWay, callsWaiting }, { count: 2, callsUnderWay: 0, callsWaiting: 0 })
  })

  test('of one byte at a time is whole, and the request is what was asked and nothing else', async t => {
    const [calls, origin] = [openWholeCalls(t), await openRawOrigin(t)]
    const asked = ask(calls, origin.port)
    const connection = await origin.connection()
    await until('the request', () => connection.text.endsWith('{}'))
    equal(
      connection.text,
      'POST /ask HTTP/1.1\r\nhost: a.example\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\n{}',
    )
    for (const byte of 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n') {
      connection.say(byte)
      await new Promise(setImmediate)
    }
    equal(wordOf(await asked), '200 abcd')
  })

  for (const status of ['204 No Content', '304 Not Modified']) {
    test(`of ${status} has no body`, async t => {
      const [calls, origin] = [
        openWholeCalls(t),
        await openRawOrigin(t, { serve: saying(says(`HTTP/1.1 ${status}\r\n\r\n`)) }),
      ]
      equal(wordOf(await ask(calls, origin.port)), `${status.slice(0, 3)} `)
    })
  }

  test('that is a redirect is told as such, and nobody goes where it points', async t => {
    const [calls, secret] = [openWholeCalls(t), await openRawOrigin(t)]
    for (const status of [301, 302, 303, 307, 308]) {
      const redirect = `HTTP/1.1 ${status} X\r\nLocation: http://127.0.0.1:${secret.port}/\r\nContent-Length: 0\r\n\r\n`
      const origin = await openRawOrigin(t, { serve: saying(says(redirect)) })
      equal(wordOf(await ask(calls, origin.port)), `${status} `)
    }
    equal(secret.connections.length, 0)
  })
})

describe('the bound of an answer', () => {
  const chunked = (body: string) =>
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  for (const [what, frame] of [
    ['with a length', sized],
    ['in chunks', chunked],
    ['up to the close', (body: string) => `HTTP/1.1 200 OK\r\n\r\n${body}`],
  ] as const) {
    test(`holds ${what}: at it all is well, one byte more is refused`, async t => {
      const calls = openWholeCalls(t)
      for (const [length, word] of [
        [100, `200 ${'x'.repeat(100)}`],
        [101, 'oversized answer-too-large'],
      ] as const) {
        const end = (connection: OriginConnection) =>
          void connection.say(frame('x'.repeat(length))).socket.end()
        const origin = await openRawOrigin(t, { serve: saying(end) })
        equal(wordOf(await ask(calls, origin.port, { answerBytesMax: 100 })), word)
      }
    })
  }

  test('ends an endless body, and one that says at once that it is too long before it comes', async t => {
    const calls = openWholeCalls(t)
    const endless = (connection: OriginConnection) => {
      connection.say('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      const more = () => {
        if (!connection.isClosed && !connection.socket.destroyed) {
          connection.say(`1000\r\n${'x'.repeat(4_096)}\r\n`)
          setImmediate(more)
        }
      }
      more()
    }
    for (const does of [endless, says('HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n')]) {
      const origin = await openRawOrigin(t, { serve: saying(does) })
      equal(wordOf(await ask(calls, origin.port)), 'oversized answer-too-large')
      await until('the close', () => origin.connections[0]?.isClosed)
    }
    equal(calls.statistics()['callsFailed.oversized'], 2)
  })
})

describe('the deadline', () => {
  const dripping = (connection: OriginConnection) => {
    connection.say('HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n')
    const timer = setInterval(() => connection.say('x'), 5)
    connection.socket.on('close', () => clearInterval(timer))
  }
  for (const [what, does] of [
    ['no answer comes', saysNothing],
    ['the head does not end', says('HTTP/1.1 200 OK\r\nA: b')],
    ['the body does not come', says('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n')],
    ['the body drips', dripping],
  ] as const) {
    test(`ends a call where ${what}, and its connection`, async t => {
      const [calls, origin] = [openWholeCalls(t), await openRawOrigin(t, { serve: saying(does) })]
      const answer = await ask(calls, origin.port, { timeoutMs: 200 })
      equal(wordOf(answer), 'timeout call-timeout')
      match(answer.ok ? '' : answer.message, /^127\.0\.0\.1:\d+ gave no whole answer within 200 ms$/)
      await until('the close', () => origin.connections.every(({ isClosed }) => isClosed))
    })
  }

  test('counts the lookup and the connection, too', async t => {
    const calls = openWholeCalls(t, { lookup: () => {} })
    const target = { host: 'a.example', port: 1 }
    equal(wordOf(await ask(calls, 1, { timeoutMs: 100 }, { target })), 'timeout call-timeout')
    const hasty = openWholeCalls(t, { lookup: () => {}, bounds: { connectMs: 50 } })
    equal(wordOf(await ask(hasty, 1, {}, { target })), 'timeout connect-timeout')
  })

  test('counts the wait for a turn', async t => {
    const calls = openWholeCalls(t, { bounds: { connectionsMax: 1 } })
    const origin = await openRawOrigin(t, { serve: saying(saysNothing) })
    const first = ask(calls, origin.port)
    equal(wordOf(await ask(calls, origin.port, { timeoutMs: 100 })), 'timeout call-timeout')
    equal(calls.statistics()['callsWaiting'], 0)
    const connection = await origin.connection()
    connection.say(sized('late'))
    equal(wordOf(await first), '200 late')
  })
})
