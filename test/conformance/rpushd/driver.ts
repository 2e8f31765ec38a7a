// Plays the rows of exchanges.ts: sends each step where it belongs, holds what comes back against what the row
// expects, and tells what that did to the engine. Benches use the client alone.
import assert, { deepEqual, equal, ok } from 'node:assert/strict'
import { until } from '../../helpers/until.ts'
import { type Driver, type Ground, type Happening, Late, noteLeft, slotOf } from '../table.ts'
import { Connection, FrameStream } from './client.ts'
import { compareAnswer, compareWire, countSeries, isAnswer } from './comparison.ts'
import { bearer, claims, type Expect, type Send, tokenOf } from './vocabulary.ts'

/** rpushd counts them and nothing else does. */
export const refusalCounters = [
  'bearersRefused',
  'tokensRefused',
  'streamsMaxExceeded',
  'streamsExpired',
  'streamsOmitted',
  'publicationsOmitted',
] as const

export const play: Driver<Send, Expect>['play'] = async (row, ground) => {
  const session = new Session(ground)
  try {
    for (const [index, send] of row.send.entries()) {
      const expected = row.expect[index]
      assert(expected, `step ${index + 1} has nothing to expect`)
      await session.step(send, expected)
    }
    equal(row.send.length, row.expect.length, 'each step has one expectation')
    return session.happened
  } finally {
    session.close()
  }
}

type Step<Kind extends Send['kind']> = Extract<Send, { kind: Kind }>
type Wanted<Kind extends Expect['kind']> = Extract<Expect, { kind: Kind }>

interface Named {
  readonly frames: FrameStream
  /** When it was asked for: its heartbeats count from a later moment. */
  readonly sentMs: number
  readonly left: Happening
}

class Session {
  readonly happened: Happening[] = []
  readonly #ground: Ground
  readonly #connections = new Map<string, Connection>()
  readonly #streams = new Map<string, Named>()
  #expiry = 0
  /** What a row says of a token holds up to then. */
  #inTimeMs = Number.POSITIVE_INFINITY

  constructor(ground: Ground) {
    this.#ground = ground
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.leave()
  }

  async step(send: Send, expected: Expect): Promise<void> {
    switch (send.kind) {
      case 'request':
        return this.#request(send, expected)
      case 'bytes':
        return this.#bytes(send, expected)
      case 'series':
        return this.#series(send, expected)
      case 'read':
        return this.#read(this.#stream(send.stream), expected)
      case 'finish':
        this.#stream(send.stream).frames.connection.endSending()
        return this.#gone(this.#stream(send.stream))
      case 'wait-for-expiry':
        while (Date.now() < (this.#expiry + 1) * 1_000) await new Promise(done => setTimeout(done, 20))
        this.#inTimeMs = Number.POSITIVE_INFINITY
        return
      case 'pause':
      case 'resume':
        return this.#stream(send.stream).frames.connection[send.kind]()
      case 'leave':
        this.#stream(send.stream).frames.connection.leave()
        return this.#left(this.#stream(send.stream))
      default:
        send satisfies never
    }
  }

  async #request(send: Step<'request'>, expected: Expect): Promise<void> {
    const connection = this.#connection(send)
    const body = typeof send.body === 'number' ? await this.#expiring(send.channel, send.body) : send.body
    const sentMs = performance.now()
    connection.send(encodeRequest(send, body))
    if (expected.kind === 'opened') return this.#open(send, expected, connection, sentMs)
    if (expected.kind === 'eventually') return this.#insist(send, expected, connection)
    assert(expected.kind === 'answer', 'a request brings an answer')
    const answer = await connection.answer(send.method)
    this.#beInTime()
    compareAnswer(answer, expected)
    if (expected.closes) await connection.ended()
    if (send.target === '/api/publish' && expected.status === 204) this.#published(send, 1)
  }

  async #insist(
    send: Step<'request'>,
    { answer }: Wanted<'eventually'>,
    connection: Connection,
  ): Promise<void> {
    let came = await connection.answer(send.method)
    await until('the answer that is to come', async () => {
      if (isAnswer(came, answer)) return true
      connection.send(encodeRequest(send, undefined))
      came = await connection.answer(send.method)
      return false
    }).catch(() => {})
    compareAnswer(came, answer)
  }

  async #open(
    send: Step<'request' | 'bytes'>,
    expected: Wanted<'opened'>,
    connection: Connection,
    sentMs: number,
  ): Promise<void> {
    const head = await connection.head()
    this.#beInTime()
    compareAnswer({ ...head, body: Buffer.alloc(0) }, expected.answer)
    const first = (await connection.chunk()) ?? Buffer.alloc(0)
    equal(first.toString('hex'), expected.first, 'the first chunk')
    const stream = new FrameStream(connection)
    stream.push(first)
    for (const payload of await stream.read(2)) equal(payload.length, 0, 'a stream opens with heartbeats')
    const { channel } = send
    const slot = slotOf(send.at, channel, this.#ground)
    this.happened.push({ what: 'subscribed', channel, slot })
    this.#streams.set(('stream' in send && send.stream) || send.on, {
      frames: stream,
      sentMs,
      left: { what: 'left', channel, slot },
    })
  }

  async #bytes(send: Step<'bytes'>, expected: Expect): Promise<void> {
    const connection = this.#connection(send)
    const sentMs = performance.now()
    for (const [index, piece] of send.pieces.entries()) {
      // A moment in which the far end reads what came before; rows do not depend on its length.
      if (index > 0) await new Promise(done => setTimeout(done, 20))
      connection.send(Buffer.from(piece, 'latin1'))
    }
    if (expected.kind === 'dropped') {
      equal((await connection.ended()).toString('latin1'), '', 'no answer')
      return this.#published(send, expected.publishes)
    }
    if (expected.kind === 'opened') return this.#open(send, expected, connection, sentMs)
    assert(expected.kind === 'answers', 'bytes bring answers')
    for (const each of expected.answers) {
      compareAnswer(await connection.answer(), each)
      if (each.closes) equal((await connection.ended()).toString('latin1'), '', 'nothing behind the answer')
    }
    this.#published(send, expected.publishes)
  }

  async #series(send: Step<'series'>, expected: Expect): Promise<void> {
    assert(expected.kind === 'accepted' && expected.count === send.count, 'a series is accepted as a whole')
    const connection = this.#connection(send)
    for (let index = 0; index < send.count; index++) {
      const message = send.bytes ? JSON.stringify(String(index).padEnd(send.bytes, ' ')) : String(index)
      const body = `{"channel":"${send.channel}","message":${message}}`
      connection.send(encodeRequest(seriesRequest(send), body))
      equal((await connection.answer()).status, 204, `publish ${index}`)
    }
    this.#published(send, send.count)
  }

  async #read(stream: Named, expected: Expect): Promise<void> {
    if (expected.kind === 'frames') {
      const { amidBeats, payloads: wanted } = expected
      const payloads = await stream.frames[amidBeats ? 'messages' : 'read'](wanted.length)
      return deepEqual(
        payloads.map(payload => Buffer.from(payload).toString()),
        wanted,
      )
    }
    if (expected.kind === 'wire') return compareWire(stream.frames, expected.hex)
    if (expected.kind === 'beats') {
      for (const payload of await stream.frames.read(expected.count)) equal(payload.length, 0, 'a heartbeat')
      return assertTime(stream, expected.msMin)
    }
    if (expected.kind === 'series') {
      equal(countSeries(await stream.frames.messages(expected.count)), expected.count)
      return
    }
    if (expected.kind === 'ended') {
      const payloads = await stream.frames.read(Number.POSITIVE_INFINITY)
      ok(payloads.every(({ length }) => length === 0) && !stream.frames.connection.closed)
      assertTime(stream, expected.msMin)
      return this.#left(stream)
    }
    assert(expected.kind === 'cut-series', 'a stream is read for frames')
    const payloads = await stream.frames.messages(Number.POSITIVE_INFINITY)
    countSeries(payloads)
    ok(payloads.length < expected.shorterThan, 'the slow stream ends before the series does')
    return this.#gone(stream)
  }

  async #gone(stream: Named): Promise<void> {
    await stream.frames.connection.ended()
    return this.#left(stream)
  }

  #beInTime(): void {
    if (Date.now() >= this.#inTimeMs) throw new Late('the second of a token is over')
  }

  #left({ left }: Named): Promise<void> {
    return noteLeft(this.happened, [left], this.#ground)
  }

  /** Made in the first part of a second, so that it seldom ends between here and the daemon. */
  async #expiring(channel: string, seconds: number): Promise<string> {
    while (Date.now() % 1_000 > 500) await new Promise(done => setTimeout(done, 10))
    const second = Math.floor(Date.now() / 1_000)
    this.#expiry = second + seconds
    this.#inTimeMs = (second + Math.max(seconds, 0) + 1) * 1_000
    return `{"token":"${tokenOf(claims(channel, { exp: String(this.#expiry) }))}"}`
  }

  #published({ at, channel }: Step<'request' | 'bytes' | 'series'>, count: number): void {
    const slot = slotOf(at, channel, this.#ground)
    for (let times = 0; times < count; times++) this.happened.push({ what: 'published', channel, slot })
  }

  #connection({ at, channel, on }: Step<'request' | 'bytes' | 'series'>): Connection {
    const slot = slotOf(at, channel, this.#ground)
    const address = slot === undefined ? this.#ground.address : (this.#ground.shards[slot] ?? '')
    const key = `${address} ${on}`
    const connection = this.#connections.get(key) ?? new Connection(address)
    this.#connections.set(key, connection)
    return connection
  }

  #stream(name: string): Named {
    const stream = this.#streams.get(name)
    assert(stream, `there is no stream ${name}`)
    return stream
  }
}

/** Later than that is the machine's matter; the room's own tests have a clock that says the moment. */
function assertTime({ sentMs }: Named, msMin: number): void {
  const ms = performance.now() - sentMs
  ok(ms >= msMin, `it came after ${ms} ms already`)
}

function seriesRequest({ at, channel, on }: Step<'series'>): Step<'request'> {
  const headers = [['content-type', 'application/json'] as const, ['authorization', bearer] as const]
  return { kind: 'request', method: 'POST', target: '/api/publish', headers, body: '', at, channel, on }
}

function encodeRequest(
  { method, target, headers }: Step<'request'>,
  body: string | Uint8Array | undefined,
): Buffer {
  const content = Buffer.from(body ?? '')
  const length = body === undefined ? [] : [['content-length', String(content.length)] as const]
  const fields = [['host', 'conformance'] as const, ...headers, ...length]
  const head = [`${method} ${target} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${value}`)]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), content])
}
