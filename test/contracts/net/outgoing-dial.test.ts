// WebSockets to origins: what their handshake says, and what becomes of each answer to it.
import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import type { DialRequest } from '../../../src/net/outgoing/dial.ts'
import { Dialler } from '../../../src/net/outgoing/dialler.ts'
import { LazyOrigins } from '../../../src/net/outgoing/lazy-origins.ts'
import type { OriginsOptions } from '../../../src/net/outgoing/origins.ts'
import { systemClock } from '../../../src/std/clock.ts'
import { createAuthority } from '../../helpers/certificates.ts'
import { Dialled } from '../../helpers/dialled.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { type OriginConnection, openRawOrigin } from '../../helpers/outgoing-origin.ts'
import { until } from '../../helpers/until.ts'

const headers = ['Host', 'a.example', 'X-b', 'caf\xe9', 'x-B', '2']

function keyIn(head: string): string {
  return /^Sec-WebSocket-Key: (.*)\r$/m.exec(head)?.[1] ?? ''
}

function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n'

/** Answers each handshake soundly, with this behind its head. */
function accepting(behind = ''): (connection: OriginConnection) => void {
  return connection => {
    connection.received().then(head => {
      const accept = acceptOf(keyIn(head))
      connection.say(`${switching}Sec-WebSocket-Accept: ${accept}\r\nX-c: caf\xe9\r\n\r\n${behind}`)
    })
  }
}

/** Whatever is asked gets these bytes. */
function saying(bytes: string, isLast = false): (connection: OriginConnection) => void {
  return connection => {
    connection.received().then(() => {
      connection.say(bytes)
      if (isLast) connection.socket.end()
    })
  }
}

async function open(
  t: TestContext,
  serve: (connection: OriginConnection) => void,
  options: Partial<OriginsOptions> = {},
) {
  const origin = await openRawOrigin(t, { serve })
  const dialler = new Dialler({ clock: systemClock, connectionsMax: 1, ...options })
  t.after(() => dialler.close())
  const target = { host: '127.0.0.1', port: origin.port }
  const dial = (more: Partial<DialRequest> = {}) =>
    new Dialled(dialler, { target, path: '/a?b=%20', rawHeaders: headers, ...more })
  return { origin, dialler, dial, target }
}

describe('the handshake', () => {
  test('says what it was given, as it was given, and is a sound one', async t => {
    const { origin, dial } = await open(t, () => {})
    const said = ['Upgrade', 'h2c', 'connection', 'close', 'Content-Length', '3', 'sec-websocket-key', 'x']
    dial({ rawHeaders: [...headers, ...said, 'Sec-WebSocket-Protocol', 'p, q'] })
    const head = await (await origin.connection()).received()
    const key = keyIn(head)
    equal(Buffer.from(key, 'base64').length, 16)
    equal(
      head,
      [
        'GET /a?b=%20 HTTP/1.1',
        'Host: a.example',
        'X-b: caf\xe9',
        'x-B: 2',
        'Sec-WebSocket-Protocol: p, q',
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${key}`,
        '\r\n',
      ].join('\r\n'),
    )
    dial()
    ok(keyIn(await (await origin.connection(1)).received()) !== key)
  })

  for (const [what, request] of [
    ['without a host', { rawHeaders: ['X-b', '1'] }],
    ['with a line end in a value', { rawHeaders: ['Host', 'a', 'X-b', '1\r\nX-c: 2'] }],
    ['with a name that is none', { rawHeaders: ['Host', 'a', 'X b', '1'] }],
    ['with a blank in its path', { path: '/a b' }],
  ] as const)
    test(`${what} is none, for any origin`, async t => {
      const { origin, dial } = await open(t, () => {})
      deepEqual(await dial(request).failed(), ['sending', 'request-invalid'])
      for (const { bytes } of origin.connections) equal(bytes, 0)
    })
})

describe('an origin that accepts', () => {
  test('is handed over with its headers and what came behind them, and speaks both ways', async t => {
    const { origin, dial } = await open(t, accepting('early'))
    const dialled = dial()
    const { socket, early } = await dialled.connection()
    equal(early.toString(), 'early')
    deepEqual(dialled.accepted?.rawHeaders.slice(-2), ['X-c', 'caf\xe9'])
    equal(socket.isPaused(), true)
    const peer = await origin.connection()
    peer.say('more')
    const pieces: Buffer[] = []
    socket.on('data', piece => pieces.push(piece)).resume()
    socket.write('back')
    await until('what follows', () => Buffer.concat(pieces).toString() === 'more')
    await peer.received('back')
    dialled.dial.abort()
    equal(socket.destroyed, false)
    const isClosed = new Promise(resolve => socket.on('close', resolve))
    peer.socket.resetAndDestroy()
    await isClosed
    equal(dialled.told, 1)
  })

  test('may do so behind TLS, with nothing of the library for calls, and resumes its session', async t => {
    const authority = createAuthority(t)
    const origin = await openRawOrigin(t, { tls: authority.issue('IP:127.0.0.1'), serve: accepting() })
    const origins = new LazyOrigins({ clock: systemClock, connectionsMax: 1, authorities: [authority.cert] })
    t.after(() => origins.close())
    const target = { host: '127.0.0.1', port: origin.port, isTls: true }
    // Each dial has a record of its own.
    const again = (more = {}) =>
      new Dialled(origins, { target: { ...target, ...more }, path: '/', rawHeaders: headers })
    ;(await again().connection()).socket.write('x')
    await (await origin.connection()).received('x')
    const second = (await again().connection()).socket as TLSSocket // of a target with TLS
    equal(second.isSessionReused(), true)
    deepEqual(await again({ serverName: 'c.example' }).failed(), ['connecting', 'certificate-name-wrong'])
  })

  for (const [what, head] of [
    ['with the answer to another key', `${switching}Sec-WebSocket-Accept: ${acceptOf('x')}\r\n\r\n`],
    ['without an answer to the key', `${switching}\r\n`],
    ['to something else', switching.replace('WebSocket', 'h2c').concat('\r\n')],
    ['to nothing', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ] as const)
    test(`${what} does not`, async t => {
      const { origin, dial } = await open(t, saying(head))
      deepEqual((await dial().failed())[1], 'handshake-invalid')
      await until('its end', () => origin.connections[0]?.isClosed)
    })
})

describe('an origin that refuses', () => {
  for (const [what, bytes, isLast, body] of [
    ['in a length', 'HTTP/1.1 403 Kein Zutritt\r\nx-A: 1\r\nContent-Length: 2\r\n\r\nno', false, 'no'],
    [
      'in chunks, behind an interim answer',
      'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 403 Kein Zutritt\r\nx-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nn\r\n1\r\no\r\n0\r\n\r\n',
      false,
      'no',
    ],
    ['until it closes', 'HTTP/1.0 403 Kein Zutritt\r\nx-A: 1\r\n\r\nno', true, 'no'],
    ['without a body', 'HTTP/1.1 403 Kein Zutritt\r\nx-A: 1\r\nContent-Length: 0\r\n\r\n', false, ''],
  ] as const)
    test(`is heard whole: ${what}`, async t => {
      const { origin, dial } = await open(t, saying(bytes, isLast))
      const { refused, told } = await dial().over()
      deepEqual(refused?.slice(0, 2), [403, 'Kein Zutritt'])
      deepEqual(refused?.[2].slice(0, 2), ['x-A', '1'])
      equal(refused?.[3], body)
      equal(told, 1)
      await until('its end', () => origin.connections[0]?.isClosed)
    })

  test('is heard with a body of 100,000 bytes, and not with one more', async t => {
    for (const [bytes, code] of [
      [100_000, undefined],
      [100_001, 'answer-too-large'],
    ] as const) {
      const { dial } = await open(
        t,
        saying(`HTTP/1.1 400 No\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`),
      )
      const { refused, failure } = await dial().over()
      deepEqual([refused?.[3].length, failure?.code], [code === undefined ? bytes : undefined, code])
    }
  })

  for (const [what, bytes, phase, code] of [
    ['torn', 'HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nno', 'receiving', 'origin-closed'],
    ['none', '', 'waiting', 'origin-closed'],
    ['no HTTP', 'hello\r\n\r\n', 'waiting', 'response-invalid'],
    [
      'in a coding that is not known',
      'HTTP/1.1 403 No\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
      'receiving',
      'response-invalid',
    ],
    [
      'with a head over 32 KiB',
      `HTTP/1.1 403 No\r\nx: ${'y'.repeat(33_000)}\r\n\r\n`,
      'waiting',
      'head-too-large',
    ],
  ] as const)
    test(`is not heard where its answer is ${what}`, async t => {
      const { dial } = await open(t, saying(bytes, true))
      deepEqual(await dial().failed(), [phase, code])
    })
})

describe('an origin that is not there', () => {
  test('fails while connecting: another one may be asked', async t => {
    const { dialler } = await open(t, () => {})
    const gone = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => gone.on('listening', resolve))
    const address = gone.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    await new Promise(resolve => gone.close(resolve))
    const target = { host: '127.0.0.1', port }
    const refused = new Dialled(dialler, { target, path: '/', rawHeaders: headers }).failed()
    deepEqual(await refused, ['connecting', 'ECONNREFUSED'])
  })

  test('and one that must not be called is blocked', async t => {
    const { origin, dialler } = await open(t, () => {})
    const target = { host: '127.0.0.1', port: origin.port, isUntrusted: true }
    const { failure } = await new Dialled(dialler, { target, path: '/', rawHeaders: headers }).over()
    deepEqual([failure?.phase, failure?.code, failure?.isBlocked], ['connecting', 'origin-blocked', true])
    equal(origin.connections.length, 0)
  })
})

describe('time', () => {
  test('ends a handshake that is not answered, or not to its end', async t => {
    const time = new FakeClock()
    for (const [bytes, phase, code] of [
      ['', 'waiting', 'head-timeout'],
      ['HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nno', 'receiving', 'body-timeout'],
    ] as const) {
      const { origin, dial } = await open(t, () => {}, { clock: time, handshakeMs: 1_000 })
      const asked = dial()
      const peer = await origin.connection()
      await peer.received()
      peer.say(bytes)
      await until('bytes that have left', () => peer.socket.writableLength === 0)
      // On loopback they are there; each turn reads what is.
      for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve))
      time.advance(999)
      equal(asked.told, 0)
      time.advance(1)
      deepEqual(await asked.failed(), [phase, code])
      await until('its end', () => peer.isClosed)
    }
  })
})

describe('whoever no longer wants it', () => {
  test('is told nothing, before and behind the connection', async t => {
    const { origin, dial } = await open(t, () => {})
    const early = dial()
    early.dial.abort()
    const late = dial()
    const peer = await until('a request', () => origin.connections.find(({ text }) => text !== ''))
    late.dial.abort()
    late.dial.abort()
    await until('its end', () => peer.isClosed)
    deepEqual([early.told, late.told], [0, 0])
  })

  test('closes them all, each with a failure, and makes no more', async t => {
    const { origin, dial, dialler } = await open(t, () => {})
    const asked = dial()
    await (await origin.connection()).received()
    dialler.close()
    deepEqual(await asked.failed(), ['waiting', 'node-closing'])
    deepEqual(await dial().failed(), ['connecting', 'node-closing'])
    await until('its end', () => origin.connections[0]?.isClosed)
  })
})

test('a handler that throws closes the connection, and surfaces at the end of the turn', async t => {
  const time = new FakeClock()
  const { origin, dialler, target } = await open(t, accepting(), { clock: time })
  const fail = () => {
    throw new Error('on purpose')
  }
  await new Dialled(dialler, { target, path: '/', rawHeaders: headers }, fail).over()
  await until('its end', () => origin.connections[0]?.isClosed)
  throws(() => time.turn(), /^Error: on purpose$/)
})
