// Clients that mean harm by being many, small or slow: others are served meanwhile, and what is held of them is bounded.
import { equal, ok } from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { type ServedGate, serveGate, tell } from '../../helpers/gate.ts'
import { collect } from '../../helpers/heap.ts'
import { until } from '../../helpers/until.ts'

const get = 'GET /a HTTP/1.1\r\nHost: t\r\n\r\n'

/** Others are served while `isOver` says no; at least so many times. */
async function othersAreServed(
  { connect }: ServedGate,
  isOver: () => boolean,
  timesMin: number,
): Promise<void> {
  const other = connect()
  let times = 0
  for (; !isOver() || times < 1; times++) {
    other.send(get)
    equal((await other.answer()).body.toString(), 'GET /a')
  }
  ok(times >= timesMin, `another client was served ${times} times`)
}

const serve = (t: TestContext) => serveGate(t, { handle: tell })

describe('others are served while a client', () => {
  test('pipelines as much as it can', async t => {
    const count = 50_000
    const served = await serve(t)
    const client = served.connect().send(get.repeat(count))
    const isOver = () => client.size >= count * 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nGET /a'.length
    await othersAreServed(served, isOver, 20)
    ok(served.gate.counters.requests > count)
  })

  test('pipelines and reads nothing: what it is owed is bounded', async t => {
    const served = await serveGate(t, {
      handle: exchange => exchange.reply(200, 'OK', [], Buffer.alloc(exchange.path === '/a' ? 6 : 10_000)),
    })
    const client = served.connect()
    client.pause()
    client.send(get.replace('/a', '/b').repeat(50_000))
    await until('the kernel to be full', async () => {
      const { requests } = served.gate.counters
      for (let turns = 0; turns < 50; turns++) await new Promise(resolve => setImmediate(resolve))
      return requests > 0 && requests === served.gate.counters.requests
    })
    ok(served.gate.counters.requests < 5_000, `${served.gate.counters.requests} were answered`)
    collect()
    ok(process.memoryUsage().arrayBuffers < 50_000_000)
    served.connect().send(get)
    await served.exchange(served.gate.counters.requests)
  })

  test('sends its body in crumbs', async t => {
    const served = await serveGate(t, {
      handle(exchange) {
        if (exchange.method === 'GET') return tell(exchange)
        exchange.body.read(
          () => {},
          () => tell(exchange),
        )
      },
    })
    const client = served.connect()
    client.send('POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n')
    client.send('1\r\nx\r\n'.repeat(200_000))
    await othersAreServed(served, () => client.closed, 1)
    equal(served.gate.counters.refused, 1)
  })

  test('sends heads byte by byte, with many more that never end', async t => {
    const served = await serve(t)
    const head = `GET /b HTTP/1.1\r\nHost: t\r\nX: ${'x'.repeat(300)}`
    const clients = Array.from({ length: 50 }, () => served.connect())
    await Promise.all(clients.map(client => client.connected()))
    let sent = 0
    const drip = async () => {
      for (; sent < head.length; sent++) {
        for (const client of clients) client.send(head.charAt(sent))
        await new Promise(resolve => setImmediate(resolve))
      }
    }
    const dripping = drip()
    await othersAreServed(served, () => sent === head.length, 5)
    await dripping
    clients[0]?.send('\r\n\r\n')
    await clients[0]?.received('GET /b')
    equal(served.gate.connections(), clients.length + 1)
    served.time.advance(60_001)
    await Promise.all(clients.map(client => client.ended()))
  })

  test('comes with more connections than there may be', async t => {
    const served = await serveGate(t, { limits: { connectionsMax: 50 }, handle: tell })
    const other = await served.connect().send(get).connected()
    await other.answer()
    const flood = Array.from({ length: 1_000 }, () => served.connect())
    for (let round = 0; round < 50; round++) {
      other.send(get)
      await other.answer()
      ok(served.gate.connections() <= 50)
    }
    for (const client of flood) client.leave()
    await until('room', () => served.gate.connections() === 1)
    await until('an open door', async () => {
      const late = served.connect().send(get)
      await late.waitFor('anything', () => late.size > 0 || late.closed)
      return late.size > 0
    })
  })
})
