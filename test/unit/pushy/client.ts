// One client of pushy against a room without a socket: its exchange and its held stream only note what they are told.
import type { Exchange } from '../../../src/net/exchange.ts'
import type { HeldStream, StreamConsumer } from '../../../src/net/held-stream.ts'
import type { Reply } from '../../../src/net/reply.ts'

/** A client's request and what became of it. */
export interface Client {
  reply?: Reply
  text: string
  ended: boolean
  writable: boolean
  leave(): void
  drained(): void
  progressed(): void
}

/** Hands the request to `handle`, and returns what becomes of it. */
export function requestOf(
  handle: (exchange: Exchange) => void,
  method: string,
  target: string,
  headers: Record<string, string>,
  body: string,
): Client {
  const [path = '', query] = target.split('?')
  let consumer: StreamConsumer | undefined
  let aborted: (() => void) | undefined
  let pending = true
  const over = () => {
    if (client.ended) return
    client.ended = true
    consumer?.closed()
  }
  const client: Client = {
    text: '',
    ended: false,
    writable: true,
    leave() {
      if (pending) aborted?.()
      pending = false
      over()
    },
    drained: () => consumer?.drained(),
    progressed: () => consumer?.progressed?.(),
  }
  const held = heldOf(client, over)
  const exchange = {
    id: 'one',
    method,
    path,
    query,
    get pending() {
      return pending
    },
    header: (name: string) => headers[name],
    readBody: (_max: number, done: (bytes: Uint8Array) => void) => done(Buffer.from(body)),
    onAborted: (run: () => void) => {
      aborted = run
    },
    guarded: (run: () => void) => run(),
    reply(reply: Reply) {
      if (pending) client.reply = reply
      pending = false
    },
    hold(_head: Reply, first: Uint8Array, owner: StreamConsumer) {
      if (!pending) return undefined
      pending = false
      consumer = owner
      held.write(first)
      return held
    },
  } as unknown as Exchange // all that the room calls
  handle(exchange)
  return client
}

function heldOf(client: Client, over: () => void): HeldStream {
  const held = {
    write(bytes: Uint8Array) {
      client.text += Buffer.from(bytes)
      return client.writable
    },
    end: over,
    close: over,
  }
  return held as unknown as HeldStream // all that a stream calls
}
