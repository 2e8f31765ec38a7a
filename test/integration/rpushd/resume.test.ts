// rpushd's own additions on a real daemon: positions, resume, gaps, idempotency keys, namespaces. Publisher, owner and
// subscriber are on three different workers.
import { deepEqual, equal, match } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { mintHmacToken } from '../../../src/auth/hmac-token.ts'
import { ketamaRing } from '../../../src/engine/ring.ts'
import { FrameStream } from '../../conformance/rpushd/client.ts'
import { type Daemon, secrets, startDaemon } from '../../helpers/daemon.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest } from '../../helpers/raw-http.ts'

const namespaces = [
  { pattern: 'closed:*', publish: [], subscribe: [] },
  { pattern: 'live:*', historySize: 0 },
]

let daemon: Daemon
const connections: RawClient[] = []

before(async () => {
  daemon = await startDaemon({
    workers: 3,
    environment: { RINGCAST_HISTORY_SIZE: '5', RINGCAST_NAMESPACES: JSON.stringify(namespaces) },
  })
})

after(async () => {
  for (const connection of connections) connection.leave()
  equal(await daemon.stop(), 0)
})

/** A connection to the worker so many slots behind the owner. */
function connectTo(channel: string, steps: number): RawClient {
  const shards = daemon.shards('rpushd')
  const owner = ketamaRing(shards)(channel)
  const connection = new RawClient(shards[(owner + steps) % shards.length] ?? '')
  connections.push(connection)
  return connection
}

function post(
  connection: RawClient,
  target: string,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const all = Object.entries({ 'content-type': 'application/json', ...headers })
  connection.send(encodeRequest({ method: 'POST', target, headers: all, body: JSON.stringify(body) }))
}

async function publish(
  channel: string,
  message: unknown,
  headers: Record<string, string> = {},
): Promise<number> {
  const connection = connectTo(channel, 1)
  post(
    connection,
    '/api/publish',
    { channel, message },
    { authorization: `Bearer ${secrets.publish}`, ...headers },
  )
  return (await connection.answer('POST')).status
}

function ask(channel: string, more: Record<string, unknown>): RawClient {
  const token = mintHmacToken(secrets.subscribe, {
    aud: 'rpushd',
    scope: 'subscribe',
    channel,
    exp: 4_102_444_800,
  })
  const connection = connectTo(channel, 2)
  post(connection, `/api/stream/${channel}`, { token, ...more })
  return connection
}

/** Frames behind the two heartbeats that open a stream. */
class Opened {
  readonly #frames: FrameStream

  constructor(frames: FrameStream) {
    this.#frames = frames
  }

  static async open(channel: string, more: Record<string, unknown> = {}): Promise<Opened> {
    const connection = ask(channel, more)
    equal((await connection.head()).status, 200)
    const frames = new FrameStream(connection)
    deepEqual(
      (await frames.read(2)).map(frame => frame.length),
      [0, 0],
    )
    return new Opened(frames)
  }

  async texts(count: number): Promise<string[]> {
    return (await this.#frames.read(count)).map(frame => Buffer.from(frame).toString())
  }

  async position(): Promise<{ epoch: string; offset: number; gap: boolean }> {
    const [text = ''] = await this.texts(1)
    match(text, /^ \{"ringcast":\{"position":"\w+\.\d+","gap":(?:true|false)\}\}$/)
    const { position, gap } = JSON.parse(text).ringcast
    const [epoch, offset] = position.split('.')
    return { epoch, offset: Number(offset), gap }
  }
}

describe('a stream that resumes', () => {
  test('is told where it begins, and messages count on from there', async () => {
    const stream = await Opened.open('count', { since: '' })
    const start = await stream.position()
    equal(start.gap, false)
    for (const message of [1, 2]) equal(await publish('count', message), 204)
    deepEqual(await stream.texts(2), ['1', '2'])
    const next = await Opened.open('count', { since: '' })
    deepEqual(await next.position(), { ...start, offset: start.offset + 2 })
  })

  test('gets what it missed, then what is live, each once', async () => {
    const { epoch, offset } = await (await Opened.open('missed', { since: '' })).position()
    for (const message of [1, 2, 3]) await publish('missed', message)
    const stream = await Opened.open('missed', { since: `${epoch}.${offset + 1}` })
    deepEqual(await stream.position(), { epoch, offset: offset + 1, gap: false })
    await publish('missed', 4)
    deepEqual(await stream.texts(3), ['2', '3', '4'])
  })

  test('may name a bare offset of the current epoch', async () => {
    const { epoch, offset } = await (await Opened.open('bare', { since: '' })).position()
    await publish('bare', 1)
    const stream = await Opened.open('bare', { since: String(offset) })
    deepEqual(await stream.position(), { epoch, offset, gap: false })
    deepEqual(await stream.texts(1), ['1'])
  })

  test('is told a gap where history is too short, and gets all that is left', async () => {
    const { epoch, offset } = await (await Opened.open('short', { since: '' })).position()
    for (const message of [1, 2, 3, 4, 5, 6]) await publish('short', message)
    const kept = await Opened.open('short', { since: `${epoch}.${offset + 1}` })
    deepEqual(await kept.position(), { epoch, offset: offset + 1, gap: false })
    deepEqual(await kept.texts(5), ['2', '3', '4', '5', '6'])
    const stream = await Opened.open('short', { since: `${epoch}.${offset}` })
    deepEqual(await stream.position(), { epoch, offset: offset + 1, gap: true })
    await publish('short', 7)
    deepEqual(await stream.texts(6), ['2', '3', '4', '5', '6', '7'])
  })

  test('is told a gap for an epoch that is not the channel’s, and where its namespace keeps nothing', async () => {
    equal((await (await Opened.open('foreign', { since: 'other.5' })).position()).gap, true)
    const reader = await Opened.open('live:a', { since: '' })
    const { epoch, offset } = await reader.position()
    await publish('live:a', 1)
    // Only then has the publication passed the worker of the stream that follows; before, nothing is missed yet.
    deepEqual(await reader.texts(1), ['1'])
    const stream = await Opened.open('live:a', { since: `${epoch}.${offset}` })
    deepEqual(await stream.position(), { epoch, offset: offset + 1, gap: true })
  })

  test('gets no position unless it asks', async () => {
    const stream = await Opened.open('plain')
    await publish('plain', 1)
    deepEqual(await stream.texts(1), ['1'])
  })

  test('is refused where since is no position', async () => {
    for (const since of ['x', '-1', 'a.b', 'a.1.2', 5, null, `a.${2 ** 53}`]) {
      const answer = await ask('odd', { since }).answer('POST')
      equal(answer.status, 422, String(since))
      match(answer.body.toString(), /target type: since: /)
    }
  })
})

describe('an idempotency key', () => {
  test('makes a repeat an acknowledgement without a delivery', async () => {
    const stream = await Opened.open('once')
    for (const [message, key] of [
      [1, 'k1'],
      [2, 'k1'],
      [3, 'k2'],
    ] as const) {
      equal(await publish('once', message, { 'idempotency-key': key }), 204)
    }
    deepEqual(await stream.texts(2), ['1', '3'])
  })

  test('has 1 to 255 visible characters', async () => {
    equal(await publish('keys', 1, { 'idempotency-key': 'k'.repeat(255) }), 204)
    for (const key of ['', 'k'.repeat(256), 'a b'])
      equal(await publish('keys', 1, { 'idempotency-key': key }), 400, key)
  })
})

test('a namespace that is not open to rpushd refuses publishers and subscribers', async () => {
  equal(await publish('closed:a', 1), 403)
  equal((await ask('closed:a', {}).answer('POST')).status, 403)
})
