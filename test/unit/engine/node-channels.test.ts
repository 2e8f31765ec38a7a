// Channels that are a node's own though others are joined to it: what is published to one stays there, in an order of its own.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseSnapshots } from '../../../src/engine/owner/snapshot-form.ts'
import { namedAs, nodeChannel } from '../../../src/engine/words/private.ts'
import type { Sequence } from '../../../src/engine/words/sequence.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { Joint } from '../../helpers/joint.ts'
import { JointNode } from '../../helpers/joint-node.ts'
import { channelName, Mesh, type MeshOptions } from '../../helpers/mesh.ts'

const named = channelName('c0')
const own = nodeChannel(named)

class Scene {
  readonly joint = new Joint()
  readonly nodes = [new JointNode(this.joint), new JointNode(this.joint)] as const
  readonly a: Mesh
  readonly b: Mesh

  constructor(options: MeshOptions = {}) {
    const common = { workers: 2, history: { size: 10, ttlMs: 86_400_000 }, ...options }
    this.a = new Mesh({ ...common, node: this.nodes[0] })
    this.b = new Mesh({ ...common, node: this.nodes[1] })
  }

  settle(): void {
    this.joint.settle(this.a, this.b)
  }

  follow(mesh: Mesh, channel = own): FakeSubscriber {
    const subscriber = mesh.subscribeTo(1, channel, new FakeSubscriber({ tells: true }))
    this.settle()
    return subscriber
  }

  /** By the worker that is not the owner. */
  publish(mesh: Mesh, text: string, channel = own, sequence?: Sequence): string {
    const outcomes = mesh.publishTo(1, channel, text, { sequence })
    this.settle()
    const [outcome] = outcomes
    if (outcome === undefined || typeof outcome === 'string') return String(outcome)
    return 'fate' in outcome ? outcome.fate : 'placed'
  }
}

describe('a channel of a node among others', () => {
  test('is heard on its own node, and is another one than that of the name', () => {
    const scene = new Scene()
    const [here, there] = [scene.follow(scene.a), scene.follow(scene.b)]
    const [namedHere, namedThere] = [scene.follow(scene.a, named), scene.follow(scene.b, named)]
    deepEqual([scene.publish(scene.a, 'own'), scene.publish(scene.b, 'named', named)], ['placed', 'placed'])
    deepEqual([here.received, there.received], [['own'], []])
    deepEqual([namedHere.received, namedThere.received], [['named'], ['named']])
    deepEqual([...new Set(here.offeredFor)], [own])
    equal(namedAs(own), named)
  })

  test('is never asked for by what joins the nodes, and goes on while that is away', () => {
    const scene = new Scene()
    const here = scene.follow(scene.a)
    scene.nodes[0].broker(0).away = { sinceMs: 0, reason: 'test' }
    equal(scene.publish(scene.a, 'named', named), 'broker-away')
    equal(scene.publish(scene.a, 'own'), 'placed')
    deepEqual(here.received, ['own'])
    const asked = [0, 1].flatMap(slot => scene.nodes[0].broker(slot).asked)
    deepEqual(asked, [])
  })

  test('has a chain of its own on each node', () => {
    const scene = new Scene()
    const [here, there] = [scene.follow(scene.a), scene.follow(scene.b)]
    const chain = (mesh: Mesh, id: string, after: string) => scene.publish(mesh, id, own, { id, after })
    deepEqual([chain(scene.a, '1', '0'), chain(scene.b, '1', '0')], ['placed', 'placed'])
    deepEqual([chain(scene.a, '3', '2'), chain(scene.b, '2', '1')], ['held', 'placed'])
    deepEqual([here.received, there.received], [['1'], ['1', '2']])
    deepEqual([chain(scene.a, '2', '1'), chain(scene.a, '2', '1')], ['placed', 'dropped'])
    deepEqual(
      [here.received, there.received],
      [
        ['1', '2', '3'],
        ['1', '2'],
      ],
    )
  })

  test('has the namespace and the lists of its name, and its owner', () => {
    const scene = new Scene({
      namespaces: [
        { pattern: 'c0', historySize: 2 },
        { pattern: 'c2', publish: ['other'] },
      ],
      access: new Map([['test', { publish: ['c*'], subscribe: ['c*'] }]]),
      ownerOf: channel => Number(namedAs(channel).at(-1)) % 2,
    })
    for (const text of ['1', '2', '3']) scene.publish(scene.a, text)
    let kept: unknown
    scene.a.engines[1]?.inspect(own, { limit: 10 }, outcome => {
      kept = typeof outcome === 'string' ? outcome : outcome.history.size
    })
    scene.settle()
    equal(kept, 2)
    equal(scene.publish(scene.a, 'barred', nodeChannel(channelName('c2'))), 'not-allowed')
    equal(scene.publish(scene.a, 'listed', nodeChannel(channelName('d0'))), 'not-allowed')
  })

  test('is nothing to patterns', () => {
    const scene = new Scene()
    const all = new FakeSubscriber({ tells: true })
    scene.a.engines[1]?.subscribePattern(channelName('*'), all, { via: 'test' })
    scene.settle()
    scene.publish(scene.a, 'own')
    scene.publish(scene.a, 'named', named)
    deepEqual(all.received, ['named'])
  })

  test('outlives its owner, with its numbering, its history and what is held', () => {
    const scene = new Scene()
    const here = scene.follow(scene.a)
    for (const text of ['1', '2']) scene.publish(scene.a, text, own, { id: text })
    scene.publish(scene.a, 'named', named)
    equal(scene.publish(scene.a, '4', own, { id: '4', after: '3' }), 'held')
    scene.a.retire(0)
    const snapshot = scene.a.engines[0]?.snapshot() ?? []
    equal(parseSnapshots(snapshot).ok, true)
    scene.a.end(0)
    scene.a.start(0, snapshot)
    scene.settle()
    const again = scene.a.subscribeTo(
      1,
      own,
      new FakeSubscriber({ tells: true }),
      `${here.position?.epoch}.${here.position?.offset}`,
    )
    scene.settle()
    scene.publish(scene.a, '3', own, { id: '3', after: '2' })
    deepEqual([here.received, here.gaps], [['1', '2', '3', '4'], []])
    deepEqual(again.received, ['1', '2', '3', '4'])
  })

  test('goes on behind an owner that fell silent, as far as its subscribers know it', () => {
    const scene = new Scene()
    const here = scene.follow(scene.a)
    const also = scene.follow(scene.a, named)
    scene.publish(scene.a, '1')
    scene.a.kill(0, { farewell: false })
    scene.a.start(0)
    scene.settle()
    scene.publish(scene.a, '2')
    scene.publish(scene.b, 'named', named)
    deepEqual([here.received, here.gaps.length], [['1', '2'], 1])
    deepEqual([also.received, also.gaps.length], [['named'], 0])
  })
})
