// Law 11 where nodes are joined: what joins them is told how many subscribers a node has, and says how many others have.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Joint } from '../../helpers/joint.ts'
import { JointNode } from '../../helpers/joint-node.ts'
import { channelName, Mesh } from '../../helpers/mesh.ts'
import { publishedOf } from '../../helpers/published.ts'

class Scene {
  readonly joint = new Joint()
  readonly node = new JointNode(this.joint)
  readonly a = new Mesh({ workers: 2, node: this.node })
  readonly b = new Mesh({ workers: 2, node: new JointNode(this.joint) })

  settle(): void {
    this.joint.settle(this.a, this.b)
  }

  /** What the owner's broker was told of the channel's subscribers. */
  counts(): number[] {
    const told = this.node.broker(0).asked.filter(what => what.startsWith('count c0'))
    return told.map(what => Number(what.split(' ')[2]))
  }
}

describe('law 11, presence over nodes', () => {
  test('the broker is told whenever subscribers of all workers may have become more or fewer', () => {
    const scene = new Scene()
    scene.a.subscribe(0, 'c0')
    scene.settle()
    const second = [scene.a.subscribe(1, 'c0'), scene.a.subscribe(1, 'c0')]
    scene.settle()
    scene.a.subscribe(1, 'c0')
    scene.settle()
    equal(scene.counts().at(-1), 4)
    scene.a.engines[1]?.unsubscribe(second[0]!.subscription!) // set by subscribe
    scene.settle()
    equal(scene.counts().at(-1), 3)
    scene.a.kill(1)
    equal(scene.counts().at(-1), 1)
    scene.a.start(1)
    const last = scene.a.subscribe(1, 'c0')
    scene.settle()
    equal(scene.counts().at(-1), 2)
    scene.a.engines[1]?.unsubscribe(last.subscription!) // set by subscribe
    scene.settle()
    equal(scene.counts().at(-1), 1)
  })

  test('the last one that leaves is told too, and the channel is given up', () => {
    const scene = new Scene()
    const only = scene.a.subscribe(1, 'c0')
    scene.settle()
    scene.a.engines[1]?.unsubscribe(only.subscription!) // set by subscribe
    scene.settle()
    deepEqual(scene.node.broker(0).asked, ['follow c0', 'count c0 1', 'count c0 0', 'unfollow c0'])
  })

  test('whoever publishes, asks, or inspects is told of all nodes', () => {
    const scene = new Scene()
    scene.a.subscribe(1, 'c0')
    for (const slot of [0, 1]) scene.b.subscribe(slot, 'c0')
    scene.settle()
    for (const mesh of [scene.a, scene.b]) {
      for (const slot of [0, 1]) {
        const published = mesh.publish(slot, 'c0', 'x')
        const told: unknown[] = []
        mesh.engines[slot]?.presence(channelName('c0'), subscribers => told.push(subscribers))
        mesh.engines[slot]?.inspect(channelName('c0'), { limit: 0 }, outcome =>
          told.push(typeof outcome === 'string' ? outcome : outcome.subscribers),
        )
        scene.settle()
        deepEqual([publishedOf(published).subscribers, ...told], [3, 3, 3])
      }
    }
  })
})
