import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Permissions } from '../../../src/frontends/pushwire/config/permission.ts'
import { Client, type ClientKind } from '../../../src/frontends/pushwire/session/client.ts'
import { Silent } from '../../../src/frontends/pushwire/session/silent.ts'
import { nameOfStream } from '../../../src/frontends/pushwire/session/streams.ts'
import type { Verdict } from '../../../src/frontends/pushwire/validators/validator.ts'
import { createFormats } from '../../../src/frontends/pushwire/wire/frames.ts'
import { Admission } from '../../../src/frontends/session/admission.ts'
import type { Exchange } from '../../../src/net/exchange.ts'
import { handlersOf } from '../../helpers/pushwire/handlers.ts'
import { clientId, Scene } from '../../helpers/pushwire/scene.ts'

/** One WebSocket whose validator answers when the test says so. */
function stage() {
  const scene = new Scene()
  // All that it wants is there, so that everything that is attached is attached in the call.
  const other = scene.connect({ clientId: '00112233-4455-4677-8899-aabbccddeeff', names: ['chat', 'news'] })
  const admission = new Admission(() => 10)
  const verdicts: ((verdict: Verdict) => void)[] = []
  const endings: string[] = []
  const sent: string[] = []
  const [codes, reasons]: [number[], string[]] = [[], []]
  const counters = {
    ...{ sessions: 0, sessionsOpened: 0, gapsTold: 0 },
    ...{ sockets: 0, socketsOpened: 0, authTimeouts: 0, silentMaxExceeded: 0, messagesSent: 0, messages: 0 },
    ...{ framesReceived: 0, framesDropped: 0, faults: 0, acks: 0, framesPublished: 0, framesRefused: 0 },
    ordersRefused: 0,
  }
  const { plan } = scene
  const kind: ClientKind = {
    ...scene.kind(),
    counters,
    admission,
    judge: (_question, done) => void verdicts.push(done),
    ended: ending => void endings.push(ending),
    silent: new Silent<Client>(scene.mesh.clock, () => ({ deadlineMs: 5_000, max: 10 })),
    formats: createFormats(nameOfStream),
    uplink: {
      plan,
      clock: scene.mesh.clock,
      counters,
      handlers: handlersOf(scene, counters),
      limits: () => ({ rate: 200, burst: 400 }),
    },
  }
  admission.enter()
  const socket = {
    send: (text: string) => {
      sent.push(text)
      return true
    },
    sendAll: () => true,
    ping() {},
    terminate() {},
    close: (code: number, reason: string) => {
      codes.push(code)
      reasons.push(reason)
      client.closed()
    },
  }
  const exchange = { remoteAddress: '127.0.0.1', upgrade: () => socket }
  const client = new Client(kind, exchange as never as Exchange) // what it asks of one
  client.open(exchange as never as Exchange) // likewise
  const say = (...messages: readonly (object | string)[]) => {
    for (const message of messages) {
      client.message(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)), 'text')
    }
  }
  const permissions = new Permissions(['chat', 'news', 'data'])
  const letIn = () => verdicts.shift()?.({ ok: true, permission: permissions.of('all') })
  const left = () => [admission.places, counters.sockets, counters.sessions, scene.subscribers()]
  return { scene, other, client, say, letIn, verdicts, left, sent, codes, reasons, endings, counters, kind }
}

const auth = { op: 'auth', client_id: clientId, capabilities: ['chat', 'news'] }
/** Of the other connection alone. */
const nothing = [0, 0, 0, 3]

test('what came while the validator was asked is heard in its order, once it is let in', () => {
  const { say, letIn, left, sent, scene } = stage()
  say(auth, { op: 'ping' }, { op: 'unsubscribe', channels: ['chat'] })
  deepEqual([sent, left()], [[], [1, 1, 0, 3]])
  letIn()
  scene.settle()
  deepEqual(
    sent.map(text => JSON.parse(text).op),
    ['auth_ok', 'pong'],
  )
  deepEqual(left(), [1, 1, 1, 5])
})

test('behind a goodbye that waited nothing is heard, and nothing of the session is left', () => {
  const { say, letIn, left, scene, counters, other, codes } = stage()
  say(auth, { op: 'goodbye' }, { op: 'subscribe', channels: ['data'] }, { channel: 'chat', payload: 1 })
  letIn()
  scene.settle()
  deepEqual([codes, left(), counters.framesPublished], [[1000], nothing, 0])
  deepEqual(other.frames, [])
})

test('as much as may wait is 16 messages and 64 KiB, and more ends it', () => {
  for (const [count, text, isOver] of [
    [16, '{"op":"ping"}', false],
    [17, '{"op":"ping"}', true],
    [2, ' '.repeat(32_768), false],
    [2, ' '.repeat(32_769), true],
  ] as const) {
    const { say, codes, endings, left, letIn, scene } = stage()
    say(auth, ...Array(count).fill(text))
    deepEqual([codes, endings], isOver ? [[1008], ['auth-pending']] : [[], []])
    letIn()
    scene.settle()
    if (isOver) deepEqual(left(), nothing)
  }
})

test('one that leaves, or is refused, while the validator is asked gives back its place once', () => {
  for (const how of ['leaves', 'refused', 'unavailable'] as const) {
    const { say, client, verdicts, letIn, left, codes, scene, sent } = stage()
    say(auth)
    if (how === 'leaves') {
      client.closed()
      letIn()
    } else {
      verdicts.shift()?.({ ok: false, reason: how, message: 'not you' })
    }
    scene.settle()
    scene.mesh.advance(60_000)
    deepEqual(left(), nothing)
    deepEqual(codes, { leaves: [], refused: [1008], unavailable: [1013] }[how])
    equal(sent.length, how === 'leaves' ? 0 : 1)
  }
})

test('a deadline is for silence: whoever has spoken waits as long as its validator does', () => {
  const { say, scene, codes, counters, kind } = stage()
  scene.mesh.advance(4_000)
  equal(kind.silent.size, 1)
  say(auth)
  equal(kind.silent.size, 0)
  scene.mesh.advance(60_000)
  deepEqual([codes, counters.authTimeouts], [[], 0])
  const silent = stage()
  silent.scene.mesh.advance(5_000)
  deepEqual([silent.codes, silent.counters.authTimeouts, silent.left()], [[4408], 1, nothing])
})

test('where the node stops it hears goodbye and when to come back, and of another end nothing of that', () => {
  const { say, letIn, scene, sent, codes, reasons } = stage()
  say(auth)
  letIn()
  scene.settle()
  scene.engine().drain(0, () => {}, 1)
  deepEqual(JSON.parse(sent.at(-1) ?? ''), { op: 'goodbye', reason: 'shutdown' })
  // The other connection has the first second.
  deepEqual([codes, reasons], [[1001], ['retry=1100']])
  const left = stage()
  left.say(auth, { op: 'goodbye' })
  left.letIn()
  left.scene.settle()
  deepEqual([left.codes, left.reasons], [[1000], ['']])
})
