// Who becomes a WebSocket, when, and with which answer.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Exchange } from '../../../src/net/exchange.ts'
import { protocolsOf } from '../../../src/net/handshake.ts'
import {
  acceptOfKey,
  type Changes,
  frame,
  handshake,
  opcode,
  RawWebSocket,
} from '../../helpers/raw-websocket.ts'
import { serve } from '../../helpers/serve.ts'
import { until } from '../../helpers/until.ts'
import { echo, serveSockets } from './sockets.ts'

describe('a handshake', () => {
  test('is answered 101 with the accept of its key, without extensions and protocol', async t => {
    const served = await serveSockets(t)
    const [{ head }] = await served.join(
      handshake('/', { 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits' }),
    )
    equal(head?.line, 'HTTP/1.1 101 Switching Protocols')
    const { date, ...rest } = Object.fromEntries(head.headers)
    match(date ?? '', /GMT$/)
    deepEqual(rest, { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-accept': acceptOfKey })
    equal(served.server.counters.socketsOpened, 1)
  })

  const sound: Record<string, Changes> = {
    'with names in another case': { connection: 'keep-alive, UPGRADE', upgrade: 'WebSocket' },
    'with a connection header in two lines': { connection: ['keep-alive', 'upgrade'] },
    'with an origin': { origin: 'https://example.org' },
    'with an empty body': { 'content-length': '0' },
  }
  for (const [name, changes] of Object.entries(sound)) {
    test(`${name} is sound`, async t => {
      const served = await serveSockets(t, { heard: echo })
      const [socket] = await served.join(handshake('/', changes))
      equal((await socket.send(opcode.text, 'hello').frame(0)).payload.toString(), 'hello')
    })
  }

  const faulty: Record<string, [number, Parameters<typeof handshake>[1]]> = {
    'of version 8': [426, { 'sec-websocket-version': '8' }],
    'without a version': [426, { 'sec-websocket-version': undefined }],
    'without a key': [400, { 'sec-websocket-key': undefined }],
    'with a short key': [400, { 'sec-websocket-key': 'dGhlIHNhbXBsZQ==' }],
    'with a key that is no base64': [400, { 'sec-websocket-key': 'dGhlIHNhbXBs*SBub25jZQ==' }],
    'with a key of 17 bytes': [400, { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZXM=' }],
    'without a connection header': [400, { connection: undefined }],
    'with another connection header': [400, { connection: 'keep-alive' }],
    'with a length': [400, { 'content-length': '3' }],
    'with a length behind another': [400, { 'content-length': ['0', '3'] }],
    'with a transfer-encoding': [400, { 'transfer-encoding': 'chunked' }],
  }
  for (const [name, [status, changes]] of Object.entries(faulty)) {
    test(`${name} is answered ${status}, and no handler hears of it`, async t => {
      const served = await serveSockets(t)
      const client = served.connect().send(handshake('/', changes))
      await client.answers(1)
      deepEqual([client.statuses, served.ears.length], [[status], 0])
      equal(served.server.counters.handshakesRefused, 1)
      if (status === 426) match(client.text, /\r\nsec-websocket-version: 13\r\n/)
      await served.roundTrip()
    })
  }

  const plain: Record<string, string> = {
    'without an upgrade header': handshake('/', { upgrade: undefined }),
    'to another protocol': handshake('/', { upgrade: 'h2c' }),
    'by POST': handshake('/', { 'content-length': '0' }, 'POST'),
    'by HEAD': handshake('/', {}, 'HEAD'),
  }
  for (const [name, request] of Object.entries(plain)) {
    test(`${name} is an ordinary request`, async t => {
      const served = await serveSockets(t)
      const client = served.connect().send(request)
      await client.answers(1)
      deepEqual([client.statuses, served.ears.length], [[200], 0])
    })
  }

  test('of HTTP/1.0 is answered 505', async t => {
    const served = await serveSockets(t)
    const client = served.connect().send(handshake().replace('HTTP/1.1', 'HTTP/1.0'))
    await client.ended()
    deepEqual([client.statuses, served.ears.length], [[505], 0])
  })

  test('is an ordinary request where no sockets are served', async t => {
    const served = await serve(t, exchange =>
      exchange.reply({ status: 200, body: `${exchange.wantsSocket}` }),
    )
    const client = served.connect().send(handshake())
    await client.received('false')
    await client.send(handshake()).answers(2)
  })
})

describe('the handler of a handshake', () => {
  test('sees path, query, headers and the protocols offered in any number of lines', async t => {
    const seen: unknown[] = []
    const served = await serveSockets(t, {
      handle: exchange => {
        seen.push(exchange.path, exchange.query, exchange.header('origin'), protocolsOf(exchange))
        exchange.reply({ status: 403 })
      },
    })
    const changes = { 'sec-websocket-protocol': ['chat.v2, chat.v1', 'other'], origin: 'https://example.org' }
    await served.connect().send(handshake('/a?b=c', changes)).answers(1)
    deepEqual(seen, ['/a', 'b=c', 'https://example.org', ['chat.v2', 'chat.v1', 'other']])
  })

  test('judges handshakes itself where it says so', async t => {
    const served = await serveSockets(t, {
      settings: { judgesHandshakes: true },
      handle: exchange => exchange.reply({ status: 400, body: String(exchange.wantsSocket) }),
    })
    for (const changes of [{ 'sec-websocket-version': '8' }, { connection: 'keep-alive' }]) {
      const client = served.connect().send(handshake('/', changes))
      await client.answers(1)
      deepEqual(client.statuses, [400])
    }
    equal(served.server.counters.handshakesRefused, 0)
  })

  test('chooses the protocol and adds headers', async t => {
    const served = await serveSockets(t, {
      handle: (exchange, ear) => {
        ear.socket = exchange.upgrade(ear, { protocol: 'chat.v1', headers: { 'x-own': 'yes' } })
      },
    })
    const [socket] = await served.join(handshake('/', { 'sec-websocket-protocol': 'chat.v2, chat.v1' }))
    deepEqual([socket.header('sec-websocket-protocol'), socket.header('x-own')], ['chat.v1', 'yes'])
  })

  test('may refuse with any reply, and the connection stays usable', async t => {
    const served = await serveSockets(t, {
      handle: exchange => exchange.reply({ status: 403, headers: { 'x-why': 'stranger' }, body: 'no' }),
    })
    const client = served.connect().send(handshake())
    await client.received('\r\n\r\nno')
    await client.send(handshake()).answers(2)
    match(client.text, /\r\nx-why: stranger\r\n/)
    equal(served.server.counters.socketsOpened, 0)
  })

  test('may hold a stream instead, and reads no body', async t => {
    const served = await serveSockets(t, {
      handle: exchange =>
        exchange.readBody(10, body => {
          const held = exchange.hold({ status: 200 }, Buffer.from(`${body?.length} bytes`), {
            drained() {},
            closed() {},
          })
          held?.end()
        }),
    })
    await served.connect().send(handshake()).received('0 bytes')
  })

  test('may send at once, and what it sends follows the 101', async t => {
    const served = await serveSockets(t, {
      handle: (exchange, ear) => {
        ear.socket = exchange.upgrade(ear)
        ear.socket?.send('welcome', 'text')
      },
    })
    const [socket] = await served.join()
    equal((await socket.frame(0)).payload.toString(), 'welcome')
  })

  test('may accept in a later turn', async t => {
    let waiting: (() => void) | undefined
    const served = await serveSockets(t, {
      heard: echo,
      handle: (exchange, ear) => {
        waiting = () => {
          ear.socket = exchange.upgrade(ear, { protocol: protocolsOf(exchange)[0] })
        }
      },
    })
    const client = served.connect().send(handshake('/', { 'sec-websocket-protocol': 'late' }))
    const accept = await until('the handler', () => waiting)
    await served.roundTrip()
    equal(client.size, 0)
    accept()
    await client.received('\r\n\r\n')
    const socket = new RawWebSocket(client)
    equal((await socket.send(opcode.text, 'hello').frame(0)).payload.toString(), 'hello')
    equal(socket.header('sec-websocket-protocol'), 'late')
  })

  test('accepts in vain where the client left meanwhile, and is told of the loss', async t => {
    let waiting: Exchange | undefined
    let aborted = 0
    const served = await serveSockets(t, {
      handle: exchange => {
        exchange.onAborted(() => aborted++)
        waiting = exchange
      },
    })
    const client = served.connect().send(handshake())
    const exchange = await until('the handler', () => waiting)
    client.leave()
    await until('the loss', () => aborted === 1)
    const [ear] = served.ears
    ok(ear)
    equal(exchange.upgrade(ear), undefined)
    exchange.reply({ status: 200 })
    deepEqual([ear.closes, served.server.counters.socketsOpened], [[], 0])
    await until('no connection', () => served.server.connections() === 0)
    await served.roundTrip()
  })

  test('may answer only once: a reply behind the acceptance is ignored', async t => {
    const served = await serveSockets(t, {
      heard: echo,
      handle: (exchange, ear) => {
        ear.socket = exchange.upgrade(ear)
        exchange.reply({ status: 200, body: 'no' })
        equal(exchange.upgrade(ear), undefined)
      },
    })
    const [socket] = await served.join()
    equal((await socket.send(opcode.text, 'hello').frame(0)).payload.toString(), 'hello')
    deepEqual([socket.head?.status, socket.client.text], [101, ''])
  })
})

describe('bytes behind a handshake that is not answered yet', () => {
  for (const [name, bytes] of [
    ['a frame', frame(opcode.text, 'early')],
    ['a second handshake', Buffer.from(handshake('/second'))],
  ] as const) {
    test(`are lost where it is accepted at once, and harm nobody else: ${name}`, async t => {
      const served = await serveSockets(t, { heard: echo })
      const [socket] = await served.join(handshake() + bytes.toString('latin1'))
      equal((await socket.send(opcode.text, 'hello').frame(0)).payload.toString(), 'hello')
      equal(served.ears.length, 1)
    })

    test(`close the connection while the answer is awaited: ${name}`, async t => {
      const served = await serveSockets(t, { handle() {} })
      const clients = [served.connect().send(handshake()), served.connect()]
      await until('the handler', () => served.ears.length === 1)
      clients[0]?.send(bytes)
      clients[1]?.send(Buffer.concat([Buffer.from(handshake()), bytes]))
      for (const client of clients) {
        await client.ended()
        equal(client.text.includes('101'), false)
      }
      await until('no connection', () => served.server.connections() === 0)
    })
  }
})

test('accepting later never closes a socket, with others open or none', async t => {
  const served = await serveSockets(t, {
    heard: echo,
    handle: (exchange, ear) =>
      void setImmediate(() => {
        ear.socket = exchange.upgrade(ear, { headers: { 'x-own': 'yes' } })
      }),
  })
  for (let i = 0; i < 150; i++) {
    const [socket, ear] = await served.join()
    equal(socket.header('x-own'), 'yes')
    equal((await socket.send(opcode.text, 'hello').frame(0)).payload.toString(), 'hello')
    deepEqual(ear.closes, [])
    if (i % 3 > 0) ear.socket?.close(1000)
  }
})

test('connections are counted from the handshake to the end of the socket', async t => {
  const served = await serveSockets(t)
  const joined = [await served.join(), await served.join(), await served.join()]
  equal(served.server.connections(), 3)
  joined[0]?.[0].client.leave()
  await until('two connections', () => served.server.connections() === 2)
  joined[1]?.[1].socket?.close(1000)
  equal(served.server.connections(), 1)
  joined[2]?.[1].socket?.terminate()
  equal(served.server.connections(), 0)
})

test('closing the server closes sockets, and handshakes after it are cut', async t => {
  const served = await serveSockets(t)
  const joined = [await served.join(), await served.join()]
  served.server.close()
  for (const [socket, ear] of joined) {
    deepEqual(ear.closes, [[1006, '']])
    equal(await socket.closed(), undefined)
  }
  const late = served.connect().send(handshake())
  await late.ended()
  deepEqual([late.statuses, served.server.connections()], [[], 0])
})
