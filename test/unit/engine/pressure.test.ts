// Law 3: an owner is told to refuse publishes for as long as a hub holds too much, whatever becomes of the path, the
// owner or the subscribers meanwhile.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Mesh } from '../../helpers/mesh.ts'
import { publishedOf, texts } from '../../helpers/published.ts'

/** More than waits in a hub without pressure. */
function fill(mesh: Mesh, from = 0): void {
  for (const text of texts(12, from)) mesh.publish(0, 'c0', text.padEnd(100, 'x'))
}

/** All that was queued there arrives, although no turn ends: no pass runs. */
function carry(mesh: Mesh, from: number, to: number): void {
  mesh.link(from, to).flush()
  while (mesh.deliver(from, to));
}

function refuses(mesh: Mesh): boolean {
  return mesh.publish(0, 'c0', 'too much')[0] === 'overloaded'
}

describe('law 3, pressure', () => {
  const settings = { fanoutBytesMax: 1_000 }

  test('a hub that attaches to a new owner tells it too', () => {
    const mesh = new Mesh({ settings })
    const subscriber = mesh.subscribe(1, 'c0')
    mesh.settle()
    fill(mesh)
    carry(mesh, 0, 1)
    mesh.kill(0)
    mesh.start(0)
    for (const slot of [1, 2]) carry(mesh, slot, 0)
    carry(mesh, 0, 1)
    carry(mesh, 1, 0)
    equal(refuses(mesh), true)
    mesh.settle()
    equal(refuses(mesh), false)
    mesh.settle()
    deepEqual([subscriber.received.length, subscriber.closedFor], [13, undefined])
  })

  test('a repeated key is refused for as long, and then gets the first position', () => {
    const mesh = new Mesh({ settings })
    mesh.subscribe(1, 'c0')
    mesh.settle()
    const first = publishedOf(mesh.publish(0, 'c0', 'once', { idempotencyKey: 'key' }))
    fill(mesh)
    carry(mesh, 0, 1)
    carry(mesh, 1, 0)
    deepEqual(mesh.publish(0, 'c0', 'once', { idempotencyKey: 'key' }), ['overloaded'])
    mesh.settle()
    const { epoch, offset, duplicate } = publishedOf(mesh.publish(0, 'c0', 'once', { idempotencyKey: 'key' }))
    deepEqual([epoch, offset, duplicate], [first.epoch, first.offset, true])
  })

  test('a hub that asks its owner again, because something was lost, tells it again', () => {
    const mesh = new Mesh({ settings, history: { size: 100 } })
    const subscriber = mesh.subscribe(1, 'c0')
    mesh.settle()
    fill(mesh)
    carry(mesh, 0, 1)
    mesh.publish(0, 'c0', 'lost')
    mesh.link(0, 1).flush()
    mesh.link(0, 1).batches.length = 0
    mesh.publish(0, 'c0', 'out of order')
    carry(mesh, 0, 1)
    carry(mesh, 1, 0)
    carry(mesh, 0, 1)
    carry(mesh, 1, 0)
    equal(refuses(mesh), true)
    mesh.settle()
    equal(refuses(mesh), false)
    mesh.settle()
    deepEqual(subscriber.received.slice(12), ['lost', 'out of order', 'too much'])
  })

  test('a pass that outlives its subscribers takes nothing back for those that came after them', () => {
    const mesh = new Mesh({ settings: { ...settings, sliceSubscribers: 1 } })
    const first = [0, 1, 2].map(() => mesh.subscribe(1, 'c0'))
    mesh.settle()
    fill(mesh)
    carry(mesh, 0, 1)
    mesh.turn(1)
    for (const { subscription } of first) mesh.engines[1]?.unsubscribe(subscription!) // set by subscribe
    const second = [0, 1].map(() => mesh.subscribe(1, 'c0'))
    carry(mesh, 1, 0)
    carry(mesh, 0, 1)
    fill(mesh, 12)
    carry(mesh, 0, 1)
    carry(mesh, 1, 0)
    equal(refuses(mesh), true)
    mesh.turn(1)
    carry(mesh, 1, 0)
    deepEqual(
      second.map(({ received }) => received.length),
      [12, 0],
      'its own pass has not ended',
    )
    equal(refuses(mesh), true)
    mesh.settle()
    equal(refuses(mesh), false)
  })
})
