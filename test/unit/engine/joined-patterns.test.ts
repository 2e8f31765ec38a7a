// Law 12 where nodes are joined: patterns are fed by what joins them, each publication once, whoever is attached to its channel.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { Joint } from '../../helpers/joint.ts'
import { JointNode } from '../../helpers/joint-node.ts'
import { channelName, Mesh, type MeshOptions } from '../../helpers/mesh.ts'

class Scene {
  readonly joint = new Joint()
  readonly nodes = [new JointNode(this.joint), new JointNode(this.joint)] as const
  readonly a: Mesh
  readonly b: Mesh

  constructor(options: MeshOptions = {}) {
    this.a = new Mesh({ ...options, workers: 2, node: this.nodes[0] })
    this.b = new Mesh({ ...options, workers: 2, node: this.nodes[1] })
  }

  settle(): void {
    this.joint.settle(this.a, this.b)
  }

  watch(slot: number, pattern: string): FakeSubscriber {
    const subscriber = new FakeSubscriber({ tells: true })
    const options = { via: 'test', since: undefined }
    const outcome = this.a.engines[slot]?.subscribePattern(channelName(pattern), subscriber, options)
    if (typeof outcome === 'object') subscriber.subscription = outcome
    return subscriber
  }

  publish(mesh: Mesh, channel: string, text: string): void {
    mesh.publish(0, channel, text)
    this.settle()
  }

  asked(slot: number): string[] {
    return this.nodes[0].broker(slot).asked.filter(what => what.includes('watch'))
  }
}

describe('law 12, patterns of joined nodes', () => {
  test('get what any node publishes, once, whether the channel has subscribers or not', () => {
    const scene = new Scene()
    const watching = [scene.watch(0, 'c*'), scene.watch(1, '*'), scene.watch(1, 'd*')]
    scene.a.subscribe(1, 'c0')
    scene.a.subscribe(0, 'c0')
    scene.settle()
    for (const channel of ['c0', 'c1']) {
      scene.publish(scene.b, channel, `b ${channel}`)
      scene.publish(scene.a, channel, `a ${channel}`)
    }
    const all = ['b c0', 'a c0', 'b c1', 'a c1']
    deepEqual(
      watching.map(({ received }) => received),
      [all, all, []],
    )
  })

  test('are live when the broker of every worker watches, and not before', () => {
    const scene = new Scene()
    scene.nodes[0].broker(1).cut()
    const subscriber = scene.watch(0, 'c*')
    scene.settle()
    deepEqual([subscriber.position], [undefined])
    scene.nodes[0].broker(1).mend()
    scene.settle()
    equal(subscriber.position?.epoch, 'pattern')
  })

  test('of which nobody hears in time are closed for another try', () => {
    const scene = new Scene({ settings: { attachTimeoutMs: 1_000 } })
    scene.nodes[0].broker(1).cut()
    const subscriber = scene.watch(0, 'c*')
    scene.settle()
    scene.a.advance(900)
    equal(subscriber.closedFor, undefined)
    scene.a.advance(600)
    equal(subscriber.closedFor, 'owner-lost')
  })

  test('are asked for once a worker, and given up when the last one leaves', () => {
    const scene = new Scene()
    const first = [scene.watch(0, 'c*'), scene.watch(1, 'c*'), scene.watch(1, 'c*')]
    scene.settle()
    deepEqual([scene.asked(0), scene.asked(1)], [['watch c*'], ['watch c*']])
    for (const [index, slot] of [0, 1].entries())
      scene.a.engines[slot]?.unsubscribe(first[index]!.subscription!) // set when it was made
    scene.settle()
    deepEqual(scene.asked(0), ['watch c*'])
    scene.a.engines[1]?.unsubscribe(first[2]!.subscription!) // as above
    scene.settle()
    deepEqual(
      [scene.asked(0), scene.asked(1)],
      [
        ['watch c*', 'unwatch c*'],
        ['watch c*', 'unwatch c*'],
      ],
    )
  })

  test('that are given up and asked for again wait for the second answer', () => {
    const scene = new Scene()
    const broker = scene.nodes[0].broker(0)
    broker.isHeld = true
    const first = scene.watch(0, 'c*')
    scene.settle()
    scene.a.engines[0]?.unsubscribe(first.subscription!) // set when it was made
    const second = scene.watch(0, 'c*')
    broker.release()
    scene.settle()
    deepEqual([first.position, second.position?.epoch], [undefined, 'pattern'])
    scene.publish(scene.b, 'c0', 'x')
    deepEqual([first.received, second.received], [[], ['x']])
  })

  test('are told what the broker says that they may miss, and nothing of gaps in channels', () => {
    const scene = new Scene()
    const subscriber = scene.watch(1, '*')
    const reader = scene.a.subscribe(1, 'c0', new FakeSubscriber({ tells: true }))
    scene.settle()
    scene.joint.renumber('c0', false)
    scene.publish(scene.b, 'c0', 'x')
    deepEqual([reader.gaps.length, subscriber.gaps.length], [1, 0])
    scene.nodes[0].broker(1).cut()
    scene.publish(scene.b, 'c1', 'missed')
    scene.nodes[0].broker(1).mend()
    scene.publish(scene.b, 'c1', 'y')
    deepEqual([subscriber.received, subscriber.gaps.length], [['x', 'y'], 1])
  })

  test('behind a full link are told a gap', () => {
    const scene = new Scene({ settings: { linkBytesMax: 200 } })
    const subscriber = scene.watch(1, 'c*')
    scene.settle()
    for (const text of ['a', 'b', 'c', 'd']) scene.b.publish(0, 'c0', text.padEnd(60, text))
    scene.settle()
    scene.publish(scene.b, 'c0', 'e')
    deepEqual([subscriber.received.map(text => text[0]).join(''), subscriber.gaps.length], ['ae', 1])
  })

  test('whose worker is another one now are told a gap when that watches, and then get everything', () => {
    const scene = new Scene()
    const watching = [scene.watch(0, 'c*'), scene.watch(0, '*')]
    scene.settle()
    scene.a.kill(1)
    scene.publish(scene.b, 'c1', 'missed')
    scene.a.start(1)
    const broker = scene.nodes[0].broker(1)
    broker.isHeld = true
    scene.settle()
    // One that attaches meanwhile does not tell it too early.
    scene.a.subscribe(0, 'c1')
    scene.settle()
    deepEqual(
      watching.map(({ gaps }) => gaps.length),
      [0, 0],
    )
    broker.release()
    scene.settle()
    scene.publish(scene.b, 'c1', 'x')
    deepEqual(
      watching.map(({ received, gaps }) => [received, gaps.length]),
      [
        [['x'], 1],
        [['x'], 1],
      ],
    )
  })

  test('of another worker that are left before its successor watches are told at once', () => {
    const scene = new Scene()
    const [stays, leaves] = [scene.watch(0, 'c*'), scene.watch(0, 'd*')]
    scene.settle()
    scene.a.kill(1)
    scene.a.start(1)
    const broker = scene.nodes[0].broker(1)
    scene.settle()
    broker.isHeld = true
    scene.a.kill(1)
    scene.a.start(1)
    scene.nodes[0].broker(1).cut()
    scene.settle()
    scene.a.engines[0]?.unsubscribe(leaves.subscription!) // set when it was made
    scene.settle()
    equal(stays.gaps.length, 1)
    scene.nodes[0].broker(1).mend()
    scene.settle()
    equal(stays.gaps.length, 2)
  })
})
