// What whoever orders channels must keep, played on the ledger of a node that stands alone, on one that answers later, and on
// what joins nodes.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import { channelName } from '../../helpers/mesh.ts'
import { brokerKinds, first, later, name, ToldFollower } from '../../helpers/told-follower.ts'

type Case = readonly [says: string, play: (follower: ToldFollower) => void]

const cases: readonly Case[] = [
  [
    'a follower is told where the channel stands, and then each publication before its publisher is answered',
    follower => {
      follower.broker.follow(name, undefined)
      deepEqual(follower.settle(), ['followed c e1.1000'])
      for (const text of ['a', 'b']) follower.publish(text)
      const told = follower.settle()
      deepEqual(
        told.filter(line => line.startsWith('publication')),
        ['publication c 1000 a', 'publication c 1001 b'],
      )
      deepEqual(
        told.filter(line => line.startsWith('done')),
        ['done a e1.1000 7', 'done b e1.1001 7'],
      )
      for (const text of ['a', 'b'])
        ok(
          told.findIndex(line => line.endsWith(text)) <
            told.findIndex(line => line.startsWith(`done ${text}`)),
        )
    },
  ],
  [
    'who begins to follow later is told the place behind what was published',
    follower => {
      follower.publish('a')
      follower.settle()
      follower.broker.follow(name, undefined)
      deepEqual(follower.settle(), ['followed c e1.1001'])
      follower.publish('b')
      const told = follower.settle().filter(line => !line.startsWith('done'))
      deepEqual(told, ['publication c 1001 b'])
    },
  ],
  [
    'what is published here is told although nobody follows, if nothing else feeds who watches for a pattern',
    follower => {
      follower.publish('a')
      const told = follower.broker.isFed ? [] : ['publication c 1000 a']
      deepEqual(follower.settle(), [...told, 'done a e1.1000 7'])
    },
  ],
  [
    'what fits a pattern is told once, whoever follows its channel',
    follower => {
      follower.broker.watch('c*', () => follower.told.push('watched'))
      follower.broker.follow(name, undefined)
      ok(follower.settle().includes('watched'))
      follower.publish('a')
      const told = follower.settle().filter(line => !line.startsWith('done'))
      const fed = follower.broker.isFed ? ['matched c 1000'] : []
      deepEqual(told.toSorted(), [...fed, 'publication c 1000 a'])
      follower.broker.unwatch('c*')
      follower.publish('b')
      ok(!follower.settle().some(line => line.startsWith('matched')))
    },
  ],
  [
    'a repeated key gets the first place, and nothing is told again',
    follower => {
      follower.broker.follow(name, undefined)
      follower.settle()
      for (const text of ['a', 'b']) follower.publish(text, { idempotencyKey: 'key' })
      deepEqual(follower.settle(), ['publication c 1000 a', 'done a e1.1000 7', 'done b e1.1000 7 again'])
    },
  ],
  [
    'drafts keep their order in each channel',
    follower => {
      const texts = ['a', 'b', 'c', 'd']
      for (const n of [0, 1]) follower.broker.follow(channelName(`c${n}`), undefined)
      follower.settle()
      texts.forEach((text, n) => follower.publish(text, { channel: channelName(`c${n % 2}`) }))
      const told = follower.settle().filter(line => line.startsWith('publication'))
      // Channels have no order among each other.
      deepEqual(told.toSorted(), [
        'publication c0 1000 a',
        'publication c0 1001 c',
        'publication c1 1000 b',
        'publication c1 1001 d',
      ])
    },
  ],
  [
    'a new epoch begins 2^18 beyond what a follower has of an earlier one',
    follower => {
      const { kind } = follower
      const held = kind.first + 4_000
      follower.broker.follow(name, { epoch: parseEpoch('old'), next: parseOffset(held) })
      deepEqual(follower.settle(), [`followed c e1.${kind.beyond(held) - kind.first + first}`])
    },
  ],
  [
    'who leaves and follows again is told the same place, as often as it asked at most',
    follower => {
      follower.broker.follow(name, undefined)
      follower.settle()
      follower.broker.unfollow(name, false)
      follower.broker.follow(name, undefined)
      follower.broker.unfollow(name, true)
      follower.broker.follow(name, undefined)
      const told = follower.settle()
      ok(told.length > 0 && told.length <= 2 && told.every(line => line === 'followed c e1.1000'))
    },
  ],
  [
    'who follows again finds the same numbering, whether its subscribers left or are awaited',
    follower => {
      for (const awaited of [false, true]) {
        follower.broker.follow(name, undefined)
        follower.settle()
        follower.broker.unfollow(name, awaited)
        follower.publish('a')
      }
      follower.settle()
      follower.broker.follow(name, undefined)
      equal(follower.settle().at(-1), 'followed c e1.1002')
    },
  ],
  [
    'a page has all from its place up to the one asked for, and not that one',
    follower => {
      follower.broker.follow(name, undefined)
      follower.settle()
      for (const text of ['a', 'b', 'c']) follower.publish(text)
      follower.settle()
      follower.read(1_000, 1_003)
      follower.read(1_001, 1_002)
      follower.read(1_003, 1_003)
      deepEqual(follower.settle(), ['page 1000: 1000,1001,1002', 'page 1001: 1001', 'page 1003: '])
    },
  ],
  [
    'a page of which some is gone is empty and names the oldest that is not',
    follower => {
      follower.broker.follow(name, undefined)
      follower.settle()
      for (const text of ['a', 'b', 'c', 'd']) follower.publish(text)
      follower.settle()
      follower.read(1_000, 1_004)
      follower.read(1_001, 1_004)
      follower.told.push(...follower.settle())
      follower.clock.advance(60_000)
      follower.read(1_001, 1_004)
      // Reads have no order among each other.
      deepEqual(follower.settle().toSorted(), ['page 1001: ', 'page 1001: 1001,1002,1003', 'page 1004: '])
    },
  ],
  [
    'what was appended before a refresh is told before it is done',
    follower => {
      follower.broker.follow(name, undefined)
      follower.settle()
      follower.publish('a')
      follower.broker.refresh(name, () => follower.told.push('refreshed'))
      const told = follower.settle()
      equal(told.at(-1), 'refreshed')
      ok(told.includes('publication c 1000 a'))
    },
  ],
]

for (const [says, kind] of Object.entries(brokerKinds)) {
  describe(`${says} as a broker`, () => {
    for (const [says, play] of cases) test(says, () => play(new ToldFollower(kind)))
  })
}

test('the one that answers later tells nothing in the turn of the question, and nothing to who has left by then', () => {
  const follower = new ToldFollower(later)
  follower.broker.follow(name, undefined)
  follower.publish('a')
  deepEqual(follower.told, [])
  follower.settle()
  follower.broker.unfollow(name, false)
  follower.broker.follow(name, undefined)
  follower.broker.unfollow(name, false)
  deepEqual(follower.settle(), [])
})
