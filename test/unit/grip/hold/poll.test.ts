// A response hold (contract §5.4): answered once, by an item or at its time, or asked again.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { Poll } from '../../../../src/frontends/grip/hold/poll.ts'
import { Timers } from '../../../../src/frontends/grip/hold/timers.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { content, held, itemWith, response } from './given-hold.ts'
import { Sifting } from './given-sifting.ts'

const hint = itemWith({ response: { action: 'hint' } })
const close = itemWith({ response: { action: 'close' } })

let clock: FakeClock
let told: string[]
let poll: Poll
let sifting: Sifting

beforeEach(() => {
  clock = new FakeClock()
  told = []
  sifting = new Sifting()
  const stored = { status: 200, reason: 'OK', rawHeaders: [], body: Buffer.from('stored') }
  poll = new Poll(stored, 5_000, new Timers(clock), {
    answer: (_stored, format) => {
      told.push(format === undefined ? 'stored' : `${format.body instanceof Uint8Array && format.body}`)
    },
    askAgain: isAtOnce => void told.push(isAtOnce ? 'again now' : 'again soon'),
    hear: (channel, item) => {
      const { response: format } = item
      if (told.length === 0) poll.heard(channel, item)
      else told.push(`left ${format?.action === 'send' ? format.body : format?.action}`)
    },
    torn: () => void told.push('torn'),
    sift: (_held, _item, load, done) => sifting.sift(load, done),
  })
})

describe('a long poll', () => {
  test('gets the first response, and the rest is nothing to it', () => {
    for (const item of [content('no'), close, response('one'), response('two'), hint])
      poll.heard(held('a'), item)
    poll.ask()
    poll.expire('stopped')
    clock.advance(10_000)
    deepEqual(told, ['one'])
  })

  test('gets the stored response at its time', () => {
    clock.advance(4_999)
    deepEqual(told, [])
    clock.advance(1)
    poll.heard(held('a'), response('late'))
    deepEqual(told, ['stored'])
  })

  test('gets it early where the node stops, and nothing once it was stopped', () => {
    poll.expire('stopped')
    poll.expire('stopped')
    deepEqual(told, ['stored'])
  })

  test('is left alone by whoever stopped it', () => {
    poll.stop()
    clock.advance(10_000)
    poll.ask()
    deepEqual(told, [])
  })

  test('is asked again at once for a hint, which moves no id', () => {
    const channel = held('a', { prevId: '1' })
    poll.heard(channel, { ...hint, id: '2', prevId: '1' })
    deepEqual(told, ['again now'])
    equal(channel.prevId, '1')
  })

  test('is asked again in a while where an item does not follow', () => {
    const channel = held('a', { prevId: '1' })
    poll.heard(channel, content('', { id: '2', prevId: '1' }))
    equal(channel.prevId, '2')
    poll.heard(channel, response('x', { id: '4', prevId: '3' }))
    deepEqual(told, ['again soon'])
    equal(channel.prevId, '2')
  })

  test('is asked again where its channel is elsewhere, unless nobody knows where', () => {
    poll.begin([
      held('a', { prevId: '1' }),
      held('b', { lastId: '2' }),
      held('c', { prevId: '', lastId: '' }),
    ])
    deepEqual(told, [])
    poll.begin([held('a', { prevId: '1' }), held('b', { prevId: '1', lastId: '2' })])
    deepEqual(told, ['again soon'])
  })

  test('takes what came before its answer as far as it follows', () => {
    const channel = held('a', { prevId: '2' })
    poll.heardBefore(channel, response('old', { id: '2', prevId: '1' }))
    deepEqual(told, [])
    poll.heardBefore(channel, response('new', { id: '3', prevId: '2' }))
    deepEqual(told, ['new'])
  })
})

describe('a long poll with filters', () => {
  const asked = { ...held('a'), filters: ['any'] }

  test('waits on behind what is not for it, and gets what the filters left', () => {
    for (const text of ['drop', 'fail', 'one']) poll.heard(asked, response(text))
    deepEqual([told, sifting.asked], [['one'], ['drop', 'fail', 'one']])
  })

  test('moves on past what is not for it', () => {
    const channel = { ...held('a', { prevId: '1' }), filters: ['any'] }
    poll.heard(channel, response('drop', { id: '2', prevId: '1' }))
    poll.heard(channel, response('two', { id: '3', prevId: '2' }))
    deepEqual([told, channel.prevId], [['two'], '3'])
  })

  test('has the filters see what a patch makes of the stored body', () => {
    const patch = '[{"op":"add","path":"/a","value":1}]'
    const send = { action: 'send', code: 200, reason: 'OK', headers: [], body: { patch } } as const
    poll.heard(asked, itemWith({ response: send }))
    // The stored body is no JSON, so that a patch leaves it.
    deepEqual([told, sifting.asked], [['stored'], ['stored']])
  })

  test('is asked again by a hint that passes', () => {
    poll.heard(asked, hint)
    deepEqual([told, sifting.asked], [['again now'], ['action']])
  })
})

describe('a long poll whose filters ask', () => {
  const asked = { ...held('a'), filters: ['any'] }
  const plain = held('b')
  beforeEach(() => {
    sifting.isAway = true
  })

  test('is answered by the first that passes, in order', () => {
    poll.heard(asked, response('one'))
    poll.heard(plain, response('two'))
    deepEqual(told, [])
    sifting.answer('drop')
    deepEqual(told, ['two'])
  })

  test('is answered once, and what waited is left to what comes of it', () => {
    poll.heard(asked, response('one'))
    poll.heard(plain, response('two'))
    sifting.answer('ONE')
    deepEqual(told, ['ONE', 'left two'])
  })

  test('has what waited wait for its origin, where that is asked again', () => {
    poll.heard(asked, hint)
    poll.heard(plain, response('two'))
    poll.ask()
    sifting.answer('drop')
    deepEqual(told, ['again soon', 'left two'])
  })

  test('gets the stored response behind the verdict where its time came before', () => {
    poll.heard(asked, response('one'))
    clock.advance(5_000)
    deepEqual(told, [])
    sifting.answer('drop')
    deepEqual(told, ['stored'])
  })

  test('gets what passed, though its time came before', () => {
    poll.heardBefore(asked, response('one'))
    poll.heardBefore(plain, response('two'))
    clock.advance(5_000)
    sifting.answer('one')
    deepEqual(told, ['one', 'left two'])
  })

  test('is answered at once where the node stops', () => {
    poll.heard(asked, response('one'))
    poll.expire('stopped')
    equal(sifting.isCancelled, true)
    deepEqual(told, ['stored'])
  })

  test('is cut where more waits than may', () => {
    poll.heard(asked, response('one'))
    for (let count = 0; count < 100; count++) poll.heard(plain, response('x'))
    deepEqual(told, [])
    poll.heard(plain, response('x'))
    deepEqual(told, ['torn'])
  })
})
