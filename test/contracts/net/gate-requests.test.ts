// What a handler of the gate is told of a request, and what becomes of one that it does not survive.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Framing } from '../../../src/net/gate/gate-exchange.ts'
import { serveGate, tell } from '../../helpers/gate.ts'
import { handshake } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'

const get = 'GET / HTTP/1.1\r\nHost: t\r\n\r\n'
const chunked: Framing = { kind: 'chunked' }

describe('a handler that throws', () => {
  test('is answered 500, its connection closes, and the exception surfaces', async t => {
    const { connect, gate, thrown } = await serveGate(t, {
      handle({ path }) {
        if (path === '/bad') throw new Error('on purpose')
      },
    })
    const client = connect().send('GET /bad HTTP/1.1\r\nHost: t\r\n\r\n')
    equal(
      (await client.ended()).toString(),
      'HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
    )
    deepEqual(thrown, ['Error: on purpose'])
    equal(gate.counters.failures, 1)
  })

  test('behind the head of its answer is cut', async t => {
    const { connect, thrown } = await serveGate(t, {
      handle(exchange) {
        exchange.respond(200, 'OK', [], chunked)
        throw new Error('on purpose')
      },
    })
    const client = connect().send(get)
    await client.ended()
    deepEqual(thrown, ['Error: on purpose'])
  })
})

describe('a request', () => {
  test('is told as it came', async t => {
    const { connect, exchange } = await serveGate(t)
    connect().send(
      'PUT /a%20b?c=%zz&d?e HTTP/1.1\r\nhOST: H:1\r\nX: \xe4\r\nx:2\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n',
    )
    const asked = await exchange(0)
    const { method, target, path, query, version, host, rawHeaders, isTls, wantsSocket } = asked
    deepEqual([method, target, path, query], ['PUT', '/a%20b?c=%zz&d?e', '/a%20b', 'c=%zz&d?e'])
    deepEqual([version, host, isTls, wantsSocket], ['1.1', 'H:1', false, false])
    deepEqual(rawHeaders, ['hOST', 'H:1', 'X', '\xe4', 'x', '2', 'Upgrade', 'h2c', 'Content-Length', '0'])
    deepEqual([asked.header('x'), asked.header('host'), asked.header('y')], ['\xe4', 'H:1', undefined])
    equal(asked.remoteAddress, '127.0.0.1')
    equal(asked.body.length, 0)
  })

  test('that gives a length of 0 keeps its connection (fault 22)', async t => {
    const { connect } = await serveGate(t, { handle: tell })
    const client = connect()
    for (let round = 0; round < 2; round++) {
      client.send('POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n')
      equal((await client.answer()).body.toString(), 'POST /a')
    }
  })

  test('for a WebSocket that is none is refused (contract §4.1)', async t => {
    const text =
      'Request contained an Upgrade header with value "websocket" but the request was not a valid WebSocket request.\n'
    const sound =
      'Host: t\r\nUpgrade: WebSocket\r\nConnection: keep-alive\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
    const { connect, exchange, exchanges } = await serveGate(t)
    for (const bad of [
      `GET / HTTP/1.1\r\n${sound.replace('13', '12')}\r\n`,
      `GET / HTTP/1.1\r\n${sound.replace('==', '')}\r\n`,
      `POST / HTTP/1.1\r\n${sound}\r\n`,
    ]) {
      const client = connect().send(bad)
      const { line, body } = await client.answer()
      deepEqual([line, body.toString()], ['HTTP/1.1 400 Bad Request', text])
      await client.ended()
    }
    equal(exchanges.length, 0)
    const client = connect().send(`GET / HTTP/1.1\r\n${sound}\r\nearly`)
    const asked = await exchange(0)
    equal(asked.wantsSocket, true)
    const bare = asked.takeSocket('Switching Protocols', ['Upgrade', 'websocket', 'Connection', 'Upgrade'])
    equal(bare?.early.toString(), 'early')
    equal(
      (await client.head()).text,
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade',
    )
    bare?.socket.on('data', bytes => bare.socket.write(bytes)).resume()
    client.send('ping')
    await client.received('ping')
    connect().send(`GET / HTTP/1.0\r\n${sound}\r\n`)
    equal((await exchange(1)).wantsSocket, false)
  })

  test('for a WebSocket behind another one is answered behind it', async t => {
    const upgrade = ['Upgrade', 'websocket', 'Connection', 'Upgrade']
    const { connect, gate } = await serveGate(t, {
      handle(exchange) {
        if (exchange.wantsSocket) exchange.takeSocket('Switching Protocols', upgrade)
        else tell(exchange)
      },
    })
    const client = connect().send(`GET /a HTTP/1.1\r\nHost: t\r\n\r\n${handshake()}`)
    equal((await client.answer()).body.toString(), 'GET /a')
    equal((await client.head()).status, 101)
    equal(gate.connections(), 1)
    gate.close()
    await client.ended()
    await until('its end', () => gate.connections() === 0)
  })
})
