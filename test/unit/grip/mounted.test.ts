// A request of the playground, as the proxy sees it, and its answer, as the page gets it.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { Mounted } from '../../../src/frontends/grip/mounted.ts'
import type { Exchange } from '../../../src/net/exchange.ts'
import type { StreamConsumer } from '../../../src/net/held-stream.ts'
import type { Reply } from '../../../src/net/reply.ts'

/** What of an exchange a mounted one uses. */
class FakeExchange {
  readonly method = 'POST'
  readonly path = '/p'
  readonly query = 'q=1'
  readonly told: string[] = []
  body: string | undefined = 'body'
  consumer: StreamConsumer | undefined
  aborted: () => void = () => {}

  header(name: string): string | undefined {
    return { host: 'h', accept: '*/*', cookie: 'secret', 'content-length': '4' }[name]
  }

  onAborted(run: () => void): void {
    this.aborted = run
  }

  readBody(_bytesMax: number, done: (body: Uint8Array | undefined) => void): void {
    done(this.body === undefined ? undefined : Buffer.from(this.body))
  }

  reply({ status, headers, body = '' }: Reply): void {
    this.told.push(`${status} ${JSON.stringify(headers)} ${Buffer.from(body)}`)
  }

  hold({ status, headers }: Reply, first: Uint8Array, consumer: StreamConsumer) {
    this.told.push(`${status} ${JSON.stringify(headers)} ${Buffer.from(first)}`)
    this.consumer = consumer
    const tell = (what: string) => {
      this.told.push(what)
      return true
    }
    return {
      write: (bytes: Uint8Array) => tell(Buffer.from(bytes).toString()),
      end: () => tell('end') && consumer.closed(),
      close: () => tell('close') && consumer.closed(),
    }
  }
}

let exchange: FakeExchange
let mounted: Mounted

beforeEach(() => {
  exchange = new FakeExchange()
  mounted = new Mounted(exchange as unknown as Exchange, '/below') // all that is used of one
})

describe('a request', () => {
  test('has its path behind the mount, and the headers that mean something', () => {
    deepEqual(
      [mounted.method, mounted.path, mounted.query, mounted.target, mounted.host],
      ['POST', '/below', 'q=1', '/below?q=1', 'h'],
    )
    deepEqual(mounted.rawHeaders, ['host', 'h', 'accept', '*/*', 'content-length', '4'])
    equal(mounted.header('cookie'), undefined)
  })

  test('has its body whole', () => {
    const got: string[] = []
    mounted.body.read(
      piece => got.push(piece.toString()),
      () => got.push('end'),
    )
    deepEqual(got, ['body', 'end'])
    exchange.body = undefined
    mounted.body.read(
      () => got.push('more'),
      () => got.push('end'),
    )
    deepEqual([got.length, exchange.told], [2, ['413 {} ']])
  })
})

describe('an answer', () => {
  const rawHeaders = ['Content-Type', 'text/plain', 'Content-Length', '9', 'Date', 'now']
  const head = '200 {"content-type":"text/plain"}'
  const respond = () => mounted.respond(200, 'OK', rawHeaders, { kind: 'chunked' })

  test('that is whole leaves without what the library says itself', () => {
    mounted.reply(200, 'OK', rawHeaders, 'all')
    deepEqual(exchange.told, [`${head} all`])
  })

  test('that goes on begins with its first bytes', () => {
    const response = respond()
    response.write(Buffer.from(''))
    deepEqual(exchange.told, [])
    response.write(Buffer.from('one'))
    response.write(Buffer.from('two'))
    response.end()
    deepEqual(exchange.told, [`${head} one`, 'two', 'end'])
  })

  test('without bytes is a head', () => {
    respond().end()
    deepEqual(exchange.told, [`${head} `])
  })

  test('that broke off is a 502 where nothing of it has left, and else cut', () => {
    respond().abort()
    const begun = respond()
    begun.write(Buffer.from('half'))
    begun.abort()
    deepEqual(exchange.told, ['502 {"content-type":"text/plain"} ', `${head} half`, 'close'])
  })

  test('tells that its client left, before it is held and later', () => {
    let aborted = 0
    mounted.onAborted(() => aborted++)
    exchange.aborted()
    equal(aborted, 1)
    respond().write(Buffer.from('one'))
    exchange.consumer?.closed()
    equal(aborted, 2)
  })

  test('tells once that its client takes more', () => {
    let drained = 0
    const response = respond()
    response.write(Buffer.from('one'))
    response.onDrained(() => drained++)
    exchange.consumer?.drained()
    exchange.consumer?.drained()
    equal(drained, 1)
  })
})
