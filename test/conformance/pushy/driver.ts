// Plays the rows of exchanges.ts: sends each step where it belongs, holds what comes back against what the row
// expects, and tells what that did to the engine.
import assert, { deepEqual, equal, match, ok } from 'node:assert/strict'
import { STATUS_CODES } from 'node:http'
import { Connection } from '../rpushd/client.ts'
import { type Driver, type Ground, type Happening, Late, noteLeft, slotOf } from '../table.ts'
import { EventStream } from './client.ts'
import { type Expect, type ExpectedAnswer, type Headers, type Send, tokenOf } from './vocabulary.ts'

/** pushy counts them, and nothing else does. */
export const refusalCounters = [
  'tokensRefused',
  'streamsMaxExceeded',
  'streamsExpired',
  'refused.credential-wrong',
  'refused.forbidden',
  'refused.ticket-wrong',
] as const

export const play: Driver<Send, Expect>['play'] = async (row, ground) => {
  const session = new Session(ground)
  try {
    equal(row.send.length, row.expect.length, 'each step has one expectation')
    for (const [index, send] of row.send.entries()) {
      const expected = row.expect[index]
      assert(expected, `step ${index + 1} has nothing to expect`)
      await session.step(send, expected)
    }
    return session.happened
  } finally {
    session.close()
  }
}

type RequestStep = Extract<Send, { kind: 'request' }>

interface Named {
  readonly events: EventStream
  readonly left: readonly Happening[]
}

class Session {
  readonly happened: Happening[] = []
  readonly #ground: Ground
  readonly #connections: Connection[] = []
  readonly #idle = new Map<string, Connection>()
  readonly #streams = new Map<string, Named>()
  readonly #startedMs = Date.now()
  #ticket = ''
  /** What a row says of a token holds up to then. */
  #inTimeMs = Number.POSITIVE_INFINITY

  constructor(ground: Ground) {
    this.#ground = ground
  }

  close(): void {
    for (const connection of this.#connections) connection.leave()
  }

  async step(send: Send, expected: Expect): Promise<void> {
    if (send.kind === 'request') return this.#request(send, expected)
    const stream = this.#streams.get(send.stream)
    assert(stream, `there is no stream ${send.stream}`)
    if (send.kind === 'read') return this.#read(stream, expected)
    stream.events.connection.leave()
    await noteLeft(this.happened, stream.left, this.#ground)
  }

  async #request(send: RequestStep, expected: Expect): Promise<void> {
    const slot = slotOf(send.at, send.channel, this.#ground)
    const address = slot === undefined ? this.#ground.address : (this.#ground.shards[slot] ?? '')
    const connection = this.#idle.get(address) ?? new Connection(address)
    this.#connections.push(connection)
    this.#idle.delete(address)
    connection.send(await this.#encode(send))
    if (expected.kind === 'opened') return this.#open(send, expected, connection, slot)
    assert(expected.kind === 'answer', 'a request brings an answer')
    const { status, headers, body } = await connection.answer(send.method)
    this.#beInTime()
    compareAnswer(status, headers, body.toString(), expected)
    if (!headers.some(([name]) => name === 'connection')) this.#idle.set(address, connection)
    this.#ticket = /"ticket":"([\w-]+)"/.exec(body.toString())?.[1] ?? this.#ticket
    if (expected.publishes) this.happened.push({ what: 'published', channel: send.channel, slot })
  }

  async #open(
    send: RequestStep,
    expected: Extract<Expect, { kind: 'opened' }>,
    connection: Connection,
    slot: number | undefined,
  ): Promise<void> {
    const head = await connection.head()
    this.#beInTime()
    equal(head.line, 'HTTP/1.1 200 OK')
    deepEqual(sorted(head.headers), sorted(expected.headers))
    const first = (await connection.chunk()) ?? Buffer.alloc(0)
    equal(this.#mask(first.toString()), expected.first, 'the first chunk')
    const happening = (what: 'subscribed' | 'left') =>
      expected.channels.map(channel => ({ what, channel, slot }) as const)
    this.happened.push(...happening('subscribed'))
    this.#streams.set(send.stream, { events: new EventStream(connection), left: happening('left') })
  }

  async #read({ events, left }: Named, expected: Expect): Promise<void> {
    if (expected.kind === 'beats') {
      for (let beats = 0; beats < expected.count; beats++) equal(await events.block(), ':')
      return
    }
    assert(expected.kind === 'events' || expected.kind === 'ended', 'a stream is read for blocks')
    for (const block of expected.blocks) equal(this.#mask((await events.event()) ?? 'the end'), block)
    if (expected.kind === 'events') return
    equal(await events.event(), undefined, 'the stream ends')
    ok(!events.connection.closed, 'with its last chunk')
    await noteLeft(this.happened, left, this.#ground)
  }

  #beInTime(): void {
    if (Date.now() >= this.#inTimeMs) throw new Late('the second of a token is over')
  }

  /** Publications carry the second in which they came; ids have a form. */
  #mask(text: string): string {
    for (const [, seconds] of text.matchAll(/"timestamp":(\d{10})\b/g)) {
      const ms = Number(seconds) * 1_000
      ok(ms > this.#startedMs - 1_000 && ms <= Date.now(), `${seconds} is not now`)
    }
    return text
      .replace(/"timestamp":\d{10}\b/g, '"timestamp":NOW')
      .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/g, 'UUID')
      .replace(/\b[0-9a-f]{8}\.\d{15}\b/g, 'POSITION')
  }

  async #encode({ method, target, headers, body }: RequestStep): Promise<Buffer> {
    const content = Buffer.from(body ?? '')
    const length = body === undefined ? [] : [['content-length', String(content.length)] as const]
    const fields: string[] = []
    for (const [name, value] of [['host', 'conformance'] as const, ...headers, ...length]) {
      const [, offset] = /^Bearer NOW([+-]\d+)$/.exec(value) ?? []
      fields.push(
        `${name}: ${offset === undefined ? value : `Bearer ${await this.#expiring(Number(offset))}`}`,
      )
    }
    const head = [`${method} ${target.replace('TICKET', this.#ticket)} HTTP/1.1`, ...fields]
    return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), content])
  }

  /** Made in the first part of a second, so that it seldom ends between here and the daemon. */
  async #expiring(offset: number): Promise<string> {
    while (Date.now() % 1_000 > 500) await new Promise(done => setTimeout(done, 10))
    const second = Math.floor(Date.now() / 1_000)
    this.#inTimeMs = (second + Math.max(offset, 0) + 1) * 1_000
    return tokenOf({ channels: ['*'], exp: second + offset })
  }
}

function compareAnswer(status: number, headers: Headers, body: string, expected: ExpectedAnswer): void {
  deepEqual(
    { status: `${status} ${STATUS_CODES[status]}`, headers: sorted(headers) },
    { status: `${expected.status} ${STATUS_CODES[expected.status]}`, headers: sorted(expected.headers) },
    body,
  )
  if (typeof expected.body === 'string') equal(body, expected.body)
  else match(body, expected.body)
}

function sorted(headers: Headers): string[] {
  const own = headers.filter(([name]) => name !== 'date' && name !== 'content-length')
  return own.map(([name, value]) => `${name}: ${value}`).sort()
}
