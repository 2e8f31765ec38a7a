// The time that a connection of the gate has for a head, and the time that passes for nobody.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { serveGate, tell } from '../../helpers/gate.ts'
import { until } from '../../helpers/until.ts'

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: t\r\n\r\n`
const post = (length: number) => `POST / HTTP/1.1\r\nHost: t\r\nContent-Length: ${length}\r\n\r\n`

describe('time', () => {
  const idleMs = 60_000

  for (const [name, sent] of [
    ['a connection that sends nothing', ''],
    ['half a head', 'GET / HTTP/1.1\r\nHos'],
    ['a connection behind an answer', get('/a')],
  ] as const) {
    test(`${name} gets a FIN after 60 s (row 64)`, async t => {
      const { connect, gate, time } = await serveGate(t, { handle: tell })
      const client = await connect().send(sent).connected()
      await until('the connection', () => gate.connections() === 1)
      if (sent === get('/a')) await client.answer()
      else for (let turns = 0; turns < 20; turns++) await new Promise(resolve => setImmediate(resolve))
      time.advance(idleMs - 1)
      client.send('')
      equal(client.closed, false)
      equal(gate.counters.idle, 0)
      time.advance(2)
      await client.ended()
      deepEqual([client.failure, client.size, gate.counters.idle], [undefined, client.size, 1])
      await until('its end', () => gate.connections() === 0)
    })
  }

  test('begins anew behind each answer, and half a head does not win any', async t => {
    const { connect, gate, time } = await serveGate(t, { handle: tell })
    const client = connect().send(get('/a'))
    await client.answer()
    time.advance(idleMs - 1_000)
    client.send(get('/b'))
    await client.answer()
    time.advance(idleMs - 1_000)
    client.send('GET /c')
    await new Promise(resolve => setTimeout(resolve, 20))
    equal(gate.counters.idle, 0)
    time.advance(1_001)
    await client.ended()
  })

  test('does not pass while a request is served, however slow its body is (row 45)', async t => {
    const { connect, exchange, time, gate } = await serveGate(t)
    const client = connect().send(`${post(2)}a`)
    const asked = await exchange(0)
    let got = ''
    const whole = new Promise<void>(resolve =>
      asked.body.read(piece => {
        got += piece.toString()
      }, resolve),
    )
    await until('the first byte', () => got === 'a')
    time.advance(10 * idleMs)
    client.send('b')
    await whole
    const response = asked.respond(200, 'OK', [], { kind: 'chunked' })
    time.advance(10 * idleMs)
    response.write(Buffer.from('still here'))
    await client.received('still here')
    equal(gate.counters.idle, 0)
  })

  test('is up for who takes nothing of an answer that has ended, and not for who takes it slowly', async t => {
    const { connect, exchange, time, gate } = await serveGate(t)
    const client = connect()
    client.pause()
    client.send(get('/a'))
    const asked = await exchange(0)
    asked.reply(200, 'OK', [], Buffer.alloc(50_000_000))
    for (let step = 0; step < 3; step++) {
      client.resume()
      const size = client.size
      await client.waitFor('some of it', () => client.size > size + 12_000_000)
      client.pause()
      await new Promise(resolve => setTimeout(resolve, 10))
      time.advance(idleMs - 1_000)
      equal(gate.connections(), 1)
    }
    await new Promise(resolve => setTimeout(resolve, 50))
    time.advance(idleMs + 1)
    await until('its end', () => gate.connections() === 0)
  })
})
