// The library's timers, which are fixed in it: what they close after 8 to 14 seconds, and what they leave alone.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HeldStream } from '../../../src/net/held-stream.ts'
import type { RawClient } from '../../helpers/raw-client.ts'
import { readChunked } from '../../helpers/raw-http.ts'
import { serve } from '../../helpers/serve.ts'
import { until } from '../../helpers/until.ts'
import { rows } from './malformed.ts'

const request = 'GET / HTTP/1.1\r\nhost: t\r\n\r\n'
const upload = 'POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 1000000\r\n\r\n'
/** Longer than any timer of the library. */
const pastAllTimersMs = 20_000

async function closesInTime(client: RawClient, fromMs = performance.now()): Promise<void> {
  await client.ended(pastAllTimersMs)
  const seconds = (performance.now() - fromMs) / 1_000
  ok(seconds > 7 && seconds < 14.5, `closed after ${seconds.toFixed(1)} s`)
}

interface Stalled {
  readonly client: RawClient
  readonly held: HeldStream
  closed(): number
}

/** A stream whose client reads nothing, written to until the first false. */
async function stall(t: TestContext, drained: (held: HeldStream) => void): Promise<Stalled> {
  let held: HeldStream | undefined
  let closed = 0
  const served = await serve(t, exchange => {
    const consumer = { drained: () => held && drained(held), closed: () => void closed++ }
    held = exchange.hold({ status: 200 }, Buffer.from('x'), consumer)
  })
  const client = served.connect().send(request)
  client.pause()
  const stream = await until('the stream', () => held)
  while (stream.write(Buffer.alloc(16_000))) {}
  return { client, held: stream, closed: () => closed }
}

describe('closed by a timer', { concurrency: true }, () => {
  test('a connection without a request', async t => {
    await closesInTime((await serve(t, () => {})).connect())
  })

  test('a connection after an answer', async t => {
    const served = await serve(t, exchange => exchange.reply({ status: 204 }))
    const client = served.connect()
    for (let i = 1; i <= 3; i++) await client.send(request).answers(i)
    await closesInTime(client)
  })

  test('a head that arrives slowly', async t => {
    const client = (await serve(t, () => {})).connect().send('GET / HTTP/1.1\r\n')
    const from = performance.now()
    const drip = setInterval(() => client.send('a: b\r\n'), 500)
    t.after(() => clearInterval(drip))
    await closesInTime(client, from)
  })

  for (const { name, send } of rows.filter(
    ({ reaction }) => reaction.statuses.length === 0 && !reaction.closed,
  )) {
    test(`input that is met with silence: ${name}`, async t => {
      const client = (await serve(t, exchange => exchange.readBody(99, () => {}))).connect()
      for (const segment of send) client.send(segment)
      await closesInTime(client)
    })
  }

  test('a body slower than 16 KB a second', async t => {
    const served = await serve(t, exchange => exchange.readBody(2_000_000, () => {}))
    const client = served.connect().send(upload)
    const from = performance.now()
    const drip = setInterval(() => client.send('x'.repeat(500)), 500)
    t.after(() => clearInterval(drip))
    await closesInTime(client, from)
    equal(served.server.counters.aborted, 1)
  })

  test('a stream whose reader takes nothing', async t => {
    const { client, held, closed } = await stall(t, () => {})
    const from = performance.now()
    await until('the timer', () => !held.open, pastAllTimersMs)
    ok(performance.now() - from > 7_000)
    equal(closed(), 1)
    client.resume()
    await client.ended()
  })
})

describe('left alone', { concurrency: true }, () => {
  test('a request that is not answered yet', async t => {
    const served = await serve(t, () => {})
    const client = served.connect().send(request)
    await sleep(pastAllTimersMs)
    deepEqual([client.closed, served.server.counters.aborted], [false, 0])
  })

  test('an idle stream', async t => {
    let held: HeldStream | undefined
    const served = await serve(t, exchange => {
      held = exchange.hold({ status: 200 }, Buffer.from('x'), { drained() {}, closed() {} })
    })
    const client = served.connect().send(request)
    await sleep(pastAllTimersMs)
    held?.write(Buffer.from('alive'))
    await client.received('alive')
  })

  test('a body of 40 KB a second', async t => {
    const served = await serve(t, exchange => {
      exchange.readBody(2_000_000, body => exchange.reply({ status: 200, body: `${body?.length}` }))
    })
    const client = served.connect().send(upload)
    for (let sent = 0; sent < 1_000_000; sent += 20_000) {
      client.send('x'.repeat(20_000))
      await sleep(500)
    }
    await client.received('1000000')
  })

  for (const [name, drained] of [
    ['and nothing was written since', () => {}],
    ['and a little was written since', (held: HeldStream) => void held.write(Buffer.from('little'))],
  ] as const) {
    test(`a stream that was behind once, ${name}`, async t => {
      const { client, held, closed } = await stall(t, drained)
      client.resume()
      await sleep(pastAllTimersMs)
      deepEqual([held.open, closed()], [true, 0])
      equal(held.write(Buffer.from('alive')), true)
      await client.received('alive')
      readChunked(client.bytes)
    })
  }

  test('a stream that is written to until it blocks, again and again, by a slow but steady reader', async t => {
    let sent = 0
    const fill = (held: HeldStream) => {
      do sent += 16_000
      while (held.write(Buffer.alloc(16_000)))
    }
    const { client, held, closed } = await stall(t, fill)
    for (const end = performance.now() + pastAllTimersMs; performance.now() < end; ) {
      client.resume()
      await sleep(20)
      client.pause()
      await sleep(1_000)
    }
    ok(sent > 0)
    deepEqual([held.open, closed()], [true, 0])
  })
})
