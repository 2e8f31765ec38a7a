// Law 12: pattern subscriptions are watched for at all workers, live only, and told when something may be missing.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parsePosition } from '../../../src/engine/words/position.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { channelName, Mesh } from '../../helpers/mesh.ts'
import { publishAll, texts } from '../../helpers/published.ts'

interface Options {
  readonly tells?: boolean
  readonly via?: string
  readonly since?: string
}

function watch(mesh: Mesh, slot: number, pattern: string, options: Options = {}): FakeSubscriber {
  const { tells = true, via = 'test', since } = options
  const subscriber = new FakeSubscriber({ tells })
  const position = since === undefined ? undefined : parsePosition(since)
  const outcome = mesh.engines[slot]?.subscribePattern(channelName(pattern), subscriber, {
    via,
    since: position,
  })
  if (typeof outcome === 'object') subscriber.subscription = outcome
  mesh.settle()
  return subscriber
}

function leave(mesh: Mesh, slot: number, { subscription }: FakeSubscriber): void {
  mesh.engines[slot]?.unsubscribe(subscription!) // set when it was made
  mesh.settle()
}

/** Publications that cross a link until the mesh is at rest. */
function crossing(mesh: Mesh, from: number, to: number): number {
  return mesh.link(from, to).queued.filter(([type]) => type === 'publication').length
}

describe('law 12, patterns', () => {
  test('a pattern is watched for at all workers, whoever publishes', () => {
    const mesh = new Mesh()
    const subscriber = watch(mesh, 1, 'news-*')
    for (const channel of ['news-0', 'news-1', 'news-2']) {
      for (const slot of [0, 1, 2]) publishAll(mesh, slot, channel, [`${channel} from ${slot}`])
    }
    publishAll(mesh, 0, 'other-0', ['no'])
    deepEqual(
      subscriber.received,
      [0, 1, 2].flatMap(owner => [0, 1, 2].map(slot => `news-${owner} from ${slot}`)),
    )
  })

  test('what fits no pattern of a worker does not cross its link', () => {
    const mesh = new Mesh()
    watch(mesh, 1, 'news-*')
    mesh.publish(0, 'other-0', 'x')
    equal(crossing(mesh, 0, 1), 0)
    mesh.publish(0, 'news-0', 'x')
    deepEqual([crossing(mesh, 0, 1), crossing(mesh, 0, 2)], [1, 0])
  })

  test('a channel that was published to before a pattern came is found as well', () => {
    const mesh = new Mesh()
    publishAll(mesh, 0, 'news-0', ['before'])
    const subscriber = watch(mesh, 1, '*')
    publishAll(mesh, 0, 'news-0', ['after'])
    deepEqual(subscriber.received, ['after'])
  })

  test('a position is answered with a gap, then live', () => {
    const mesh = new Mesh({ history: { size: 10 } })
    const [position] = publishAll(mesh, 0, 'news-0', texts(3))
    const subscriber = watch(mesh, 1, 'news-*', { since: position! }) // one for each text
    publishAll(mesh, 0, 'news-0', ['3'])
    deepEqual([subscriber.resumedWithGap, subscriber.received], [true, ['3']])
    equal(watch(mesh, 1, 'news-*').resumedWithGap, false)
  })

  test('a worker has as many patterns as it may, each with as many subscribers as it likes', () => {
    const mesh = new Mesh({ settings: { patternsMax: 2 } })
    const [first] = [watch(mesh, 1, 'a-*'), watch(mesh, 1, 'b-*'), watch(mesh, 1, 'a-*')]
    const outcome = () =>
      mesh.engines[1]?.subscribePattern(channelName('c-*'), new FakeSubscriber(), { via: 'test' })
    equal(outcome(), 'overloaded')
    equal(watch(mesh, 0, 'c-*').subscription === undefined, false)
    leave(mesh, 1, first ?? new FakeSubscriber())
    equal(outcome(), 'overloaded')
    const { hub } = mesh.engines[1]?.statistics() ?? {}
    deepEqual([hub?.['patterns'], hub?.['refused.overloaded']], [2, 2])
  })

  test('who is left while another one is told that it is live is told nothing', () => {
    const mesh = new Mesh()
    const [engine] = mesh.engines
    const [earlier, later] = [new FakeSubscriber(), new FakeSubscriber()]
    earlier.onAttached = () => engine?.unsubscribe(later.subscription!) // set below
    for (const subscriber of [earlier, later]) {
      const outcome = engine?.subscribePattern(channelName('news-*'), subscriber, { via: 'test' })
      if (typeof outcome === 'object') subscriber.subscription = outcome
    }
    mesh.settle()
    publishAll(mesh, 0, 'news-1', ['x'])
    deepEqual([earlier.resumedWithGap, earlier.received], [false, ['x']])
    deepEqual([later.resumedWithGap, later.received], [undefined, []])
  })

  test('the last that leaves ends the watch, the first does not', () => {
    const mesh = new Mesh()
    const [first, second] = [watch(mesh, 1, 'news-*'), watch(mesh, 1, 'news-*')]
    leave(mesh, 1, first)
    publishAll(mesh, 0, 'news-0', ['one'])
    deepEqual([first.received, second.received], [[], ['one']])
    leave(mesh, 1, second)
    mesh.publish(0, 'news-0', 'nobody')
    equal(crossing(mesh, 0, 1), 0)
    equal(mesh.engines[1]?.statistics().hub['patterns'], 0)
  })

  test('a subscriber of the channel and one of a pattern share what crosses the link, and each gets it once', () => {
    for (const slot of [0, 1]) {
      const mesh = new Mesh()
      const [pattern, wider] = [watch(mesh, slot, 'news-*'), watch(mesh, slot, '*')]
      const direct = mesh.subscribe(slot, 'news-0')
      publishAll(mesh, 2, 'news-0', ['while it attaches'])
      mesh.settle()
      mesh.publish(2, 'news-0', 'x')
      mesh.turn()
      mesh.deliver(2, 0)
      equal(slot === 0 ? 1 : crossing(mesh, 0, 1), 1)
      mesh.settle()
      mesh.engines[slot]?.unsubscribe(direct.subscription!) // set by subscribe
      publishAll(mesh, 2, 'news-0', ['y'])
      deepEqual(pattern.received, ['while it attaches', 'x', 'y'])
      deepEqual(wider.received, pattern.received)
      deepEqual(direct.received.at(-1), 'x')
    }
  })

  test('what is published before the owner hears of a subscriber of the channel still reaches the pattern', () => {
    const mesh = new Mesh()
    const pattern = watch(mesh, 1, 'news-*')
    const direct = mesh.subscribe(1, 'news-0')
    mesh.publish(0, 'news-0', 'before')
    mesh.turn()
    mesh.deliver(0, 1)
    mesh.publish(0, 'news-0', 'between')
    mesh.turn()
    mesh.deliver(0, 1)
    mesh.deliver(1, 0)
    mesh.publish(0, 'news-0', 'after')
    mesh.settle()
    deepEqual([pattern.received, direct.received], [['before', 'between', 'after'], ['after']])
  })

  test('patterns count neither as subscribers of a channel nor as presence', () => {
    const mesh = new Mesh()
    watch(mesh, 1, '*')
    const outcomes = mesh.publish(0, 'news-0', 'x')
    deepEqual(
      outcomes.map(outcome => typeof outcome === 'object' && outcome.subscribers),
      [0],
    )
  })

  test('a slow one follows the policy of its namespace, but never waits for history', () => {
    const mesh = new Mesh({ settings: { policy: 'catch-up', outboxBytesMax: 50 }, history: { size: 10 } })
    const slow = watch(mesh, 1, '*')
    slow.writable = false
    for (const n of texts(4)) publishAll(mesh, 0, `c${n}`, ['x'.repeat(20)])
    equal(slow.closedFor, 'slow')
  })

  test('as many subscribe to a pattern as its namespace allows', () => {
    const mesh = new Mesh({ settings: { subscribersMax: 2 } })
    const crowd = [1, 2, 3].map(() => watch(mesh, 1, '*'))
    deepEqual(
      crowd.map(({ position }) => position !== undefined),
      [true, true, false],
    )
  })
})

describe('law 12, who may read through a pattern', () => {
  const namespaces = [{ pattern: 'secret-*', subscribe: ['grip'] }]

  test('a pattern brings nothing from a channel that its front-end may not subscribe to', () => {
    const mesh = new Mesh({ namespaces })
    const [open, trusted] = [watch(mesh, 1, '*', { via: 'open' }), watch(mesh, 1, '*', { via: 'grip' })]
    publishAll(mesh, 0, 'secret-0', ['secret'])
    publishAll(mesh, 0, 'public-0', ['public'])
    deepEqual([open.received, trusted.received], [['public'], ['secret', 'public']])
    leave(mesh, 1, open)
    publishAll(mesh, 0, 'public-0', ['more'])
    deepEqual(trusted.received, ['secret', 'public', 'more'])
  })

  test('a pattern that is refused leaves no watch behind', () => {
    const mesh = new Mesh({ namespaces })
    const refused = mesh.engines[1]?.subscribePattern(channelName('secret-*'), new FakeSubscriber(), {
      via: 'open',
    })
    mesh.settle()
    equal(refused, 'not-allowed')
    mesh.publish(0, 'secret-0', 'x')
    deepEqual([crossing(mesh, 0, 1), mesh.engines[1]?.statistics().hub['patterns']], [0, 0])
  })
})
