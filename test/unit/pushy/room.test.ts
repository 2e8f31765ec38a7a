// pushy in one worker over a real engine, with exchanges that a test fakes: clients that leave while their token is
// checked, key sets and reloads, and what the wire would take too long to show.
import { deepEqual, equal, match } from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { beforeEach, describe, test } from 'node:test'
import { mintJwt } from '../../../src/auth/jwt-mint.ts'
import { Pushy } from '../../../src/frontends/pushy/room.ts'
import type { PushySettings } from '../../../src/frontends/pushy/settings.ts'
import { systemRandom } from '../../../src/std/random.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import { Mesh } from '../../helpers/mesh.ts'
import { surroundingsOf } from '../../helpers/surroundings.ts'
import { until } from '../../helpers/until.ts'
import { type Client, requestOf } from './client.ts'
import { fileOf, setOf, settingsWith } from './given.ts'

let mesh: Mesh
let room: Pushy
let settings: PushySettings
let logged: unknown[]
/** Questions to the owner of a ticket's number, and whether it answers. */
let asks: number
let isLost: boolean

function open(changes: Partial<PushySettings> = {}, workers = 1): void {
  mesh = new Mesh({ workers, history: { size: 10 } })
  settings = settingsWith(changes)
  logged = []
  asks = 0
  isLost = false
  const [engine] = mesh.engines
  if (engine === undefined) throw new Error('a mesh has an engine')
  const log = { info: () => {}, error: (fields: unknown) => logged.push(fields) } as unknown as Log<string> // all that is called
  const ask = (number: string, _question: string, done: (answer: unknown) => void) => {
    asks++
    done(isLost ? undefined : room.answer(number))
  }
  const context = {
    settings,
    engine,
    clock: mesh.clock,
    ...surroundingsOf(mesh.clock),
    log,
    isDevelopment: false,
    startedUnixMs: 0,
    workers: 1,
    gather: () => {},
    ask,
    ownAddresses: [],
    owns: () => true,
    wantSide() {},
    routed() {},
  }
  room = new Pushy(context, systemRandom)
}

beforeEach(() => open())

function request(method: string, target: string, headers: Record<string, string> = {}, body = ''): Client {
  return requestOf(exchange => room.handle(exchange), method, target, headers, body)
}

const bearer = (claims: object, secret = 's') => ({ authorization: `Bearer ${mintJwt(secret, claims)}` })
const json = { 'content-type': 'application/json' }
const publisher = { 'x-client-id': 'publisher', 'x-client-secret': 'p', ...json }
const stream = (channel: string, more: object = {}) =>
  request('GET', `/channels/${channel}/stream`, bearer({ channels: [channel], ...more }))
const opened = (client: Client) => until('the stream to open', () => client.text !== '')

function publish(channel: string, data: string): Client {
  const client = request('POST', `/publish/${channel}`, publisher, `{"data":${data}}`)
  mesh.settle()
  return client
}

describe('a client that leaves', () => {
  test('while its token is checked, takes no place', async () => {
    const client = stream('news')
    client.leave()
    await until('the token to be checked', () => room.statistics()['tokensRemembered'] === 1)
    await new Promise(setImmediate)
    deepEqual(
      [client.text, room.statistics()['places'], mesh.engines[0]?.statistics().hub['subscribers']],
      ['', 0, 0],
    )
  })

  test('from its stream, gives back its place and all its channels', async () => {
    const client = request(
      'POST',
      '/sse',
      { ...bearer({ channels: ['*'] }), ...json },
      '{"channels":["a","b","b"]}',
    )
    await opened(client)
    deepEqual([room.statistics()['streams'], mesh.engines[0]?.statistics().hub['subscribers']], [1, 3])
    client.leave()
    deepEqual([room.statistics()['places'], mesh.engines[0]?.statistics().hub['subscribers']], [0, 0])
  })
})

describe('a stream', () => {
  test('of a slow client is closed without a last event', async () => {
    const client = stream('slow')
    await opened(client)
    client.writable = false
    publish('slow', '{"n":1}')
    for (let minutes = 0; minutes < 10 && !client.ended; minutes++) mesh.clock.advance(60_000)
    deepEqual([client.ended, client.text.includes('event: end')], [true, false])
  })

  test('of a client that takes a large event bit by bit is not slow', async () => {
    const client = stream('large')
    await opened(client)
    client.writable = false
    publish('large', '{"n":1}')
    for (let times = 0; times < 5; times++) {
      mesh.clock.advance(7_000)
      client.progressed()
    }
    equal(client.ended, false)
    mesh.clock.advance(8_500)
    equal(client.ended, true)
  })

  test('gets nothing behind a heartbeat that its socket did not take', async () => {
    const client = stream('beat')
    await opened(client)
    client.writable = false
    mesh.clock.advance(20_000)
    const before = client.text
    publish('beat', '{"n":1}')
    mesh.clock.advance(1)
    equal(client.text, before)
    client.writable = true
    client.drained()
    mesh.settle()
    mesh.clock.advance(1)
    equal(client.text.includes('{"n":1,'), true)
  })

  test('has a comment every 20 s, but not while its wire is behind', async () => {
    const client = stream('quiet')
    await opened(client)
    mesh.clock.advance(40_000)
    equal(client.text.split('\n\n:').length, 3)
    client.writable = false
    publish('quiet', '{}')
    const before = client.text
    mesh.clock.advance(1)
    equal(client.text, before)
  })

  test('ends in the second after its token, with the skew', async () => {
    const exp = Math.floor(mesh.clock.unixMs() / 1_000) + 10
    const client = stream('end', { exp })
    await opened(client)
    mesh.clock.advance(15_000)
    equal(client.ended, false)
    mesh.clock.advance(1_000)
    equal(client.ended, true)
    match(client.text, /event: end\ndata: \{"reason":"token-expired"\}\n\n$/)
    equal(room.statistics()['streamsExpired'], 1)
  })

  test('renders what other protocols publish as an object, with an id in the form of the original’s', async () => {
    const list = request('POST', '/sse', { ...bearer({ channels: ['*'] }), ...json }, '{"channels":"mixed"}')
    await opened(list)
    const contents = [
      ['text', 'a\n"b"'],
      ['bytes', '\0\u0001'],
      ['json', '[1,\r\n2]'],
      ['json', '{"a":\n1}'],
      ['json', '{"b":1}'],
    ] as const
    for (const [kind, text] of contents) {
      mesh.publish(0, 'mixed', '', { content: { kind, payload: Buffer.from(text) }, via: 'other' })
    }
    mesh.settle()
    deepEqual(
      [...list.text.matchAll(/^data: (.*)$/gm)].map(([, data]) => data),
      ['{"data":"a\\n\\"b\\""}', '{"data":"AAE="}', '{"data":[1,  2]}', '{"a": 1}', '{"b":1}'],
    )
    const ids = [...list.text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id ?? '')
    for (const id of ids) match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    equal(new Set(ids).size, 5)
  })
})

describe('a client that comes at a bad moment', () => {
  test('while the node drains, is let in and out again with a time to come back, in either generation', async () => {
    mesh.engines[0]?.drain(0)
    const page = stream('news')
    const list = request(
      'POST',
      '/sse',
      { ...bearer({ channels: ['*'] }), ...json },
      '{"channels":["a","b"]}',
    )
    for (const client of [page, list]) await until('the end', () => client.ended)
    match(page.text, /^:\n\nevent: end\ndata: \{"reason":"draining"\}\nretry: \d+\n\n$/)
    match(list.text, /^:\n\nretry: \d+\n\n$/)
    deepEqual(
      [page.reply, list.reply, room.statistics()['places'], room.statistics()['streams']],
      [undefined, undefined, 0, 0],
    )
  })

  test('while the channel’s worker is lost, is let in and out again', async () => {
    open({}, 2)
    const page = stream('owned-by-1')
    await until('the question to its owner', () => mesh.engines[0]?.statistics().hub['attaches'] === 1)
    mesh.clock.advance(60_000)
    await until('the end', () => page.ended)
    deepEqual([page.text, page.reply], [':\n\nevent: end\ndata: {"reason":"owner-lost"}\n\n', undefined])
  })
})

describe('tickets', () => {
  test('a made-up one asks nobody; any other one its owner, once', async () => {
    request('GET', `/channels/a/stream?ticket=${'0'.repeat(32)}${'A'.repeat(22)}`)
    equal(asks, 0)
    const asked = request('POST', '/channels/a/ticket', bearer({ channels: ['a'] }))
    await until('the ticket', () => asked.reply !== undefined)
    const { ticket } = JSON.parse(String(asked.reply?.body))
    const client = request('GET', `/channels/a/stream?ticket=${ticket}`)
    match(client.text, /^id: /)
    equal(asks, 1)
    equal(request('GET', `/channels/a/stream?ticket=${ticket}`).reply?.status, 401)
    equal(asks, 2)
  })

  test('one whose owner is lost is refused', async () => {
    const asked = request('POST', '/channels/a/ticket', bearer({ channels: ['a'] }))
    await until('the ticket', () => asked.reply !== undefined)
    const { ticket } = JSON.parse(String(asked.reply?.body))
    isLost = true
    equal(request('GET', `/channels/a/stream?ticket=${ticket}`).reply?.status, 401)
  })
})

describe('keys', () => {
  test('come out of a file, too, and are read again; a broken file changes nothing', async t => {
    const jwksFile = fileOf(t, setOf('one'))
    open({ jwksFile })
    const tryWith = async (secret: string) => {
      const client = request('GET', '/nowhere', bearer({ at: mesh.clock.now() }, secret))
      await until('an answer', () => client.reply !== undefined)
      return client.reply?.status
    }
    deepEqual([await tryWith('one'), await tryWith('s'), await tryWith('two')], [404, 404, 401])
    writeFileSync(jwksFile, setOf('two'))
    room.reload(settings)
    deepEqual([await tryWith('one'), await tryWith('s'), await tryWith('two')], [401, 404, 404])
    writeFileSync(jwksFile, '{')
    room.reload(settings)
    deepEqual([await tryWith('two'), logged], [404, [{ code: 'reload-refused' }]])
  })

  test('of a broken file are none, for a worker that meets it, which goes on', t => {
    open({ jwksFile: fileOf(t, '{"keys":[{}]}') })
    deepEqual(logged, [{ code: 'reload-refused' }])
  })
})

describe('minting', () => {
  test('tokens expire where the operator says so', () => {
    for (const [changes, seconds] of [
      [{}, undefined],
      [{ tokenTtlMs: 60_000 }, 60],
      [{ tokenExpiryRequired: true }, 3_600],
    ] as const) {
      open(changes)
      const { reply } = request(
        'POST',
        '/token',
        publisher,
        '{"sub":"u","channels":["a"],"meta":{"n":1},"x":1}',
      )
      const [, claims = ''] = JSON.parse(String(reply?.body)).token.split('.')
      const now = Math.floor(mesh.clock.unixMs() / 1_000)
      deepEqual(JSON.parse(Buffer.from(claims, 'base64url').toString()), {
        sub: 'u',
        channels: ['a'],
        meta: { n: 1 },
        ...(seconds !== undefined && { exp: now + seconds }),
      })
    }
  })
})
