// Items of one connection, in order through their filters.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { InOrder } from '../../../../src/frontends/grip/filter/in-order.ts'
import { content, held, response } from '../hold/given-hold.ts'
import { Scene, wordsOf } from './given-filters.ts'

let scene: Scene
let told: string[]
let line: InOrder
const asked = { ...held('a'), filters: ['http-check'] }
const plain = held('b')

beforeEach(() => {
  scene = new Scene()
  told = []
  line = new InOrder(scene.filters, {
    party: () => scene.party,
    loadOf: ({ stream }) => (stream?.action === 'send' ? stream : undefined),
    sifted: (_held, _item, verdict) => void told.push(wordsOf(verdict)),
    inTurn: run => run(),
  })
})

describe('a line of items', () => {
  test('goes at once where nobody is asked', () => {
    for (const text of ['one', 'two']) equal(line.add(plain, content(text)), true)
    line.add(asked, response('nothing for it'))
    deepEqual(told, ['pass one', 'pass two', 'pass '])
  })

  test('waits behind one that is asked about, whatever its channel', () => {
    line.add(asked, content('one'))
    line.add(plain, content('two'))
    line.add(asked, content('three'))
    line.add(plain, content('four'))
    deepEqual([told, line.isBusy], [[], true])
    scene.origin.last.answer(204, '')
    deepEqual(told, ['pass one', 'pass two'])
    scene.origin.last.answer(200, '', 'Action', 'drop')
    deepEqual([told, line.isBusy], [['pass one', 'pass two', 'drop', 'pass four'], false])
  })

  test('has room for a hundred, and no more', () => {
    line.add(asked, content('first'))
    for (let count = 0; count < 100; count++) equal(line.add(plain, content('x')), true)
    equal(line.add(plain, content('x')), false)
  })

  test('has room for a megabyte, and no more', () => {
    line.add(asked, content('first'))
    equal(line.add(plain, content('x'.repeat(999_999))), true)
    equal(line.add(plain, content('x')), true)
    equal(line.add(plain, content('x')), false)
  })

  test('tells nothing once it was stopped', () => {
    line.add(asked, content('one'))
    line.add(plain, content('two'))
    line.stop()
    equal(scene.origin.last.isAborted, true)
    line.add(plain, content('three'))
    deepEqual(told, [])
  })
})
