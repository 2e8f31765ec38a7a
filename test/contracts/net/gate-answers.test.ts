// What the gate writes, byte by byte: the answer of whoever serves, its framing, and nothing else (contract §4.1).
import { equal, ok, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Framing, GateExchange } from '../../../src/net/gate/gate-exchange.ts'
import { type GateScene, serveGate } from '../../helpers/gate.ts'
import { headEnd } from '../../helpers/raw-http.ts'
import { until } from '../../helpers/until.ts'

const get = 'GET / HTTP/1.1\r\nHost: t\r\n\r\n'
const getOld = 'GET / HTTP/1.0\r\n\r\n'
const getOldKept = 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'
const getLast = 'GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n'
const head = 'HEAD / HTTP/1.1\r\nHost: t\r\n\r\n'

const chunked: Framing = { kind: 'chunked' }
const ten: Framing = { kind: 'length', bytes: 10 }

function answer(status: number, reason: string, framing: Framing, ...pieces: string[]) {
  return (exchange: GateExchange) => {
    const response = exchange.respond(status, reason, ['x-A', '1', 'X-a', '2'], framing)
    for (const piece of pieces) response.write(Buffer.from(piece))
    response.end()
  }
}

interface Row {
  readonly name: string
  readonly sent: string
  readonly handle: GateScene['handle']
  readonly bytes: string
  readonly closes?: true
}

const own = 'x-A: 1\r\nX-a: 2\r\n'

const rows: readonly Row[] = [
  {
    name: 'a length: headers as they are, then the framing, nothing added',
    sent: get,
    handle: answer(299, 'As It Is', ten, '01234', '56789'),
    bytes: `HTTP/1.1 299 As It Is\r\n${own}Content-Length: 10\r\n\r\n0123456789`,
  },
  {
    name: 'chunks, each with its line end, and the last one',
    sent: get,
    handle: answer(200, 'OK', chunked, 'hi\n', 'x'.repeat(26)),
    bytes: `HTTP/1.1 200 OK\r\n${own}Transfer-Encoding: chunked\r\n\r\n3\r\nhi\n\r\n1a\r\n${'x'.repeat(26)}\r\n0\r\n\r\n`,
  },
  {
    name: 'the last request of a client: Connection: close in front of the framing (row 73)',
    sent: getLast,
    handle: answer(200, 'OK', chunked, 'a'),
    bytes: `HTTP/1.1 200 OK\r\n${own}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
    closes: true,
  },
  ...[0, 42, 100, 101, 199, 1_000].map(status => ({
    name: `a status of ${status}: none that a client would take for an end`,
    sent: get,
    handle: answer(status, 'OK', ten, '0123456789'),
    bytes: `HTTP/1.1 500 \r\n${own}Connection: close\r\nContent-Length: 10\r\n\r\n0123456789`,
    closes: true as const,
  })),
  {
    name: 'HTTP/1.0: FIN behind the body (row 56)',
    sent: getOld,
    handle: answer(200, 'OK', ten, '0123456789'),
    bytes: `HTTP/1.0 200 OK\r\n${own}Content-Length: 10\r\n\r\n0123456789`,
    closes: true,
  },
  {
    name: 'HTTP/1.0 with keep-alive and a length',
    sent: getOldKept,
    handle: answer(200, 'OK', ten, '0123456789'),
    bytes: `HTTP/1.0 200 OK\r\n${own}Connection: keep-alive\r\nContent-Length: 10\r\n\r\n0123456789`,
  },
  {
    name: 'HTTP/1.0 without a length: raw until FIN, keep-alive or not (row 74, fault 14)',
    sent: getOldKept,
    handle: answer(200, 'OK', chunked, 'ab', 'c'),
    bytes: `HTTP/1.0 200 OK\r\n${own}\r\nabc`,
    closes: true,
  },
  {
    name: 'HEAD: the length of the body that is not sent',
    sent: head,
    handle: answer(200, 'OK', ten, '0123456789'),
    bytes: `HTTP/1.1 200 OK\r\n${own}Content-Length: 10\r\n\r\n`,
  },
  {
    name: 'HEAD that is answered with a stream: never a body (row 75)',
    sent: head,
    handle: answer(200, 'OK', chunked, 'hi'),
    bytes: `HTTP/1.1 200 OK\r\n${own}Transfer-Encoding: chunked\r\n\r\n`,
  },
  {
    name: 'HEAD without any framing',
    sent: head,
    handle: answer(200, 'OK', { kind: 'none' }, 'hi'),
    bytes: `HTTP/1.1 200 OK\r\n${own}\r\n`,
  },
  {
    name: '204 has neither body nor length (row 52)',
    sent: get,
    handle: answer(204, 'No Content', ten, 'hi'),
    bytes: `HTTP/1.1 204 No Content\r\n${own}\r\n`,
  },
  {
    name: '304 keeps the length of what it does not send (row 52)',
    sent: get,
    handle: answer(304, 'Not Modified', ten, 'hi'),
    bytes: `HTTP/1.1 304 Not Modified\r\n${own}Content-Length: 10\r\n\r\n`,
  },
  {
    name: '304 has no chunks',
    sent: get,
    handle: answer(304, 'Not Modified', chunked, 'hi'),
    bytes: `HTTP/1.1 304 Not Modified\r\n${own}\r\n`,
  },
  {
    name: 'no framing where a body may be: a length of 0',
    sent: get,
    handle: answer(200, '', { kind: 'none' }, 'hi'),
    bytes: `HTTP/1.1 200 \r\n${own}Content-Length: 0\r\n\r\n`,
  },
  {
    name: 'a whole answer',
    sent: get,
    handle: exchange => exchange.reply(418, 'Undefined Reason', ['A', 'b'], 'tea\n'),
    bytes: 'HTTP/1.1 418 Undefined Reason\r\nA: b\r\nContent-Length: 4\r\n\r\ntea\n',
  },
  {
    name: 'framing of others, and what is no header, is left out',
    sent: get,
    handle: exchange =>
      exchange.reply(
        200,
        'O\nK',
        [
          ...['content-LENGTH', '7', 'Transfer-Encoding', 'gzip', 'Connection', 'x', 'Keep-Alive', 'x'],
          ...['a b', 'c', '', 'd', 'split', '1\r\nX: y', 'nul', '\0', 'wide', '\u010a', 'latin', '\xff\t'],
        ],
        'x',
      ),
    bytes: 'HTTP/1.1 200 \r\nlatin: \xff\t\r\nContent-Length: 1\r\n\r\nx',
  },
]

describe('an answer', () => {
  for (const { name, sent, handle, bytes, closes = false } of rows) {
    test(`${name}; it leaves in one piece`, async t => {
      const { connect, gate } = await serveGate(t, { ...(handle && { handle }) })
      const client = connect().send(sent)
      if (closes) await client.ended()
      else await client.received(headEnd)
      await until('all of it', () => client.size >= Buffer.byteLength(bytes, 'latin1'))
      equal(client.text, bytes)
      equal(client.reads, 1)
      if (closes) return
      // Nothing is left in front of the next answer.
      client.takeNow(client.size)
      client.send(sent)
      await client.received(bytes)
      equal(gate.counters.accepted, 1)
    })
  }

  test('that comes later leaves with what was written in the same turn', async t => {
    const { connect, exchange } = await serveGate(t)
    const client = connect().send(get)
    const asked = await exchange(0)
    const response = asked.respond(200, 'OK', [], chunked)
    response.write(Buffer.from('a'))
    response.writeRaw(Buffer.from('1\r\nb\r\n1\r\nc\r\n'))
    await client.received('c\r\n')
    equal(client.text, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n')
    equal(client.reads, 1)
    response.write(Buffer.alloc(0))
    response.write(Buffer.from('!'))
    await client.received('!\r\n')
    ok(
      client.text.endsWith('c\r\n1\r\n!\r\n'),
      'its line end comes with it (row 71), and nothing is no last chunk',
    )
    response.end()
    await client.received('0\r\n\r\n')
    client.send(get)
    ;(await exchange(1)).reply(200, 'OK', [], 'next')
    await client.received('next')
  })

  test('of a stream has its head at the end of the turn, with nothing else', async t => {
    const { connect } = await serveGate(t, { handle: one => void one.respond(200, 'OK', [], chunked) })
    const client = connect().send(get)
    await client.received(headEnd)
  })

  test('that breaks its promise is cut: more would be the next answer, less would be waited for', async t => {
    for (const pieces of [['01234567890'], ['0123', '4567890'], ['012345678'], []]) {
      const { connect, gate } = await serveGate(t, { handle: answer(200, 'OK', ten, ...pieces) })
      const client = connect().send(get)
      await client.ended()
      ok(!client.text.includes('01234567890'))
      await until('its end', () => gate.connections() === 0)
      equal(gate.counters.aborted, 0)
    }
  })

  test('that is torn is cut, so that nobody takes it for whole (fault 5)', async t => {
    for (const [sent, framing] of [
      [get, chunked],
      [get, ten],
      [getOld, chunked],
    ] as const) {
      const { connect, exchange } = await serveGate(t)
      const client = connect().send(sent)
      const response = (await exchange(0)).respond(200, 'OK', [], framing)
      response.write(Buffer.from('abc'))
      await client.received('abc')
      response.abort()
      await client.ended()
      ok(!client.text.endsWith('0\r\n\r\n'))
      // Where its end is the body's, a FIN would say that it is whole.
      equal(client.failure, sent === getOld ? 'ECONNRESET' : undefined)
    }
  })

  test('is given once, and to whoever is there', async t => {
    let lost = 0
    const { connect, exchange, gate } = await serveGate(t)
    const client = connect().send(get)
    const asked = await exchange(0)
    asked.onAborted(() => lost++)
    asked.reply(200, 'OK', [], 'first')
    asked.reply(200, 'OK', [], 'second')
    asked.abort()
    await client.received('first')
    client.send(get)
    const second = await exchange(1)
    second.onAborted(() => lost++)
    client.leave()
    await until('its end', () => lost === 1)
    const response = second.respond(200, 'OK', [], chunked)
    equal(response.write(Buffer.from('x')), true)
    response.onDrained(() => lost++)
    response.end()
    response.abort()
    equal(gate.counters.aborted, 1)
    equal(gate.connections(), 0)
  })

  test('without chunks takes none that are ready', async t => {
    const { connect, exchange } = await serveGate(t)
    connect().send(getOld)
    const response = (await exchange(0)).respond(200, 'OK', [], chunked)
    equal(response.isChunked, false)
    throws(() => response.writeRaw(Buffer.from('1\r\na\r\n')), /has no chunks/)
  })
})
