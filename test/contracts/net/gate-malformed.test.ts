// What the parser refuses is refused by the gate: nothing of it reaches the handler, the client sees what it is told, and
// where nobody could tell what comes next the connection ends.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { serveGate, textOf } from '../../helpers/gate.ts'
import { until } from '../../helpers/until.ts'
import { rows } from './gate-malformed.ts'

const answers = /HTTP\/1\.\d 299 x\r\n(?:Connection: [a-z-]+\r\n)?Content-Length: 0\r\n\r\n/g

describe('a gate that is sent', () => {
  for (const { name, send, served, begun, told, closed } of rows) {
    test(name, async t => {
      const whole: string[] = []
      const { connect, exchanges } = await serveGate(t, {
        async handle(exchange) {
          const { method, target } = exchange
          const body = await textOf(exchange)
          whole.push(`${method} ${target}${body === '' ? '' : ` ${body}`}`)
          exchange.reply(299, 'x', [], '')
        },
      })
      const client = connect().send(send)
      if (closed) await client.ended()
      const begins = served.length + (begun === undefined ? 0 : 1)
      await until('its requests', () => exchanges.length === begins && whole.length === served.length)
      if (!closed) await client.received(told)
      deepEqual(whole, served)
      equal(client.text.replace(answers, ''), told)
      equal(exchanges.length, begins)
    })
  }
})
