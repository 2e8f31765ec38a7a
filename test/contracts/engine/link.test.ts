// The obligations of `Link`, on the link over a MessagePort that workers have, and on the one of the mesh that the engine
// is tested with.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import type { Link, LinkMessage } from '../../../src/engine/words/link.ts'
import { PortLink } from '../../../src/threads/port-link.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { Mesh } from '../../helpers/mesh.ts'
import { until } from '../../helpers/until.ts'

const bytesMax = 1_000

/** One end of a path with so much credit. */
interface NearEnd {
  readonly link: Link
  /** What the far end has handled, in order. */
  readonly handled: readonly LinkMessage[]
  /** How often the sender was told that there is credit again. */
  drained(): number
  /** Batches that left. */
  batches(): number
  turn(): void
  /** Ends the turn; what left arrives and is handled, and its credit is back. */
  settle(): Promise<void>
  close(): void
}

/** Says of itself only that it was handled. */
const numbered = (number: number): LinkMessage => ['detach', `c${number}`]
/** Goes there and back behind everything else, and is no message of a test's. */
const marker: LinkMessage = ['pattern-gap']

function portEnd(): NearEnd {
  const { port1, port2 } = new MessageChannel()
  const clock = new FakeClock()
  const handled: LinkMessage[] = []
  const heard = { near: 0, far: 0, drained: 0 }
  const near = new PortLink({
    to: 1,
    port: port1,
    clock,
    bytesMax,
    received(messages) {
      heard.near += messages.length
    },
    drained: () => void heard.drained++,
    closed() {},
  })
  const far = new PortLink({
    to: 0,
    port: port2,
    clock,
    bytesMax,
    received(messages) {
      for (const message of messages) {
        if (message[0] === marker[0]) heard.far++
        else handled.push(message)
      }
    },
    drained() {},
    closed() {},
  })
  return {
    link: near,
    handled,
    drained: () => heard.drained,
    batches: () => near.counters.batches,
    turn: () => void clock.turn(),
    async settle() {
      const [there, back] = [heard.far + 1, heard.near + 1]
      near.sendReserved(marker)
      clock.turn()
      await until('what was sent', () => heard.far === there)
      far.sendReserved(marker)
      clock.turn()
      await until('the credit', () => heard.near === back)
    },
    close() {
      near.close()
      far.close()
    },
  }
}

function meshEnd(): NearEnd {
  const handled: LinkMessage[] = []
  let drained = 0
  let delivered = 0
  const mesh = new Mesh({
    workers: 2,
    settings: { linkBytesMax: bytesMax },
    observer: { received: (from, _, message) => void (from === 0 && handled.push(message)) },
  })
  // What two engines say to each other as they begin.
  handled.length = 0
  const link = mesh.link(0, 1)
  const deliver = () => {
    const wasRefused = link.refused
    if (!mesh.deliver(0, 1)) return false
    delivered++
    if (wasRefused && !link.refused) drained++
    return true
  }
  return {
    link,
    handled,
    drained: () => drained,
    batches: () => delivered + link.batches.length,
    turn: () => void mesh.turn(),
    settle() {
      mesh.turn()
      while (deliver());
      mesh.settle()
      return Promise.resolve()
    },
    close() {},
  }
}

type Case = (end: NearEnd) => void | Promise<void>

const cases: Readonly<Record<string, Case>> = {
  async 'hands over in the order in which it was given, whichever way'({ handled, link, settle }) {
    equal(link.send(numbered(1), 10), true)
    link.sendReserved(numbered(2))
    equal(link.send(numbered(3), 10), true)
    await settle()
    link.sendReserved(numbered(4))
    await settle()
    deepEqual(handled, [1, 2, 3, 4].map(numbered))
  },

  'sends what one turn queued as one batch, at its end'({ batches, link, turn }) {
    for (const number of [1, 2, 3]) link.send(numbered(number), 10)
    equal(batches(), 0)
    turn()
    equal(batches(), 1)
    turn()
    equal(batches(), 1, 'a turn that queued nothing sends nothing')
  },

  'sends what is queued at once when it is asked to'({ batches, link }) {
    link.flush()
    equal(batches(), 0, 'there is nothing to send')
    link.sendReserved(numbered(1))
    link.flush()
    equal(batches(), 1)
  },

  async 'takes as much as its credit, and of what it refuses nothing arrives'({ handled, link, settle }) {
    equal(link.send(numbered(1), bytesMax - 1), true)
    equal(link.send(numbered(2), 2), false)
    equal(link.send(numbered(3), 1), true)
    equal(link.send(numbered(4), 1), false)
    await settle()
    deepEqual(handled, [numbered(1), numbered(3)])
  },

  async 'takes one message beyond all credit when nothing else is under way'({ handled, link, settle }) {
    equal(link.send(numbered(1), bytesMax + 1), true)
    equal(link.send(numbered(2), 1), false)
    await settle()
    equal(link.send(numbered(3), 1), true)
    equal(link.send(numbered(4), bytesMax + 1), false)
    await settle()
    deepEqual(handled, [numbered(1), numbered(3)])
  },

  async 'takes from the reserve without credit, and for nothing'({ handled, link, settle }) {
    equal(link.send(numbered(1), bytesMax), true)
    for (let number = 2; number <= 20; number++) link.sendReserved(numbered(number))
    await settle()
    equal(handled.length, 20)
    link.sendReserved(numbered(21))
    equal(link.send(numbered(22), bytesMax), true)
  },

  async 'has its credit back when what it counted for was handled, not when it left'({ link, settle, turn }) {
    equal(link.send(numbered(1), bytesMax), true)
    turn()
    equal(link.send(numbered(2), 1), false)
    await settle()
    equal(link.send(numbered(3), bytesMax), true)
  },

  async 'tells who was refused, and nobody else, that there is credit again'({ drained, link, settle }) {
    link.send(numbered(1), bytesMax)
    await settle()
    equal(drained(), 0)
    link.send(numbered(2), bytesMax)
    equal(link.send(numbered(3), 1), false)
    equal(link.send(numbered(4), 1), false)
    equal(drained(), 0)
    await settle()
    equal(drained(), 1)
    await settle()
    equal(drained(), 1)
  },
}

for (const [name, open] of Object.entries({ 'over a MessagePort': portEnd, 'of the mesh': meshEnd })) {
  describe(`a link ${name}`, () => {
    for (const [behaviour, play] of Object.entries(cases)) {
      test(behaviour, async t => {
        const end = open()
        t.after(() => end.close())
        equal(end.link.to, 1)
        await play(end)
      })
    }
  })
}
