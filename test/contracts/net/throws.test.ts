// What our code throws never travels into the library and is never lost: the connection is answered 500 or closed,
// and the exception comes back at the end of the turn, once.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Exchange } from '../../../src/net/exchange.ts'
import type { HeldStream, StreamConsumer } from '../../../src/net/held-stream.ts'
import { serve } from '../../helpers/serve.ts'
import { until } from '../../helpers/until.ts'

const get = 'GET / HTTP/1.1\r\nhost: t\r\n\r\n'
const post = 'POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 5\r\n\r\nhello'
const bug = new Error('a bug on demand')
const fail = () => {
  throw bug
}
const still: StreamConsumer = { drained() {}, closed() {} }

describe('a throw answers 500 and closes', () => {
  const places: Record<string, (exchange: Exchange) => void> = {
    'in the handler': fail,
    'behind a body that is still awaited': exchange => {
      exchange.readBody(99, () => {})
      fail()
    },
    'in the callback of a body': exchange => exchange.readBody(99, fail),
    'in the callback of a body that is too large': exchange => exchange.readBody(1, fail),
    'in a later turn, guarded': exchange => void setImmediate(() => exchange.guarded(fail)),
  }
  for (const [name, handle] of Object.entries(places)) {
    test(name, async t => {
      const served = await serve(t, handle)
      const other = served.connect()
      const client = served.connect().send(post)
      await client.ended()
      await served.roundTrip()
      deepEqual([client.statuses, served.thrown], [[500], [bug]])
      equal(served.server.counters.failures, 1)
      equal(other.closed, false)
    })
  }

  test('of a suspect request too, and nothing behind it is handled', async t => {
    const served = await serve(t, fail)
    const chunked = 'POST / HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'
    const client = served.connect().send(chunked)
    await client.ended()
    const pipelining = served.connect().send(chunked + get)
    await pipelining.ended()
    await served.roundTrip()
    deepEqual([client.statuses, pipelining.statuses, served.thrown], [[500], [], [bug, bug]])
  })
})

describe('a throw closes', () => {
  test('behind an answer: the answer stands', async t => {
    const served = await serve(t, exchange => {
      exchange.reply({ status: 200, body: 'ok' })
      fail()
    })
    const client = served.connect().send(get)
    await client.received('ok')
    await served.roundTrip()
    deepEqual([client.statuses, served.thrown], [[200], [bug]])
  })

  test('behind hold: the stream is cut', async t => {
    let closed = 0
    const served = await serve(t, exchange => {
      exchange.hold({ status: 200 }, Buffer.from('first'), { drained() {}, closed: () => void closed++ })
      fail()
    })
    await served.connect().send(get).ended()
    await served.roundTrip()
    deepEqual([closed, served.thrown], [1, [bug]])
  })

  test('when a stream drained: this stream is cut, others are not', async t => {
    const helds: HeldStream[] = []
    let closed = 0
    const served = await serve(t, exchange => {
      const consumer = { drained: fail, closed: () => void closed++ }
      const held = exchange.hold(
        { status: 200 },
        Buffer.from('first'),
        exchange.path === '/' ? consumer : still,
      )
      if (held) helds.push(held)
    })
    const other = served.connect().send(get.replace('/', '/other'))
    await other.received('first')
    const client = served.connect().send(get)
    client.pause()
    await until('the stream', () => helds.length === 2)
    const [kept, held] = helds
    while (held?.write(Buffer.alloc(16_000))) {}
    client.resume()
    await client.ended()
    kept?.write(Buffer.from('alive'))
    await other.received('alive')
    await until('the exception', () => served.thrown.length > 0)
    deepEqual([closed, held?.open, served.thrown], [1, false, [bug]])
  })
})

describe('a throw harms nobody else', () => {
  test('when a client left before the answer', async t => {
    const served = await serve(t, exchange => exchange.onAborted(fail))
    const client = served.connect().send(get)
    await until('the request', () => served.server.counters.requests === 1)
    client.leave()
    await until('the exception', () => served.thrown.length === 1)
    await served.roundTrip()
  })

  test('when a client left its stream', async t => {
    const served = await serve(t, exchange => {
      exchange.hold({ status: 200 }, Buffer.from('first'), { drained() {}, closed: fail })
    })
    const client = served.connect().send(get)
    await client.received('first')
    client.leave()
    await until('the exception', () => served.thrown.length === 1)
    await served.roundTrip()
  })

  test('when everything is closed: every owner is told all the same', async t => {
    let told = 0
    const served = await serve(t, exchange => {
      const closed = () => {
        told++
        fail()
      }
      exchange.hold({ status: 200 }, Buffer.from('first'), { drained() {}, closed })
    })
    for (let i = 0; i < 5; i++) await served.connect().send(get).received('first')
    served.server.close()
    await until('the exceptions', () => served.thrown.length === 5)
    equal(told, 5)
  })
})
