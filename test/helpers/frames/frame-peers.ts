// A WebSocket of ours, either side of it, with a raw one at its far end: a client's through a gate, an origin's from a listener, for
// which side connected is of no interest to frames.
import { deepEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import type { BareConnection } from '../../../src/net/bare-connection.ts'
import { createFrameCounters, type FrameCounters } from '../../../src/net/gate/counters.ts'
import { type FrameOptions, FrameSocket } from '../../../src/net/gate/frame-socket.ts'
import type { Gate } from '../../../src/net/gate/gate.ts'
import { gateDefaults } from '../../../src/net/gate/limits.ts'
import { systemRandom } from '../../../src/std/random.ts'
import type { FakeClock } from '../fake-clock.ts'
import { serveGate } from '../gate.ts'
import { RawClient } from '../raw-client.ts'
import { handshake, RawWebSocket } from '../raw-websocket.ts'
import { until } from '../until.ts'
import { HeardFrames } from './heard-frames.ts'

export type Role = FrameOptions['role']
export const roles: readonly Role[] = ['server', 'client']

export interface Ends {
  readonly peer: FrameSocket
  readonly heard: HeardFrames
  readonly socket: Socket
  /** The far end, which writes and reads raw frames. */
  readonly far: RawWebSocket
}

export interface FrameScene {
  readonly gate: Gate
  readonly counters: FrameCounters
  readonly time: FakeClock
  /** What surfaced at the end of a turn. */
  readonly thrown: readonly string[]
  /** `behind`: comes in one packet with the client's handshake. */
  connect(heard?: HeardFrames, behind?: Buffer): Promise<Ends>
}

export interface FrameSceneOptions {
  readonly role?: Role
  readonly limits?: Partial<FrameOptions['limits']>
}

export async function serveFrames(
  t: TestContext,
  { role = 'server', limits = {} }: FrameSceneOptions = {},
): Promise<FrameScene> {
  const opened: BareConnection[] = []
  const upgrade = ['Upgrade', 'websocket', 'Connection', 'Upgrade']
  const { connect, gate, time, thrown, clock } = await serveGate(t, {
    handle(exchange) {
      const connection = exchange.takeSocket('Switching Protocols', upgrade)
      if (connection !== undefined) opened.push(connection)
    },
  })
  const counters = createFrameCounters()
  const options = { role, clock, random: systemRandom, limits: { ...gateDefaults, ...limits }, counters }
  const accept = role === 'client' ? await listen(t, opened) : connect
  return {
    gate,
    counters,
    time,
    thrown,
    async connect(heard = new HeardFrames(), behind = Buffer.alloc(0)) {
      const number = opened.length
      const client = accept()
      const far = new RawWebSocket(client, { line: '', status: 101, headers: [], text: '' })
      if (role === 'server') {
        far.head = undefined
        await far.open(handshake() + behind.toString('latin1'))
      }
      const connection = await until('a connection', () => opened[number])
      const peer = new FrameSocket(connection, options, heard)
      deepEqual(heard.events, [])
      return { peer, heard, socket: connection.socket, far }
    },
  }
}

/** Connections as a handshake of ours would bring them. */
async function listen(t: TestContext, opened: BareConnection[]): Promise<() => RawClient> {
  const server = createServer({ pauseOnConnect: true }, socket => {
    socket.on('error', () => {})
    opened.push({ socket, early: Buffer.alloc(0) })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const { socket } of opened) socket.destroy()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  return () => {
    const client = new RawClient({ host: '127.0.0.1', port })
    t.after(() => client.leave())
    return client
  }
}
