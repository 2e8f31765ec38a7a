// Pinghub in one worker over a real engine, with sockets that a test fakes: what they are asked to do, and when.
import assert, { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { Pinghub } from '../../../src/frontends/pinghub/room.ts'
import { type PinghubSettings, pinghubSection } from '../../../src/frontends/pinghub/settings.ts'
import type { Exchange } from '../../../src/net/exchange.ts'
import type { Reply } from '../../../src/net/reply.ts'
import type { PayloadKind, SocketConsumer } from '../../../src/net/socket.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import { defaultsOf } from '../../helpers/defaults.ts'
import { Mesh } from '../../helpers/mesh.ts'
import { surroundingsOf } from '../../helpers/surroundings.ts'

/** What a client's socket was asked for, in order: `text …`, `all a,b`, `ping`, `close 1001`, `cut`. */
class FakeClient {
  readonly asked: string[] = []
  /** The wire takes no more. */
  behind = false
  /** An answer in place of the 101. */
  reply: Reply | undefined
  #consumer: SocketConsumer | undefined
  readonly #headers: Readonly<Record<string, string>> = {
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }

  constructor(target: string) {
    const [path = '', query] = target.split('?')
    const exchange = {
      id: 't0-1',
      method: 'GET',
      path,
      query,
      header: (name: string) => this.#headers[name],
      pending: true,
      onAborted: () => {},
      reply: (reply: Reply) => {
        this.reply = reply
      },
      upgrade: (consumer: SocketConsumer) => {
        this.#consumer = consumer
        return this
      },
    }
    room.handle(exchange as unknown as Exchange) // all that the room calls
    settle()
  }

  send(message: Uint8Array | string, kind: PayloadKind): boolean {
    this.asked.push(`${kind} ${Buffer.from(message).toString()}`)
    return !this.behind
  }

  sendAll(messages: readonly Uint8Array[]): boolean {
    this.asked.push(`all ${messages.map(message => Buffer.from(message).toString()).join()}`)
    return !this.behind
  }

  ping(): void {
    this.asked.push('ping')
  }

  close(code: number, reason = '', withinMs?: number): void {
    const said = `close ${code} ${reason}`.trimEnd()
    this.asked.push(withinMs === undefined ? said : `${said} within ${withinMs} ms`)
    if (!this.behind) this.#consumer?.closed(code, '')
  }

  terminate(): void {
    this.asked.push('cut')
    this.#consumer?.closed(1006, '')
  }

  say(text: string, kind: PayloadKind = 'text'): void {
    this.#consumer?.message(Buffer.from(text, 'latin1'), kind)
    settle()
  }

  pong(): void {
    this.#consumer?.pong?.()
  }

  progressed(): void {
    this.#consumer?.progressed?.()
  }

  drained(): void {
    this.behind = false
    this.#consumer?.drained()
    settle()
  }
}

const presets = defaultsOf<PinghubSettings>(pinghubSection.fields)
let mesh: Mesh
let room: Pinghub

function open(changes: Partial<PinghubSettings> = {}): void {
  mesh = new Mesh({ workers: 1, history: { size: 10 } })
  const [engine] = mesh.engines
  assert(engine)
  room = new Pinghub({
    settings: { ...presets, ...changes },
    engine,
    clock: mesh.clock,
    ...surroundingsOf(mesh.clock),
    log: { info: () => {} } as unknown as Log<string>, // all that the room calls
    isDevelopment: false,
    startedUnixMs: mesh.clock.unixMs(),
    workers: 1,
    gather: () => {},
    ...{ ask() {}, owns: () => true, wantSide() {}, routed() {} },
    ownAddresses: [],
  })
}

beforeEach(() => open())
/** Turns of engine and room until nothing waits. */
function settle(): void {
  do mesh.settle()
  while (mesh.clock.turn())
}

function publish(...texts: readonly string[]): void {
  for (const text of texts) mesh.publish(0, 'c', text)
  settle()
}

function advance(ms: number): void {
  mesh.clock.advance(ms)
  settle()
}

describe('liveness', () => {
  test('pings leave every 27.0 s; without a pong a client is cut at 30.0 s, whatever it says', () => {
    const client = new FakeClient('/c')
    advance(26_999)
    client.say('x')
    client.asked.length = 0
    advance(1)
    deepEqual(client.asked, ['ping'])
    advance(2_999)
    deepEqual(client.asked, ['ping'])
    advance(1)
    deepEqual(client.asked, ['ping', 'cut'])
    equal(room.statistics()['pongsMissed'], 1)
    equal(room.statistics()['sockets'], 0)
  })

  test('each pong, asked for or not, is good for 30 s, and pings keep their cadence', () => {
    const client = new FakeClient('/c')
    for (let second = 10; second <= 70; second += 10) {
      advance(10_000)
      client.pong()
    }
    deepEqual(client.asked, ['ping', 'ping'])
    advance(29_999)
    deepEqual(client.asked, ['ping', 'ping', 'ping'])
    advance(1)
    equal(client.asked.at(-1), 'cut')
  })

  test('a pong that waits while the thread is busy counts', () => {
    const client = new FakeClient('/c')
    mesh.clock.advance(30_000)
    client.pong()
    settle()
    deepEqual(client.asked, ['ping'])
    equal(room.statistics()['pongsMissed'], 0)
  })

  test('a client that is behind is pinged as soon as it has caught up', () => {
    const client = new FakeClient('/c')
    advance(26_000)
    client.behind = true
    publish('x')
    advance(1_000)
    deepEqual(client.asked, ['text x'])
    client.drained()
    deepEqual(client.asked, ['text x', 'ping'])
  })
})

describe('messages', () => {
  test('of one turn are handed over together, each by itself', () => {
    const [one, two] = [new FakeClient('/c'), new FakeClient('/c')]
    publish('a')
    publish('b', '', 'c')
    for (const { asked } of [one, two]) deepEqual(asked, ['text a', 'all b,,c'])
    equal(room.statistics()['messagesSent'], 8)
  })

  test('wait for a client that is behind, empty answers included', () => {
    const client = new FakeClient('/c')
    client.behind = true
    client.say('')
    publish('a')
    publish('b')
    deepEqual(client.asked, ['text '])
    client.drained()
    deepEqual(client.asked, ['text ', 'all a,b'])
  })

  test('that are no UTF-8 end the connection of their sender', () => {
    const client = new FakeClient('/c')
    client.say('\xff', 'binary')
    deepEqual(client.asked, ['close 1007'])
  })

  test('that the engine refuses are told by the end of the connection', () => {
    const client = new FakeClient('/c')
    mesh.engines[0]?.seal()
    client.say('x')
    deepEqual(client.asked, ['close 1001 retry=100'])
    equal(room.statistics()['refused.draining'], 1)
  })
})

describe('the end', () => {
  test('of a slow client is an empty close frame, with 10 s from when it took nothing', () => {
    const client = new FakeClient('/c')
    client.behind = true
    publish('x')
    advance(8_500)
    deepEqual(client.asked, ['text x', 'close 1005 within 1750 ms'])
  })

  test('does not come for a client that takes a large message bit by bit, though it sees no ping', () => {
    const client = new FakeClient('/c')
    client.behind = true
    publish('x')
    for (let times = 0; times < 10; times++) {
      advance(7_000)
      client.progressed()
    }
    deepEqual(client.asked, ['text x'])
    client.behind = false
    client.drained()
    deepEqual(client.asked, ['text x', 'ping'])
    advance(30_000)
    equal(client.asked.at(-1), 'cut')
  })

  test('of a slow client is not put off by what it says', () => {
    const client = new FakeClient('/c')
    client.behind = true
    publish('x')
    for (let times = 0; times < 9; times++) {
      advance(1_000)
      client.say('')
      client.pong()
    }
    equal(client.asked.at(-1), 'text ')
    deepEqual(
      client.asked.filter(asked => asked.startsWith('close')),
      ['close 1005 within 1750 ms'],
    )
  })

  test('of a node that stops is 1001, and new clients are refused', () => {
    const client = new FakeClient('/c')
    mesh.engines[0]?.drain(0)
    settle()
    deepEqual(client.asked, ['close 1001 retry=100'])
    const late = new FakeClient('/c')
    deepEqual([late.reply?.status, late.reply?.headers?.['retry-after'], late.asked], [503, '1', []])
    deepEqual([room.statistics()['places'], room.statistics()['channels']], [0, 0])
  })
})

test('settings that are read again hold for whoever comes next', () => {
  room.reload({ ...presets, socketsMax: 1 })
  const [first, second] = [new FakeClient('/c'), new FakeClient('/c')]
  deepEqual([first.reply, second.reply?.status], [undefined, 503])
})

test('whether WebSockets publish follows the settings, for those that are open too', () => {
  const client = new FakeClient('/c')
  room.reload({ ...presets, socketsPublish: false })
  for (const text of ['a', '']) client.say(text)
  room.reload(presets)
  client.say('c')
  deepEqual(client.asked, ['text ', 'text c'])
  equal(room.statistics()['refused.sockets-read-only'], 1)
})

test('a client that asked is told positions and gaps in binary, and gets what it missed', () => {
  const client = new FakeClient('/c?since=')
  const [notice = ''] = client.asked
  const { position } = JSON.parse(notice.replace('binary ', '')).ringcast
  publish('a', 'b')
  client.say('')
  deepEqual(client.asked.slice(1), ['all a,b', 'binary '])
  const again = new FakeClient(`/c?since=${position}`)
  deepEqual(again.asked, [notice, 'all a,b'])
  const foreign = new FakeClient('/c?since=0badcafe.1')
  equal(JSON.parse(foreign.asked[0]?.replace('binary ', '') ?? '').ringcast.gap, true)
})
