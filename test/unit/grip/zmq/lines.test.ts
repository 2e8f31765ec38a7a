// The line between the thread and a worker, each end by itself: credit, order, what is lost with a worker, and who is told of
// which channel.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PublishOutcome } from '../../../../src/engine/router.ts'
import { type Draft, packDraft, parseChannelName } from '../../../../src/engine/words/publication.ts'
import { creditBytes, HandOver } from '../../../../src/frontends/grip/zmq/hand-over.ts'
import { Intake } from '../../../../src/frontends/grip/zmq/intake.ts'
import { Interests } from '../../../../src/frontends/grip/zmq/interests.ts'
import type { ToRoom } from '../../../../src/frontends/grip/zmq/wire.ts'
import type { SidePort } from '../../../../src/frontends/side.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

function draft(channel: string, bytes = 10): Draft {
  const name = parseChannelName(channel)
  ok(name)
  return { channel: name, content: { kind: 'bytes', payload: new Uint8Array(bytes) }, via: 'grip' }
}

class FakePort implements SidePort {
  readonly sent: ToRoom[] = []
  #closed: () => void = () => {}

  send(message: unknown): void {
    this.sent.push(message as ToRoom) // what the thread says to rooms
  }

  receive(): void {}

  onClosed(closed: () => void): void {
    this.#closed = closed
  }

  close(): void {
    this.#closed()
  }

  /** Numbers of batches, and what is in them. */
  batches(): readonly (readonly [number, readonly string[]])[] {
    return this.sent.map(message => {
      ok(message[0] === 'drafts')
      return [message[1], message[2].map(([channel]) => channel)]
    })
  }
}

describe('what the thread hands over', () => {
  function opened() {
    const clock = new FakeClock()
    const told: string[] = []
    const handOver = new HandOver({
      clock,
      ownerOf: channel => Number(channel[0]),
      lost: (slot, drafts) => told.push(`lost ${slot} ${drafts}`),
      refused: reason => told.push(reason),
    })
    return { clock, told, handOver }
  }

  test('goes in one batch a turn to the worker that owns the channel', () => {
    const { clock, handOver } = opened()
    const ports = [new FakePort(), new FakePort()]
    ports.forEach((port, slot) => handOver.join(slot, port))
    for (const channel of ['0a', '1a', '0b']) handOver.offer(draft(channel))
    clock.turn()
    deepEqual(ports[0]?.batches(), [[1, ['0a', '0b']]])
    deepEqual(ports[1]?.batches(), [[2, ['1a']]])
  })

  test('waits for a worker that is not there', () => {
    const { clock, handOver } = opened()
    handOver.offer(draft('0a'))
    clock.turn()
    const port = new FakePort()
    handOver.join(0, port)
    clock.turn()
    deepEqual(port.batches(), [[1, ['0a']]])
  })

  test('is bounded: without credit nothing more is to be received, until half is handled', async () => {
    const { clock, handOver } = opened()
    const port = new FakePort()
    handOver.join(0, port)
    handOver.offer(draft('0a', creditBytes))
    clock.turn()
    equal(handOver.whenFree(), undefined)
    handOver.offer(draft('0b', creditBytes - 1_000))
    clock.turn()
    equal(handOver.whenFree(), undefined)
    handOver.offer(draft('0c', 1_000))
    clock.turn()
    const free = handOver.whenFree()
    ok(free)
    equal(port.sent.length, 1)
    handOver.handled(0, 1, [])
    clock.turn()
    await free
    deepEqual(port.batches().at(-1), [2, ['0b', '0c']])
    equal(handOver.whenFree(), undefined)
  })

  test('tells whoever asks what became of it, and counts the rest', () => {
    const { clock, told, handOver } = opened()
    handOver.join(0, new FakePort())
    const outcomes: (string | undefined)[] = []
    handOver.offer(draft('0a'), outcome => outcomes.push(outcome))
    handOver.offer(draft('0b'), outcome => outcomes.push(outcome))
    handOver.offer(draft('0c'))
    clock.turn()
    handOver.handled(0, 1, [
      [1, 'overloaded'],
      [2, 'draining'],
    ])
    deepEqual(outcomes, [undefined, 'overloaded'])
    deepEqual(told, ['draining'])
  })

  test('that was with a worker that ends is told to be lost, and the rest goes to the next one', async () => {
    const { clock, told, handOver } = opened()
    const [first, second] = [new FakePort(), new FakePort()]
    handOver.join(0, first)
    const outcomes: (string | undefined)[] = []
    handOver.offer(draft('0a'), outcome => outcomes.push(outcome))
    handOver.offer(draft('0b'))
    clock.turn()
    first.close()
    handOver.offer(draft('0c'))
    clock.turn()
    deepEqual([told, outcomes], [['lost 0 2'], ['worker-lost']])
    handOver.join(0, second)
    clock.turn()
    deepEqual(second.batches(), [[2, ['0c']]])
    // Its batches are its own.
    handOver.handled(0, 1, [])
    const empty = handOver.whenEmpty()
    handOver.handled(0, 2, [])
    await empty
  })
})

describe('what a worker takes', () => {
  function opened(outcome: (channel: string) => PublishOutcome) {
    const clock = new FakeClock()
    const published: string[] = []
    const handled: unknown[] = []
    const intake = new Intake({
      clock,
      publish(taken, done) {
        const is = outcome(taken.channel)
        if (is !== 'overloaded') published.push(taken.channel)
        done(is)
      },
      handled: (batch, refused) => handled.push([batch, ...refused]),
      published() {},
    })
    return { clock, published, handled, intake }
  }
  const place = { epoch: 'e', offset: 1, receivers: 1 } as never // only that it is no refusal is looked at
  const packed = (...channels: string[]) => channels.map(channel => packDraft(draft(channel)))

  test('is published in order, and told by batch', () => {
    const { published, handled, intake } = opened(channel => (channel === 'no' ? 'not-allowed' : place))
    intake.take(1, packed('a', 'no', 'b'))
    intake.take(2, [])
    deepEqual(published, ['a', 'no', 'b'])
    deepEqual(handled, [[1, [1, 'not-allowed']], [2]])
  })

  test('waits where the engine is overloaded, and keeps its order', () => {
    let isFull = true
    const { clock, published, handled, intake } = opened(channel =>
      isFull && channel === 'b' ? 'overloaded' : place,
    )
    intake.take(1, packed('a', 'b'))
    intake.take(2, packed('c'))
    deepEqual(published, ['a'])
    clock.advance(10)
    deepEqual(handled, [])
    isFull = false
    clock.advance(10)
    deepEqual(published, ['a', 'b', 'c'])
    deepEqual(handled, [[1], [2]])
  })

  test('is refused after five seconds of that', () => {
    const { clock, handled, intake } = opened(channel => (channel === 'b' ? 'overloaded' : place))
    intake.take(1, packed('b', 'c'))
    clock.advance(4_990)
    deepEqual(handled, [])
    clock.advance(20)
    deepEqual(handled, [[1, [0, 'overloaded']]])
  })
})

describe('a channel that publishers are told of', () => {
  function opened() {
    const clock = new FakeClock()
    const told: string[] = []
    const interests = new Interests({
      clock,
      subscribe: channel => told.push(`+${channel}`),
      unsubscribe: channel => told.push(`-${channel}`),
    })
    return { clock, told, interests }
  }

  test('is given up when its time is over, unless somebody comes', () => {
    const { clock, told, interests } = opened()
    interests.told(0, false, ['a', 'b', 'c'], [])
    interests.told(
      0,
      false,
      [],
      [
        ['a', 0],
        ['b', 60_000],
        ['c', 60_000],
      ],
    )
    deepEqual(told, ['+a', '+b', '+c', '-a'])
    interests.told(0, false, ['b'], [])
    clock.advance(59_999)
    ok(interests.has('c'))
    clock.advance(1)
    deepEqual(told.slice(4), ['-c'])
    ok(interests.has('b'))
  })

  test('stays while its worker is replaced, and goes where the next one has nobody', () => {
    const { clock, told, interests } = opened()
    interests.told(0, true, ['a', 'b'], [])
    interests.told(1, true, ['x'], [])
    interests.told(0, false, ['c'], [])
    interests.told(0, false, [], [['c', 1_000]])
    interests.told(0, true, ['b'], [])
    deepEqual(told, ['+a', '+b', '+x', '+c', '-a'])
    clock.advance(1_000)
    deepEqual(told.at(-1), '-c')
    equal(interests.size, 2)
  })

  // The law: whatever is told in whatever order, the publisher is subscribed to what somebody has, and to nothing else.
  test('is subscribed to exactly as long as somebody is there, or its time lasts', () => {
    let seed = 7
    const random = (max: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % max
    }
    const { clock, told, interests } = opened()
    const model = new Map<string, number>()
    for (let step = 0; step < 1_000; step++) {
      const channel = String.fromCharCode(97 + random(5))
      if (random(2) === 0) {
        interests.told(0, false, [channel], [])
        model.set(channel, Number.POSITIVE_INFINITY)
      } else if (model.has(channel)) {
        const lingerMs = random(3) * 10
        interests.told(0, false, [], [[channel, lingerMs]])
        if (lingerMs === 0) model.delete(channel)
        else model.set(channel, clock.now() + lingerMs)
      }
      clock.advance(random(10))
      for (const [name, untilMs] of model) if (untilMs <= clock.now()) model.delete(name)
      const subscribed = new Set<string>()
      for (const word of told) {
        if (word.startsWith('+')) subscribed.add(word.slice(1))
        else ok(subscribed.delete(word.slice(1)))
      }
      deepEqual([...subscribed].sort(), [...model.keys()].sort())
    }
  })
})
