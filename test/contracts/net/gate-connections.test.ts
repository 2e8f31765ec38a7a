// Connections of a gate: one request at a time, ends at once where the client ends, time for a head, and no more of them
// than there may be.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { GateExchange } from '../../../src/net/gate/gate-exchange.ts'
import { turnRequestsMax } from '../../../src/net/gate/limits.ts'
import { serveGate, tell } from '../../helpers/gate.ts'
import { heldOutside } from '../../helpers/heap.ts'
import { until } from '../../helpers/until.ts'

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: t\r\n\r\n`
const post = (length: number) => `POST / HTTP/1.1\r\nHost: t\r\nContent-Length: ${length}\r\n\r\n`
const bodies = (text: string) => [...text.matchAll(/GET (\/[a-z]+)/g)].map(([, path]) => path)

function hold(exchange: GateExchange) {
  return exchange.respond(200, 'OK', [], { kind: 'chunked' })
}

/** Answers but for what is held. */
function tellOrHold(exchange: GateExchange): void {
  if (exchange.path !== '/hold') tell(exchange)
}

describe('requests on one connection', () => {
  test('that are pipelined are answered in order, in one write where all are there (row 57)', async t => {
    const { connect } = await serveGate(t, { handle: tell })
    const client = connect().send(get('/a') + get('/b') + get('/c'))
    await client.answers(3)
    await client.received('GET /c')
    deepEqual(bodies(client.text), ['/a', '/b', '/c'])
    equal(client.reads, 1)
  })

  test('wait behind a hold, and it is not disturbed (row 58)', async t => {
    const { connect, exchange, exchanges } = await serveGate(t, { handle: tellOrHold })
    const client = connect()
      .send(get('/hold') + get('/a'))
      .send(get('/b'))
    const response = hold(await exchange(0))
    await client.head()
    response.write(Buffer.from('m'))
    equal(String(await client.chunk()), 'm')
    equal(exchanges.length, 1)
    response.end()
    equal(await client.chunk(), undefined)
    await client.take(2)
    await client.received('GET /b')
    deepEqual(bodies(client.text), ['/a', '/b'])
  })

  test('behind a hold wait as one buffer; then reading stops, and goes on when it ends', async t => {
    const count = 100_000
    const { connect, exchange, exchanges } = await serveGate(t, { handle: tellOrHold })
    const before = heldOutside()
    const client = connect().send(get('/hold') + get('/a').repeat(count))
    const response = hold(await exchange(0))
    for (let turns = 0; turns < 200; turns++) await new Promise(resolve => setImmediate(resolve))
    equal(exchanges.length, 1)
    ok(heldOutside() - before < 5_000_000)
    response.end()
    await until('all answers', () => exchanges.length === count + 1)
    await client.waitFor('them', () => client.text.endsWith('GET /a') && bodies(client.text).length === count)
  })

  test('leave room for others: so many at once, the rest in turns of its own', async t => {
    const perTurn: number[] = [0]
    const { connect, gate } = await serveGate(t, {
      handle(exchange) {
        perTurn.push((perTurn.pop() ?? 0) + 1)
        tell(exchange)
      },
    })
    const turn = () => {
      perTurn.push(0)
      if (gate.counters.requests < count) setImmediate(turn)
    }
    setImmediate(turn)
    const count = 1_000
    const client = connect().send(get('/a').repeat(count))
    await until('all', () => gate.counters.requests === count)
    await client.waitFor('them', () => bodies(client.text).length === count)
    // What came is begun at once, what is left at the end of the turn.
    ok(Math.max(...perTurn) <= 2 * turnRequestsMax, `${Math.max(...perTurn)} in a turn`)
  })

  test('are not begun before the answer in front of them has left', async t => {
    const large = Buffer.alloc(20_000_000, 'x')
    const { connect, exchange, exchanges } = await serveGate(t)
    const client = connect()
    client.pause()
    client.send(get('/a') + get('/b'))
    ;(await exchange(0)).reply(200, 'OK', [], large)
    for (let turns = 0; turns < 100; turns++) await new Promise(resolve => setImmediate(resolve))
    equal(exchanges.length, 1)
    client.resume()
    await exchange(1)
    equal((await client.answer()).body.length, large.length)
  })
})

describe('a client that leaves', () => {
  for (const how of ['endSending', 'leave'] as const) {
    for (const [what, more] of [
      ['', ''],
      [', with requests behind it', get('/a') + get('/b')],
    ] as const) {
      test(`by ${how} ends what is served at once${what} (rows 54, 59)`, async t => {
        let lost = 0
        const { connect, exchange, exchanges, gate } = await serveGate(t)
        const client = connect().send(get('/hold') + more)
        const asked = await exchange(0)
        asked.onAborted(() => lost++)
        client[how]()
        await until('its end', () => lost === 1)
        asked.reply(200, 'OK', [], 'late')
        await until('the end of its connection', () => gate.connections() === 0)
        deepEqual([lost, exchanges.length, gate.counters.aborted, client.size], [1, 1, 1, 0])
      })
    }

    test(`by ${how} during a stream ends it`, async t => {
      let lost = 0
      const { connect, exchange, gate } = await serveGate(t)
      const client = connect().send(get('/hold'))
      const asked = await exchange(0)
      const response = hold(asked)
      asked.onAborted(() => lost++)
      await client.head()
      client[how]()
      await until('its end', () => lost === 1)
      response.write(Buffer.from('late'))
      await until('the end of its connection', () => gate.connections() === 0)
      equal(client.size > 0 && client.text, '')
    })
  }

  test('by a FIN gets an answer that was there', async t => {
    const large = 'x'.repeat(5_000_000)
    const { connect, gate } = await serveGate(t, { handle: one => one.reply(200, 'OK', [], large) })
    const client = connect()
    client.pause()
    client.send(get('/a')).endSending()
    await until('the answer', () => gate.counters.requests === 1)
    client.resume()
    equal((await client.answer()).body.length, large.length)
    await until('its end', () => gate.connections() === 0)
    equal(gate.counters.aborted, 0)
  })

  test('in the middle of its body ends the request', async t => {
    let lost = 0
    const { connect, exchange } = await serveGate(t)
    const client = connect().send(`${post(10)}abc`)
    const asked = await exchange(0)
    asked.onAborted(() => lost++)
    asked.body.read(
      () => client.leave(),
      () => lost++,
    )
    await until('its end', () => lost === 1)
  })
})

describe('connections', () => {
  test('over the limit wait for one to leave, and are served then', async t => {
    const { connect, exchange, exchanges, gate } = await serveGate(t, { limits: { connectionsMax: 2 } })
    const clients = [connect(), connect()].map(client => client.send(get('/hold')))
    await exchange(1)
    // The doors are closed or closing: whoever comes is refused, or waits in front of them.
    const crowd = Array.from({ length: 20 }, () => connect().send(get('/late')))
    for (let turns = 0; turns < 100; turns++) await new Promise(resolve => setImmediate(resolve))
    equal(gate.connections(), 2)
    equal(exchanges.length, 2)
    clients[0]?.leave()
    const served = async () => {
      if (exchanges.length > 2) return true
      const late = connect().send(get('/late'))
      await new Promise(resolve => setTimeout(resolve, 20))
      crowd.push(late)
      return exchanges.length > 2
    }
    await until('another one', served)
    ok(gate.connections() <= 2)
    for (const client of [...clients, ...crowd]) client.leave()
    await until('room', () => gate.connections() === 0)
    const after = await until('an open door', async () => {
      const client = connect().send(get('/again'))
      await until('it', () => client.failure !== undefined || exchanges.at(-1)?.path === '/again')
      return client.failure === undefined ? client : undefined
    })
    exchanges.at(-1)?.reply(200, 'OK', [], 'welcome')
    await after.received('welcome')
  })

  test('that were cut by close are told so, and nobody comes in', async t => {
    let lost = 0
    const { connect, exchange, gate } = await serveGate(t)
    const clients = [connect(), connect().send(get('/hold'))]
    ;(await exchange(0)).onAborted(() => lost++)
    await until('both', () => gate.connections() === 2)
    gate.close()
    equal(lost, 1)
    for (const client of clients) await client.ended()
    const late = connect()
    await late.ended()
    equal(late.failure, 'ECONNREFUSED')
    equal(gate.connections(), 0)
  })

  test('of a gate that retires end when their answer has left, idle ones at once', async t => {
    const { connect, exchange, exchanges, gate } = await serveGate(t, { handle: tellOrHold })
    const idle = connect().send(get('/a'))
    await idle.answer()
    const held = connect().send(get('/hold'))
    const pending = connect().send(get('/hold'))
    await exchange(2)
    const fresh = await connect().connected()
    await until('it', () => gate.connections() === 4)
    const response = hold(exchanges[1] as GateExchange) // the second one is there
    await held.head()
    await gate.retire()
    await idle.ended()
    fresh.send(get('/first'))
    equal((await fresh.answer()).text.includes('Connection: close'), true)
    await fresh.ended()
    exchanges[2]?.reply(200, 'OK', [], 'x')
    equal((await pending.answer()).text.includes('Connection: close'), true)
    await pending.ended()
    response.write(Buffer.from('m'))
    equal(String(await held.chunk()), 'm')
    response.end()
    await held.ended()
    await until('the end of all', () => gate.connections() === 0)
  })
})
