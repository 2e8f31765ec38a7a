// A follower of a channel before it is answered, what it says of the last publication, and how much it holds.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseOffset } from '../../../src/engine/words/position.ts'
import { enveloped, FollowerScene } from '../../helpers/cluster/follower-scene.ts'

describe('a follower that is not answered yet', () => {
  test('is told nothing before it is, and then what came behind its place', () => {
    const scene = new FollowerScene()
    scene.deliver('e', 9, 'a')
    scene.deliver('e', 10, 'b')
    deepEqual(scene.take(), ['asks'])
    scene.answer('e', 0, 10)
    deepEqual(scene.take(), ['opened e.10', '10b', 'live'])
  })

  test('is opened at the place of the answer, and what came behind the answer follows', () => {
    const scene = new FollowerScene()
    scene.channel.next = parseOffset(77)
    // Heard before the answer, although the broker gave it behind that.
    scene.answer('e', 0, 10)
    scene.deliver('e', 10, 'a')
    deepEqual(scene.take(), ['asks', 'opened e.10', 'live', '10a'])
  })

  test('goes on asking after an outage', () => {
    const scene = new FollowerScene()
    scene.askFails()
    scene.following.lost(scene.channel)
    scene.following.proven(scene.channel)
    scene.following.ask(scene.channel)
    scene.answer('e', 0, 3)
    deepEqual(scene.take(), ['asks', 'waits', 'asks', 'opened e.3', 'live'])
  })
})

describe('what the last one was called', () => {
  test('is told with the place that follows it', () => {
    const scene = new FollowerScene()
    scene.lastId = 'm9'
    scene.answer('e', 0, 10)
    scene.following.doubt(scene.channel)
    scene.lastId = 'm99'
    scene.answer('f', 100, 100)
    deepEqual(
      scene.take().filter(line => line.includes('after')),
      ['opened e.10 after m9', 'gap f.100 after m99'],
    )
  })

  test('is not told with any other', () => {
    const scene = FollowerScene.live()
    scene.lastId = 'm13'
    scene.following.doubt(scene.channel)
    scene.answer('e', 0, 14)
    scene.page(12, 'c', 'd')
    ok(scene.take().includes('gap e.12'))
  })
})

describe('what is held', () => {
  for (const [bound, size, count] of [
    ['a thousand', 1, 1_000],
    ['a mebibyte', 100_000, 10],
  ] as const) {
    test(`is ${bound} at most, and beyond that it is read`, () => {
      for (const over of [false, true]) {
        const scene = FollowerScene.live()
        const text = 'x'.repeat(size)
        scene.following.doubt(scene.channel)
        const all = count + (over ? 1 : 0)
        for (let n = 0; n < all; n++) scene.deliver('e', 10 + n, text)
        scene.take()
        scene.answer('e', 0, 10)
        equal(scene.following.counters.forgotten, over ? 1 : 0)
        if (over) {
          deepEqual(scene.take(), ['asks'])
          scene.answer('e', 0, 10 + all)
          deepEqual(scene.take(), [`reads e 10-${10 + all}`])
        } else {
          equal(scene.take().length, count + 1)
        }
      }
    })
  }

  test('holds nothing of what a socket read', () => {
    const scene = FollowerScene.live()
    const large = new Uint8Array(65_536)
    const envelope = enveloped('b')
    large.set(envelope)
    scene.deliver('e', 11, '', large.subarray(0, envelope.length))
    equal(scene.channel.asking?.held[0]?.envelope.buffer.byteLength, envelope.length)
  })
})
