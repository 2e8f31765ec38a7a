// What all long polls of a worker keep, and what becomes of those for which there is no room.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { StoredBytes } from '../../../../src/frontends/grip/hold/stored-bytes.ts'
import { Scene } from '../proxy/given-gateway.ts'
import { itemWith, response } from './given-hold.ts'

const polls = ['Grip-Hold', 'response', 'Grip-Channel', 'a'] as const
const hint = itemWith({ response: { action: 'hint' } })
/** A request of a test has `Host: h`, and nothing is left of the origin's headers. */
const ofRequest = 5

test('the budget is asked for each time, and what does not fit takes nothing', () => {
  let bytesMax = 10
  const all = new StoredBytes(() => bytesMax)
  equal(all.take(11), false)
  equal(all.take(10), true)
  bytesMax = 5
  all.giveBack(4)
  equal(all.take(0), false)
  bytesMax = 6
  equal(all.take(0), true)
  equal(all.bytes, 6)
})

describe('a long poll', () => {
  test('for which there is no room is answered at once, as stored', () => {
    const scene = new Scene({ storedBytesMax: 10 + ofRequest })
    const held = scene.serve()
    scene.origin.last.answer(200, 'ten bytes!', ...polls)
    const beyond = scene.serve()
    scene.origin.last.answer(200, 'x', ...polls)
    deepEqual([beyond.got, scene.gateway.held], [['200 x'], 1])
    scene.mesh.settle()
    scene.publish(response('news'))
    deepEqual([held.got, scene.gateway.stored.bytes], [['200 news'], 0])
    const later = scene.serve()
    scene.origin.last.answer(200, 'ten bytes!', ...polls)
    scene.mesh.settle()
    equal(scene.gateway.held, 1)
    later.leave()
    deepEqual([scene.gateway.stored.bytes, scene.gateway.stored.refused], [0, 1])
  })

  test('that is made again keeps nothing meanwhile, and without room has what came then', () => {
    const scene = new Scene({ storedBytesMax: 10 + ofRequest })
    const ask = () => {
      const client = scene.serve()
      scene.origin.last.answer(200, 'first', ...polls)
      scene.mesh.settle()
      scene.publish(hint)
      equal(scene.gateway.stored.bytes, 0)
      return client
    }
    const told = ask()
    scene.publish(response('meanwhile'))
    scene.origin.last.answer(200, 'more than ten bytes', ...polls)
    deepEqual(told.got, ['200 meanwhile'])
    const untold = ask()
    scene.origin.last.answer(200, 'more than ten bytes', ...polls)
    deepEqual(untold.got, ['200 more than ten bytes'])
    scene.mesh.settle()
    deepEqual([scene.gateway.held, scene.gateway.counters.asking, scene.subscribers], [0, 0, 0])
  })

  test('keeps the body of its request, and a stream does not', () => {
    const scene = new Scene()
    const length = 7
    const body = {
      length,
      read(onChunk: (piece: Buffer) => void, onEnd: () => void) {
        onChunk(Buffer.alloc(length))
        onEnd()
      },
      pause() {},
      resume() {},
    }
    scene.serve('* o:80', { method: 'POST', body })
    scene.origin.last.answer(200, 'x', ...polls)
    equal(scene.gateway.stored.bytes, 1 + ofRequest + length)
    scene.serve('* o:80', { method: 'POST', body })
    scene.origin.last.answer(200, 'x', 'Grip-Hold', 'stream', 'Grip-Channel', 'a')
    scene.mesh.settle()
    deepEqual([scene.gateway.held, scene.gateway.stored.bytes], [2, 1 + ofRequest + length])
  })
})
