// rpushd in one worker over a real engine, with exchanges that a test fakes: what the wire alone cannot show or would
// take too long to show.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { ContentKind } from '../../../src/engine/words/publication.ts'
import { createFrameReader, framePayloadBytesMax } from '../../../src/frontends/rpushd/codec.ts'
import { Rpushd } from '../../../src/frontends/rpushd/room.ts'
import { type RpushdSettings, rpushdSection } from '../../../src/frontends/rpushd/settings.ts'
import { mintToken } from '../../../src/frontends/rpushd/token.ts'
import type { Exchange } from '../../../src/net/exchange.ts'
import type { HeldStream, StreamConsumer } from '../../../src/net/held-stream.ts'
import type { Reply } from '../../../src/net/reply.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import { channelName, Mesh } from '../../helpers/mesh.ts'
import { surroundingsOf } from '../../helpers/surroundings.ts'

const exp = 4_102_444_800
const large = 'x'.repeat(framePayloadBytesMax + 1)
const omitted = ' {"ringcast":{"omitted":true}}'

/** A client's request and what became of it: an answer, or a stream of payloads until it ended. */
interface Client {
  reply?: Reply
  payloads: string[]
  ended: boolean
  /** False: its socket is behind. */
  takes: boolean
  drained(): void
  progressed(): void
  leave(): void
}

let mesh: Mesh
let room: Rpushd
let settings: RpushdSettings

function settingsWith(changes: Partial<RpushdSettings>): RpushdSettings {
  const presets = Object.entries(rpushdSection.fields).flatMap(([key, field]) =>
    'default' in field ? [[key, field.default]] : [],
  )
  return { ...Object.fromEntries(presets), secret: ['s'], publishSecret: ['p'], ...changes }
}

function open(changes: Partial<RpushdSettings> = {}): void {
  mesh = new Mesh({ workers: 1, history: { size: 10 } })
  settings = settingsWith(changes)
  const [engine] = mesh.engines
  if (engine === undefined) throw new Error('a mesh has an engine')
  room = new Rpushd({
    settings,
    engine,
    clock: mesh.clock,
    ...surroundingsOf(mesh.clock),
    log: { info: () => {} } as unknown as Log<string>, // all that the room calls
    isDevelopment: false,
    startedUnixMs: mesh.clock.unixMs() - 5_000,
    workers: 1,
    gather: (_topic, done) => done([room.report()]),
    ask: () => {},
    ownAddresses: [],
    owns: () => true,
    wantSide() {},
    routed() {},
  })
}

beforeEach(() => open())

function request(method: string, target: string, body = '', headers: Record<string, string> = {}): Client {
  const [path = '', query] = target.split('?')
  let consumer: StreamConsumer | undefined
  const reader = createFrameReader()
  const take = (bytes: Uint8Array) => {
    client.payloads.push(...reader.push(bytes).map(payload => Buffer.from(payload).toString()))
    return client.takes
  }
  const over = () => {
    if (client.ended) return
    client.ended = true
    consumer?.closed()
  }
  const client: Client = {
    payloads: [],
    ended: false,
    takes: true,
    progressed: () => consumer?.progressed?.(),
    leave: over,
    drained() {
      client.takes = true
      consumer?.drained()
      mesh.settle()
      mesh.clock.turn()
    },
  }
  const held = { write: take, end: over, close: over } as unknown as HeldStream // all that a stream calls
  const exchange = {
    method,
    path,
    query,
    header: (name: string) => ({ 'content-type': 'application/json', ...headers })[name],
    readBody: (bytesMax: number, done: (bytes: Uint8Array | undefined) => void) =>
      done(body.length > bytesMax ? undefined : Buffer.from(body)),
    pending: true,
    onAborted: () => {},
    reply: (reply: Reply) => (client.reply = reply),
    hold: (_head: Reply, first: Uint8Array, owner: StreamConsumer) => {
      consumer = owner
      take(first)
      return held
    },
  } as unknown as Exchange // all that the room calls
  room.handle(exchange)
  mesh.settle()
  return client
}

function publish(message: string, { secret = 'p', ...headers }: Record<string, string> = {}): number {
  const body = `{"channel":"c","message":${message}}`
  return (
    request('POST', '/api/publish', body, { authorization: `Bearer ${secret}`, ...headers }).reply?.status ??
    0
  )
}

function subscribe({ secret = 's', since }: { secret?: string; since?: string } = {}): Client {
  return request(
    'POST',
    '/api/stream/c',
    JSON.stringify({ token: mintToken(secret, 'c', exp), ...(since === undefined ? {} : { since }) }),
  )
}

/** As another protocol publishes. */
function publishForeign(kind: ContentKind, ...texts: string[]): void {
  for (const text of texts) {
    const content = { kind, payload: Buffer.from(text) }
    mesh.engines[0]?.publish({ channel: channelName('c'), content, via: 'other' }, () => {})
  }
  mesh.settle()
  mesh.clock.turn()
}

function stats(): Record<string, unknown> {
  const { reply } = request('GET', '/api/stats?mode=json&verbose=1', '', { authorization: 'Bearer p' })
  return JSON.parse(String(reply?.body))
}

describe('a publication that no frame carries', () => {
  test('ends the streams that miss it, as for a gap, and no others', () => {
    const early = subscribe()
    equal(publish('1'), 204)
    publishForeign('text', large)
    deepEqual([early.payloads, early.ended], [['', '', '1'], true])
    const late = subscribe()
    equal(publish('2'), 204)
    publishForeign('json', '  3')
    deepEqual([late.payloads, late.ended], [['', '', '2', '3'], false])
    const { publicationsOmitted, streamsOmitted, streams, places } = room.statistics()
    deepEqual(
      { publicationsOmitted, streamsOmitted, streams, places },
      {
        publicationsOmitted: 1,
        streamsOmitted: 1,
        streams: 1,
        places: 1,
      },
    )
  })

  test('takes nothing with it that came before, in one turn or to a stream that was behind', () => {
    const quick = subscribe()
    const slow = subscribe()
    slow.takes = false
    publishForeign('json', '1')
    publishForeign('json', '2', '3', `"${large}"`, '4')
    deepEqual([quick.payloads.slice(2), quick.ended], [['1', '2', '3'], true])
    deepEqual([slow.payloads.slice(2), slow.ended], [['1'], false])
    slow.drained()
    deepEqual([slow.payloads.slice(2), slow.ended], [['1', '2', '3'], true])
    equal(room.statistics()['streamsOmitted'], 2)
  })

  test('is a notice that counts for a client that opted into positions, also when it resumes', () => {
    const first = subscribe({ since: '' })
    const [position = ''] = /(?<="position":")[^"]+/.exec(first.payloads[2] ?? '') ?? []
    publish('1')
    publishForeign('bytes', large)
    publish('2')
    const messages = ['1', omitted, '2']
    deepEqual([first.payloads.slice(3), first.ended], [messages, false])
    const again = subscribe({ since: position })
    deepEqual([again.payloads.slice(3), again.ended], [messages, false])
  })
})

test('a stream whose client takes a large message bit by bit is not slow', () => {
  const stream = subscribe()
  stream.takes = false
  publish('1')
  for (let times = 0; times < 5; times++) {
    mesh.clock.advance(7_000)
    stream.progressed()
  }
  equal(stream.ended, false)
  mesh.clock.advance(8_500)
  equal(stream.ended, true)
})

describe('settings that are read again', () => {
  test('judge new requests, and leave streams alone', () => {
    const stream = subscribe()
    room.reload(settingsWith({ secret: ['s2', 's'], publishSecret: ['p2'], bodyBytesMax: 100 }))
    deepEqual([publish('1'), publish('1', { secret: 'p2' })], [401, 204])
    deepEqual([subscribe().ended, subscribe({ secret: 's2' }).reply?.status], [false, 413])
    equal(publish(`"${'x'.repeat(100)}"`, { secret: 'p2' }), 413)
    room.reload(settingsWith({ secret: ['s2'], publishSecret: ['p2', 'p'] }))
    deepEqual([subscribe().reply?.status, subscribe({ secret: 's2' }).reply?.status], [401, undefined])
    deepEqual([publish('2'), publish('3', { secret: 'p2' })], [204, 204])
    deepEqual([stream.payloads, stream.ended], [['', '', '1', '2', '3'], false])
  })

  test('bound streams anew; a place is free once its client left', () => {
    const one = subscribe()
    room.reload(settingsWith({ streamsMax: 1 }))
    deepEqual(subscribe().reply?.status, 503)
    deepEqual(subscribe().reply?.headers, { 'retry-after': '1' })
    one.leave()
    equal(subscribe().reply, undefined)
    equal(room.statistics()['streamsMaxExceeded'], 2)
  })
})

test('a heartbeat follows in each period, and publishes do not put it off', () => {
  open({ heartbeatMs: 1_000 })
  const stream = subscribe()
  const tick = (ms: number) => {
    mesh.clock.advance(ms)
    mesh.settle()
    return stream.payloads.splice(0)
  }
  deepEqual(stream.payloads.splice(0), ['', ''])
  deepEqual([tick(999), tick(1)], [[], ['']])
  publish('1')
  deepEqual([tick(900), publish('2'), tick(99), tick(1)], [['1'], 204, ['2'], ['']])
  deepEqual([tick(999), tick(1)], [[], ['']])
})

test('a stream ends at the first heartbeat that finds it too old', () => {
  open({ heartbeatMs: 1_000, streamAgeMsMax: 2_500 })
  const stream = subscribe()
  mesh.clock.advance(2_999)
  deepEqual([stream.payloads.length, stream.ended], [4, false])
  mesh.clock.advance(1)
  deepEqual([stream.payloads.length, stream.ended], [4, true])
  equal(room.statistics()['streamsExpired'], 1)
  equal(room.statistics()['places'], 0)
})

describe('stats', () => {
  test('count a repeated publish as a request, and its bytes once', () => {
    for (let n = 0; n < 3; n++) equal(publish('"abc"', { 'idempotency-key': 'k' }), 204)
    const { publish_requests_total, published_bytes_total } = stats()
    deepEqual([publish_requests_total, published_bytes_total], [3, 5])
  })

  test('tell the time since the start, whatever the wall clock does', () => {
    const { started_at } = stats()
    equal(started_at, Math.floor(mesh.clock.unixMs() / 1_000) - 5)
    mesh.clock.advance(2_000)
    mesh.clock.epochMs -= 3_600_000
    deepEqual([stats()['started_at'], stats()['uptime_seconds']], [started_at, 7])
  })

  test('show a channel with subscribers as idle since its last heartbeat at most', () => {
    subscribe()
    mesh.clock.advance(14_900)
    deepEqual(stats()['channels'], [{ idle_seconds: 14, name: 'c', subscribers: 1 }])
    mesh.clock.advance(2_000)
    deepEqual(stats()['channels'], [{ idle_seconds: 1, name: 'c', subscribers: 1 }])
  })
})
