// A stream hold: where its client is, and its pages (contract §5.5, §5.6).
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { batchOf, content, held, instructOf, response } from './given-hold.ts'
import { hint, next, Scene } from './given-stream.ts'

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})

describe('ids', () => {
  test('move along, and an item that does not follow has the page fetched', () => {
    scene.at('1')
    scene.page({ next })
    scene.hear(content('2;', { id: '2', prevId: '1' }), content('3;', { id: '3', prevId: '2' }))
    equal(scene.channels[0]?.prevId, '3')
    scene.hear(content('5;', { id: '5', prevId: '4' }))
    deepEqual(scene.written, ['2;', '3;'])
    deepEqual(scene.told, ['fetch http://h/next soon'])
    equal(scene.channels[0]?.prevId, '3')
  })

  test('without an order of its own an item is sent, and moves nothing', () => {
    scene.at('1')
    scene.page({ next })
    scene.hear(content('x;', { id: '9', prevId: '8', noSeq: true }))
    deepEqual(scene.written, ['x;'])
    equal(scene.channels[0]?.prevId, '1')
  })

  test('a client that is not where its channel is asks for the page once', () => {
    scene.at('1', '2')
    scene.page({ next })
    deepEqual(scene.told, ['fetch http://h/next soon'])
    scene.page({ next })
    equal(scene.told.length, 1)
  })

  test('what was asked for because of an id is awaited, though the channels go live twice', () => {
    scene.at('1', '2')
    scene.page({ next })
    scene.stream.begin()
    scene.hear(content('3;', { id: '3', prevId: '2' }))
    deepEqual(scene.written, [])
  })

  test('what came before the first page was whole counts for where the client is', () => {
    scene.at('1', '2')
    scene.hear(content('2;', { id: '2', prevId: '1' }))
    scene.page({ next })
    deepEqual(scene.written, ['2;'])
    deepEqual(scene.told, [])
  })

  test('without a link end the stream at once', () => {
    scene = new Scene({ isDebug: true })
    scene.at('1')
    scene.page()
    deepEqual(scene.written, ["\n\nchannel 'a' specifies prev-id, but no next link found\n", 'END'])
    deepEqual(scene.told, ['ended'])
  })
})

describe('the next page', () => {
  test('comes at once for a hint, which moves no id: its origin is asked from where the client is', () => {
    scene.at('1')
    scene.page({ next })
    scene.hear({ ...hint, id: '2', prevId: '1' }, content('3;', { id: '3', prevId: '2' }))
    deepEqual(scene.told, ['fetch http://h/next now'])
    equal(scene.channels[0]?.prevId, '1')
    scene.stream.write(Buffer.from('2;'))
    scene.at('2')
    scene.page({ next })
    deepEqual(scene.written, ['2;', '3;'], 'what stood behind the hint was kept')
  })

  test('is nothing to who has no link', () => {
    scene.page()
    scene.hear(hint, content('one;'))
    deepEqual(scene.written, ['one;'])
  })

  test('comes at once behind a page without a hold, and a page with neither is the end', () => {
    scene.stream.write(Buffer.from('one;'))
    scene.page({ hold: undefined, next })
    deepEqual(scene.told, ['fetch http://h/next now'])
    scene.stream.write(Buffer.from('two;'))
    scene.page({ hold: undefined })
    deepEqual(scene.written, ['one;', 'two;', 'END'])
  })

  test('comes so long after every channel had an item', () => {
    scene.channels = [held('a'), held('b')]
    scene.page({ next })
    const [, b] = scene.channels
    scene.clock.advance(119_000)
    scene.hear(content('1'))
    scene.clock.advance(999)
    deepEqual(scene.told, [])
    scene.clock.advance(1)
    deepEqual(scene.told, ['fetch http://h/next now'], 'only one of them had one')
    scene.page({ next })
    scene.clock.advance(119_000)
    scene.hear(content('1'))
    if (b !== undefined) scene.stream.heard(b, batchOf(content('2'), response('is nothing to it')))
    scene.clock.advance(119_999)
    equal(scene.told.length, 1)
    scene.clock.advance(1)
    equal(scene.told.length, 2)
  })

  test('is not put off by what is for long polls', () => {
    scene.page({ next })
    scene.clock.advance(119_000)
    scene.hear(response('x'))
    scene.clock.advance(1_000)
    equal(scene.told.length, 1)
  })

  test('is fetched anew where publications are missing, though one is under way', () => {
    scene.page({ next })
    scene.stream.missed()
    scene.stream.missed()
    deepEqual(scene.told, ['fetch http://h/next soon', 'fetch http://h/next soon'])
  })

  test('is fetched when the one that passes is whole: none is written into the middle of another', () => {
    scene = new Scene({ instruct: instructOf({ next }) })
    scene.stream.write(Buffer.from('half'))
    scene.stream.missed()
    scene.stream.recover()
    deepEqual(scene.told, [])
    scene.page({ next })
    deepEqual(scene.told, ['fetch http://h/next soon'])
  })

  test('that cannot be had ends the stream in order', () => {
    scene = new Scene({ isDebug: true })
    scene.page({ next })
    scene.stream.fail('origin-failed', 'Failed to retrieve next link.')
    deepEqual(scene.written, ['\n\nFailed to retrieve next link.\n', 'END'])
  })

  test('that breaks in its middle is not made to look whole', () => {
    scene.page({ next })
    scene.hear(hint)
    scene.stream.write(Buffer.from('half'))
    scene.stream.fail('origin-failed', 'Failed to retrieve next link.')
    deepEqual(scene.written, ['half'])
    deepEqual(scene.told, ['fetch http://h/next now', 'torn'])
  })

  test('whose channels are refused ends the stream', () => {
    scene.refusal = 'draining'
    scene.page()
    deepEqual(scene.written, ['END'])
  })

  test('without publications and without a link a gap ends the stream', () => {
    scene.page()
    scene.stream.missed()
    deepEqual(scene.written, ['END'])
  })
})
