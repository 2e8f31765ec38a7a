// Every malformed, ambiguous or odd input has the reaction that the README of src/net names, and harms nobody else.
import assert, { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { serve } from '../../helpers/serve.ts'
import { until } from '../../helpers/until.ts'
import { rows } from './malformed.ts'

const bodyBytesMax = 65_536

describe('malformed input', () => {
  for (const { name, send, reaction, sees } of rows) {
    test(name, async t => {
      const dispatched: string[] = []
      const seen: (string | undefined)[] = []
      const served = await serve(t, exchange => {
        if (sees !== undefined) seen.push(exchange.header(sees[0]))
        exchange.readBody(bodyBytesMax, body => {
          const text = body === undefined ? 'over' : Buffer.from(body).toString()
          dispatched.push(`${exchange.method} ${exchange.path} ${text}`)
          exchange.reply({ status: 200, body: 'ok' })
        })
      })
      const client = served.connect()
      for (const segment of send) {
        client.send(segment)
        await served.roundTrip()
        await served.roundTrip()
      }
      await client.answers(reaction.statuses.length)
      if (reaction.closed) await client.ended()
      await served.roundTrip()
      deepEqual(client.statuses, reaction.statuses)
      deepEqual(dispatched, reaction.dispatched)
      deepEqual(seen, sees === undefined ? [] : [sees[1]])
      equal(client.closed, reaction.closed)
      deepEqual(served.thrown, [])
      client.leave()
      await until('the connection to be gone', () => served.server.connections() === 0)
    })
  }

  test('the table is what it is meant to be', () => {
    assert.ok(rows.length >= 40)
    const badCuts = rows.filter(({ name, reaction }) => /^a cut/.test(name) && reaction.statuses[0] === 505)
    equal(badCuts.length, 11)
    equal(new Set(rows.map(({ name }) => name)).size, rows.length)
  })
})
