// Bodies have a limit, and requests whose framing cannot be trusted lead to no second request on the connection.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { Exchange } from '../../../src/net/exchange.ts'
import type { NetSettings } from '../../../src/net/settings.ts'
import { type Served, serve } from '../../helpers/serve.ts'
import { until } from '../../helpers/until.ts'

const bodyBytesMax = 1_000

async function serveBodies(
  t: TestContext,
  settings: Partial<NetSettings> = {},
): Promise<Served & { readonly seen: (number | undefined)[] }> {
  const seen: (number | undefined)[] = []
  const handle = (exchange: Exchange) => {
    exchange.readBody(bodyBytesMax, body => {
      seen.push(body?.length)
      exchange.reply(body === undefined ? { status: 413, body: 'too large' } : { status: 200, body: 'ok' })
    })
  }
  return { ...(await serve(t, handle, undefined, [], settings)), seen }
}

const sized = (bytes: number) =>
  `POST / HTTP/1.1\r\nhost: t\r\ncontent-length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`

function chunked(sizes: readonly number[]): string {
  const chunks = sizes.map(size => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`).join('')
  return `POST / HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`
}

describe('the body limit', () => {
  test('by content-length: at the limit taken, and the connection goes on', async t => {
    const served = await serveBodies(t)
    const client = served.connect()
    for (let i = 1; i <= 3; i++) await client.send(sized(bodyBytesMax)).answers(i)
    deepEqual(
      [client.statuses, served.seen],
      [
        [200, 200, 200],
        [1_000, 1_000, 1_000],
      ],
    )
    equal(client.closed, false)
  })

  test('by content-length: beyond it 413 and the end, before the body arrives', async t => {
    const served = await serveBodies(t)
    const other = served.connect()
    await other.send(sized(1)).answers(1)
    const client = served.connect().send(sized(bodyBytesMax + 1).slice(0, -bodyBytesMax))
    await client.ended()
    deepEqual([client.statuses, served.server.counters.bodiesTooLarge], [[413], 1])
    await other.send(sized(1)).answers(2)
  })

  test('chunked: at the limit taken', async t => {
    const served = await serveBodies(t)
    const client = served.connect().send(chunked([400, 400, 200]))
    await client.ended()
    deepEqual([client.statuses, served.seen], [[200], [1_000]])
  })

  test('chunked: beyond it 413 and the end, whatever follows', async t => {
    const served = await serveBodies(t)
    const other = served.connect()
    await other.send(sized(1)).answers(1)
    const client = served.connect().send(chunked([400, 400, 201, 500, 500]))
    await client.ended()
    deepEqual([client.statuses, served.seen], [[413], [1, undefined]])
    await other.send(sized(1)).answers(2)
  })

  test('a client that sends megabytes sees its refusal at their end; other clients notice nothing', async t => {
    const served = await serveBodies(t)
    const other = served.connect()
    const clients = Array.from({ length: 10 }, () => served.connect().send(sized(8_000_000)))
    await other.send(sized(1)).answers(1)
    for (const client of clients) await client.ended()
    deepEqual(
      clients.map(({ statuses }) => statuses),
      clients.map(() => [413]),
    )
    deepEqual([served.server.counters.lingered, served.server.counters.lingeredInVain], [10, 0])
    await other.send(sized(1)).answers(2)
  })

  test('a client that never ends is cut off', async t => {
    const served = await serveBodies(t, { lingerBytesMax: 1_000_000 })
    for (const [index, body] of [sized(80_000_000), chunked(Array(2_000).fill(40_000))].entries()) {
      const client = served.connect().send(body)
      await client.ended()
      // The client's kernel may throw the answer away when the connection is reset under its upload.
      ok(client.statuses.every(status => status === 413))
      equal(served.server.counters.lingeredInVain, index + 1)
    }
  })

  test('a refusal that closes waits for the body, read or not, of any framing', async t => {
    const served = await serve(t, exchange => exchange.reply({ status: 401, close: true }))
    for (const body of [sized(8_000_000), chunked(Array.from({ length: 200 }, () => 40_000))]) {
      const client = served.connect().send(body)
      await client.ended()
      deepEqual(client.statuses, [401])
    }
  })

  test('bodies that take too long or too much memory together are refused', async t => {
    const late = await serveBodies(t, { bodyMsMax: 50 })
    const slow = late.connect().send(sized(10).slice(0, -5))
    await slow.ended()
    const crowded = await serveBodies(t, { bodiesBytesMax: 1_000 })
    const oldest = crowded.connect().send(sized(600).slice(0, -5))
    await until('its first bytes', () => crowded.net.intake.counters.bodiesBytes > 0)
    const newest = crowded.connect().send(sized(600).slice(0, -5))
    await oldest.ended()
    await newest.send('xxxxx').answers(1)
    deepEqual([slow.statuses, oldest.statuses, newest.statuses], [[408], [408], [200]])
    deepEqual([late.seen, crowded.seen], [[], [600]])
    equal(crowded.net.intake.counters.bodiesBytes, 0)
  })

  test('a body that nobody reads is skipped', async t => {
    const served = await serve(t, exchange => exchange.reply({ status: 405 }))
    const client = served.connect().send(sized(100_000).slice(0, -50_000))
    await client.answers(1)
    client.send('x'.repeat(50_000))
    await client.send(sized(0)).answers(2)
    deepEqual(client.statuses, [405, 405])
  })

  test('chunks are copied: nothing changes when later bytes arrive', async t => {
    const bodies: Uint8Array[] = []
    const served = await serve(t, exchange => {
      exchange.readBody(100_000, body => {
        if (body !== undefined) bodies.push(body)
        exchange.reply({ status: 204 })
      })
    })
    const client = served.connect()
    await client.send(sized(50_000).replace(/x/g, 'a')).answers(1)
    await client.send(sized(50_000).replace(/x/g, 'b')).answers(2)
    deepEqual(
      bodies.map(body => [body.length, new Set(body).size, String.fromCharCode(body[0] ?? 0)]),
      [
        [50_000, 1, 'a'],
        [50_000, 1, 'b'],
      ],
    )
  })
})

describe('a request with transfer-encoding or two lengths', () => {
  const forged = 'X: /p HTTP/1.1\r\nhost: e\r\n\r\n'
  const chunkedHead = 'POST /a HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n'
  const cases = {
    'a trailer': [`${chunkedHead}0\r\n${forged}`],
    'a trailer in a second segment': [`${chunkedHead}0\r\n`, forged],
    'a trailer behind a cut': [`${chunkedHead}0\r\nX`, forged.slice(1)],
    'a shorter first length': [
      `POST /a HTTP/1.1\r\nhost: t\r\ncontent-length: 0\r\ncontent-length: ${forged.length}\r\n\r\n${forged}`,
    ],
    'a body without a length': [`POST /a HTTP/1.1\r\nhost: t\r\n\r\n${forged}`],
  }
  for (const [name, segments] of Object.entries(cases)) {
    for (const when of ['at once', 'later', 'without reading the body'] as const) {
      test(`${name}: what it smuggles is never handled, answered ${when}`, async t => {
        const paths: string[] = []
        const served = await serve(t, exchange => {
          paths.push(exchange.path)
          const reply = () => exchange.reply({ status: 200 })
          if (when === 'without reading the body') return reply()
          exchange.readBody(
            bodyBytesMax,
            when === 'at once' ? reply : () => setImmediate(() => setImmediate(reply)),
          )
        })
        const client = served.connect()
        for (const segment of segments) {
          client.send(segment)
          await served.roundTrip()
        }
        await client.ended()
        await served.roundTrip()
        deepEqual(paths, ['/a'])
        equal(served.server.counters.suspects, 1)
      })
    }
  }
})
