// Bodies in both directions: back-pressure, flat memory, and what ends early.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HandBody, post } from '../../helpers/hand-body.ts'
import { collect } from '../../helpers/heap.ts'
import { getOf, Heard, openTestOrigins } from '../../helpers/outgoing.ts'
import { openRawOrigin } from '../../helpers/outgoing-origin.ts'
import { until } from '../../helpers/until.ts'

const ok200 = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'

/** Memory outside the heap, where pieces of bodies are. */
const outside = () => process.memoryUsage().arrayBuffers

describe('a body to an origin', () => {
  test('of a length is sent with it, as it comes', async t => {
    const body = new HandBody(6)
    const { heard, connection } = await post(t, body)
    await until('the start', () => body.hasStarted)
    body.push(Buffer.from('abc'))
    ok((await connection.received('abc')).endsWith('keep-alive\r\ncontent-length: 6\r\n\r\nabc'))
    body.push(Buffer.from('def'))
    body.end()
    equal(await connection.received('def'), 'def')
    connection.say(ok200)
    await heard.ended()
    equal(body.stops, 0)
  })

  test('of no length is sent in chunks', async t => {
    const body = new HandBody()
    const { heard, connection } = await post(t, body)
    await until('the start', () => body.hasStarted)
    body.push(Buffer.from('abc'))
    await connection.received('abc')
    body.push(Buffer.alloc(0))
    body.push(Buffer.from('de'))
    body.end()
    equal(await connection.received('0\r\n\r\n'), '\r\n2\r\nde\r\n0\r\n\r\n')
    connection.say(ok200)
    await heard.ended()
  })

  for (const [what, pieces] of [
    ['fewer', ['abc']],
    ['more', ['abc', 'def']],
  ] as const) {
    test(`of ${what} bytes than its length fails, and the connection closes`, async t => {
      const body = new HandBody(5)
      const { heard, connection } = await post(t, body)
      await until('the start', () => body.hasStarted)
      for (const piece of pieces) body.push(Buffer.from(piece))
      body.end()
      const failure = await heard.failed()
      equal(failure.code, 'body-length-wrong')
      await until('the close', () => connection.isClosed)
      equal(connection.text.includes('def'), false)
    })
  }

  test('to an origin that reads nothing is held back, and goes on when it reads', async t => {
    const body = new HandBody()
    const { heard, connection } = await post(t, body)
    connection.socket.pause()
    await until('the start', () => body.hasStarted)
    const piece = Buffer.alloc(65_536, 'a')
    let count = body.fill(piece)
    for (let rounds = 0; rounds < 50; rounds++) {
      await new Promise(resolve => setTimeout(resolve, 2))
      if (body.drains > 0) count += body.fill(piece)
      body.drains = 0
    }
    ok(count < 200, `${count} pieces were taken`) // 12 MB: what two kernel buffers take, and no more
    connection.socket.resume()
    await until('room', () => body.drains > 0)
    body.end()
    await connection.received('\r\n0\r\n\r\n')
    connection.say(ok200)
    await heard.ended()
  })

  test('3 MB at 10 KB a time are sent with memory that stays flat', async t => {
    const size = 3_000_000
    const body = new HandBody(size)
    const { heard, connection } = await post(t, body)
    await until('the start', () => body.hasStarted)
    let got = 0
    connection.socket.removeAllListeners('data').on('data', piece => {
      got += piece.length
    })
    collect()
    const before = outside()
    let peak = 0
    for (let sent = 0; sent < size; sent += 10_000) {
      body.push(Buffer.alloc(10_000, 'a'))
      await new Promise(resolve => setImmediate(resolve))
      if (sent % 100_000 !== 0) continue
      collect()
      peak = Math.max(peak, outside() - before)
    }
    body.end()
    await until('all bytes', () => got >= size)
    connection.say(ok200)
    await heard.ended()
    ok(peak < 500_000, `${peak} bytes more`)
  })

  test('is stopped by an answer that comes before its end, which is heard whole', async t => {
    const body = new HandBody()
    const { heard, connection } = await post(t, body)
    await until('the start', () => body.hasStarted)
    body.push(Buffer.from('abc'))
    await connection.received('abc')
    connection.say('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno')
    await heard.ended()
    deepEqual([heard.status, heard.body], [413, 'no'])
    await until('the stop', () => body.stops === 1)
    await until('the close', () => connection.isClosed)
    equal(body.push(Buffer.from('x')), false)
  })

  test('that its origin no longer takes fails while sending, and is stopped', async t => {
    const body = new HandBody()
    const { heard, connection } = await post(t, body)
    await until('the start', () => body.hasStarted)
    body.push(Buffer.from('abc'))
    await connection.received('abc')
    connection.socket.resetAndDestroy()
    const { phase, code } = await heard.failed()
    deepEqual([phase, code, body.stops], ['sending', 'origin-reset', 1])
  })

  test('is not asked for where nobody listens', async t => {
    const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
    await origin.close()
    const body = new HandBody()
    await new Heard(origins, getOf(origin.port, { method: 'POST', body })).failed()
    deepEqual([body.hasStarted, body.stops], [false, 1])
  })
})

describe('a body from an origin', () => {
  test('50 MB wait at the origin while the call is paused, and come when it goes on', async t => {
    const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
    const heard = new Heard(origins, getOf(origin.port))
    heard.takes = false
    heard.keeps = false
    const size = 50_000_000
    const connection = await origin.connection()
    connection.say(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
    connection.socket.write(Buffer.alloc(size))
    await until('a first piece', () => heard.bytes > 0)
    const first = heard.bytes
    await new Promise(resolve => setTimeout(resolve, 200))
    equal(heard.bytes, first)
    ok(connection.socket.bytesWritten - connection.socket.writableLength < 20_000_000)
    ok(connection.socket.writableLength > 0, 'all of it left')
    for (let rounds = 0; rounds < 20; rounds++) {
      const before = heard.bytes
      heard.call.resume()
      await until('one more piece', () => heard.bytes > before)
    }
    ok(heard.bytes < size / 2, `${heard.bytes} bytes in 20 pieces`)
    heard.takes = true
    heard.call.resume()
    await heard.ended()
    equal(heard.bytes, size)
  })

  test('pauses for pause, with one piece more at most, and for a pause within the head', async t => {
    const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
    const heard = new Heard(origins, getOf(origin.port))
    const connection = await origin.connection()
    await connection.received()
    heard.call.pause()
    connection.say('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc')
    await until('the head', () => heard.status)
    connection.say('def')
    await new Promise(resolve => setTimeout(resolve, 50))
    deepEqual([heard.body, heard.isOver], ['', false])
    heard.call.resume()
    await heard.ended()
    equal(heard.body, 'abcdef')
    heard.call.pause()
    heard.call.resume()
  })

  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ] as const) {
    test(`that ${method} with ${status} has not leaves its connection free, also for a call that paused`, async t => {
      const origins = await openTestOrigins(t, { connectionsMax: 1 })
      const origin = await openRawOrigin(t)
      const heard = new Heard(origins, getOf(origin.port, { method }))
      heard.call.pause()
      const first = await origin.connection()
      await first.received()
      first.say(`HTTP/1.1 ${status} Any\r\n\r\n`)
      await heard.ended()
      const next = new Heard(origins, getOf(origin.port))
      const connection = await origin.connection(method === 'HEAD' ? 1 : 0)
      await connection.received()
      connection.say(ok200)
      await next.ended()
    })
  }

  test('of another call may go on from within the handlers of this one', async t => {
    const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
    const paused = new Heard(origins, getOf(origin.port))
    paused.takes = false
    const body = `HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n`
    const first = await origin.connection()
    first.say(`${body}abc`)
    await until('the piece', () => paused.body === 'abc')
    first.say('def')
    paused.takes = true
    let started: Heard | undefined
    let ends = 0
    origins.call(getOf(origin.port), {
      onHead() {},
      onBody() {
        paused.call.resume()
        started = new Heard(origins, getOf(origin.port))
        return true
      },
      onEnd: () => void ends++,
      onFailure() {},
    })
    const second = await origin.connection(1)
    second.say(`${body}abcdef`)
    await paused.ended()
    const third = await origin.connection(2)
    third.say(ok200)
    await started?.ended()
    deepEqual([paused.body, ends], ['abcdef', 1])
  })
})
