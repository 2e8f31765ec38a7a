// A stream hold: its items, its end, and its keep-alive (contract §5.3, §5.5).
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { Instruct } from '../../../../src/frontends/grip/instruct/instruct.ts'
import { batchOf, content, held, holdOf, instructOf, response } from './given-hold.ts'
import { close, hint, next, Scene } from './given-stream.ts'

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})

describe('items', () => {
  test('leave in one ready piece where nothing is to be looked at', () => {
    scene.page()
    scene.hear(content('one\n'), content('two\n'))
    deepEqual(scene.written, ['raw:4\r\none\n\r\n4\r\ntwo\n\r\n'])
  })

  test('leave by themselves for a client that reads no chunks', () => {
    scene = new Scene({ isChunked: false })
    scene.page()
    scene.hear(content('one\n'), content(''), content('two\n'))
    deepEqual(scene.written, ['one\n', 'two\n'])
  })

  test('write nothing where they are empty, or for others', () => {
    scene.page()
    scene.hear(content(''), response('x'))
    deepEqual(scene.written, [])
  })

  test('wait for the page that is under way, and those of channels that it leaves are dropped', () => {
    const other = held('b')
    scene.stream.write(Buffer.from('page;'))
    scene.hear(content('one;'))
    scene.stream.heard(other, batchOf(content('lost;')))
    deepEqual(scene.written, ['page;'])
    scene.page()
    deepEqual(scene.written, ['one;'])
  })

  test('wait until the channels of the page are live', () => {
    scene.isLiveAtOnce = false
    scene.page()
    scene.hear(content('one;'))
    deepEqual(scene.written, [])
    scene.stream.begin()
    deepEqual(scene.written, ['one;'])
    scene.stream.begin()
    scene.hear(content('two;'))
    deepEqual(scene.written, ['raw:4\r\ntwo;\r\n'])
  })

  test('behind a close are dropped, and the answer ends in order', () => {
    scene.page()
    scene.hear(content('one;'), close, content('two;'))
    deepEqual(scene.written, ['one;', 'END'])
    deepEqual(scene.told, ['ended'])
    equal(scene.hear(content('three;')), true)
    deepEqual(scene.written, [])
  })

  test('that a client does not take make it be offered no more', () => {
    scene.page()
    scene.response.isWritable = false
    equal(scene.hear(content('12345')), false)
    deepEqual(scene.told, ['blocked 10'])
    scene.response.isWritable = true
    scene.stream.drained()
    equal(scene.hear(content('6')), true)
    deepEqual(scene.told, ['blocked 10'])
  })
})

describe('more waits than may', () => {
  test('while the next page is fetched: the stream ends, and its client asks anew', () => {
    scene.page({ next })
    scene.hear(hint)
    for (let count = 0; count < 100; count++) scene.hear(content('x'))
    deepEqual(scene.written, [])
    scene.hear(content('x'))
    deepEqual(scene.written, ['END'])
  })

  test('by bytes, too', () => {
    scene.page({ next })
    scene.hear(hint, content('x'.repeat(1_000_000)))
    deepEqual(scene.written, [])
    scene.hear(content('x'))
    deepEqual(scene.written, ['END'])
  })

  test('while a page passes: it is cut', () => {
    scene.stream.write(Buffer.from('half'))
    for (let count = 0; count <= 100; count++) scene.hear(content('x'))
    deepEqual(scene.told, ['torn'])
  })
})

describe('keep-alive', () => {
  const bytes = Buffer.from('K')
  const keeping = (mode: 'idle' | 'interval', more: Partial<Instruct> = {}) =>
    instructOf({ hold: holdOf({ keepAlive: { bytes, timeoutMs: 10_000, mode } }), ...more })

  test('of an idle stream begins anew with whatever is sent', () => {
    scene.stream.pageEnded(keeping('idle'))
    for (let count = 0; count < 5; count++) {
      scene.clock.advance(9_000)
      scene.hear(content('x'))
    }
    deepEqual(
      scene.written.filter(text => text === 'K'),
      [],
    )
    scene.clock.advance(10_300)
    deepEqual(scene.written, ['K'])
  })

  test('by the interval comes whatever is sent', () => {
    scene.stream.pageEnded(keeping('interval'))
    for (let count = 0; count < 20; count++) {
      scene.clock.advance(5_150)
      scene.hear(content('x'))
    }
    equal(scene.written.filter(text => text === 'K').length, 10)
  })

  test('is not sent to a client that is behind, nor into a page', () => {
    scene.stream.pageEnded(keeping('interval', { next }))
    scene.response.isWritable = false
    scene.hear(content('x'))
    scene.clock.advance(30_000)
    deepEqual(scene.written, ['raw:1\r\nx\r\n'])
    scene.response.isWritable = true
    scene.stream.drained()
    scene.hear(hint)
    scene.clock.advance(10_300)
    deepEqual(scene.written, ['K'], 'a page that is awaited does not stop it')
    scene.stream.write(Buffer.from('half'))
    scene.clock.advance(30_000)
    deepEqual(scene.written, ['half'])
  })

  test('of the last page counts', () => {
    scene.stream.pageEnded(keeping('interval', { next }))
    scene.hear(hint)
    scene.page()
    scene.clock.advance(60_000)
    deepEqual(scene.written, [])
  })

  test('is over with the stream, even where a write found its client gone', () => {
    scene.stream.pageEnded(keeping('idle', { next }))
    scene.response.onWrite = () => scene.stream.stop()
    scene.hear(content('x'))
    scene.clock.advance(1_000_000)
    deepEqual(scene.written, ['raw:1\r\nx\r\n'])
    deepEqual(scene.told, [])
  })
})
