// Calls that nobody wants any more: their connection closes at once, and nothing is heard of them.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HandBody, post } from '../../helpers/hand-body.ts'
import { getOf, Heard, openTestOrigins } from '../../helpers/outgoing.ts'
import { openRawOrigin } from '../../helpers/outgoing-origin.ts'
import { until } from '../../helpers/until.ts'

const ok200 = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'

describe('an abort', () => {
  for (const [what, said] of [
    ['waits for the head', ''],
    ['is within the head', 'HTTP/1.1 200 OK\r\nA'],
    ['is within the body', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'],
    ['is within a body up to the close', 'HTTP/1.1 200 OK\r\n\r\nabc'],
  ] as const) {
    test(`of a call that ${what} closes its connection at once, and nothing comes any more`, async t => {
      const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
      const heard = new Heard(origins, getOf(origin.port))
      const connection = await origin.connection()
      await connection.received()
      connection.say(said)
      if (said.endsWith('abc')) await until('the body', () => heard.body === 'abc')
      heard.call.abort()
      heard.call.abort()
      await until('the close', () => connection.isClosed)
      await until('no connection', () => origins.connections === 0)
      equal(heard.isOver, false)
    })
  }

  test('within each handler is safe, and so is one before the request has begun', async t => {
    for (const where of ['onHead', 'onBody', 'at once', 'connected'] as const) {
      const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
      const told: string[] = []
      const tell = (name: string) => {
        told.push(name)
        if (name === where) call.abort()
        return true
      }
      const call = origins.call(getOf(origin.port), {
        onHead: () => void tell('onHead'),
        onBody: () => tell('onBody'),
        onEnd: () => void tell('onEnd'),
        onFailure: () => void tell('onFailure'),
      })
      if (where === 'at once') call.abort()
      else {
        const connection = await origin.connection()
        if (where === 'connected') call.abort()
        connection.say('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc')
        await until('the close', () => connection.isClosed)
      }
      await until('no connection', () => origins.connections === 0)
      equal(told.at(-1), where.startsWith('on') ? where : undefined)
    }
  })

  test('behind an end, and of a failure that is not told yet, is harmless', async t => {
    const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
    const heard = new Heard(origins, getOf(origin.port))
    const connection = await origin.connection()
    await connection.received()
    connection.say(ok200)
    await heard.ended()
    heard.call.abort()
    const invalid = new Heard(origins, getOf(origin.port, { path: '*' }))
    invalid.call.abort()
    const again = new Heard(origins, getOf(origin.port))
    await connection.received()
    connection.say(ok200)
    await again.ended()
    equal(invalid.isOver, false)
  })

  test('of an upload closes the connection, and its source is not told', async t => {
    const body = new HandBody()
    const { heard, connection, origins } = await post(t, body)
    await until('the start', () => body.hasStarted)
    body.push(Buffer.from('abc'))
    await connection.received('abc')
    heard.call.abort()
    await until('the close', () => connection.isClosed)
    await until('no connection', () => origins.connections === 0)
    deepEqual([body.stops, body.push(Buffer.from('d'))], [0, false])
  })
})
