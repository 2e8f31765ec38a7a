// Whole calls beside each other: one that goes wrong leaves the next as it was, none reaches what is forbidden, and all are
// bounded.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createIsForbidden } from '../../../src/net/outgoing/forbidden-addresses.ts'
import { answering, type OriginConnection, openRawOrigin } from '../../helpers/outgoing-origin.ts'
import { until } from '../../helpers/until.ts'
import {
  ask,
  openWholeCalls,
  patient,
  questionTo,
  resolving,
  saying,
  says,
  saysNothing,
  sized,
  wordOf,
} from '../../helpers/whole-calls.ts'

describe('an origin that dies', () => {
  const reset = ({ socket }: OriginConnection) => void socket.resetAndDestroy()
  for (const [what, does, word] of [
    ['without a word', ({ socket }: OriginConnection) => void socket.end(), 'failed origin-closed'],
    ['by a reset', reset, 'failed origin-reset'],
    [
      'within the body',
      (one: OriginConnection) => void one.say('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc').socket.end(),
      'failed origin-closed',
    ],
    ['speaking something else', says('SSH-2.0-OpenSSH\r\n\r\n'), 'failed response-invalid'],
  ] as const) {
    test(`${what} fails the call; the next one is asked on a connection of its own`, async t => {
      const [calls, origin] = [
        openWholeCalls(t),
        await openRawOrigin(t, {
          serve: connection =>
            saying(origin.connections.length === 1 ? does : says(sized('well')))(connection),
        }),
      ]
      equal(wordOf(await ask(calls, origin.port)), word)
      equal(wordOf(await ask(calls, origin.port)), '200 well')
      equal(origin.connections.length, 2)
    })
  }

  test('on a connection that was kept is asked once more where that does no harm, and once only', async t => {
    for (const [isRepeatable, kept, word] of [
      [true, 1, '200 well'],
      [false, 1, 'failed origin-closed'],
      [true, 2, 'failed origin-closed'],
    ] as const) {
      const calls = openWholeCalls(t)
      const end = ({ socket }: OriginConnection) => void socket.end()
      const origin = await openRawOrigin(t, { serve: saying(says(sized('well')), end) })
      // As many connections are kept as calls were under way at once; each closes under its second request.
      await Promise.all(Array.from({ length: kept }, () => ask(calls, origin.port)))
      equal(origin.connections.length, kept)
      equal(wordOf(await ask(calls, origin.port, { isRepeatable })), word)
    }
  })

  test('late answers a call that has been given up, and not the next one', async t => {
    const calls = openWholeCalls(t)
    const origin = await openRawOrigin(t, {
      serve: connection =>
        saying(origin.connections.length === 1 ? saysNothing : says(sized('second')))(connection),
    })
    equal(wordOf(await ask(calls, origin.port, { timeoutMs: 100 })), 'timeout call-timeout')
    origin.connections[0]?.say(sized('first'))
    equal(wordOf(await ask(calls, origin.port)), '200 second')
  })

  test('before it was there', async t => {
    const [calls, origin] = [openWholeCalls(t), await openRawOrigin(t)]
    await origin.close()
    equal(wordOf(await ask(calls, origin.port)), 'failed ECONNREFUSED')
  })
})

describe('an address that must not be called', () => {
  const blocked = 'blocked origin-blocked'

  test('is judged where it is connected to: literals, names, and our own listeners', async t => {
    const own = await openRawOrigin(t)
    const isForbidden = createIsForbidden([], [{ host: '127.0.0.1', port: own.port }])
    const calls = openWholeCalls(t, { isForbidden })
    equal(wordOf(await ask(calls, own.port)), blocked)
    for (const host of [
      '169.254.169.254',
      '0.0.0.0',
      '::',
      '224.0.0.1',
      '::ffff:169.254.169.254',
      '::ffff:7f00:1',
    ]) {
      equal(wordOf(await ask(calls, 0, {}, { target: { host, port: own.port } })), blocked, host)
    }
    for (const address of ['169.254.169.254', '127.0.0.1', '0.0.0.0', 'fe80::1']) {
      const named = openWholeCalls(t, { isForbidden, lookup: resolving(address) })
      const target = { host: 'a.example', port: own.port }
      equal(wordOf(await ask(named, 0, {}, { target })), blocked, address)
      equal(wordOf(await ask(named, 0, {}, { target: { ...target, isTls: true } })), blocked, address)
    }
    equal(own.connections.length, 0)
  })

  test('is judged anew with each connection, so a name that changes gains nothing', async t => {
    const calls = openWholeCalls(t, { lookup: resolving('127.0.0.1', '169.254.169.254', '127.0.0.1') })
    const origin = await openRawOrigin(t, {
      serve: saying(one => void one.say('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nyes').socket.end()),
    })
    const target = { host: 'a.example', port: origin.port }
    equal(wordOf(await ask(calls, 0, {}, { target })), '200 yes')
    equal(wordOf(await ask(calls, 0, {}, { target })), blocked)
    equal(wordOf(await ask(calls, 0, {}, { target })), '200 yes')
    equal(origin.connections.length, 2)
  })

  test('may be called where it is listed', async t => {
    const origin = await openRawOrigin(t, { serve: saying(says(sized('own'))) })
    const listener = { host: '127.0.0.1', port: origin.port }
    const isForbidden = createIsForbidden([`127.0.0.1:${origin.port}`], [listener])
    equal(wordOf(await ask(openWholeCalls(t, { isForbidden }), origin.port)), '200 own')
  })
})

describe('bounds of calls', () => {
  test('those beyond them wait their turn, those beyond that are turned away', async t => {
    const calls = openWholeCalls(t, { bounds: { connectionsMax: 2, waitingMax: 2 } })
    const origin = await openRawOrigin(t)
    const answers: string[] = []
    const asked = [0, 1, 2, 3, 4, 5].map(number =>
      ask(calls, origin.port).then(answer => void answers.push(`${number} ${wordOf(answer)}`)),
    )
    await until('two connections', () => origin.connections.length === 2)
    await until('two refusals', () => answers.length === 2)
    deepEqual(answers.toSorted(), ['4 crowded call-crowded', '5 crowded call-crowded'])
    deepEqual([calls.statistics()['callsUnderWay'], calls.statistics()['callsWaiting']], [2, 2])
    // One connection serves those that wait, in their order.
    const connection = await origin.connection()
    for (const number of [1, 2, 3]) {
      await until('a request', () => connection.text.endsWith('{}'))
      await connection.received()
      connection.say(sized(`${number}`))
      await until('its answer', () => answers.length === 2 + number)
    }
    deepEqual(answers.slice(3), ['2 200 2', '3 200 3'])
    origin.connections[1]?.say(sized('last'))
    await Promise.all(asked)
    equal(calls.statistics()['callsUnderWay'], 0)
    equal(origin.connections.length, 2)
  })

  test('an origin that hangs takes no places from others', async t => {
    const calls = openWholeCalls(t, { bounds: { connectionsMax: 2, underWayMax: 3 } })
    const hanging = await openRawOrigin(t)
    const well = await openRawOrigin(t, { serve: saying(says(sized('well'))) })
    const lost = Array.from({ length: 5 }, () => ask(calls, hanging.port, { timeoutMs: 1_000 }))
    const words = await Promise.all(Array.from({ length: 20 }, () => ask(calls, well.port)))
    deepEqual(new Set(words.map(wordOf)), new Set(['200 well']))
    deepEqual(new Set((await Promise.all(lost)).map(wordOf)), new Set(['timeout call-timeout']))
  })

  test('nor do those who wait for it turn others away', async t => {
    const calls = openWholeCalls(t, { bounds: { connectionsMax: 1, waitingMax: 2 } })
    const hanging = await openRawOrigin(t)
    const well = await openRawOrigin(t, { serve: saying(says(sized('well'))) })
    const lost = Array.from({ length: 4 }, () => ask(calls, hanging.port, { timeoutMs: 1_000 }))
    const words = await Promise.all(Array.from({ length: 3 }, () => ask(calls, well.port)))
    deepEqual(words.map(wordOf), ['200 well', '200 well', '200 well'])
    deepEqual((await Promise.all(lost)).map(wordOf).toSorted(), [
      'crowded call-crowded',
      ...Array.from({ length: 3 }, () => 'timeout call-timeout'),
    ])
  })

  test('lines take turns where all places together are taken', async t => {
    const calls = openWholeCalls(t, { bounds: { underWayMax: 1 } })
    const [one, other] = [
      await openRawOrigin(t, { serve: saying(says(sized('one'))) }),
      await openRawOrigin(t, { serve: saying(says(sized('other'))) }),
    ]
    const heard: string[] = []
    for (const port of [one.port, one.port, one.port, other.port, other.port]) {
      calls.call(questionTo(port), patient, answer => void heard.push(wordOf(answer)))
    }
    await until('all answers', () => heard.length === 5)
    deepEqual(heard, ['200 one', '200 one', '200 other', '200 one', '200 other'])
  })

  test('a call that is cancelled is saysNothing heard of, and leaves its place', async t => {
    const calls = openWholeCalls(t, { bounds: { connectionsMax: 1 } })
    const origin = await openRawOrigin(t)
    const heard: string[] = []
    const cancels = [0, 1, 2].map(number =>
      calls.call(questionTo(origin.port), patient, answer => void heard.push(`${number} ${wordOf(answer)}`)),
    )
    await origin.connection()
    cancels[1]?.()
    cancels[0]?.()
    cancels[0]?.()
    const connection = await origin.connection(1)
    await connection.received()
    connection.say(sized('third'))
    await until('the third', () => heard.length === 1)
    deepEqual(heard, ['2 200 third'])
    await until('the close', () => origin.connections[0]?.isClosed)
    equal(calls.statistics()['callsUnderWay'], 0)
  })

  test('those under way fail where all is closed', async t => {
    const [calls, origin] = [openWholeCalls(t), await openRawOrigin(t, { serve: answering('') })]
    const asked = ask(calls, origin.port)
    await origin.connection()
    calls.close()
    equal(wordOf(await asked), 'failed node-closing')
  })
})
