// Law 1 while what joins the nodes is away: who is live stays, who only joins goes live, and who needs what is kept there waits,
// for as long as a subscriber waits for an owner.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { Joint } from '../../helpers/joint.ts'
import { JointNode } from '../../helpers/joint-node.ts'
import { Mesh, type MeshOptions } from '../../helpers/mesh.ts'
import { publishAll } from '../../helpers/published.ts'

class Scene {
  readonly joint = new Joint()
  readonly node = new JointNode(this.joint)
  readonly mesh: Mesh
  readonly live: FakeSubscriber
  readonly positions: readonly string[]

  /** Worker 1 reads a channel of worker 0, whose broker is away. */
  constructor(options: MeshOptions = {}) {
    const settings = { attachTimeoutMs: 1_000, ...options.settings }
    this.mesh = new Mesh({ workers: 2, node: this.node, history: { size: 10 }, ...options, settings })
    this.live = this.mesh.subscribe(1, 'c0', new FakeSubscriber({ tells: true }))
    this.mesh.settle()
    this.positions = publishAll(this.mesh, 1, 'c0', ['a', 'b', 'c'])
    this.broker.cut()
  }

  get broker() {
    return this.node.broker(0)
  }

  resume(since = this.positions[0]): FakeSubscriber {
    const subscriber = this.mesh.subscribe(1, 'c0', new FakeSubscriber(), since)
    this.mesh.settle()
    return subscriber
  }
}

describe('law 1, while the broker is away', () => {
  test('who is live stays, and who joins a channel that is followed is live at once', () => {
    const scene = new Scene()
    const joins = scene.mesh.subscribe(1, 'c0')
    const elsewhere = scene.mesh.subscribe(0, 'c0')
    scene.mesh.settle()
    deepEqual(
      [joins, elsewhere].map(({ resumedWithGap }) => resumedWithGap),
      [false, false],
    )
    scene.mesh.advance(60_000)
    scene.mesh.settle()
    scene.broker.mend()
    publishAll(scene.mesh, 1, 'c0', ['d'])
    deepEqual(
      [scene.live, joins, elsewhere].map(({ received, closedFor }) => [received.at(-1), closedFor]),
      [
        ['d', undefined],
        ['d', undefined],
        ['d', undefined],
      ],
    )
  })

  test('who joins a channel that nobody followed waits, and is closed for another try', () => {
    const scene = new Scene()
    const waits = scene.mesh.subscribe(1, 'd0')
    scene.mesh.settle()
    scene.mesh.advance(1_000)
    deepEqual([waits.position, waits.closedFor], [undefined, undefined])
    scene.mesh.advance(250)
    equal(waits.closedFor, 'owner-lost')
  })

  test('who resumes waits, and gets everything if the broker is back in time', () => {
    const scene = new Scene()
    const waits = scene.resume()
    scene.mesh.advance(1_000)
    deepEqual([waits.position, waits.closedFor], [undefined, undefined])
    scene.broker.mend()
    scene.mesh.settle()
    deepEqual([waits.received, waits.resumedWithGap], [['b', 'c'], false])
  })

  test('who resumes is closed for another try when it is not, each by its own time', () => {
    const scene = new Scene()
    const first = scene.resume()
    scene.mesh.advance(750)
    const second = scene.resume()
    scene.mesh.advance(500)
    deepEqual([first.closedFor, second.closedFor], ['owner-lost', undefined])
    scene.broker.mend()
    scene.mesh.settle()
    deepEqual([second.received, scene.live.closedFor], [['b', 'c'], undefined])
  })

  test('whoever comes after those that were closed is served when the broker is back', () => {
    const scene = new Scene()
    const first = scene.resume()
    scene.mesh.advance(1_500)
    equal(first.closedFor, 'owner-lost')
    const second = scene.resume()
    scene.broker.mend()
    scene.mesh.settle()
    deepEqual([second.received, second.resumedWithGap], [['b', 'c'], false])
  })

  test('who left is not closed, and leaves nothing that waits', () => {
    const scene = new Scene()
    const left = scene.resume()
    scene.mesh.engines[1]?.unsubscribe(left.subscription!) // set by subscribe
    scene.mesh.advance(1_500)
    equal(left.closedFor, undefined)
    equal(scene.mesh.engines[1]?.statistics().hub['closed.owner-lost'], 0)
  })

  test('questions have a bound, and whoever comes behind it is served later', () => {
    const scene = new Scene()
    const dropped = () => scene.mesh.engines[0]?.statistics().shard['recoveriesDropped']
    for (let round = 0; round < 8; round++) {
      scene.resume()
      scene.mesh.advance(1_500)
    }
    equal(dropped(), 0)
    scene.resume()
    equal(dropped(), 1)
    scene.mesh.advance(1_500)
    scene.broker.mend()
    scene.mesh.settle()
    deepEqual(scene.resume().received, ['b', 'c'])
    equal(dropped(), 1)
  })

  test('what a hub is owed waits for it, and comes in order', () => {
    const scene = new Scene({ settings: { linkBytesMax: 200 } })
    scene.broker.mend()
    for (const text of ['d', 'e', 'f']) scene.mesh.publish(0, 'c0', text.padEnd(60, text))
    scene.mesh.turn(0)
    scene.broker.cut()
    scene.mesh.settle()
    deepEqual(scene.live.received.map(text => text[0]).join(''), 'abcd')
    scene.mesh.advance(10_000)
    scene.broker.mend()
    publishAll(scene.mesh, 0, 'c0', ['g'])
    deepEqual([scene.live.received.map(text => text[0]).join(''), scene.live.gaps.length], ['abcdefg', 0])
  })

  test('publishes are refused for certain, and accepted when it is back', () => {
    const scene = new Scene()
    const refused = scene.mesh.publish(1, 'c0', 'd')
    scene.mesh.settle()
    deepEqual(refused, ['broker-away'])
    scene.broker.mend()
    publishAll(scene.mesh, 1, 'c0', ['e'])
    deepEqual(scene.live.received, ['a', 'b', 'c', 'e'])
  })
})
