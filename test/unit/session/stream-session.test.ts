// One life of a held stream, over real engines and with requests that a test fakes: whatever the front-end, a client is
// attached to all or to nothing, misses nothing behind its head, and is over once.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import { Admission } from '../../../src/frontends/session/admission.ts'
import type { Interest } from '../../../src/frontends/session/interest.ts'
import { type StreamKind, StreamSession } from '../../../src/frontends/session/stream-session.ts'
import { Cadence } from '../../../src/std/cadence.ts'
import { FakeRequest } from '../../helpers/fake-request.ts'
import { textFormat } from '../../helpers/fake-subscriber.ts'
import { channelName, Mesh } from '../../helpers/mesh.ts'

interface Client {
  readonly tells: boolean
  readonly seen: string[]
}

let mesh: Mesh
let admission: Admission
let kind: StreamKind<Client>
let counters: { streams: number; streamsOpened: number }

beforeEach(() => {
  mesh = new Mesh({
    history: { size: 10 },
    namespaces: [{ pattern: 'closed*', subscribe: ['others'] }],
  })
  const [engine] = mesh.engines
  if (engine === undefined) throw new Error('a mesh has an engine')
  admission = new Admission(() => 2)
  counters = { streams: 0, streamsOpened: 0 }
  kind = {
    via: 'test',
    engine,
    clock: mesh.clock,
    cadence: new Cadence(mesh.clock, 1_000, session => session.beat()),
    admission,
    counters,
    heartbeat: Buffer.from('beat'),
    head: () => ({ status: 200 }),
    first: (_, position, gap) => Buffer.from(position === undefined ? 'nothing' : `first ${gap}`),
    gap: ({ tells }) => (tells ? Buffer.from('gap') : undefined),
    last: (_, reason, returnMs) => Buffer.from(`last ${reason} ${returnMs ?? ''}`.trimEnd()),
    opened: ({ client }, channels) => void client.seen.push(`opened ${channels.join()}`),
    dropped: ({ seen }, reason) => void seen.push(`dropped ${reason}`),
    closed: ({ client }) => void client.seen.push('closed'),
  }
})

function ask(interest: Omit<Interest, 'channels'> & { readonly channels: readonly string[] }) {
  const request = new FakeRequest()
  const client: Client = { tells: true, seen: [] }
  equal(admission.enter(), true)
  const session = new StreamSession(kind, request, textFormat, client)
  const open = () => session.open({ ...interest, channels: interest.channels.map(channelName) })
  return { client, open, request, session }
}

function open(...channels: string[]) {
  const asked = ask({ channels })
  asked.open()
  mesh.settle()
  return asked
}

function publish(channel: string, text: string): void {
  mesh.publish(0, channel, text)
  mesh.settle()
}

function subscribers(): number {
  return mesh.engines[0]?.statistics().hub['subscribers'] ?? 0
}

describe('a stream of several channels', () => {
  test('sends its head when all owners have answered, and misses nothing of any from then on', () => {
    const { client, open, request } = ask({ channels: ['c0', 'c1', 'c2', 'c1'] })
    const status = () => request.head?.status
    open()
    mesh.turn()
    mesh.publish(0, 'c0', 'too early to be heard')
    equal(status(), undefined)
    for (const owner of [1, 2]) {
      mesh.deliver(0, owner)
      mesh.turn()
    }
    equal(status(), undefined)
    mesh.deliver(1, 0)
    equal(status(), undefined, 'one owner has not answered')
    mesh.deliver(2, 0)
    deepEqual([status(), request.written[0]], [200, 'first false'])
    mesh.settle()
    for (const channel of ['c0', 'c1', 'c2']) publish(channel, channel)
    equal(request.written.slice(-4).join(''), 'c0;c1;c1;c2;')
    deepEqual(client.seen, ['opened c0,c1,c2,c1'])
    equal(subscribers(), 4)
  })

  test('is refused as a whole where one channel is, and leaves the others', () => {
    const { client, request } = open('c0', 'c1', 'closed0')
    deepEqual([request.refusal, request.head, client.seen], ['not-allowed', undefined, []])
    deepEqual([subscribers(), admission.places], [0, 0])
  })

  test('may be none: then it only lives', () => {
    const { request } = open()
    mesh.clock.advance(1_000)
    deepEqual(request.written, ['nothing', 'beat'])
  })
})

describe('a client that leaves', () => {
  test('before its session opens is subscribed to nothing', () => {
    const { open, request } = ask({ channels: ['c0'] })
    request.leave()
    open()
    deepEqual([subscribers(), admission.places, request.head], [0, 0, undefined])
  })

  test('before its owner answers is never opened', () => {
    const { client, open, request } = ask({ channels: ['c0', 'c1'] })
    open()
    request.leave()
    mesh.settle()
    deepEqual([request.head, client.seen, subscribers(), admission.places], [undefined, [], 0, 0])
  })

  test('while it is open is over once, with all that it had', () => {
    const { client, request } = open('c0', 'c1')
    deepEqual([counters.streams, admission.places, subscribers()], [1, 1, 2])
    request.leave()
    request.leave()
    mesh.clock.advance(5_000)
    deepEqual([counters, admission.places, subscribers()], [{ streams: 0, streamsOpened: 1 }, 0, 0])
    deepEqual(client.seen.slice(1), ['closed'])
    deepEqual(request.written, ['first false', '[left]'])
  })
})

describe('a wire that is behind', () => {
  test('gets no heartbeat and no last words, and goes on where it takes more', () => {
    const { request } = open('c0')
    request.takes = false
    publish('c0', 'a')
    publish('c0', 'b')
    mesh.clock.advance(3_000)
    deepEqual(request.written, ['first false', 'a;'])
    request.drain()
    mesh.settle()
    request.takes = false
    publish('c0', 'c')
    mesh.engines[0]?.drain(0, () => {})
    deepEqual(request.written.slice(1), ['a;', 'b;', 'c;', '[end]'])
  })

  test('is cut where it stays so for too long', () => {
    const { client, request } = open('c0')
    request.takes = false
    publish('c0', 'a')
    for (let ms = 0; ms < 60_000; ms += 250) mesh.clock.advance(250)
    deepEqual([request.written.at(-1), client.seen.slice(1)], ['[cut]', ['dropped slow', 'closed']])
  })
})

test('what is asked for reaches the engine: position, filter, pattern', () => {
  for (const text of ['1', '2a', '3', '4a']) publish('c0', text)
  const admits: Interest['admits'] = ({ content }) => content.payload.includes(0x61)
  const first = ask({ channels: ['c0'], since: { epoch: undefined, offset: parseOffset(0) }, admits })
  first.open()
  mesh.settle()
  deepEqual(first.request.written, ['first true'])
  publish('c0', '5')
  publish('c0', '6a')
  const pattern = ask({ channels: ['c*'], arePatterns: true })
  pattern.open()
  mesh.settle()
  publish('c1', '7')
  deepEqual([first.request.written.slice(1), pattern.request.written.slice(1)], [['6a;'], ['7;']])
})

test('a stream of a channel of another node is refused; one of events ends with a time to come again while nodes change', () => {
  const events = { 'content-type': 'text/event-stream' }
  const elsewhere = {
    owns: () => true,
    isMoving: false,
    pending: 0,
    publish: () => {},
    presence: () => {},
    inspect: () => {},
  }
  const [engine] = new Mesh({ elsewhere }).engines
  if (engine === undefined) throw new Error('a mesh has an engine')
  const openFar = (headers: Readonly<Record<string, string>>, head: Readonly<Record<string, string>>) => {
    kind = { ...kind, engine, head: () => ({ status: 200, headers: head }) }
    const { open, request } = ask({ channels: ['far1'] })
    request.headers = headers
    open()
    return [request.refusal, request.answer?.status, request.answer?.body]
  }
  const refused = ['elsewhere', undefined, undefined]
  deepEqual(openFar({ accept: 'text/event-stream' }, events), refused)
  elsewhere.isMoving = true
  deepEqual(openFar({ accept: 'text/event-stream' }, events), [undefined, 200, 'retry: 3000\n\n'])
  deepEqual(openFar({ accept: '*/*' }, events), refused)
  deepEqual(openFar({ accept: 'text/event-stream' }, {}), refused)
  deepEqual([admission.places, counters.streams], [0, 0])
})

test('the last words of a stream that takes more say why the engine let go of it', () => {
  const { request } = open('c0')
  const early = ask({ channels: ['c1'] })
  early.open()
  mesh.engines[0]?.drain(0, () => {})
  deepEqual(request.written.slice(1), ['last draining 100', '[end]'])
  deepEqual([early.request.refusal, admission.places], ['draining', 0])
  const late = ask({ channels: ['c0'] })
  late.open()
  deepEqual([late.request.refusal, admission.places], ['draining', 0])
  deepEqual([early.request.returnMs, late.request.returnMs], [102, 104])
})

test('places are given up to the bound as it is now, and whoever finds none is counted', () => {
  let max = 1
  const places = new Admission(() => max)
  deepEqual([places.enter(), places.enter(), places.refused], [true, false, 1])
  max = 2
  deepEqual([places.enter(), places.enter(), places.places, places.refused], [true, false, 2, 2])
  places.leave()
  deepEqual([places.places, places.enter()], [1, true])
})

test('a new numbering is told where the wire counts, as soon as it takes more', () => {
  const { request, session } = open('c0')
  const position = { epoch: parseEpoch('n'), offset: parseOffset(7) }
  equal(session.renumbered(position), true)
  deepEqual(request.written.slice(1), [])
  kind = { ...kind, renumbered: (_, { offset }) => Buffer.from(`goes on after ${offset}`) }
  const counting = ask({ channels: ['c0'] })
  counting.open()
  equal(counting.session.renumbered(position), true)
  deepEqual(counting.request.written.slice(1), ['goes on after 7'])
  counting.session.wire.offered({ length: 1 }, false, mesh.clock)
  equal(counting.session.renumbered(position), false)
  deepEqual(counting.request.written.length, 2)
})
