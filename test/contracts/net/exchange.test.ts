// What a session asks of an exchange, on the real one over the library and on the fake request that sessions are tested
// with: it is answered once, by a stream or by a WebSocket, and whoever has that hears once that it is over.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { Answerable, SocketEnd, StreamEnd } from '../../../src/frontends/session/interest.ts'
import type { Exchange } from '../../../src/net/exchange.ts'
import type { StreamConsumer } from '../../../src/net/held-stream.ts'
import type { SocketConsumer } from '../../../src/net/socket.ts'
import { FakeRequest } from '../../helpers/fake-request.ts'
import { readChunked } from '../../helpers/raw-http.ts'
import { handshake, opcode, RawWebSocket } from '../../helpers/raw-websocket.ts'
import { serve } from '../../helpers/serve.ts'
import { until } from '../../helpers/until.ts'

type Kind = 'stream' | 'socket'

/** A request that has no answer yet, and its client. */
interface Asked {
  readonly exchange: Answerable
  /** The body of a stream, or the messages of a socket with their kinds, one behind the other. */
  received(): string
  leave(): void
}

async function askLibrary(t: TestContext, kind: Kind): Promise<Asked> {
  const exchanges: Exchange[] = []
  const served = await serve(t, exchange => void exchanges.push(exchange), {
    messageBytesMax: 1_000,
    pingMs: 60_000,
    behindBytesMax: 1_000,
  })
  const client = served.connect()
  client.send(kind === 'socket' ? handshake() : 'GET / HTTP/1.1\r\nhost: t\r\n\r\n')
  const exchange = await until('the request', () => exchanges[0])
  const socket = new RawWebSocket(client)
  return {
    exchange,
    received() {
      if (kind === 'stream') return readChunked(client.bytes).body.toString()
      socket.read()
      const messages = socket.frames.filter(({ code }) => code === opcode.text || code === opcode.binary)
      return messages
        .map(({ code, payload }) => `${code === opcode.text ? 'text' : 'binary'} ${payload}`)
        .join()
    },
    leave: () => client.leave(),
  }
}

function askFake(_: TestContext, kind: Kind): Promise<Asked> {
  const request = new FakeRequest()
  const isContent = (text: string) => !/^\[.*\]$/.test(text)
  return Promise.resolve({
    exchange: request.exchange,
    received: () => request.written.filter(isContent).join(kind === 'socket' ? ',' : ''),
    leave: () => request.leave(),
  })
}

/** Counts what it hears. */
class Ear implements StreamConsumer, SocketConsumer {
  closes = 0
  drained(): void {}
  message(): void {}
  closed(): void {
    this.closes++
  }
}

const bytes = (text: string) => Buffer.from(text)

function hold(exchange: Answerable, ear: Ear): StreamEnd {
  const held = exchange.hold({ status: 200 }, bytes('first;'), ear)
  ok(held !== undefined, 'the client is there')
  return held
}

function upgrade(exchange: Answerable, ear: Ear): SocketEnd {
  const socket = exchange.upgrade(ear)
  ok(socket !== undefined, 'the client is there')
  return socket
}

const asks = { 'over the library': askLibrary, 'of the fake': askFake }

for (const [name, ask] of Object.entries(asks)) {
  describe(`an exchange ${name}`, () => {
    for (const kind of ['stream', 'socket'] as const) {
      const answer = (exchange: Answerable, ear: Ear) =>
        kind === 'stream' ? hold(exchange, ear) : upgrade(exchange, ear)

      test(`is pending until it is answered, once, by a ${kind}`, async t => {
        const { exchange } = await ask(t, kind)
        equal(exchange.pending, true)
        answer(exchange, new Ear())
        equal(exchange.pending, false)
        equal(exchange.hold({ status: 200 }, bytes('again'), new Ear()), undefined)
        equal(exchange.upgrade(new Ear()), undefined)
      })

      test(`whose client leaves first says so once, and becomes no ${kind}`, async t => {
        const { exchange, leave } = await ask(t, kind)
        let aborts = 0
        exchange.onAborted(() => void aborts++)
        leave()
        await until('the loss', () => aborts)
        equal(exchange.pending, false)
        const ear = new Ear()
        equal(exchange.hold({ status: 200 }, bytes('first;'), ear), undefined)
        equal(exchange.upgrade(ear), undefined)
        deepEqual([aborts, ear.closes], [1, 0])
      })

      test(`tells the loss of a ${kind} to who has that, once, and not as its own`, async t => {
        const { exchange, leave } = await ask(t, kind)
        const ear = new Ear()
        let aborts = 0
        exchange.onAborted(() => void aborts++)
        const held = answer(exchange, ear)
        leave()
        await until('the end', () => ear.closes)
        if ('write' in held) equal(held.write(bytes('late')), true)
        if ('sendAll' in held) equal(held.send(bytes('late'), 'text'), true)
        held.close(1_000)
        deepEqual([ear.closes, aborts], [1, 0])
      })
    }

    test('becomes a stream that begins with its first bytes and goes on in order', async t => {
      const { exchange, received } = await ask(t, 'stream')
      const held = hold(exchange, new Ear())
      for (const text of ['a;', 'b;', 'c;']) equal(held.write(bytes(text)), true)
      await until('all of it', () => received() === 'first;a;b;c;')
    })

    for (const how of ['end', 'close'] as const) {
      test(`becomes a stream that is over by ${how}, and takes nothing after it`, async t => {
        const { exchange, received } = await ask(t, 'stream')
        const ear = new Ear()
        const held = hold(exchange, ear)
        held.write(bytes('a;'))
        await until('what was written', () => received() === 'first;a;')
        held[how]()
        equal(ear.closes, 1)
        equal(held.write(bytes('late;')), true)
        held.end()
        held.close()
        equal(ear.closes, 1)
        equal(received(), 'first;a;')
      })
    }

    test('becomes a socket that keeps messages apart and in order', async t => {
      const { exchange, received } = await ask(t, 'socket')
      const socket = upgrade(exchange, new Ear())
      equal(socket.send(bytes('a'), 'text'), true)
      equal(socket.sendAll([bytes('b'), bytes('c')], 'binary'), true)
      await until('all of them', () => received() === 'text a,binary b,binary c')
    })

    for (const how of ['close', 'terminate'] as const) {
      test(`becomes a socket that takes nothing behind ${how}`, async t => {
        const { exchange, leave, received } = await ask(t, 'socket')
        const ear = new Ear()
        const socket = upgrade(exchange, ear)
        socket.send(bytes('a'), 'text')
        await until('what was sent', () => received() === 'text a')
        if (how === 'close') socket.close(4_000)
        else socket.terminate()
        equal(socket.send(bytes('late'), 'text'), true)
        equal(socket.sendAll([bytes('late'), bytes('later')], 'text'), true)
        leave()
        await until('the end', () => ear.closes)
        socket.close(4_001)
        equal(ear.closes, 1)
        equal(received(), 'text a')
      })
    }
  })
}

test('who leaves before the answer leaves headers to read; what was answered has none', async t => {
  const exchanges: Exchange[] = []
  const served = await serve(t, exchange => {
    exchanges.push(exchange)
    if (exchange.path === '/now') exchange.reply({ status: 204 })
  })
  const client = served.connect().send('GET /now HTTP/1.1\r\nhost: t\r\nkey: one\r\n\r\n')
  await client.answers(1)
  client.send('GET /later HTTP/1.1\r\nhost: t\r\nkey: two\r\n\r\n')
  const later = await until('the request', () => exchanges[1])
  let left = false
  later.onAborted(() => {
    left = true
  })
  client.leave()
  await until('the client to be gone', () => left)
  deepEqual(
    exchanges.map(exchange => exchange.header('key')),
    [undefined, 'two'],
  )
})
