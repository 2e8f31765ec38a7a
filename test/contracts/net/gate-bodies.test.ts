// Bodies of requests: read when somebody wants them, held up while nobody does, and never a reason to lose an answer.
import { deepEqual, equal, fail, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aheadBytesMax } from '../../../src/net/gate/limits.ts'
import { serveGate, tell, textOf } from '../../helpers/gate.ts'
import { heldOutside } from '../../helpers/heap.ts'
import { until } from '../../helpers/until.ts'

const post = (length: number, more = '') =>
  `POST / HTTP/1.1\r\nHost: t\r\n${more}Content-Length: ${length}\r\n\r\n`
const chunked = 'POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n'
const ask = 'HTTP/1.1 100 Continue\r\n\r\n'

/** What Node.js and we hold of what nobody takes, with room for reads that are under way; thirty times as much is sent. */
const heldBytesMax = 16 * aheadBytesMax

describe('a body', () => {
  test('comes as it was sent, however large (row 45)', async t => {
    const sent = Buffer.alloc(3_000_000, 'abcdefghij')
    const { connect } = await serveGate(t, {
      async handle(exchange) {
        exchange.reply(200, 'OK', [], await textOf(exchange))
      },
    })
    const client = connect().send(post(sent.length)).send(sent)
    ok((await client.answer()).body.equals(sent))
    client.send(post(3)).send('abc')
    equal((await client.answer()).body.toString(), 'abc')
  })

  test('is asked for when somebody reads it, unless it has come (row 55)', async t => {
    const { connect, exchange } = await serveGate(t)
    const client = connect().send(post(3, 'Expect: 100-continue\r\n'))
    const first = await exchange(0)
    equal(client.size, 0)
    const text = textOf(first)
    await client.received(ask)
    client.send('abc')
    equal(await text, 'abc')
    first.reply(200, 'OK', [], '')
    client.send(`${post(3, 'Expect: 100-continue\r\n')}def`)
    equal(await textOf(await exchange(1)), 'def')
    equal(client.text, `${ask}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`)
  })

  test('that is not asked for ends the connection with the answer', async t => {
    const { connect } = await serveGate(t, { handle: tell })
    const client = connect().send(post(3, 'Expect: 100-continue\r\n'))
    equal((await client.head()).text, 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6')
    equal((await client.ended()).toString(), 'POST /')
  })

  test('that nobody wants and that is there is dropped, and the connection stays', async t => {
    const { connect } = await serveGate(t, { handle: tell })
    const client = connect()
    for (let round = 0; round < 2; round++) {
      client.send(`${post(5)}GET /`)
      equal((await client.answer()).body.toString(), 'POST /')
    }
  })

  test('in tiny chunks comes in one piece for each read', async t => {
    const pieces: string[] = []
    const { connect, exchange } = await serveGate(t)
    connect().send(`${chunked}${'1\r\nx\r\n2;a=b\r\nyz\r\n'.repeat(200)}0\r\n\r\n`)
    const { body } = await exchange(0)
    equal(body.length, undefined)
    await new Promise<void>(resolve => body.read(piece => pieces.push(piece.toString()), resolve))
    equal(pieces.join(''), 'xyz'.repeat(200))
    ok(pieces.length < 10, `${pieces.length} pieces`)
  })

  test('without bytes ends when it is read, and not before read returns', async t => {
    const order: string[] = []
    const { connect, exchange } = await serveGate(t)
    connect().send('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
    const { body } = await exchange(0)
    const ended = new Promise<void>(resolve => body.read(() => order.push('piece'), resolve)).then(() =>
      order.push('end'),
    )
    order.push('read')
    await ended
    deepEqual(order, ['read', 'end'])
  })

  test('of a client that is gone says nothing, with bytes or without', async t => {
    const { connect, exchange, gate } = await serveGate(t)
    for (const [at, sent] of [post(0), `${post(3)}abc`].entries()) {
      const client = connect().send(sent)
      const { body } = await exchange(at)
      client.leave()
      await until('its end', () => gate.connections() === 0)
      const said = () => fail('it was read')
      body.read(said, said)
      await new Promise(resolve => setImmediate(resolve))
    }
  })

  test('that is held up holds up its client: nothing is read beyond one buffer', async t => {
    const sent = Buffer.alloc(30_000_000, 'x')
    let got = 0
    const { connect, exchange } = await serveGate(t)
    connect().send(post(sent.length)).send(sent)
    const { body } = await exchange(0)
    let isPaused = false
    const { promise, resolve } = Promise.withResolvers<void>()
    body.read(piece => {
      ok(!isPaused, 'a piece came all the same')
      got += piece.length
      if (got > 1_000_000 && got < 1_200_000) {
        isPaused = true
        body.pause()
        setTimeout(() => {
          isPaused = false
          body.resume()
        }, 30)
      }
    }, resolve)
    await promise
    equal(got, sent.length)
  })

  test('that nobody reads stays with its client', async t => {
    const sent = Buffer.alloc(30_000_000, 'x')
    const { connect, exchange } = await serveGate(t)
    const before = heldOutside()
    for (let one = 0; one < 10; one++) connect().send(post(sent.length)).send(sent)
    await exchange(9)
    // Nothing tells when a kernel is full: what is read meanwhile is what could be too much.
    for (let turns = 0; turns < 200; turns++) await new Promise(resolve => setImmediate(resolve))
    const held = heldOutside() - before
    ok(held < 10 * heldBytesMax, `10 hold ${held} bytes`)
  })

  test('that breaks off is an end of the client', async t => {
    let lost = 0
    const { connect, exchange, gate } = await serveGate(t)
    const client = connect().send(`${chunked}3\r\nabc\r\n`)
    const asked = await exchange(0)
    asked.onAborted(() => lost++)
    let text = ''
    asked.body.read(
      piece => {
        text += piece.toString()
      },
      () => {
        text += ' whole'
      },
    )
    await until('what has come', () => text === 'abc')
    client.send('no size\r\n')
    await client.ended()
    deepEqual([text, lost, gate.counters.refused, gate.counters.aborted], ['abc', 1, 1, 1])
  })

  test('that is refused is still read for a while, so that its client sees why (rule 19 of net)', async t => {
    const size = 10_000_000
    const { connect, gate, time } = await serveGate(t, {
      handle: exchange => exchange.reply(413, 'Too Large', [], 'no'),
    })
    const client = connect().send(post(size)).send(Buffer.alloc(size))
    await client.received('\r\n\r\nno')
    equal(client.failure, undefined)
    await client.ended()
    equal(client.failure, undefined)
    await until('its end', () => {
      time.advance(500)
      return gate.connections() === 0
    })
  })

  test('that is refused and does not end is cut', async t => {
    const { connect, gate } = await serveGate(t, {
      limits: { lingerBytesMax: 1_000_000 },
      handle: exchange => exchange.reply(413, 'Too Large', [], 'no'),
    })
    const client = connect().send(post(100_000_000))
    await client.received('\r\n\r\nno')
    client.send(Buffer.alloc(50_000_000))
    await until('its end', () => gate.connections() === 0)
  })
})
