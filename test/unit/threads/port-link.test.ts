// A link gives credit back: with the next batch, at once where much is owed, and on its own where nothing else is sent.
import { deepEqual, equal } from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import type { LinkMessage } from '../../../src/engine/words/link.ts'
import type { Clock } from '../../../src/std/clock.ts'
import { PortLink } from '../../../src/threads/port-link.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { until } from '../../helpers/until.ts'

const bytesMax = 65_536
const message: LinkMessage = ['publication', 'c', [1, 0, new Uint8Array(10)]]

const links: PortLink[] = []

/** Two ends of one path, and what happened at them. */
function pair() {
  const { port1, port2 } = new MessageChannel()
  const time = new FakeClock()
  const seen = { received: 0, drained: 0, timers: 0 }
  const clock: Clock = {
    now: () => time.now(),
    sharedMs: () => time.now(),
    unixMs: () => time.unixMs(),
    cpuMs: () => time.cpuMs(),
    every: (ms, run) => time.every(ms, run),
    endOfTurn: run => time.endOfTurn(run),
    after(ms, run) {
      seen.timers++
      return time.after(ms, run)
    },
  }
  const handlers = {
    received(messages: readonly LinkMessage[]) {
      seen.received += messages.length
    },
    drained() {
      seen.drained++
    },
    closed() {},
  }
  const near = new PortLink({ to: 1, port: port1, clock, bytesMax, ...handlers })
  const far = new PortLink({ to: 0, port: port2, clock, bytesMax, ...handlers })
  links.push(near, far)
  const arrived = (count: number) =>
    until(`${count} messages`, () => {
      time.turn()
      return seen.received === count
    })
  return { time, near, far, seen, arrived }
}

describe('credit of a link', () => {
  afterEach(() => {
    for (const link of links.splice(0)) link.close()
  })

  test('comes back on a quiet link, however little it is', async () => {
    const { time, near, seen, arrived } = pair()
    equal(near.send(message, 16_000), true)
    await arrived(1)
    equal(near.send(message, 60_000), false)
    time.advance(50)
    time.turn()
    await until('credit', () => seen.drained === 1)
    equal(near.send(message, 60_000), true)
  })

  test('needs one timer for many messages, and none after a batch took it along', async () => {
    const { time, near, far, seen, arrived } = pair()
    for (let count = 1; count <= 3; count++) {
      near.send(message, 1_000)
      await arrived(count)
    }
    equal(seen.timers, 1)
    far.sendReserved(['pattern-gap'])
    await arrived(4)
    time.advance(50)
    equal(time.turn(), false)
    deepEqual([seen.timers, far.counters.batches], [1, 1])
    equal(near.send(message, bytesMax), true, 'all credit is back')
  })

  test('does not travel alone while batches leave anyway, and does when they stop', async () => {
    const { time, near, far, seen, arrived } = pair()
    near.send(message, 1_000)
    await arrived(1)
    far.sendReserved(['pattern-gap'])
    await arrived(2)
    near.send(message, 1_000)
    await arrived(3)
    time.advance(50)
    equal(time.turn(), false)
    deepEqual([seen.timers, far.counters.batches], [2, 1])
    time.advance(50)
    time.turn()
    equal(far.counters.batches, 2)
  })

  test('comes back at the end of the turn where more than a quarter of it is owed', async () => {
    const { time, near, seen, arrived } = pair()
    near.send(message, 50_000)
    await arrived(1)
    equal(near.send(message, 50_000), false)
    await until('credit', () => {
      time.turn()
      return seen.drained === 1
    })
    equal(seen.timers, 0)
  })

  test('is not asked for by what costs none', async () => {
    const { time, near, far, seen, arrived } = pair()
    near.sendReserved(['pattern-gap'])
    await arrived(1)
    time.advance(50)
    equal(time.turn(), false)
    deepEqual([seen.timers, far.counters.batches], [0, 0])
  })
})
