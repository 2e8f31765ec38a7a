// What is for a whole group of many channels takes no long turn, and each channel has the order that it would have if it did.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Eaches } from '../../../../src/engine/owner/eaches.ts'
import { noEpoch, parseOffset } from '../../../../src/engine/words/position.ts'
import { privateChannel } from '../../../../src/engine/words/private.ts'
import type { ChannelName, Draft, Published } from '../../../../src/engine/words/publication.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const nameOf = (n: number) => privateChannel('test', `k${n}`)
const namesTo = (count: number) => new Set(Array.from({ length: count }, (_, n) => nameOf(n)))

function scene(outcomeOf: (draft: Draft) => 'overloaded' | 'not-allowed' | undefined = () => undefined) {
  const clock = new FakeClock()
  const appended: [ChannelName, string][] = []
  const done: unknown[] = []
  const eaches = new Eaches({
    clock,
    publish(draft, answer) {
      const refusal = outcomeOf(draft)
      if (refusal !== undefined) return answer(refusal)
      appended.push([draft.channel, Buffer.from(draft.content.payload).toString()])
      answer({ fate: 'dropped', subscribers: 0, duplicate: true })
    },
  })
  const each = (count: number, text: string) =>
    eaches.publish(
      namesTo(count),
      { content: { kind: 'text', payload: Buffer.from(text) }, via: 'test' },
      (channels, isWhole) => done.push([text, channels, isWhole]),
    )
  return { clock, eaches, appended, done, each, turn: () => clock.turn() }
}

describe('a draft for a group', () => {
  test('of few channels is with all of them at once', () => {
    const { appended, done, each } = scene()
    each(200, 'a')
    deepEqual([appended.length, done], [200, [['a', 200, true]]])
    each(0, 'b')
    deepEqual(done.at(-1), ['b', 0, true])
  })

  test('of many takes turns, and none of them is long', () => {
    const { appended, done, each, turn } = scene()
    each(1_000, 'a')
    const lengths: number[] = []
    while (done.length === 0) {
      lengths.push(appended.length)
      turn()
    }
    deepEqual(lengths, [200, 400, 600, 800])
    deepEqual([appended.length, done], [1_000, [['a', 1_000, true]]])
  })

  test('comes before what is published later, to one of its channels or to all', () => {
    const { appended, eaches, each, turn, done } = scene()
    each(1_000, 'a')
    each(1_000, 'b')
    eaches.settle(nameOf(900))
    eaches.settle(nameOf(5_000))
    deepEqual(appended.slice(200), [
      [nameOf(900), 'a'],
      [nameOf(900), 'b'],
    ])
    while (done.length < 2) turn()
    equal(appended.length, 2_000)
    for (let n = 0; n < 1_000; n++) {
      const texts = appended.filter(([name]) => name === nameOf(n)).map(([, text]) => text)
      deepEqual(texts, ['a', 'b'])
    }
    deepEqual(done, [
      ['a', 1_000, true],
      ['b', 1_000, true],
    ])
    equal(eaches.waiting, 0)
  })
})

describe('where drafts are answered later', () => {
  test('no more than the bound is under way, and every answer brings the next', () => {
    const clock = new FakeClock()
    const answers: ((outcome: 'overloaded' | Published) => void)[] = []
    const lost: ChannelName[] = []
    const done: unknown[] = []
    const eaches = new Eaches({
      clock,
      publish: (_draft, answer) => answers.push(answer),
      underWayBytesMax: 3_000,
    })
    const content = { kind: 'text', payload: Buffer.alloc(700) } as const
    eaches.publish(
      namesTo(10),
      { content, via: 'test' },
      (...outcome) => done.push(outcome),
      channel => lost.push(channel),
    )
    const published = { epoch: noEpoch, offset: parseOffset(0), subscribers: 0, duplicate: false }
    const answer = (outcome: 'overloaded' | Published) => {
      answers.shift()?.(outcome)
      clock.turn()
    }
    equal(answers.length, 3)
    clock.turn()
    equal(answers.length, 3)
    answer('overloaded')
    equal(answers.length, 3)
    for (let n = 1; n < 10; n++) answer(published)
    deepEqual([answers.length, done, lost], [0, [[9, false]], [nameOf(0)]])
  })
})

describe('who publishes to a group is told', () => {
  test('where somebody of it could not take it, but not where nobody ever may', () => {
    const busy = scene(({ channel }) => (channel === nameOf(3) ? 'overloaded' : undefined))
    busy.each(5, 'a')
    const closed = scene(() => 'not-allowed')
    closed.each(5, 'a')
    deepEqual([busy.done, closed.done], [[['a', 4, false]], [['a', 0, true]]])
  })

  test('where it came to an end half way', () => {
    const { eaches, done, each, turn, appended } = scene()
    each(1_000, 'a')
    each(300, 'b')
    turn()
    eaches.giveUp()
    turn()
    deepEqual(
      [appended.length, done, eaches.waiting],
      [
        400,
        [
          ['a', 400, false],
          ['b', 0, false],
        ],
        0,
      ],
    )
  })

  test('where too much waits, of which a first one is never refused', () => {
    const { eaches, done, each } = scene()
    each(400_300, 'a')
    ok(eaches.waiting > 400_000)
    each(1, 'b')
    deepEqual(done, [['b', 0, false]])
  })
})
