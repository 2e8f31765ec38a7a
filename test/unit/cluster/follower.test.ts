// The table of what a follower of a channel hears, and what it does then.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { describe, test } from 'node:test'
import type { Stretch, Where } from '../../../src/cluster/carrier.ts'
import { encodeEnvelope } from '../../../src/cluster/envelope.ts'
import { type Follower, Following, type Ways } from '../../../src/cluster/follower.ts'
import { noEpoch, parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import { packExact } from '../../../src/std/msgpack.ts'
import { channelName } from '../../helpers/mesh.ts'

type Read = Stretch | 'other-epoch' | 'away'

/** One channel, whose broker the test is. */
class Scene implements Ways<Follower> {
  readonly channel: Follower = {
    name: channelName('c'),
    epoch: noEpoch,
    next: parseOffset(0),
    asking: undefined,
  }
  readonly following: Following<Follower>
  readonly told: string[] = []
  lastId: string | undefined
  #asked: ((where: Where | 'away') => void) | undefined
  #read: ((stretch: Read) => void) | undefined

  constructor(continues = false) {
    this.following = new Following(this, { continues })
    this.following.open(this.channel)
    this.following.ask(this.channel)
  }

  /** Live, at that place. */
  static live(next = 10, continues = false): Scene {
    const scene = new Scene(continues)
    scene.answer('e', 0, next)
    scene.take()
    return scene
  }

  wants(): void {
    this.told.push('wants')
    this.following.ask(this.channel)
  }

  ask(_channel: Follower, done: (where: Where | 'away') => void): void {
    this.told.push('asks')
    this.#asked = done
  }

  read(_channel: Follower, epoch: string, from: number, to: number, done: (stretch: Read) => void): void {
    this.told.push(`reads ${epoch} ${from}-${to}`)
    this.#read = done
  }

  opened({ epoch, next }: Follower, lastId: string | undefined): void {
    this.told.push(`opened ${epoch}.${next}${lastId === undefined ? '' : ` after ${lastId}`}`)
  }

  publication(_channel: Follower, { offset, content }: Parameters<Ways<Follower>['publication']>[1]): void {
    this.told.push(`${offset}${Buffer.from(content.payload)}`)
  }

  gap({ epoch, next }: Follower, lastId: string | undefined): void {
    this.told.push(`gap ${epoch}.${next}${lastId === undefined ? '' : ` after ${lastId}`}`)
  }

  renumbered({ epoch, next }: Follower, from: { epoch: string; offset: number }): void {
    this.told.push(`renumbered ${from.epoch}.${from.offset} ${epoch}.${next}`)
  }

  odd(_channel: Follower, what: string): void {
    this.told.push(what)
  }

  settled({ asking }: Follower): void {
    this.told.push(asking === undefined ? 'live' : 'waits')
  }

  take(): string[] {
    return this.told.splice(0)
  }

  deliver(epoch: string, offset: number, text = 'x', envelope = enveloped(text)): void {
    this.following.delivery(this.channel, parseEpoch(epoch), parseOffset(offset), envelope)
  }

  answer(
    epoch: string,
    first: number,
    next: number,
    previous?: readonly [epoch: string, next: number],
  ): void {
    const done = this.#asked
    this.#asked = undefined
    const [pe, pn] = previous ?? []
    done?.({
      epoch: parseEpoch(epoch),
      first: parseOffset(first),
      next: parseOffset(next),
      previous: pe === undefined ? undefined : { epoch: parseEpoch(pe), next: parseOffset(pn ?? 0) },
      lastId: this.lastId,
    })
  }

  askFails(): void {
    this.#asked?.('away')
  }

  page(from: number, ...texts: readonly string[]): void {
    this.pages({ from: parseOffset(from), envelopes: texts.map(enveloped) })
  }

  pages(read: Read): void {
    const done = this.#read
    this.#read = undefined
    done?.(read)
  }
}

function enveloped(text: string): Uint8Array {
  const content = { kind: 'text', payload: Buffer.from(text) } as const
  return encodeEnvelope({ channel: channelName('c'), content, via: 'test' })
}

type Case = readonly [says: string, play: (scene: Scene) => void, told: readonly string[]]

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
      const scene = Scene.live()
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
      const scene = Scene.live(10, true)
      play(scene)
      deepEqual(scene.take(), told)
    })
  }
})

describe('a follower that is not answered yet', () => {
  test('is told nothing before it is, and then what came behind its place', () => {
    const scene = new Scene()
    scene.deliver('e', 9, 'a')
    scene.deliver('e', 10, 'b')
    deepEqual(scene.take(), ['asks'])
    scene.answer('e', 0, 10)
    deepEqual(scene.take(), ['opened e.10', '10b', 'live'])
  })

  test('is opened at the place of the answer, and what came behind the answer follows', () => {
    const scene = new Scene()
    scene.channel.next = parseOffset(77)
    // Heard before the answer, although the broker gave it behind that.
    scene.answer('e', 0, 10)
    scene.deliver('e', 10, 'a')
    deepEqual(scene.take(), ['asks', 'opened e.10', 'live', '10a'])
  })

  test('goes on asking after an outage', () => {
    const scene = new Scene()
    scene.askFails()
    scene.following.lost(scene.channel)
    scene.following.proven(scene.channel)
    scene.following.ask(scene.channel)
    scene.answer('e', 0, 3)
    deepEqual(scene.take(), ['asks', 'waits', 'asks', 'opened e.3', 'live'])
  })
})

describe('what the last one was called', () => {
  test('is told with the place that follows it', () => {
    const scene = new Scene()
    scene.lastId = 'm9'
    scene.answer('e', 0, 10)
    scene.following.doubt(scene.channel)
    scene.lastId = 'm99'
    scene.answer('f', 100, 100)
    deepEqual(
      scene.take().filter(line => line.includes('after')),
      ['opened e.10 after m9', 'gap f.100 after m99'],
    )
  })

  test('is not told with any other', () => {
    const scene = Scene.live()
    scene.lastId = 'm13'
    scene.following.doubt(scene.channel)
    scene.answer('e', 0, 14)
    scene.page(12, 'c', 'd')
    ok(scene.take().includes('gap e.12'))
  })
})

describe('what is held', () => {
  for (const [bound, size, count] of [
    ['a thousand', 1, 1_000],
    ['a mebibyte', 100_000, 10],
  ] as const) {
    test(`is ${bound} at most, and beyond that it is read`, () => {
      for (const over of [false, true]) {
        const scene = Scene.live()
        const text = 'x'.repeat(size)
        scene.following.doubt(scene.channel)
        const all = count + (over ? 1 : 0)
        for (let n = 0; n < all; n++) scene.deliver('e', 10 + n, text)
        scene.take()
        scene.answer('e', 0, 10)
        equal(scene.following.counters.forgotten, over ? 1 : 0)
        if (over) {
          deepEqual(scene.take(), ['asks'])
          scene.answer('e', 0, 10 + all)
          deepEqual(scene.take(), [`reads e 10-${10 + all}`])
        } else {
          equal(scene.take().length, count + 1)
        }
      }
    })
  }

  test('holds nothing of what a socket read', () => {
    const scene = Scene.live()
    const large = new Uint8Array(65_536)
    const envelope = enveloped('b')
    large.set(envelope)
    scene.deliver('e', 11, '', large.subarray(0, envelope.length))
    equal(scene.channel.asking?.held[0]?.envelope.buffer.byteLength, envelope.length)
  })
})
