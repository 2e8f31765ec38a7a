// Law 20: several channels on one wire go by their priority where it is slow, and a lower one is never forgotten.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { laneLimits } from '../../../../src/engine/bounds.ts'
import { FakeSubscriber } from '../../../helpers/fake-subscriber.ts'
import { channelName, Mesh, type MeshOptions } from '../../../helpers/mesh.ts'
import { publishAll, texts } from '../../../helpers/published.ts'

const { laneFramesMax, laneBytesMax, laneStepsMax } = laneLimits

/** Channels by the first letter of their names. */
const namespaces = [
  { pattern: 'h*', priority: 'high' },
  { pattern: 'l*', priority: 'low' },
] as const

function lanesMesh(options: MeshOptions = {}): Mesh {
  return new Mesh({ workers: 1, namespaces, ...options })
}

/** A connection whose wire is full, with something of the first channel that was there before. */
function blocked(mesh: Mesh, channels: readonly string[]): FakeSubscriber {
  const wire = new FakeSubscriber({ tells: true })
  for (const channel of channels) mesh.subscribe(0, channel, wire)
  mesh.settle()
  wire.writable = false
  publishAll(mesh, 0, channels[0] ?? '', ['first'])
  return wire
}

/** Its client reads: all of it, or what was under way. */
function drain(mesh: Mesh, wire: FakeSubscriber, { writable = true } = {}): void {
  wire.writable = writable
  mesh.engines[0]?.drained(wire)
  mesh.settle()
}

function named(channel: string, count: number): string[] {
  return texts(count).map(text => `${channel}${text}`)
}

/** Times that somebody had to wait for a higher lane. */
function held(mesh: Mesh): number {
  return mesh.engines[0]?.statistics().hub['laneHeld'] ?? 0
}

describe('law 20, lanes of a wire', () => {
  test('what is urgent is written next once the wire takes more, whatever waited before', () => {
    const mesh = lanesMesh()
    const wire = blocked(mesh, ['l', 'n', 'h'])
    publishAll(mesh, 0, 'l', named('l', 64))
    publishAll(mesh, 0, 'n', ['n'])
    publishAll(mesh, 0, 'h', ['h'])
    drain(mesh, wire, { writable: false })
    deepEqual(wire.received, ['first', 'h'])
    drain(mesh, wire, { writable: false })
    deepEqual(wire.received, ['first', 'h', 'n'])
    drain(mesh, wire)
    deepEqual(wire.received, ['first', 'h', 'n', ...named('l', 64)])
  })

  test('what is published at the end of a turn goes by priority on a wire that takes all', () => {
    const mesh = lanesMesh()
    const wire = new FakeSubscriber()
    for (const channel of ['l', 'n', 'h']) mesh.subscribe(0, channel, wire)
    mesh.settle()
    for (const text of ['l', 'n', 'h', 'l', 'h']) mesh.publish(0, text, text)
    mesh.settle()
    deepEqual(wire.received, ['h', 'h', 'n', 'l', 'l'])
    equal(held(mesh), 0)
  })

  test('a lower lane that waits gets one frame after so many of higher ones, and no more', () => {
    const mesh = lanesMesh()
    const wire = blocked(mesh, ['h', 'l'])
    const high = named('h', 2 * laneFramesMax + 3)
    publishAll(mesh, 0, 'h', high)
    publishAll(mesh, 0, 'l', ['l0', 'l1', 'l2', 'l3'])
    drain(mesh, wire)
    const [one, two] = [laneFramesMax, 2 * laneFramesMax]
    const expected = [...high.slice(0, one), 'l0', ...high.slice(one, two), 'l1', ...high.slice(two)]
    deepEqual(wire.received.slice(1), [...expected, 'l2', 'l3'])
  })

  test('or after so many bytes', () => {
    const mesh = lanesMesh()
    const wire = blocked(mesh, ['h', 'l'])
    const half = laneBytesMax / 2
    const high = ['a', 'b', 'c', 'd'].map(letter => letter.repeat(half))
    publishAll(mesh, 0, 'h', high)
    publishAll(mesh, 0, 'l', ['l0', 'l1'])
    drain(mesh, wire)
    deepEqual(
      wire.received.slice(1).map(text => text.slice(0, 2)),
      ['aa', 'bb', 'l0', 'cc', 'dd', 'l1'],
    )
  })

  test('also where each read makes room for no more than one write', () => {
    const mesh = lanesMesh({ settings: { flushBytesMax: 4 } })
    const wire = blocked(mesh, ['h', 'l'])
    publishAll(mesh, 0, 'h', named('h', laneFramesMax + 5))
    publishAll(mesh, 0, 'l', ['l0'])
    for (let read = 0; read < laneFramesMax + 1; read++) drain(mesh, wire, { writable: false })
    equal(wire.received.at(-1), 'l0')
    equal(wire.received.length, laneFramesMax + 2)
  })

  test('no more, too, ahead of what is published in the turn in which the wire takes more', () => {
    const mesh = lanesMesh()
    const wire = blocked(mesh, ['h', 'l'])
    publishAll(mesh, 0, 'h', named('h', laneFramesMax))
    publishAll(mesh, 0, 'l', ['l0', 'l1', 'l2'])
    drain(mesh, wire, { writable: false })
    equal(wire.received.at(-1), `h${laneFramesMax - 1}`)
    wire.writable = true
    mesh.engines[0]?.drained(wire)
    mesh.publish(0, 'h', 'urgent')
    mesh.settle()
    deepEqual(wire.received.slice(1 + laneFramesMax), ['l0', 'urgent', 'l1', 'l2'])
  })

  test('a middle lane and a low one both have their turns', () => {
    const mesh = lanesMesh({ lanes: { laneFramesMax: 2 } })
    const wire = blocked(mesh, ['h', 'n', 'l'])
    publishAll(mesh, 0, 'h', named('h', 6))
    publishAll(mesh, 0, 'n', named('n', 3))
    publishAll(mesh, 0, 'l', named('l', 3))
    drain(mesh, wire)
    deepEqual(wire.received.slice(1).join(' '), 'h0 h1 n0 l0 h2 h3 n1 l1 h4 h5 l2 n2')
  })

  test('within a lane channels take turns, as they are drained and as they are owed', () => {
    const mesh = lanesMesh({ lanes: { laneFramesMax: 2 }, settings: { flushBytesMax: 4 } })
    const wire = blocked(mesh, ['ha', 'hb', 'la', 'lb'])
    for (const channel of ['ha', 'hb', 'la', 'lb']) publishAll(mesh, 0, channel, named(channel, 3))
    for (let read = 0; read < 12; read++) drain(mesh, wire, { writable: false })
    const sequence = wire.received.slice(1)
    const lanes = sequence.map(text => text[0]).join('')
    equal(lanes, 'hhlhhlhhllll')
    for (const lane of ['h', 'l']) {
      const turns = sequence.filter(text => text[0] === lane).map(text => text[1])
      for (let turn = 0; turn < 6; turn += 2) deepEqual(turns.slice(turn, turn + 2).sort(), ['a', 'b'])
    }
  })

  test('a count of what went ahead begins when somebody waits, and again with each turn', () => {
    const mesh = lanesMesh({ lanes: { laneFramesMax: 3 } })
    const wire = new FakeSubscriber()
    for (const channel of ['h', 'l']) mesh.subscribe(0, channel, wire)
    mesh.settle()
    publishAll(mesh, 0, 'h', named('x', 5))
    wire.writable = false
    publishAll(mesh, 0, 'h', ['first'])
    publishAll(mesh, 0, 'h', named('h', 4))
    publishAll(mesh, 0, 'l', named('l', 2))
    drain(mesh, wire)
    deepEqual(wire.received.slice(6), ['h0', 'h1', 'h2', 'l0', 'h3', 'l1'])
  })
})

describe('law 20, whoever waits for a higher lane goes on', () => {
  /** The higher channel is behind by more than one write, and the lower one was passed over. */
  function passedOver(): { mesh: Mesh; wire: FakeSubscriber } {
    const mesh = lanesMesh({ settings: { flushBytesMax: 4 }, lanes: { laneFramesMax: 1_000 } })
    const wire = blocked(mesh, ['h', 'l'])
    publishAll(mesh, 0, 'h', named('h', 9))
    publishAll(mesh, 0, 'l', named('l', 3))
    wire.writable = true
    mesh.engines[0]?.drained(wire)
    mesh.turn()
    deepEqual([wire.received.slice(1), held(mesh)], [['h0'], 1])
    return { mesh, wire }
  }

  test('when the last one of it has everything', () => {
    const { mesh, wire } = passedOver()
    mesh.settle()
    deepEqual(wire.received.slice(1), [...named('h', 9), ...named('l', 3)])
    equal(held(mesh), 1)
  })

  test('when the last one of it leaves', () => {
    const { mesh, wire } = passedOver()
    const [high] = wire.wire.ends
    mesh.engines[0]?.unsubscribe(high as never) // the hub hands out its outboxes
    mesh.settle()
    deepEqual(wire.received.slice(1), ['h0', ...named('l', 3)])
    equal(wire.wire.lanes, undefined)
  })

  test('when the channel of the last one of it begins anew', () => {
    const mesh = new Mesh({
      workers: 2,
      namespaces,
      settings: { flushBytesMax: 4 },
      ownerOf: name => Number(name === 'h'),
    })
    const wire = blocked(mesh, ['h', 'l'])
    publishAll(mesh, 0, 'h', named('h', 9))
    publishAll(mesh, 0, 'l', named('l', 3))
    mesh.kill(1, { farewell: false })
    mesh.start(1)
    drain(mesh, wire)
    deepEqual([wire.received.slice(-3), wire.gaps.length], [named('l', 3), 1])
    equal(wire.received.includes('h8'), false)
  })

  test('a subscription that waits for its channel is nobody who goes first', () => {
    const mesh = new Mesh({ workers: 2, namespaces, ownerOf: name => Number(name === 'h') })
    const wire = blocked(mesh, ['l'])
    mesh.kill(1)
    mesh.subscribe(0, 'h', wire)
    publishAll(mesh, 0, 'l', named('l', 3))
    drain(mesh, wire)
    deepEqual(wire.received.slice(1), named('l', 3))
  })
})

describe('law 20, which wires have lanes', () => {
  test('one whose channels differ in priority, as long as they do', () => {
    const mesh = lanesMesh()
    const wire = new FakeSubscriber()
    const add = (channel: string) => {
      mesh.subscribe(0, channel, wire)
      return wire.subscription as never // set by subscribe
    }
    const leave = (subscription: never) => mesh.engines[0]?.unsubscribe(subscription)
    const a = add('n-a')
    const b = add('n-b')
    equal(wire.wire.lanes, undefined)
    const low = add('l')
    const high = add('h')
    deepEqual(
      wire.wire.ends.map(({ lane }) => lane),
      [0, 1, 1, 2],
    )
    leave(low)
    leave(a)
    leave(b)
    deepEqual([wire.wire.lanes, wire.wire.ends.length], [undefined, 1])
    leave(high)
    deepEqual([wire.wire.lanes, wire.wire.ends.length], [undefined, 0])
  })

  test('a pattern has the priority of the namespace that fits it', () => {
    const mesh = lanesMesh()
    const wire = new FakeSubscriber()
    mesh.subscribe(0, 'n', wire)
    mesh.engines[0]?.subscribePattern(channelName('l*'), wire, { via: 'test' })
    deepEqual(
      wire.wire.ends.map(({ lane }) => lane),
      [1, 2],
    )
  })
})

describe('law 20, lanes of the fan-out', () => {
  test('an urgent channel goes before a broadcast that is under way', () => {
    const mesh = lanesMesh({ settings: { sliceSubscribers: 2 } })
    const many = Array.from({ length: 10 }, () => mesh.subscribe(0, 'n'))
    const urgent = mesh.subscribe(0, 'h')
    mesh.settle()
    mesh.publish(0, 'n', 'n')
    mesh.turn()
    mesh.publish(0, 'h', 'h')
    mesh.turn()
    deepEqual([urgent.received, many.filter(({ received }) => received.length > 0).length], [['h'], 3])
    mesh.settle()
    equal(
      many.every(({ received }) => received.length === 1),
      true,
    )
  })

  test('a lower channel that waits has a step after so many of higher ones', () => {
    const mesh = lanesMesh({ settings: { sliceSubscribers: 1 } })
    for (let n = 0; n < 2 * laneStepsMax; n++) mesh.subscribe(0, 'h')
    const low = mesh.subscribe(0, 'l')
    mesh.settle()
    mesh.publish(0, 'h', 'h')
    mesh.publish(0, 'l', 'l')
    for (let turn = 0; turn < laneStepsMax; turn++) mesh.turn()
    deepEqual(low.received, [])
    mesh.turn()
    deepEqual(low.received, ['l'])
  })
})
