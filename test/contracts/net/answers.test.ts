// Requests and their answers: what the handler sees, what the wire shows, and what happens where one of the two ends
// does not behave.
import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Exchange } from '../../../src/net/exchange.ts'
import { serve } from '../../helpers/serve.ts'
import { until } from '../../helpers/until.ts'

const get = (path = '/') => `GET ${path} HTTP/1.1\r\nhost: t\r\n\r\n`
const post = (body: string) => `POST / HTTP/1.1\r\nhost: t\r\ncontent-length: ${body.length}\r\n\r\n${body}`
const consumer = { drained() {}, closed() {} }

describe('a request', () => {
  test('is copied: it can be read after the handler returned', async t => {
    const kept: Exchange[] = []
    const served = await serve(t, exchange => void kept.push(exchange))
    const client = served
      .connect()
      .send('PuT /a%20b?c=%20d HTTP/1.1\r\nHost: t\r\nX-One: 1\r\nx-one: 2\r\n\r\n')
    await until('the request', () => kept.length === 1)
    await served.roundTrip()
    const [exchange] = kept
    equal(exchange?.method, 'PuT')
    equal(exchange?.path, '/a%20b')
    equal(exchange?.query, 'c=%20d')
    equal(exchange?.header('x-one'), '1')
    equal(exchange?.header('x-two'), undefined)
    exchange?.reply({ status: 200, body: 'late' })
    await client.received('late')
    deepEqual([exchange?.pending, exchange?.header('x-one')], [false, undefined])
  })

  test('without a question mark has no query', async t => {
    const queries: unknown[] = []
    const served = await serve(t, exchange => {
      queries.push(exchange.query)
      exchange.reply({ status: 204 })
    })
    await served.connect().send(get('/a')).answers(1)
    await served.connect().send(get('/a?')).answers(1)
    deepEqual(queries, [undefined, ''])
  })

  test('whose client leaves is lost: counted, told once, and a late answer is ignored', async t => {
    const kept: Exchange[] = []
    let lost = 0
    const served = await serve(t, exchange => {
      exchange.onAborted(() => lost++)
      kept.push(exchange)
    })
    for (let i = 0; i < 20; i++) {
      const client = served
        .connect()
        .send(i % 2 ? get() : 'POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 9\r\n\r\nhalf')
      await until('the request', () => kept.length === i + 1)
      client.leave()
    }
    await until('all to be lost', () => served.server.counters.aborted === 20)
    for (const exchange of kept) {
      equal(exchange.pending, false)
      exchange.reply({ status: 200 })
      equal(exchange.hold({ status: 200 }, Buffer.from('x'), consumer), undefined)
    }
    equal(lost, 20)
    await served.roundTrip()
  })

  test('whose client only stops sending is lost too, unless it was answered at once', async t => {
    const served = await serve(t, exchange => {
      if (exchange.path === '/now') exchange.reply({ status: 200, body: 'answer' })
    })
    const now = served.connect().send(get('/now'))
    now.endSending()
    await now.received('answer')
    const later = served.connect().send(get('/later'))
    later.endSending()
    await until('the loss', () => served.server.counters.aborted === 1)
    await later.ended()
  })

  test('in small pieces is one request', async t => {
    const bodies: string[] = []
    const served = await serve(t, exchange => {
      exchange.readBody(99, body => {
        bodies.push(Buffer.from(body ?? '').toString())
        exchange.reply({ status: 204 })
      })
    })
    const client = served.connect()
    for (const piece of ['POST / HTTP/1.1\r\nho', 'st: t\r\ncontent-length: 6\r\n', '\r\nab', 'cd', 'ef']) {
      client.send(piece)
      await served.roundTrip()
    }
    await client.answers(1)
    deepEqual(bodies, ['abcdef'])
  })
})

describe('an answer', () => {
  test('has our status, our headers, a length and a date, and names no library', async t => {
    const served = await serve(t, exchange => {
      exchange.reply({ status: 418, headers: { 'x-own': 'yes' }, body: 'tea\u00e9' })
    })
    const client = served.connect().send(get())
    await client.received('tea')
    match(client.text, /^HTTP\/1\.1 418 I'm a Teapot\r\n/)
    match(client.text, /\r\nx-own: yes\r\n/)
    match(client.text, /\r\nContent-Length: 5\r\n/)
    match(client.text, /\r\nDate: [^\r]+ GMT\r\n/)
    doesNotMatch(client.text, /uwebsockets/i)
    equal(client.bytes.toString('utf8').split('\r\n\r\n')[1], 'tea\u00e9')
  })

  test('is given once', async t => {
    const served = await serve(t, exchange => {
      exchange.reply({ status: 200, body: 'one' })
      exchange.reply({ status: 200, body: 'two' })
      equal(exchange.hold({ status: 200 }, Buffer.from('three'), consumer), undefined)
    })
    const client = served.connect().send(get())
    await client.received('one')
    await served.roundTrip()
    doesNotMatch(client.text, /two|three/)
  })

  test('of 204 and 304 has neither length nor body, and the connection goes on', async t => {
    const served = await serve(t, exchange => exchange.reply({ status: Number(exchange.path.slice(1)) }))
    const client = served.connect()
    await client.send(get('/204')).answers(1)
    await client.send(get('/304')).answers(2)
    await client.send(get('/200')).answers(3)
    doesNotMatch(client.text.split('HTTP/1.1 200')[0] ?? '', /content-length|transfer-encoding/i)
    deepEqual(client.statuses, [204, 304, 200])
  })

  test('to HEAD has the length of the body that it leaves out, and the connection goes on', async t => {
    const served = await serve(t, exchange => exchange.reply({ status: 200, body: 'hello' }))
    const client = served.connect()
    for (let i = 1; i <= 3; i++) {
      await client.send('HEAD / HTTP/1.1\r\nhost: t\r\n\r\n').answers(i)
      match(client.text.split('HTTP/1.1').at(-1) ?? '', /\r\ncontent-length: 5\r\n/i)
    }
    equal(client.text.match(/content-length/gi)?.length, 3)
    doesNotMatch(client.text, /hello/)
    await client.send(get()).received('hello')
  })

  test('without a body can close the connection as well: HEAD, 204', async t => {
    const served = await serve(t, exchange =>
      exchange.reply({ status: exchange.path === '/204' ? 204 : 200, body: 'hello' }),
    )
    for (const request of ['HEAD /200', 'HEAD /204', 'GET /204']) {
      const client = served
        .connect()
        .send(`${request} HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`)
      await client.ended()
      match(client.text, /\r\nContent-Length: 0\r\n/)
      match(client.text, /\r\nConnection: close\r\n/)
      doesNotMatch(client.text, /hello/)
    }
  })

  test('may say that the connection ends behind it', async t => {
    const { connect } = await serve(t, exchange => exchange.reply({ status: 400, close: true }))
    const client = connect().send(get())
    await client.ended()
    match(client.text, /\r\nconnection: close\r\n/i)
  })

  test('honours connection: close', async t => {
    const served = await serve(t, exchange => exchange.reply({ status: 200, body: 'ok' }))
    const client = served.connect().send('GET / HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n')
    await client.ended()
    deepEqual(client.statuses, [200])
  })
})

describe('pipelined requests', () => {
  test('are answered in order where each is answered at once', async t => {
    const served = await serve(t, exchange => {
      exchange.readBody(99, body => exchange.reply({ status: 200, body: `${exchange.path}${body?.length}` }))
    })
    const client = served.connect().send(`${get('/1')}${post('abc').replace('/', '/2')}${get('/3')}`)
    await client.answers(3)
    deepEqual(client.text.match(/\/\d\d/g), ['/10', '/23', '/30'])
  })

  for (const [name, second] of [
    ['in one segment', false],
    ['in a second segment', true],
  ] as const) {
    test(`a second one while one is pending closes the connection, ${name}`, async t => {
      const kept: Exchange[] = []
      const served = await serve(t, exchange => void kept.push(exchange))
      const client = served.connect().send(second ? get() : get() + get())
      if (second) {
        await until('the first', () => kept.length === 1)
        client.send(get())
      }
      await client.ended()
      deepEqual([client.text, kept.length, served.server.counters.aborted], ['', 1, 1])
    })
  }

  test('one behind a held stream closes it', async t => {
    let closed = 0
    const served = await serve(t, exchange => {
      exchange.hold({ status: 200 }, Buffer.from('first'), { drained() {}, closed: () => closed++ })
    })
    const client = served.connect().send(get())
    await client.received('first')
    client.send(get())
    await client.ended()
    deepEqual([closed, served.server.counters.requests], [1, 1])
  })
})
