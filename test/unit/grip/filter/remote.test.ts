// Filters that ask an origin (contract §7): what it is asked, what its answers mean, how long and how often it is asked.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { answerBytesMax } from '../../../../src/frontends/grip/filter/remote.ts'
import { Scene, wordsOf } from './given-filters.ts'

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})

/** What came late, since it was asked last. */
const late = (): readonly string[] => scene.late.splice(0).map(wordsOf)
const ask = (filter: string, text = 'x'): string => wordsOf(scene.sift([filter], text))

describe('a question', () => {
  test('is posted to the url, with both metas and the content of http-modify alone', () => {
    scene.meta = { user: 'bob √\x7f', url: '../check?a#b' }
    const more = { meta: new Map([['k"', '1']]) }
    equal(wordsOf(scene.sift(['http-check'], 'text', more)), 'pending')
    equal(wordsOf(scene.sift(['http-modify'], 'text', more)), 'pending')
    const [check, modify] = scene.posts
    equal(check?.url, 'http://h/check?a')
    deepEqual(check?.rawHeaders, [
      'Sub-Meta',
      Buffer.from('{"url":"../check?a#b","user":"bob √\\u007f"}').toString('latin1'),
      'Pub-Meta',
      '{"k\\"":"1"}',
    ])
    deepEqual([check?.body, modify?.body].map(String), ['', 'text'])
    deepEqual(check?.channels, scene.channels)
    deepEqual(scene.counted, [0, 0, 2])
  })

  test('is not made without a url, or to a place where none may lead', () => {
    scene.meta = {}
    equal(ask('http-check'), 'filter error: http-check: missing url value')
    scene.meta = { url: 'ftp://h/' }
    equal(ask('http-modify'), 'filter error: http-modify: invalid url value')
    scene.meta = { url: 'http://elsewhere/' }
    scene.isShut = true
    equal(
      ask('http-check'),
      'filter error: http-check: network request failed: the host is none of those that links may lead to',
    )
    deepEqual(scene.counted, [0, 3, 0])
  })
})

describe('an answer', () => {
  const answers: readonly (readonly [
    filter: string,
    status: number,
    headers: readonly string[],
    body: string,
    verdict: string,
  ])[] = [
    ['http-check', 200, [], 'y', 'pass x'],
    ['http-check', 204, [], '', 'pass x'],
    ['http-check', 200, ['ACTION', 'drop'], 'y', 'drop'],
    ['http-check', 200, ['Action', 'keep'], 'y', 'pass x'],
    [
      'http-check',
      400,
      ['Action', 'drop'],
      '',
      'filter error: http-check: unexpected network request status: code=400',
    ],
    ['http-check', 201, [], '', 'filter error: http-check: unexpected network request status: code=201'],
    ['http-modify', 200, [], 'y', 'pass y'],
    ['http-modify', 200, [], '', 'pass '],
    ['http-modify', 204, [], '', 'pass x'],
    ['http-modify', 200, ['Action', 'drop'], 'y', 'drop'],
    ['http-modify', 200, [], 'y'.repeat(answerBytesMax), `pass ${'y'.repeat(answerBytesMax)}`],
    [
      'http-modify',
      200,
      [],
      'y'.repeat(answerBytesMax + 1),
      'filter error: http-modify: network response exceeded 100000 bytes',
    ],
  ]
  for (const [filter, status, headers, body, verdict] of answers) {
    test(`of ${status} ${headers} and ${body.length} bytes to ${filter}`, () => {
      equal(ask(filter), 'pending')
      scene.origin.last.answer(status, body, ...headers)
      deepEqual(late(), [verdict])
      scene.clock.advance(20_000)
      deepEqual(late(), [])
    })
  }

  test('may come to nothing', () => {
    ask('http-check')
    scene.origin.last.fail({ phase: 'connecting' })
    ask('http-check')
    scene.origin.last.head(200)
    scene.origin.last.fail({ phase: 'receiving' })
    deepEqual(late(), [
      'filter error: http-check: network request failed: connection refused',
      'filter error: http-check: network request failed: disconnected',
    ])
  })

  test('is waited for ten seconds', () => {
    ask('http-check')
    scene.clock.advance(9_999)
    scene.origin.last.answer(200, '')
    ask('http-check')
    scene.clock.advance(9_999)
    deepEqual(late(), ['pass x'])
    scene.clock.advance(1)
    deepEqual(late(), ['filter error: http-check: network request failed: request timed out'])
    equal(scene.origin.last.isAborted, true)
  })

  test('is followed by the filters behind it', () => {
    const verdict = scene.sift(['http-modify', 'http-check', 'var-subst'], 'x')
    equal(verdict.kind, 'pending')
    scene.origin.last.answer(200, '%(user)s')
    deepEqual(late(), [])
    scene.origin.last.answer(200, '')
    deepEqual(late(), ['pass bob'])
  })

  test('is for nobody who took the question back', () => {
    const verdict = scene.sift(['http-check'], 'x')
    if (verdict.kind === 'pending') verdict.cancel()
    equal(scene.origin.last.isAborted, true)
    scene.clock.advance(20_000)
    deepEqual(late(), [])
  })
})

describe('one url', () => {
  beforeEach(() => {
    scene = new Scene(3)
  })

  test('is asked so often in a second, and what is more waits in order; another one is asked meanwhile', () => {
    for (let count = 0; count < 7; count++) ask('http-modify', `${count}`)
    deepEqual([scene.posts.length, scene.filters.allotment.waiting], [3, 4])
    scene.meta = { url: '/other' }
    ask('http-modify')
    deepEqual([scene.posts.length, scene.filters.allotment.waiting], [4, 4])
    scene.clock.advance(999)
    equal(scene.posts.length, 4)
    scene.clock.advance(1)
    deepEqual(
      scene.posts.slice(4).map(({ body }) => String(body)),
      ['3', '4', '5'],
    )
    scene.clock.advance(1_000)
    deepEqual([scene.posts.length, scene.filters.allotment.waiting], [8, 0])
    scene.clock.advance(1_000)
    for (let count = 0; count < 4; count++) ask('http-modify')
    deepEqual([scene.posts.length, scene.filters.allotment.waiting], [11, 1])
  })

  test('has ten seconds for its answer from when it is asked', () => {
    for (let count = 0; count < 4; count++) ask('http-check')
    scene.clock.advance(10_000)
    equal(late().length, 3)
    scene.clock.advance(1_000)
    equal(late().length, 1)
  })

  test('is not asked for who left while it waited', () => {
    for (let count = 0; count < 3; count++) ask('http-check')
    const verdict = scene.sift(['http-check'], 'x')
    if (verdict.kind === 'pending') verdict.cancel()
    equal(scene.filters.allotment.waiting, 0)
    scene.clock.advance(5_000)
    equal(scene.posts.length, 3)
  })
})
