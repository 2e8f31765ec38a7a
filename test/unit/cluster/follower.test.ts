// The table of what a follower of a channel hears, and what it does then.
import { deepEqual } from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { describe, test } from 'node:test'
import { parseOffset } from '../../../src/engine/words/position.ts'
import { packExact } from '../../../src/std/msgpack.ts'
import { enveloped, FollowerScene } from '../../helpers/cluster/follower-scene.ts'

type Case = readonly [says: string, play: (scene: FollowerScene) => void, told: readonly string[]]

const live: readonly Case[] = [
  ['a delivery at its place is told', scene => scene.deliver('e', 10, 'a'), ['10a']],
  ['one below it is nothing', scene => scene.deliver('e', 9, 'a'), []],
  [
    'one above it is held until what is missing was read',
    scene => {
      scene.deliver('e', 12, 'c')
      scene.answer('e', 0, 13)
      scene.page(10, 'a', 'b', 'c')
    },
    ['wants', 'asks', 'reads e 10-13', '10a', '11b', '12c', 'live'],
  ],
  [
    'what is held and was not read follows it',
    scene => {
      scene.deliver('e', 11, 'b')
      scene.answer('e', 0, 12)
      scene.deliver('e', 12, 'c')
      scene.page(10, 'a', 'b')
    },
    ['wants', 'asks', 'reads e 10-12', '10a', '11b', '12c', 'live'],
  ],
  [
    'a page at a time is read, from where the one before ended',
    scene => {
      scene.following.doubt(scene.channel)
      scene.answer('e', 0, 13)
      scene.page(10, 'a', 'b')
      scene.page(12, 'c')
    },
    ['wants', 'asks', 'reads e 10-13', '10a', '11b', 'reads e 12-13', '12c', 'live'],
  ],
  [
    'what is not kept any more is a gap up to the oldest that is',
    scene => {
      scene.following.doubt(scene.channel)
      scene.answer('e', 0, 14)
      scene.page(12, 'c', 'd')
    },
    ['wants', 'asks', 'reads e 10-14', 'gap e.12', '12c', '13d', 'live'],
  ],
  [
    'where nothing is kept the gap leads to what is held',
    scene => {
      scene.deliver('e', 12, 'c')
      scene.answer('e', 0, 13)
      scene.deliver('e', 13, 'd')
      scene.page(14)
    },
    ['wants', 'asks', 'reads e 10-13', 'gap e.12', '12c', '13d', 'live'],
  ],
  [
    'a broker that has less than it gave out tells a gap, and is odd',
    scene => {
      scene.following.doubt(scene.channel)
      scene.answer('e', 0, 8)
    },
    ['wants', 'asks', 'set-back', 'gap e.8', 'live'],
  ],
  [
    'another epoch is a gap, and everything of it follows',
    scene => {
      scene.deliver('f', 101, 'b')
      scene.answer('f', 100, 102, ['e', 10])
      scene.page(100, 'a', 'b')
    },
    ['wants', 'asks', 'reads f 100-102', 'gap f.100', '100a', '101b', 'live'],
  ],
  [
    'another epoch in which nothing was published is a gap to its first',
    scene => {
      scene.following.doubt(scene.channel)
      scene.answer('f', 100, 100, ['e', 10])
    },
    ['wants', 'asks', 'gap f.100', 'live'],
  ],
  [
    'a numbering that ends while it is read is asked about again',
    scene => {
      scene.following.doubt(scene.channel)
      scene.answer('e', 0, 12)
      scene.pages('other-epoch')
      scene.answer('f', 100, 100)
    },
    ['wants', 'asks', 'reads e 10-12', 'asks', 'gap f.100', 'live'],
  ],
  [
    'what nobody gave is forgotten once the broker has answered',
    scene => {
      scene.deliver('x', 5)
      scene.deliver('e', 500)
      for (let answers = 0; answers < 2; answers++) scene.answer('e', 0, 10)
      scene.deliver('e', 10, 'a')
    },
    ['wants', 'asks', 'asks', 'live', '10a'],
  ],
  [
    'what says something new while it is asked about is asked about once more',
    scene => {
      scene.following.doubt(scene.channel)
      scene.following.doubt(scene.channel)
      scene.answer('e', 0, 10)
      scene.answer('e', 0, 10)
    },
    ['wants', 'asks', 'asks', 'live'],
  ],
  [
    'an outage ends its turn, and a comparison makes it live with what came since',
    scene => {
      scene.following.doubt(scene.channel)
      scene.askFails()
      scene.following.lost(scene.channel)
      scene.deliver('e', 10, 'a')
      scene.following.proven(scene.channel)
      scene.deliver('e', 11, 'b')
    },
    ['wants', 'asks', 'waits', '10a', 'live', '11b'],
  ],
  [
    'what was held before an outage is forgotten',
    scene => {
      scene.deliver('e', 11, 'stale')
      scene.following.lost(scene.channel)
      scene.answer('e', 0, 12)
      scene.following.proven(scene.channel)
    },
    ['wants', 'asks', 'live'],
  ],
  [
    'an envelope of a later version is a gap behind it',
    scene => {
      scene.deliver('e', 10, '', packExact([2, 0, Buffer.from('x')]))
      scene.deliver('e', 11, 'b')
    },
    ['newer', 'gap e.11', '11b'],
  ],
  [
    'so is what is none',
    scene => {
      scene.following.doubt(scene.channel)
      scene.answer('e', 0, 12)
      scene.pages({ from: parseOffset(10), envelopes: [Buffer.from('junk'), enveloped('b')] })
    },
    ['wants', 'asks', 'reads e 10-12', 'foreign', 'gap e.11', '11b', 'live'],
  ],
  [
    'a page with nothing in it does not hold it up',
    scene => {
      scene.following.doubt(scene.channel)
      scene.answer('e', 0, 12)
      scene.page(10)
    },
    ['wants', 'asks', 'reads e 10-12', 'gap e.12', 'live'],
  ],
]

describe('a follower that is live', () => {
  for (const [says, play, told] of live) {
    test(says, () => {
      const scene = FollowerScene.live()
      play(scene)
      deepEqual(scene.take(), told)
    })
  }
})

const continued: readonly Case[] = [
  [
    'goes on in the new numbering where it has all of the old one',
    scene => {
      scene.following.doubt(scene.channel)
      scene.answer('f', 100, 101, ['e', 10])
      scene.page(100, 'a')
    },
    ['wants', 'asks', 'renumbered e.10 f.100', 'reads f 100-101', '100a', 'live'],
  ],
  [
    'reads what it misses of the old one first',
    scene => {
      scene.following.doubt(scene.channel)
      scene.answer('f', 100, 100, ['e', 12])
      scene.page(10, 'a', 'b')
    },
    ['wants', 'asks', 'reads e 10-12', '10a', '11b', 'renumbered e.12 f.100', 'live'],
  ],
  [
    'is told of a gap in the old one where some of that is gone',
    scene => {
      scene.following.doubt(scene.channel)
      scene.answer('f', 100, 100, ['e', 12])
      scene.page(11, 'b')
    },
    ['wants', 'asks', 'reads e 10-12', 'gap e.11', '11b', 'renumbered e.12 f.100', 'live'],
  ],
  [
    'is told of a gap where it has more than the new server ever had',
    scene => {
      scene.following.doubt(scene.channel)
      scene.answer('f', 100, 100, ['e', 9])
    },
    ['wants', 'asks', 'gap f.100', 'live'],
  ],
  [
    'is told of a gap where there were others in between',
    scene => {
      scene.following.doubt(scene.channel)
      scene.answer('g', 200, 200, ['f', 150])
    },
    ['wants', 'asks', 'gap g.200', 'live'],
  ],
]

describe('a follower of what replicas know', () => {
  for (const [says, play, told] of continued) {
    test(says, () => {
      const scene = FollowerScene.live(10, true)
      play(scene)
      deepEqual(scene.take(), told)
    })
  }
})
