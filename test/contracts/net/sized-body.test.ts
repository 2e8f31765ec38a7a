// A body of a known length: how it is framed, and what becomes of its bytes when the reader is slow.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { Exchange } from '../../../src/net/exchange.ts'
import type { SizedBody } from '../../../src/net/sized-body.ts'
import type { RawClient } from '../../helpers/raw-client.ts'
import { headerOf } from '../../helpers/raw-http.ts'
import { type Served, serve } from '../../helpers/serve.ts'
import { until } from '../../helpers/until.ts'

const request = 'GET / HTTP/1.1\r\nhost: t\r\n\r\n'
const pieceBytes = 65_536

/** Fills one piece of memory again and again; every four bytes carry their own place in the whole. */
class Source {
  readonly body: SizedBody | undefined
  readonly #piece = Buffer.alloc(pieceBytes)
  readonly #total: number
  written = 0
  drains = 0
  readonly ends: boolean[] = []

  constructor(exchange: Exchange, total: number) {
    this.#total = total
    this.body = exchange.fill({ status: 206, headers: { 'x-long': 'h'.repeat(300) } }, total, {
      drained: () => {
        this.drains++
        this.pump()
      },
      closed: isWhole => void this.ends.push(isWhole),
    })
  }

  pump(): void {
    while (this.body?.open === true) {
      const bytes = Math.min(pieceBytes, this.#total - this.written)
      for (let at = 0; at + 4 <= bytes; at += 4) this.#piece.writeUInt32BE(this.written + at, at)
      this.written += bytes
      if (!this.body.write(this.#piece.subarray(0, bytes))) return
    }
  }
}

interface Filled extends Served {
  readonly sources: Source[]
  stalled(): Promise<[RawClient, Source]>
}

async function serveSources(t: TestContext, total: number): Promise<Filled> {
  const sources: Source[] = []
  const served = await serve(t, exchange => {
    setImmediate(() => {
      const source = new Source(exchange, total)
      sources.push(source)
      source.pump()
    })
  })
  return {
    ...served,
    sources,
    async stalled() {
      const index = sources.length
      const client = served.connect().send(request)
      client.pause()
      return [client, await until('the answer', () => sources[index])]
    },
  }
}

function checkBody(client: RawClient, total: number): void {
  const body = client.bytes.subarray(client.bytes.indexOf('\r\n\r\n') + 4)
  equal(body.length, total)
  for (let at = 0; at + 4 <= total; at += 4) {
    if (body.readUInt32BE(at) !== at) throw new Error(`bytes are missing or changed at ${at}`)
  }
}

const bodyBytes = (client: RawClient) => client.size - client.bytes.indexOf('\r\n\r\n') - 4

describe('a body of a known length', () => {
  test('says it, and leaves the connection usable', async t => {
    const served = await serveSources(t, 100_000)
    const client = served.connect()
    for (let index = 0; index < 3; index++) {
      const answer = await client.send(request).answer()
      equal(answer.status, 206)
      equal(headerOf(answer, 'content-length'), '100000')
      equal(headerOf(answer, 'transfer-encoding'), undefined)
      equal(answer.body.length, 100_000)
    }
    deepEqual(
      served.sources.map(({ ends }) => ends),
      [[true], [true], [true]],
    )
  })

  test('tells its owner once that the client left, and takes nothing after it', async t => {
    const served = await serveSources(t, 1_000_000_000)
    const [client, source] = await served.stalled()
    client.leave()
    await until('the loss', () => source.ends.length > 0)
    equal(source.body?.write(Buffer.from('late')), true)
    source.body?.close()
    deepEqual(source.ends, [false])
  })

  test('is cut where its owner has no more, and the client sees that', async t => {
    const served = await serve(t, exchange => {
      setImmediate(() => {
        const body = exchange.fill({ status: 200 }, 10, { drained() {}, closed() {} })
        body?.write(Buffer.from('half'))
        setImmediate(() => body?.close())
      })
    })
    const client = served.connect().send(request)
    match((await client.ended()).toString('latin1'), /Content-Length: 10\r\n\r\nhalf$/)
  })

  for (const [name, head] of [
    ['with a body', 'GET / HTTP/1.1\r\nhost: t\r\ncontent-length: 5\r\n\r\nab'],
    ['in a framing that is not trusted', 'GET / HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['with two lengths', 'GET / HTTP/1.1\r\nhost: t\r\ncontent-length: 0\r\ncontent-length: 0\r\n\r\n'],
  ] as const) {
    test(`is refused to a request ${name}`, async t => {
      const served = await serveSources(t, 100)
      const client = served.connect().send(head)
      match((await client.ended()).toString('latin1'), /^HTTP\/1\.1 400 /)
      equal(served.sources[0]?.body, undefined)
    })
  }

  test('closes the connection where its owner throws', async t => {
    const served = await serve(t, exchange => {
      setImmediate(() => {
        const body = exchange.fill({ status: 200 }, 100_000_000, {
          drained() {
            throw new Error('a bug')
          },
          closed() {},
        })
        body?.write(Buffer.alloc(50_000_000))
      })
    })
    const client = served.connect().send(request)
    await client.ended()
    equal(String(served.thrown[0]), 'Error: a bug')
  })
})

describe('a reader that stalls', () => {
  for (const total of [16_777_216, 65_536, 16_001, 1]) {
    test(`and resumes gets every byte of ${total}`, async t => {
      const served = await serveSources(t, total)
      const [client, source] = await served.stalled()
      if (total > 10_000_000) ok(source.written < total, 'the reader is slow')
      for (let pause = 0; pause < 5; pause++) {
        client.resume()
        const target = client.size + total / 7
        await until('some of it or all', () => client.size > target || source.ends.length > 0)
        client.pause()
        await served.roundTrip()
      }
      client.resume()
      await until('all bytes', () => client.text.includes('\r\n\r\n') && bodyBytes(client) >= total)
      checkBody(client, total)
      deepEqual(source.ends, [true])
      await client.send(request).answers(2)
    })
  }

  test('is waited for with one piece, and no more', async t => {
    const served = await serveSources(t, 1_000_000_000)
    const before = process.memoryUsage().rss
    const written: number[] = []
    for (let count = 0; count < 50; count++) {
      const [, source] = await served.stalled()
      await served.roundTrip()
      written.push(source.written)
      equal(source.drains, 0)
    }
    const grown = process.memoryUsage().rss - before
    ok(grown < 60_000_000, `${grown} B for 50 clients that read nothing`)
    ok(Math.max(...written) < 20_000_000, `the kernel took ${written}`)
  })
})

test('HEAD is told the length of a body that nobody makes', async t => {
  const served = await serve(t, exchange => exchange.reply({ status: 200, bodyBytes: 16_777_216 }))
  const client = served.connect()
  for (let index = 0; index < 2; index++) {
    const answer = await client.send(request.replace('GET', 'HEAD')).answer('HEAD')
    equal(headerOf(answer, 'content-length'), '16777216')
  }
})
