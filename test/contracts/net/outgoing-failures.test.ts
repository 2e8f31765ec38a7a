// How a call fails, by the phase in which its origin does; and that what was torn never looks complete.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import type { LookupFunction } from 'node:net'
import { describe, test } from 'node:test'
import { getOf, Heard, openTestOrigins } from '../../helpers/outgoing.ts'
import { answering, type OriginConnection, openRawOrigin } from '../../helpers/outgoing-origin.ts'
import { until } from '../../helpers/until.ts'

const ok200 = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
const found =
  (...addresses: readonly string[]): LookupFunction =>
  (_host, { all }, done) => {
    const list = addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 }))
    if (all === true) done(null, list)
    else done(null, list[0]?.address ?? '', list[0]?.family)
  }

describe('connecting', () => {
  test('to a port where nobody listens fails, and so does a name that nobody knows', async t => {
    const origins = await openTestOrigins(t)
    const origin = await openRawOrigin(t)
    await origin.close()
    const { phase, code, message } = await new Heard(origins, getOf(origin.port)).failed()
    deepEqual({ phase, code }, { phase: 'connecting', code: 'ECONNREFUSED' })
    match(message, new RegExp(`127.0.0.1:${origin.port}`))
    const target = { host: 'nobody.invalid', port: 80 }
    const unknown = await new Heard(origins, getOf(80, { target })).failed()
    equal(unknown.phase, 'connecting')
    match(unknown.code, /^(?:ENOTFOUND|EAI_AGAIN)$/)
    equal(origins.targets, 0)
  })

  test('to all addresses of a name in vain says why', async t => {
    const origins = await openTestOrigins(t, { lookup: found('127.0.0.1', '::1') })
    const origin = await openRawOrigin(t)
    await origin.close()
    const target = { host: 'two.example', port: origin.port }
    const failure = await new Heard(origins, getOf(0, { target })).failed()
    deepEqual([failure.phase, failure.code], ['connecting', 'ECONNREFUSED'])
    ok(failure.message.length > 0)
  })

  test('for too long fails; just in time does not', async t => {
    const never: LookupFunction = () => {}
    const slow = await openTestOrigins(t, { lookup: never, connectMs: 50 })
    const target = { host: 'slow.example', port: 80 }
    const failure = await new Heard(slow, getOf(80, { target })).failed()
    deepEqual([failure.phase, failure.code], ['connecting', 'connect-timeout'])
    const origin = await openRawOrigin(t, { serve: answering(ok200) })
    const late: LookupFunction = (host, options, done) =>
      void setTimeout(() => found('127.0.0.1')(host, options, done), 50)
    const patient = await openTestOrigins(t, { lookup: late, connectMs: 60_000 })
    await new Heard(patient, getOf(0, { target: { host: 'slow.example', port: origin.port } })).ended()
  })

  for (const [what, host, addresses] of [
    ['a literal', '127.0.0.1', []],
    ['a literal of all addresses', '0.0.0.0', []],
    ['a literal of IPv6', '::1', []],
    ['a literal of IPv4 in IPv6', '::ffff:7f00:1', []],
    ['a name', 'in.example', ['127.0.0.1']],
    ['a name with a private address behind another', 'in.example', ['192.0.2.1', '127.0.0.1']],
  ] as const) {
    test(`to ${what} at a private address is blocked where the target is not trusted`, async t => {
      const origins = await openTestOrigins(t, { lookup: found(...addresses) })
      const origin = await openRawOrigin(t)
      const target = { host, port: origin.port, isUntrusted: true }
      const { phase, code, isBlocked } = await new Heard(origins, getOf(0, { target })).failed()
      deepEqual([phase, code, isBlocked], ['connecting', 'origin-blocked', true])
      equal(origin.connections.length, 0)
    })
  }

  test('to a private address goes on for a target that is trusted, with no connection in common', async t => {
    const origins = await openTestOrigins(t, { lookup: found('127.0.0.1') })
    const origin = await openRawOrigin(t, { serve: answering(ok200) })
    const target = { host: 'in.example', port: origin.port }
    await new Heard(origins, getOf(0, { target })).ended()
    const blocked = new Heard(origins, getOf(0, { target: { ...target, isUntrusted: true } }))
    equal((await blocked.failed()).isBlocked, true)
  })
})

/** What an origin does, and how a call sees it. */
interface Death {
  readonly what: string
  readonly does: (connection: OriginConnection) => void
  readonly phase: 'waiting' | 'receiving'
  readonly code: string
}

const close = ({ socket }: OriginConnection) => void socket.end()
const reset = ({ socket }: OriginConnection) => void socket.resetAndDestroy()
const says = (text: string, then?: (connection: OriginConnection) => void) => (one: OriginConnection) => {
  one.say(text)
  // What was said has to arrive: a reset throws away what was not read.
  if (then !== undefined) setTimeout(() => then(one), 50)
}
const garbage = (name: string, text: string): Death => ({
  what: name,
  does: says(`${text}\r\n\r\n`),
  phase: 'waiting',
  code: 'response-invalid',
})

const DEATHS: readonly Death[] = [
  { what: 'closes without a word', does: close, phase: 'waiting', code: 'origin-closed' },
  { what: 'resets', does: reset, phase: 'waiting', code: 'origin-reset' },
  ...[
    ['closes within the head', 'HTTP/1.1 200 OK\r\nA: b', 'waiting'],
    ['closes within a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc', 'receiving'],
    ['closes within a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc', 'receiving'],
    [
      'closes between chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      'receiving',
    ],
    [
      'closes before the last line end',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n',
      'receiving',
    ],
    [
      'said close and does within a length',
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nabc',
      'receiving',
    ],
    [
      'said close and does between chunks',
      'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      'receiving',
    ],
  ].flatMap(([what = '', text = '', phase]): Death[] => [
    {
      what,
      does: says(text, close),
      phase: phase === 'waiting' ? 'waiting' : 'receiving',
      // The library's parser finds these, which has one word for all that it dislikes.
      code: what.startsWith('said close') ? 'response-invalid' : 'origin-closed',
    },
    {
      what: what.replace('closes', 'resets').replace('and does', 'and resets'),
      does: says(text, reset),
      phase: phase === 'waiting' ? 'waiting' : 'receiving',
      code: 'origin-reset',
    },
  ]),
  {
    what: 'resets within a body up to the close',
    does: says('HTTP/1.1 200 OK\r\n\r\nabc', reset),
    phase: 'receiving',
    code: 'origin-reset',
  },
  {
    what: 'answers bytes that are no chunk',
    does: says('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
    phase: 'receiving',
    code: 'response-invalid',
  },
  garbage('answers garbage', 'hello'),
  garbage('answers TLS', '\x16\x03\x01\x02\x00'),
  garbage(
    'answers a length and a coding',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked',
  ),
  garbage('answers two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2'),
  garbage('answers a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -1'),
  garbage('answers a coding that is not known', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip'),
  garbage('answers two codings', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked'),
  garbage('answers a name with a blank', 'HTTP/1.1 200 OK\r\nA b: c'),
  {
    ...garbage(
      'switches protocols unasked',
      'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade',
    ),
    code: 'origin-closed',
  },
]

describe('an origin that', () => {
  for (const { what, does, phase, code } of DEATHS) {
    test(`${what} fails its call while ${phase}`, async t => {
      const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
      const heard = new Heard(origins, getOf(origin.port))
      const connection = await origin.connection()
      await connection.received()
      does(connection)
      const failure = await heard.failed()
      deepEqual([failure.phase, failure.code], [phase, code])
      equal(failure.wasReused, false)
      await until('its connection to close', () => origins.connections === 0)
      deepEqual([heard.ends, heard.failures.length], [0, 1])
    })
  }

  for (const [what, head] of [
    ['a body up to the close', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'],
    ['chunks', 'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n'],
  ] as const) {
    test(`resets within ${what} while the call is paused fails it, and the thread goes on`, async t => {
      const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
      const heard = new Heard(origins, getOf(origin.port))
      heard.takes = false
      const connection = await origin.connection()
      connection.say(`${head}abc`)
      await until('the first piece', () => heard.bytes > 0)
      connection.socket.resetAndDestroy()
      const failure = await heard.failed()
      deepEqual([failure.phase, failure.code, heard.ends], ['receiving', 'origin-reset', 0])
      heard.call.resume()
    })
  }

  test('says 100 unasked fails: a limit of the library', async t => {
    const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
    const heard = new Heard(origins, getOf(origin.port))
    ;(await origin.connection()).say(`HTTP/1.1 100 Continue\r\n\r\n${ok200}`)
    equal((await heard.failed()).code, 'origin-closed')
  })

  for (const [size, isTaken] of [
    [32_700, true],
    [32_800, false],
  ] as const) {
    test(`answers a head of ${size} bytes is ${isTaken ? 'heard' : 'cut'}`, async t => {
      const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
      const heard = new Heard(origins, getOf(origin.port))
      const text = `HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: ${'a'.repeat(size)}\r\n\r\n`
      ;(await origin.connection()).say(text)
      if (isTaken) await heard.ended()
      else equal((await heard.failed()).code, 'head-too-large')
    })
  }

  test('says nothing for longer than the set times fails, and one that says it in time does not', async t => {
    const origins = await openTestOrigins(t, { headMs: 100, idleMs: 100 })
    const origin = await openRawOrigin(t)
    const head = new Heard(origins, getOf(origin.port))
    const late = await head.failed()
    deepEqual([late.phase, late.code], ['waiting', 'head-timeout'])
    const body = new Heard(origins, getOf(origin.port))
    ;(await origin.connection(1)).say('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc')
    const torn = await body.failed()
    deepEqual([torn.phase, torn.code, body.body], ['receiving', 'body-timeout', 'abc'])
    const good = new Heard(origins, getOf(origin.port))
    ;(await origin.connection(2)).say(ok200)
    await good.ended()
  })
})

describe('a connection that has served before', () => {
  for (const [what, does, code] of [
    ['closes', close, 'origin-closed'],
    ['resets', reset, 'origin-reset'],
  ] as const) {
    test(`and ${what} before the first byte of an answer says so`, async t => {
      const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
      const first = new Heard(origins, getOf(origin.port))
      const connection = await origin.connection()
      await connection.received()
      connection.say(ok200)
      await first.ended()
      const second = new Heard(origins, getOf(origin.port))
      await connection.received()
      does(connection)
      const failure = await second.failed()
      deepEqual([failure.phase, failure.code, failure.wasReused], ['waiting', code, true])
    })
  }

  test('and dies behind the first byte does not', async t => {
    const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
    const first = new Heard(origins, getOf(origin.port))
    const connection = await origin.connection()
    await connection.received()
    connection.say(ok200)
    await first.ended()
    const second = new Heard(origins, getOf(origin.port))
    await connection.received()
    says('HTTP/1.1 2', close)(connection)
    const failure = await second.failed()
    deepEqual([failure.phase, failure.wasReused], ['waiting', false])
  })

  test('and closed while it was idle is not used: the next call gets another', async t => {
    const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
    for (const number of [0, 1, 2, 3, 4]) {
      const heard = new Heard(origins, getOf(origin.port))
      const connection = await origin.connection(number)
      await connection.received()
      connection.say(ok200).socket.end()
      await heard.ended()
    }
  })
})
