// One life of a WebSocket, over real engines and with requests that a test fakes.
import { deepEqual, equal, match } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { Admission } from '../../../src/frontends/session/admission.ts'
import { type SocketKind, SocketSession } from '../../../src/frontends/session/socket-session.ts'
import { Cadence } from '../../../src/std/cadence.ts'
import { FakeRequest } from '../../helpers/fake-request.ts'
import { textFormat } from '../../helpers/fake-subscriber.ts'
import { channelName, Mesh } from '../../helpers/mesh.ts'

interface Client {
  readonly tells: boolean
}

let mesh: Mesh
let admission: Admission
let kind: SocketKind<Client>
let counters: SocketKind<Client>['counters']
let heard: string[]

beforeEach(() => {
  mesh = new Mesh({ namespaces: [{ pattern: 'closed*', subscribe: ['others'] }] })
  const [engine] = mesh.engines
  if (engine === undefined) throw new Error('a mesh has an engine')
  const { clock } = mesh
  admission = new Admission(() => 2)
  counters = { sockets: 0, socketsOpened: 0, pongsMissed: 0, messagesSent: 0 }
  heard = []
  kind = {
    via: 'test',
    engine,
    clock,
    pings: new Cadence(clock, 1_000, session => session.beat()),
    deadlines: new Cadence(clock, 1_500, session => session.expire()),
    admission,
    counters,
    frameKind: 'binary',
    first: ({ tells }, _, gap) => (tells ? { bytes: Buffer.from(`first ${gap}`), kind: 'text' } : undefined),
    gap: () => undefined,
    codeOf: reason => ({ slow: 4000, draining: 4001, gap: 4002, omitted: 4003, 'owner-lost': 4004 })[reason],
    slowMs: () => 100_000,
    message: (_, { bytes, kind: as }) => void heard.push(`${as} ${Buffer.from(bytes).toString()}`),
    opened: () => void heard.push('opened'),
    closed: () => void heard.push('closed'),
  }
})

function ask(channels: readonly string[], tells = true) {
  const request = new FakeRequest()
  equal(admission.enter(), true)
  const session = new SocketSession(kind, request, textFormat, { tells })
  return { open: () => session.open({ channels: channels.map(channelName) }), request, session }
}

function open(...channels: string[]) {
  const asked = ask(channels)
  asked.open()
  mesh.settle()
  return asked
}

function publish(...texts: string[]): void {
  for (const text of texts) mesh.publish(0, 'c0', text)
  mesh.settle()
  mesh.clock.turn()
}

function subscribers(): number {
  return mesh.engines[0]?.statistics().hub['subscribers'] ?? 0
}

describe('a socket', () => {
  test('is accepted when all owners have answered; each publication is a message', () => {
    const { open, request } = ask(['c0', 'c1'])
    open()
    mesh.turn()
    deepEqual([request.pending, heard], [true, []])
    mesh.settle()
    publish('a', 'b')
    publish('c')
    deepEqual(request.written, ['text first false', 'binary a;', 'binary b;', 'binary c;'])
    deepEqual([heard, counters.messagesSent, subscribers()], [['opened'], 3, 2])
  })

  test('is sent a notice of its format as a message of the other kind, in its place', () => {
    kind = { ...kind, isNotice: frame => Buffer.from(frame).toString() === 'notice;' }
    const { request } = open('c0')
    publish('a', 'notice', 'b')
    deepEqual(request.written.slice(1), ['binary a;', 'text notice;', 'binary b;'])
    equal(counters.messagesSent, 3)
  })

  test('is refused as a whole where one channel is, or where its owner is gone before it was accepted', () => {
    const { request } = open('c0', 'closed0')
    deepEqual([request.refusal, subscribers(), admission.places], ['not-allowed', 0, 0])
    const waiting = ask(['c1'])
    waiting.open()
    mesh.engines[0]?.drain(0, () => {})
    deepEqual([waiting.request.refusal, admission.places], ['draining', 0])
    const late = ask(['c1'])
    late.open()
    deepEqual([late.request.refusal, admission.places], ['draining', 0])
    // Each has a time of its own to come back, at 500 a second.
    deepEqual([waiting.request.returnMs, late.request.returnMs], [100, 102])
    deepEqual(request.returnMs, undefined)
  })

  test('of a client that left first is never accepted, and holds nothing', () => {
    const early = ask(['c0'])
    early.request.leave()
    early.open()
    const later = ask(['c1'])
    later.open()
    later.request.leave()
    mesh.settle()
    deepEqual([heard, subscribers(), admission.places], [[], 0, 0])
  })

  test('hands its messages to the front-end, and is over once', () => {
    const { request, session } = open('c0')
    session.message(Buffer.from('hello'), 'text')
    request.leave()
    request.leave()
    mesh.clock.advance(10_000)
    deepEqual(heard, ['opened', 'text hello', 'closed'])
    deepEqual([counters.sockets, counters.pongsMissed, admission.places, subscribers()], [0, 0, 0, 0])
  })
})

describe('liveness of a socket', () => {
  test('whoever answers a ping lives on, whoever does not is cut', () => {
    const { request, session } = open('c0')
    mesh.clock.advance(1_000)
    session.pong()
    mesh.clock.advance(1_400)
    deepEqual(request.written.slice(1), ['ping', 'ping'])
    mesh.clock.advance(100)
    mesh.clock.turn()
    deepEqual([request.written.at(-1), counters.pongsMissed], ['[cut]', 1])
  })

  test('a wire that is behind gets its ping when it has caught up', () => {
    const { request } = open('c0')
    request.takes = false
    publish('a')
    mesh.clock.advance(1_200)
    deepEqual(request.written.slice(1), ['binary a;'])
    request.drain()
    deepEqual(request.written.slice(1), ['binary a;', 'ping'])
  })
})

test('each reason of the engine has its code, and what a slow client was sent has its time', () => {
  const slow = open('c0')
  const other = open('c0')
  slow.request.takes = false
  publish('a')
  for (let ms = 0; ms < 60_000; ms += 250) {
    mesh.clock.advance(250)
    for (const { session } of [slow, other]) session.pong()
  }
  mesh.engines[0]?.drain(0, () => {})
  match(slow.request.written.at(-1) ?? '', /^\[4000 within [1-9]\d{4}\]$/)
  equal(other.request.written.at(-1), '[4001 retry=100]')
})
