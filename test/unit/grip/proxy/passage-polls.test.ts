// The life of a request that becomes a long poll: answered once, and made again as often as needed (contract §5.4).
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { content, itemWith, response } from '../hold/given-hold.ts'
import { Scene } from './given-gateway.ts'

const failed = '502 Error while proxying to origin.\n'
const polls = ['Grip-Hold', 'response', 'Grip-Channel', 'a'] as const
const streams = ['Grip-Hold', 'stream', 'Grip-Channel', 'a'] as const
const hint = itemWith({ response: { action: 'hint' }, stream: { action: 'hint' } })

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})

/** Nothing of any request is left. */
function isIdle(): void {
  deepEqual([scene.gateway.held, scene.gateway.counters.asking, scene.subscribers], [0, 0, 0])
}

describe('a long poll', () => {
  test('is answered once, by an item', () => {
    const client = scene.serve()
    scene.origin.last.answer(200, 'stored', ...polls)
    scene.mesh.settle()
    equal(scene.gateway.held, 1)
    scene.publish(response('one'))
    scene.publish(response('two'))
    scene.pass(60_000)
    deepEqual(client.got, ['200 one'])
    isIdle()
  })

  test('is answered as stored at its time', () => {
    const client = scene.serve()
    scene.origin.last.answer(200, 'stored', ...polls, 'Grip-Timeout', '7')
    scene.mesh.settle()
    scene.pass(6_999)
    deepEqual(client.got, [])
    scene.pass(1)
    deepEqual(client.got, ['200 stored'])
    isIdle()
  })

  test('whose client leaves holds nothing', () => {
    const client = scene.serve()
    scene.origin.last.answer(200, 'stored', ...polls)
    scene.mesh.settle()
    client.leave()
    scene.publish(response('one'))
    scene.pass(60_000)
    deepEqual(client.got, [])
    isIdle()
  })

  test('is made again whole for a hint, and whatever its origin says then begins anew', () => {
    const client = scene.serve('* o:80', { method: 'POST' })
    scene.origin.last.answer(200, 'stored', 'Grip-Hold', 'response', 'Grip-Channel', 'a; prev-id=1')
    scene.mesh.settle()
    scene.publish(hint)
    equal(scene.origin.calls.length, 2)
    deepEqual(scene.asked('grip-last'), ['a; last-id=1'])
    equal(scene.origin.last.request.method, 'POST')
    scene.publish(response('meanwhile'))
    deepEqual(client.got, [])
    scene.origin.last.answer(200, 'stored', ...polls)
    scene.mesh.settle()
    deepEqual(client.got, ['200 meanwhile'])
    isIdle()
  })

  test('may become a stream, an answer, or a failure', () => {
    const ask = () => {
      const client = scene.serve()
      scene.origin.last.answer(200, 'stored', ...polls)
      scene.mesh.settle()
      scene.publish(hint)
      return client
    }
    const plain = ask()
    scene.origin.last.answer(200, 'plain', 'Content-Length', '5')
    deepEqual(plain.response.written, ['plain', 'END'])
    isIdle()
    const broken = ask()
    scene.origin.last.fail()
    deepEqual(broken.got, [failed])
    isIdle()
    const stream = ask()
    scene.publish(content('waited;'))
    scene.origin.last.answer(200, 'page;', ...streams)
    scene.mesh.settle()
    scene.publish(content('later;'))
    deepEqual(stream.response.written, ['page;', 'waited;', 'raw:6\r\nlater;\r\n'])
    stream.leave()
    isIdle()
  })

  test('whose origin never names the id of its channel is made again ever more seldom', () => {
    scene.mesh.subscribe(1, 'a')
    scene.publish(response('', { id: '1' }))
    scene.serve()
    for (const waitsMs of [100, 100, 100, 1_000, 2_000, 4_000, 8_000, 16_000, 16_000]) {
      scene.origin.last.answer(200, '', 'Grip-Hold', 'response', 'Grip-Channel', 'a; prev-id=0')
      scene.mesh.settle()
      const { length } = scene.origin.calls
      scene.pass(waitsMs - 1)
      equal(scene.origin.calls.length, length)
      scene.pass(1)
      equal(scene.origin.calls.length, length + 1)
    }
  })

  test('that waits for its turn to be made again is not, once its client left', () => {
    const client = scene.serve()
    scene.origin.last.answer(200, 'stored', ...polls)
    scene.mesh.settle()
    scene.gateway.recover()
    client.leave()
    scene.pass(1_000)
    equal(scene.origin.calls.length, 1)
    isIdle()
  })
})
