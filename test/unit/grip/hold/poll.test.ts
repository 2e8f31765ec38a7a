// A response hold (contract §5.4): answered once, by an item or at its time, or asked again.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { Poll } from '../../../../src/frontends/grip/hold/poll.ts'
import { Timers } from '../../../../src/frontends/grip/hold/timers.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { content, held, itemWith, response } from './given-hold.ts'

const hint = itemWith({ response: { action: 'hint' } })
const close = itemWith({ response: { action: 'close' } })

let clock: FakeClock
let told: string[]
let poll: Poll

beforeEach(() => {
  clock = new FakeClock()
  told = []
  const stored = { status: 200, reason: 'OK', rawHeaders: [], body: Buffer.from('stored') }
  poll = new Poll(stored, 5_000, new Timers(clock), {
    answer: (_stored, format) => {
      told.push(format === undefined ? 'stored' : `${format.body instanceof Uint8Array && format.body}`)
    },
    askAgain: isAtOnce => void told.push(isAtOnce ? 'again now' : 'again soon'),
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
