// When the clients of a stopping worker are to come back: how wide that is follows how many they are, nothing else.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Returns, returnMsMax } from '../../../../src/engine/reader/returns.ts'
import type { Random } from '../../../../src/std/random.ts'
import { FakeSubscriber } from '../../../helpers/fake-subscriber.ts'
import { channelName, Mesh } from '../../../helpers/mesh.ts'

const least: Random = { hex: bytes => '00'.repeat(bytes) }
const most: Random = { hex: bytes => 'ff'.repeat(bytes) }

/** What so many are told. */
function told(clients: number, perSecond: number, random = least): readonly number[] {
  const returns = new Returns(random)
  returns.plan({ perSecond, resuming: 0, others: clients })
  return Array.from({ length: clients }, () => returns.next('others'))
}

function widthOf(times: readonly number[]): number {
  return Math.max(...times) - Math.min(...times)
}

describe('places', () => {
  test('follow the rate, and how wide they are the number of clients', () => {
    deepEqual(told(4, 500), [100, 102, 104, 106])
    deepEqual(
      [100, 1_000, 10_000].map(clients => widthOf(told(clients, 500))),
      [198, 1_998, 19_998],
    )
    deepEqual(
      [1, 50, 1_000_000].map(perSecond => widthOf(told(101, perSecond))),
      [100_000, 2_000, 0],
    )
  })

  test('leave chance room inside of them, and no more', () => {
    const [early, late] = [told(100, 10), told(100, 10, most)]
    for (const [n, ms] of early.entries()) {
      deepEqual([ms, late[n]], [100 + n * 100, 200 + n * 100])
    }
  })

  test('of whoever can resume come first, in whatever order they are given', () => {
    const returns = new Returns(least)
    returns.plan({ perSecond: 100, resuming: 2, others: 2 })
    const kinds = ['others', 'resuming', 'others', 'resuming', 'others'] as const
    deepEqual(
      kinds.map(kind => returns.next(kind)),
      [120, 100, 130, 110, 140],
    )
  })

  test('are as many as fit into four minutes where the rate is kept, and move together beyond that', () => {
    const fitting = Math.floor((returnMsMax - 100) / 50)
    for (const [clients, exceeded] of [
      [fitting, 0],
      [fitting + 1, fitting + 1],
      [4 * fitting, 4 * fitting],
    ] as const) {
      const returns = new Returns(most)
      returns.plan({ perSecond: 20, resuming: 0, others: clients })
      const times = Array.from({ length: clients }, () => returns.next('others'))
      ok(Math.max(...times) <= returnMsMax && Math.max(...times) > returnMsMax - 60)
      equal(returns.counters.returnsMaxExceeded, exceeded)
    }
  })

  test('of whoever was not counted are behind the others, and never beyond those four minutes', () => {
    const returns = new Returns(least)
    returns.plan({ perSecond: 1, resuming: 1, others: 1 })
    const times = Array.from({ length: 1_000 }, () => returns.next('others'))
    deepEqual(times.slice(0, 3), [1_100, 2_100, 3_100])
    ok(Math.max(...times) <= returnMsMax && Math.min(...times) >= 100)
    equal(returns.counters.returnsMaxExceeded, 1_000 - 239)
    // As even as before: no second has more than its share.
    const seconds = Map.groupBy(times, ms => Math.floor(ms / 1_000))
    ok(Math.max(...[...seconds.values()].map(({ length }) => length)) <= 5)
  })
})

describe('a drain', () => {
  const crowd = (mesh: Mesh, count: number, channel = 'c', rest?: true) =>
    Array.from({ length: count }, () => mesh.subscribe(0, channel, new FakeSubscriber(rest ? { rest } : {})))
  const returnsOf = (subscribers: readonly FakeSubscriber[]) =>
    subscribers.map(({ returns }) => returns[0] ?? -1)

  test('tells the same times, whether it closes at once or over a while', () => {
    for (const [spreadMs, passMs] of [
      [0, 0],
      [1_000, 1_000],
      [10_000, 10_000],
    ] as const) {
      const mesh = new Mesh({ workers: 1 })
      const clients = crowd(mesh, 200)
      mesh.engines[0]?.drain(spreadMs, () => {}, 100)
      mesh.clock.advance(passMs)
      const times = returnsOf(clients)
      equal(Math.min(...times), 100, `over ${spreadMs} ms`)
      ok(widthOf(times) >= 1_990 && widthOf(times) <= 2_000, `${widthOf(times)} over ${spreadMs} ms`)
      equal(new Set(times.map(ms => Math.floor((ms - 100) / 10))).size, 200)
    }
  })

  test('sends those that can resume away first, and has them back first', () => {
    const mesh = new Mesh({ workers: 1 })
    const others = crowd(mesh, 50, 'a')
    const resuming = crowd(mesh, 50, 'b', true)
    mesh.engines[0]?.drain(1_000, () => {}, 100)
    mesh.clock.advance(400)
    ok(others.every(({ closedFor }) => closedFor === undefined))
    ok(resuming.filter(({ closedFor }) => closedFor === 'draining').length >= 40)
    mesh.clock.advance(700)
    ok(Math.max(...returnsOf(resuming)) <= 600 && Math.min(...returnsOf(others)) >= 600)
    equal(Math.min(...returnsOf(resuming)), 100)
  })

  test('takes all subscriptions of one client for one, which can resume where one of them can', () => {
    const mesh = new Mesh({ workers: 1 })
    const [many, plain] = [new FakeSubscriber(), new FakeSubscriber()]
    const engine = mesh.engines[0]
    engine?.subscribe(channelName('x'), plain, { via: 'test' })
    for (const name of ['x', 'y', 'z'])
      engine?.subscribe(channelName(name), many, { via: 'test', ...(name === 'z' && { rest: true }) })
    engine?.drain(0, () => {}, 1)
    deepEqual([many.returns.length, new Set(many.returns).size, plain.returns.length], [3, 1, 1])
    const [[first], [second]] = [returnsOf([many]), returnsOf([plain])]
    ok((first ?? 0) < 1_100 && (second ?? 0) >= 1_100 && (second ?? 0) < 2_100, `${first}, ${second}`)
    equal(engine?.statistics().hub['closed.draining'], 4)
  })

  test('gives the next places to whoever a front-end sends away or refuses by itself', () => {
    const mesh = new Mesh({ workers: 1 })
    crowd(mesh, 9)
    const [engine] = mesh.engines
    engine?.drain(60_000, () => {}, 10)
    // One was sent away at once, and has the first place.
    const others = Array.from({ length: 3 }, () => engine?.returns.next('others') ?? 0)
    deepEqual(
      others.map(ms => Math.floor((ms - 100) / 100)),
      [1, 2, 3],
    )
  })

  test('says nothing to whoever is closed for another reason', () => {
    const mesh = new Mesh({ workers: 2 })
    mesh.kill(1)
    const client = mesh.subscribe(0, 'c1')
    mesh.clock.advance(60_000)
    deepEqual([client.closedFor, client.returns], ['owner-lost', [undefined]])
  })
})
