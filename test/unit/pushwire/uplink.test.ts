import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import type { Handlers } from '../../../src/frontends/pushwire/handlers/handlers.ts'
import { Uplink } from '../../../src/frontends/pushwire/session/uplink.ts'
import { type Connection, Scene } from '../../helpers/pushwire/scene.ts'

interface Stage {
  readonly scene: Scene
  readonly connection: Connection
  /** Channels of the frames that were let through. */
  readonly handled: string[]
  readonly counters: { framesReceived: number; framesDropped: number; faults: number; acks: number }
  send(...messages: readonly (object | string)[]): void
  codes(): (string | undefined)[]
}

function stage({
  rate = 200,
  burst = 400,
  names = ['chat'] as readonly string[],
  scene = new Scene(),
} = {}): Stage {
  const connection = scene.connect({ names })
  const handled: string[] = []
  const counters = { framesReceived: 0, framesDropped: 0, faults: 0, acks: 0 }
  const frame: Handlers['frame'] = (_sender, name) => void handled.push(name)
  const handlers = { frame } as Handlers // what becomes of a frame is not asked here
  const kind = {
    plan: scene.plan,
    clock: scene.mesh.clock,
    handlers,
    limits: () => ({ rate, burst }),
    counters,
  }
  const { session } = connection
  if (session === undefined) throw new Error('it was not let in')
  const uplink = new Uplink(kind, session, connection)
  return {
    scene,
    connection,
    handled,
    counters,
    send(...messages) {
      for (const message of messages)
        uplink.receive(typeof message === 'string' ? message : JSON.stringify(message))
      scene.settle()
    },
    codes: () => connection.said.map(said => (said.op === 'error' ? said.code : said.op)),
  }
}

const frame = { channel: 'chat', payload: 1 }
const chat = { op: 'ack', channel: 'chat', cursor: 1 }

test('as many frames as the burst, and then a word and an error for each; time gives more', () => {
  const { send, handled, codes, scene, connection } = stage({ rate: 10, burst: 3 })
  send(frame, frame, frame, frame, frame)
  equal(handled.length, 3)
  deepEqual(codes(), ['slow', 'rate_limited', 'rate_limited'])
  deepEqual(connection.said[0], { op: 'slow', window: 10 })
  scene.mesh.clock.stall(100)
  send(frame)
  equal(handled.length, 4)
})

test('answers have a budget of their own, ten times as large', () => {
  const { send, counters, codes, handled } = stage({ rate: 1, burst: 2 })
  send(...Array(20).fill(chat), frame)
  deepEqual([counters.acks, handled.length, codes().length], [20, 1, 0])
  send(chat)
  deepEqual([counters.acks, codes()], [20, ['slow', 'rate_limited']])
})

test('what is beyond the rate and long is not even read', () => {
  const { send, counters, handled } = stage({ rate: 1, burst: 1 })
  send(frame, `"${'x'.repeat(600)}`, `"x`)
  deepEqual([handled.length, counters.faults, counters.framesDropped], [1, 0, 2])
})

test('5 s of excess without a pause end it, and a pause begins anew', () => {
  const { send, scene, connection } = stage({ rate: 1, burst: 1 })
  const excess = (seconds: number) => {
    for (let tenth = 0; tenth < seconds * 10; tenth++) {
      send(frame, frame)
      scene.mesh.clock.stall(100)
    }
  }
  excess(4)
  scene.mesh.clock.stall(1_500)
  excess(4)
  deepEqual(connection.endings, [])
  excess(2)
  equal(connection.endings[0], 'flooding')
})

test('10 faulty messages in 10 s end it, 9 do not', () => {
  const { send, scene, connection } = stage()
  send(...Array(9).fill('{'))
  scene.mesh.clock.stall(10_000)
  send(...Array(9).fill('[]'))
  deepEqual(connection.endings, [])
  send('{"op":"auth_ok"}')
  deepEqual(connection.endings, ['violations'])
})

test('each name costs as much as a message', () => {
  const { send, codes, connection } = stage({ rate: 1, burst: 4 })
  send({ op: 'subscribe', channels: ['news', 'data', 'chat'] })
  deepEqual([codes(), connection.session?.feeds.length], [[], 3])
  send({ op: 'unsubscribe', channels: ['news', 'data'] })
  deepEqual([codes(), connection.session?.feed('news')?.isOn], [['slow', 'rate_limited'], true])
})

test('a message of more names than the burst is heard while nothing else came', () => {
  const { send, codes, connection } = stage({ rate: 1, burst: 2 })
  send({ op: 'subscribe', channels: ['news', 'data', 'chat'] })
  deepEqual([codes(), connection.session?.feeds.length], [[], 3])
  send({ op: 'ping' })
  deepEqual(codes(), ['slow', 'rate_limited'])
})

test('one channel is replayed once a second, and all of them so often as owners may be asked', () => {
  const many = Array.from({ length: 100 }, (_, index) => ({ name: `c${index}` }))
  const scene = new Scene({ channels: [{ name: 'system', system: true }, ...many] })
  const { send, codes } = stage({ scene, names: many.map(({ name }) => name), rate: 0 })
  const ask = (name: string) => ({ op: 'resume_required', channel: name, from_cursor: 1 })
  send(ask('c0'), ask('c0'))
  deepEqual(codes(), ['rate_limited'])
  send(...many.slice(1).map(({ name }) => ask(name)))
  equal(codes().length, 1 + 99 - 63)
  scene.mesh.clock.stall(1_000)
  send(ask('c0'), ask('nothing'))
  equal(codes().at(-1), 'not_subscribed')
})

test('an acknowledgement of what nobody let it read is an error, and of the system channel nothing', () => {
  const { send, codes, counters } = stage()
  send({ ...chat, channel: 'nothing' }, { ...chat, channel: 'system' }, chat)
  deepEqual([codes(), counters.acks], [['unknown_channel'], 1])
})

test('names that no channel has cost no memory', () => {
  const { send, connection, codes } = stage({ rate: 0 })
  for (let round = 0; round < 50; round++) {
    send({
      op: 'subscribe',
      channels: Array.from({ length: 1_000 }, (_, index) => `made.up.${round}.${index}`),
    })
  }
  equal(connection.session?.feeds.length, 1)
  equal(codes().length, 50)
  ok(connection.said.every(said => said.op === 'error' && said.message.length <= 256))
})

test('a client may walk through any number of channels of a pattern, and be in 255 at a time', () => {
  const scene = new Scene({
    channels: [
      { name: 'system', system: true },
      { name: 'room.*', handler: 'none' },
    ],
  })
  const { send, connection, codes } = stage({ rate: 0, scene, names: [] })
  const name = (number: number) => `room.${number}`
  for (let number = 0; number < 600; number++) {
    send({ op: 'subscribe', channels: [name(number)] })
    if (number >= 100) send({ op: 'unsubscribe', channels: [name(number)] })
  }
  deepEqual([codes(), connection.session?.feeds.length, scene.subscribers()], [[], 255, 101])
  send({ op: 'subscribe', channels: Array.from({ length: 155 }, (_, index) => name(1_000 + index)) })
  deepEqual([codes(), scene.subscribers()], [[], 256])
  send({ op: 'subscribe', channels: [name(2_000)] })
  deepEqual([codes(), scene.subscribers()], [['too_many_channels'], 256])
})

test('every other operation has one answer at most', () => {
  const { send, codes, connection } = stage()
  send(
    { op: 'ping' },
    { op: 'pong' },
    { op: 'health', status: 'ok' },
    { op: 'features' },
    { op: 'slow', window: 0 },
  )
  deepEqual(codes(), ['pong', 'health', 'features'])
  send({ op: 'auth', client_id: 'x' })
  equal(codes().at(-1), 'auth_repeated')
  send({ op: 'goodbye' })
  deepEqual(connection.endings, ['left'])
})
