// A stream whose items have filters in their way (contract §7): at once, or in a while, when everything behind waits.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { batchOf, content, held, itemWith } from './given-hold.ts'
import { close, hint, next, Scene } from './given-stream.ts'

let scene: Scene
beforeEach(() => {
  scene = new Scene()
  scene.channels = [{ ...held('a'), filters: ['any'] }, held('b')]
})

/** On the channel without filters. */
const hearPlain = (text: string): boolean => {
  const [, plain = held('b')] = scene.channels
  return scene.stream.heard(plain, batchOf(content(text)))
}

describe('a stream with filters', () => {
  test('gets what passes, as the filters left it', () => {
    scene.page()
    scene.hear(content('one;'), content('drop'), content('fail'), content('two;'))
    deepEqual(scene.written, ['one;', 'two;'])
    deepEqual(scene.sifting.asked, ['one;', 'drop', 'fail', 'two;'])
  })

  test('is ended by the first failure where somebody debugs', () => {
    scene = new Scene({ isDebug: true })
    scene.channels = [{ ...held('a'), filters: ['any'] }]
    scene.page()
    scene.hear(content('one;'), content('fail'), content('two;'))
    deepEqual(scene.written, ['one;', '\n\nfilter error: fail\n', 'END'])
    deepEqual(scene.told, ['ended'])
  })

  test('moves on past what is not for it', () => {
    scene.page({ next })
    const ids = { prevId: '1', lastId: '1' }
    scene.channels = [{ ...held('a', ids), filters: ['any'] }]
    scene.hear(content('drop', { id: '2', prevId: '1' }), content('fail', { id: '3', prevId: '2' }))
    scene.hear(content('four;', { id: '4', prevId: '3' }))
    deepEqual([scene.written, scene.told, scene.channels[0]?.prevId], [['four;'], [], '4'])
  })

  test('asks the filters about actions, too', () => {
    scene.page({ next })
    scene.hear(close)
    deepEqual(scene.sifting.asked, ['action'])
    deepEqual(scene.written, ['END'])
  })

  test('asks them where an item names filters', () => {
    scene.channels = [held('a')]
    scene.page()
    const named = { action: 'send', content: Buffer.from('named'), contentFilters: ['other'] } as const
    scene.hear(content('plain'), itemWith({ stream: named }))
    deepEqual(scene.sifting.asked, ['named'])
  })
})

describe('an item that an origin is asked about', () => {
  beforeEach(() => {
    scene.sifting.isAway = true
  })

  test('is waited for by what comes behind it, and then they leave in order', () => {
    scene.page()
    scene.hear(content('one;'))
    hearPlain('two;')
    scene.hear(content('three;'))
    deepEqual(scene.written, [])
    scene.sifting.answer('ONE;')
    deepEqual(scene.written, ['ONE;', 'two;'])
    scene.sifting.answer('drop')
    hearPlain('four;')
    deepEqual(scene.written, ['raw:5\r\nfour;\r\n'])
  })

  test('is in no way of a keep-alive', () => {
    const keepAlive = { bytes: Buffer.from('.'), timeoutMs: 1_000, mode: 'idle' } as const
    scene.page({ hold: { mode: 'stream', channels: [], timeoutMs: 0, meta: new Map(), keepAlive } })
    scene.hear(content('one;'))
    scene.clock.advance(1_100)
    deepEqual(scene.written, ['.'])
  })

  test('is waited for by a hundred others, and by one more the stream ends', () => {
    scene.page()
    scene.hear(content('one;'))
    for (let count = 0; count < 100; count++) hearPlain('x')
    deepEqual(scene.told, [])
    hearPlain('x')
    deepEqual(scene.told, ['ended'])
    equal(scene.sifting.isCancelled, true)
    scene.sifting.answer('late')
    deepEqual(scene.written, ['END'])
  })

  test('is waited for by a megabyte of others, and by one more byte the stream ends', () => {
    scene.page()
    scene.hear(content('one;'))
    hearPlain('x'.repeat(1_000_000))
    deepEqual(scene.told, [])
    hearPlain('x')
    deepEqual(scene.told, ['ended'])
  })

  test('is waited for by the next page, whose time has come or which a gap needs', () => {
    scene.page({ next: { ...next, timeoutMs: 5_000 } })
    scene.hear(content('one;'))
    scene.clock.advance(5_000)
    scene.stream.missed()
    hearPlain('two;')
    deepEqual(scene.told, [])
    scene.sifting.answer('one;')
    deepEqual([scene.written, scene.told], [['one;'], ['fetch http://h/next soon']])
    scene.stream.write(Buffer.from('page;'))
    scene.page()
    deepEqual(scene.written, ['page;', 'two;'])
  })

  test('may be a hint: then what waits does so for the page', () => {
    scene.page({ next })
    scene.hear(hint)
    hearPlain('one;')
    scene.sifting.answer('')
    deepEqual([scene.written, scene.told], [[], ['fetch http://h/next now']])
    scene.page()
    deepEqual(scene.written, ['one;'])
  })

  test('is compared with where its channel is when it is known what becomes of it', () => {
    scene.channels = [{ ...held('a', { prevId: '1', lastId: '1' }), filters: ['any'] }]
    scene.isLiveAtOnce = false
    scene.page({ next })
    scene.hear(content('one;', { id: '2', prevId: '1' }))
    const [own] = scene.channels
    if (own !== undefined) own.lastId = '2'
    scene.stream.begin()
    scene.sifting.answer('drop')
    deepEqual(scene.told, [])
  })

  test('shows a gap behind it', () => {
    scene.channels = [{ ...held('a', { prevId: '1', lastId: '1' }), filters: ['any'] }]
    scene.page({ next })
    scene.hear(content('one;', { id: '2', prevId: '1' }), content('three;', { id: '4', prevId: '3' }))
    scene.sifting.answer('one;')
    deepEqual([scene.written, scene.told], [['one;'], ['fetch http://h/next soon']])
  })

  test('is nothing to a stream that was stopped', () => {
    scene.page()
    scene.hear(content('one;'))
    scene.stream.stop()
    equal(scene.sifting.isCancelled, true)
    deepEqual(scene.written, [])
  })
})
