// The obligations of `Subscriber`, on the sessions that clients have and on the fake that the engine is tested with: what a
// client sees of one subscription, whatever becomes of its wire.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Subscriber } from '../../../src/engine/reader/subscriber.ts'
import { parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import type { CloseReason } from '../../../src/engine/words/refusal.ts'
import { Admission } from '../../../src/frontends/session/admission.ts'
import { SocketSession } from '../../../src/frontends/session/socket-session.ts'
import { StreamSession } from '../../../src/frontends/session/stream-session.ts'
import { Cadence } from '../../../src/std/cadence.ts'
import { FakeRequest } from '../../helpers/fake-request.ts'
import { FakeSubscriber, textFormat } from '../../helpers/fake-subscriber.ts'
import { channelName, Mesh } from '../../helpers/mesh.ts'

const channel = 'c0'
const reasons: readonly CloseReason[] = ['slow', 'draining', 'gap', 'omitted', 'owner-lost']

/** A client that subscribed, and its end of the wire. */
interface Stand {
  readonly subscriber: Subscriber
  /** Contents that came, in order. */
  received(): readonly string[]
  /** All that came, its beginning and notices included. */
  came(): number
  /** From now on the wire takes nothing more. */
  block(): void
  /** The wire took what it was given, and says so. */
  drain(): void
  /** The client leaves, and the engine is told. */
  leave(): void
}

function engineOf(mesh: Mesh) {
  const [engine] = mesh.engines
  ok(engine !== undefined, 'a mesh has an engine')
  return engine
}

function fakeStand(mesh: Mesh, tells: boolean): Stand {
  const subscriber = mesh.subscribe(0, channel, new FakeSubscriber({ tells }))
  return {
    subscriber,
    received: () => subscriber.received,
    came: () => subscriber.offers.length + subscriber.gaps.length,
    block() {
      subscriber.writable = false
    },
    drain() {
      subscriber.writable = true
      engineOf(mesh).drained(subscriber)
    },
    leave: () => engineOf(mesh).leave(subscriber),
  }
}

const heartbeat = new Uint8Array(0)

function streamStand(mesh: Mesh, tells: boolean): Stand {
  const request = new FakeRequest()
  const kind = {
    via: 'test',
    engine: engineOf(mesh),
    clock: mesh.clock,
    cadence: new Cadence<StreamSession<undefined>>(mesh.clock, 1_000, session => session.beat()),
    counters: { streams: 0, streamsOpened: 0 },
    heartbeat,
    head: () => ({ status: 200 }),
    first: () => Buffer.from('first'),
    gap: () => (tells ? Buffer.from('gap') : undefined),
  }
  const subscriber = new StreamSession(kind, request, textFormat, undefined)
  subscriber.open({ channels: [channelName(channel)] })
  return sessionStand(request, subscriber)
}

function socketStand(mesh: Mesh, tells: boolean): Stand {
  const request = new FakeRequest()
  const kind = {
    via: 'test',
    engine: engineOf(mesh),
    clock: mesh.clock,
    pings: new Cadence<SocketSession<undefined>>(mesh.clock, 1_000, session => session.beat()),
    deadlines: new Cadence<SocketSession<undefined>>(mesh.clock, 1_500, session => session.expire()),
    admission: new Admission(() => 1),
    counters: { sockets: 0, socketsOpened: 0, pongsMissed: 0, messagesSent: 0 },
    frameKind: 'text' as const,
    gap: () => (tells ? { bytes: Buffer.from('gap'), kind: 'binary' as const } : undefined),
    codeOf: () => 4_000,
    slowMs: () => 1_000,
    message() {},
  }
  const subscriber = new SocketSession(kind, request, textFormat, undefined)
  subscriber.open({ channels: [channelName(channel)] })
  return sessionStand(request, subscriber)
}

function sessionStand(request: FakeRequest, subscriber: Subscriber): Stand {
  return {
    subscriber,
    received: () =>
      request.written.flatMap(text => [...text.matchAll(/(\w+);/g)].map(([, content = '']) => content)),
    came: () => request.written.length,
    block() {
      request.takes = false
    },
    drain: () => request.drain(),
    leave: () => request.leave(),
  }
}

const kinds = { 'the fake': fakeStand, 'a stream': streamStand, 'a WebSocket': socketStand } as const

for (const [name, open] of Object.entries(kinds)) {
  const start = (tells = true) => {
    const mesh = new Mesh({ workers: 2, history: { size: 10 } })
    const stand = open(mesh, tells)
    mesh.settle()
    const publish = (...contents: readonly string[]) => {
      for (const content of contents) mesh.publish(1, channel, content)
      mesh.settle()
    }
    return { ...stand, mesh, publish }
  }

  describe(`a subscriber: ${name}`, () => {
    test('gets every publication whole and in order, several of one turn too', () => {
      const { publish, received } = start()
      publish('a')
      publish('b', 'c', 'd')
      deepEqual(received(), ['a', 'b', 'c', 'd'])
    })

    test('gets nothing while its wire is behind, and each once when it has caught up', () => {
      const { block, came, drain, publish, received } = start()
      block()
      publish('a')
      deepEqual(received(), ['a'], 'what finds the wire behind is taken')
      const before = came()
      publish('b', 'c')
      publish('d')
      equal(came(), before)
      drain()
      publish('e')
      deepEqual(received(), ['a', 'b', 'c', 'd', 'e'])
    })

    test('says of a gap whether its wire can tell it, and tells it where it can', () => {
      for (const tells of [true, false]) {
        const { came, subscriber } = start(tells)
        const before = came()
        const position = { epoch: parseEpoch('e1'), offset: parseOffset(7) }
        equal(subscriber.gap(position, channel), tells)
        if (tells) equal(came(), before + 1)
      }
    })

    for (const reason of reasons) {
      test(`is closed (${reason}), behind its wire or not, and takes nothing after it`, () => {
        for (const isBehind of [false, true]) {
          const { block, came, mesh, publish, received, subscriber } = start()
          if (isBehind) block()
          publish('a')
          // As the engine does: whoever is closed was let go of before.
          engineOf(mesh).leave(subscriber)
          subscriber.close(reason, channel)
          const last = came()
          publish('b')
          subscriber.close(reason, channel)
          equal(came(), last)
          deepEqual(received(), ['a'])
        }
      })
    }

    test('may be called when its client is gone already, and harms nobody', () => {
      const { leave, mesh, publish, received, subscriber } = start()
      publish('a')
      leave()
      publish('b')
      subscriber.gap({ epoch: parseEpoch('e1'), offset: parseOffset(7) }, channel)
      for (const reason of reasons) subscriber.close(reason, channel)
      deepEqual(received(), ['a'])
      equal(mesh.engines[0]?.statistics().hub['subscribers'], 0)
    })
  })
}
