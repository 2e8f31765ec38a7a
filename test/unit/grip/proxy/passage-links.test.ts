// What links of an origin do to a request that is held (contract §5.6, §5.7).
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { content, itemWith, response } from '../hold/given-hold.ts'
import { Scene } from './given-gateway.ts'

const polls = ['Grip-Hold', 'response', 'Grip-Channel', 'a'] as const
const streams = ['Grip-Hold', 'stream', 'Grip-Channel', 'a'] as const
const next = ['Grip-Link', '</n?q>; rel=next'] as const
const gone = ['Grip-Link', '</gone>; rel=gone'] as const
const hint = itemWith({ response: { action: 'hint' }, stream: { action: 'hint' } })

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})

/** Nothing of any request is left. */
function isIdle(): void {
  deepEqual([scene.gateway.held, scene.gateway.counters.asking, scene.subscribers], [0, 0, 0])
}

describe('next pages', () => {
  test('are asked for by the link, by nobody, and from where the channels are', () => {
    const client = scene.serve('* o:80', { rawHeaders: ['Cookie', 'secret'] })
    scene.origin.last.answer(200, 'one;', 'Grip-Hold', 'stream', 'Grip-Channel', 'a; prev-id=1', ...next)
    scene.mesh.settle()
    scene.publish({ ...hint, id: '2', prevId: '1' })
    const { method, path } = scene.origin.last.request
    deepEqual([method, path, scene.asked('cookie'), scene.asked('host')], ['GET', '/n?q', [], ['h']])
    deepEqual(scene.asked('grip-last'), ['a; last-id=1'])
    scene.origin.last.answer(200, 'two;')
    deepEqual(client.response.written, ['one;', 'two;', 'END'])
    isIdle()
  })

  test('follow each other at once where nothing is held', () => {
    const client = scene.serve()
    scene.origin.last.answer(200, 'one;', ...next)
    scene.mesh.settle()
    scene.origin.last.answer(200, 'two;', ...next)
    scene.origin.last.answer(200, 'three;')
    deepEqual(client.response.written, ['one;', 'two;', 'three;', 'END'])
    equal(scene.origin.calls.length, 3)
    isIdle()
  })

  test('leave channels and join others', () => {
    const client = scene.serve()
    scene.origin.last.answer(200, '', ...streams, ...next)
    scene.mesh.settle()
    scene.publish(hint)
    scene.origin.last.answer(200, '', 'Grip-Hold', 'stream', 'Grip-Channel', 'b')
    scene.mesh.settle()
    scene.publish(content('left;'), 'a')
    scene.publish(content('joined;'), 'b')
    deepEqual(client.response.written, ['raw:7\r\njoined;\r\n'])
    equal(scene.subscribers, 1)
  })

  test('are asked for six times, and not once more', () => {
    const client = scene.serve()
    scene.origin.last.answer(200, '', ...streams, ...next)
    scene.mesh.settle()
    scene.publish(hint)
    for (const seconds of [1, 2, 4, 8, 16]) {
      const { length } = scene.origin.calls
      if (seconds % 2 === 0) scene.origin.last.fail()
      else scene.origin.last.answer(500, '')
      scene.pass(seconds * 1_000 - 1)
      equal(scene.origin.calls.length, length)
      scene.pass(1_001)
      equal(scene.origin.calls.length, length + 1)
    }
    deepEqual(client.response.written, [])
    scene.origin.last.fail()
    deepEqual(client.response.written, ['END'])
    isIdle()
  })

  test('are given up with their client, under way and between two attempts', () => {
    for (const isBetween of [false, true]) {
      const client = scene.serve()
      scene.origin.last.answer(200, '', ...streams, ...next)
      scene.mesh.settle()
      scene.publish(hint)
      const { length } = scene.origin.calls
      if (isBetween) scene.origin.last.fail()
      client.leave()
      if (!isBetween) equal(scene.origin.last.isAborted, true)
      scene.pass(60_000)
      equal(scene.origin.calls.length, length)
      isIdle()
    }
  })

  test('to where nobody may go end the stream', () => {
    const client = scene.serve('*,debug o:80')
    scene.origin.last.answer(200, '', ...streams, 'Grip-Link', '<http://169.254.169.254/>; rel=next')
    scene.mesh.settle()
    scene.publish(hint)
    equal(scene.origin.calls.length, 1)
    deepEqual(client.response.written, ['\n\nFailed to retrieve next link.\n', 'END'])
    isIdle()
  })
})

describe('the gone link', () => {
  const told = () => scene.origin.calls.filter(({ request }) => request.path === '/gone')

  test('is told once, however a hold ends', () => {
    const client = scene.serve()
    scene.origin.last.answer(200, '', ...streams, ...gone)
    scene.mesh.settle()
    client.leave()
    client.leave()
    equal(told().length, 1)
    equal(told()[0]?.request.method, 'POST')
    scene.serve()
    scene.origin.last.answer(200, '', ...polls, ...gone)
    scene.mesh.settle()
    scene.publish(response('one'))
    equal(told().length, 2)
    isIdle()
  })

  test('is told again for each time that a long poll is handed back', () => {
    scene.serve()
    scene.origin.last.answer(200, '', ...polls, ...gone)
    scene.mesh.settle()
    scene.publish(hint)
    deepEqual(
      scene.origin.calls.map(({ request }) => request.path),
      ['/x', '/gone', '/x'],
    )
    scene.origin.last.answer(200, 'plain')
    equal(told().length, 1)
  })

  test('is awaited by nobody, and given up after a while', () => {
    const client = scene.serve()
    scene.origin.last.answer(200, '', ...streams, ...gone)
    scene.mesh.settle()
    client.leave()
    scene.pass(29_999)
    equal(scene.origin.last.isAborted, false)
    scene.pass(1)
    equal(scene.origin.last.isAborted, true)
  })
})
