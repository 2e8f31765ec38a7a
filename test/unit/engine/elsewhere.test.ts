// Channels that other nodes own: what is said of them goes to the port, nobody subscribes to them here, and one that became
// another node's is let go of and forgotten.
import { deepEqual, equal, notEqual } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { Elsewhere } from '../../../src/engine/elsewhere.ts'
import type { InspectOutcome } from '../../../src/engine/owner/inspection.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { channelName, Mesh } from '../../helpers/mesh.ts'

/** Other nodes, which own what begins so. */
class Others implements Elsewhere {
  readonly asked: string[] = []
  prefixes = ['far']
  isMoving = false
  pending = 0

  owns(channel: string): boolean {
    return this.prefixes.some(prefix => channel.startsWith(prefix))
  }

  publish({ channel }: Parameters<Elsewhere['publish']>[0], done: Parameters<Elsewhere['publish']>[1]): void {
    this.asked.push(`publish ${channel}`)
    done('owner-lost')
  }

  presence(channel: string, done: (subscribers: number | undefined) => void): void {
    this.asked.push(`presence ${channel}`)
    done(7)
  }

  inspect(channel: string, _options: unknown, done: (outcome: InspectOutcome) => void): void {
    this.asked.push(`inspect ${channel}`)
    done('overloaded')
  }
}

let others: Others
let mesh: Mesh

beforeEach(() => {
  others = new Others()
  mesh = new Mesh({ history: { size: 10 }, elsewhere: others })
})

function outcomeOf(run: (done: (outcome: unknown) => void) => void): unknown {
  const outcomes: unknown[] = []
  run(outcome => outcomes.push(outcome))
  mesh.settle()
  equal(outcomes.length, 1)
  return outcomes[0]
}

function subscribe(channel: string): unknown {
  return mesh.engines[0]?.subscribe(channelName(channel), new FakeSubscriber(), { via: 'test' })
}

function positionOf(channel: string): unknown {
  return outcomeOf(done => mesh.engines[0]?.inspect(channelName(channel), { limit: 0 }, done))
}

describe('a channel of another node', () => {
  test('is published to and asked about there', () => {
    deepEqual(mesh.publish(1, 'far1', 'x'), ['owner-lost'])
    equal(
      outcomeOf(done => mesh.engines[0]?.presence(channelName('far1'), done)),
      7,
    )
    equal(positionOf('far1'), 'overloaded')
    deepEqual(others.asked, ['publish far1', 'presence far1', 'inspect far1'])
    const { router } = mesh.engines[1]?.statistics() ?? {}
    equal(router?.['publishes.elsewhere'], 1)
  })

  test('is subscribed to by nobody, and no pattern is: it might fit some of them', () => {
    equal(subscribe('far1'), 'elsewhere')
    const { engines } = mesh
    equal(engines[0]?.subscribePattern(channelName('n*'), new FakeSubscriber(), { via: 'test' }), 'elsewhere')
    equal(engines[0]?.statistics().hub['refused.elsewhere'], 2)
    notEqual(subscribe('near1'), 'elsewhere')
  })

  test('counts among what a node that stops waits for', () => {
    others.pending = 3
    equal(mesh.engines[0]?.pending, 3)
  })
})

describe('channels that became those of another node', () => {
  test('lose their subscribers, over a time, and others keep theirs', () => {
    const moved = ['move0', 'move1', 'move2', 'move3'].map(name => mesh.subscribe(0, name))
    const kept = mesh.subscribe(0, 'near1')
    mesh.settle()
    others.prefixes = ['move']
    for (const engine of mesh.engines) engine?.release(200)
    mesh.settle()
    const closed = () => moved.filter(({ closedFor }) => closedFor === 'draining').length
    equal(closed() < 4, true)
    mesh.clock.advance(200)
    mesh.settle()
    deepEqual([closed(), kept.closedFor], [4, undefined])
    equal(subscribe('move0'), 'elsewhere')
    mesh.publish(2, 'near1', 'x')
    mesh.settle()
    deepEqual(kept.received, ['x'])
    notEqual(subscribe('near2'), 'draining')
  })

  test('are forgotten, so that whoever resumes when they come back is told of a gap', () => {
    for (const name of ['move0', 'move1', 'near1']) mesh.publish(0, name, 'before')
    const reader = mesh.subscribe(1, 'move1')
    mesh.settle()
    const before = reader.position
    equal(before === undefined, false)
    others.prefixes = ['move']
    for (const engine of mesh.engines) engine?.release(0)
    mesh.clock.advance(50)
    mesh.settle()
    others.prefixes = []
    const since = `${before?.epoch}.${before?.offset}`
    const back = mesh.subscribe(2, 'move1', new FakeSubscriber({ tells: true }), since)
    mesh.settle()
    equal(back.resumedWithGap, true)
    notEqual(back.position?.epoch, before?.epoch)
    deepEqual(
      [positionOf('move0')].map(found => (found as { position?: unknown }).position),
      [undefined],
    )
    equal((positionOf('near1') as { position?: unknown }).position === undefined, false)
  })
})
