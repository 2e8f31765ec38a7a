// Laws 1, 2 and 6 where whoever orders the channels answers later: a broker that a test answers for, hubs that note what
// they are told, and links that a test fills.
import { deepEqual, equal, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseEpoch, parseOffset } from '../../../../src/engine/words/position.ts'
import { ask, name, page, publication, range, SpreadScene as Scene } from '../../../helpers/spread-scene.ts'

describe('a channel that the broker has not answered for', () => {
  test('is asked for once, and all that was asked meanwhile is answered in its order', () => {
    const scene = new Scene()
    scene.attach(1)
    scene.spread.count(1, name, 5)
    scene.spread.recover(1, name, ask(9, 'e', 99))
    scene.attach(2)
    scene.spread.pressure(2, name, true)
    deepEqual([scene.asked, scene.take()], [['follow c undefined'], []])
    scene.follow(100)
    deepEqual(scene.take(), ['1 attached 1 e.100', '1 recovered 9 100: ', '2 attached 1 e.100'])
    equal(scene.spread.presence(name), 6)
    deepEqual(
      scene.spread.find(name)?.hubs.map(({ pressed }) => pressed !== undefined),
      [false, true],
    )
  })

  test('gets nothing of what is published before the answer, and all that is published behind it', () => {
    const scene = new Scene()
    scene.attach(1)
    scene.publish(98, 99)
    scene.follow(100)
    scene.publish(100)
    deepEqual(scene.take(), ['1 attached 1 e.100', '1 100'])
  })

  test('is given up when all who asked have left or are lost', () => {
    const scene = new Scene()
    scene.attach(1)
    scene.attach(2)
    scene.spread.detach(1, name)
    scene.spread.hubLost(2)
    deepEqual(scene.asked, ['follow c undefined', 'unfollow c awaited'])
    scene.attach(1, 'old', 7)
    deepEqual(scene.asked.slice(2), ['follow c 7'])
    scene.follow(100)
    deepEqual(scene.take(), ['1 attached 1 e.100 gap'])
  })

  test('is not vouched for to those who wait for it', () => {
    const scene = new Scene()
    scene.attach(1)
    deepEqual([scene.spread.behind(1), scene.spread.behind(2)], [['c'], []])
    scene.follow(100)
    deepEqual(scene.spread.behind(1), [])
  })

  test('that nobody asked for is not taken', () => {
    throws(() => new Scene().follow(100), RangeError)
  })
})

describe('a hub that had a part of the channel', () => {
  test('is answered when that was read; what is published meanwhile comes once, behind it', () => {
    const scene = new Scene()
    scene.live(100, 2)
    scene.attach(1, 'e', 97)
    scene.publish(100, 101)
    deepEqual([scene.take(), scene.spread.behind(1)], [['2 100', '2 101'], ['c']])
    equal(scene.answer(page(97, range(97, 100))), '97-100')
    deepEqual(scene.take(), ['1 attached 1 e.97', '1 97', '1 98', '1 99', '1 100', '1 101'])
    scene.publish(102)
    deepEqual([scene.take(), scene.reads.length, scene.spread.behind(1)], [['2 102', '1 102'], 0, []])
  })

  test('goes on behind a gap where some of it is gone, and its patterns are told of what was withheld', () => {
    const scene = new Scene()
    scene.live(100, 2)
    scene.attach(1, 'e', 97)
    scene.publish(100)
    scene.answer(page(98))
    scene.publish(101)
    const told = scene.take().filter(line => line.startsWith('1'))
    deepEqual(told, ['1 pattern gap', '1 attached 1 e.101 gap', '1 101'])
  })

  test('that attaches anew gets nothing of the first answer', () => {
    const scene = new Scene()
    scene.live(100, 2)
    scene.attach(1, 'e', 97, 1)
    scene.attach(1, 'e', 98, 2)
    equal(scene.answer(page(97, range(97, 100))), '97-100')
    deepEqual(scene.take(), ['1 pattern gap'])
    scene.answer(page(98, range(98, 100)))
    deepEqual(scene.take(), ['1 attached 2 e.98', '1 98', '1 99'])
  })

  test('that left gets nothing, nor does another in its slot', () => {
    const scene = new Scene()
    scene.live(100, 2)
    scene.attach(1, 'e', 97)
    scene.spread.hubLost(1)
    scene.attach(1)
    scene.take()
    scene.answer(page(97, range(97, 100)))
    deepEqual(scene.take(), [])
  })
})

describe('a link that is full', () => {
  /** Worker 1 took 100, and is owed what follows. */
  function owed(): Scene {
    const scene = new Scene()
    scene.live(100, 1, 2)
    scene.publish(100)
    scene.full.add(1)
    scene.publish(101, 102, 103)
    scene.full.clear()
    scene.take()
    return scene
  }

  test('gets what was withheld, and what is published while it is read, in order', () => {
    const scene = owed()
    scene.spread.linkDrained(1)
    scene.publish(104)
    // A second time is no second question.
    scene.spread.linkDrained(1)
    equal(scene.answer(page(101, range(101, 104))), '101-104')
    deepEqual([scene.take(), scene.reads.length], [['2 104', '1 101', '1 102', '1 103', '1 104'], 0])
  })

  test('and full again in the middle is read from the first that was not sent', () => {
    const scene = owed()
    scene.spread.linkDrained(1)
    const pages = range(101, 104)
    scene.full.add(1)
    scene.answer(page(101, pages))
    scene.full.clear()
    scene.spread.linkDrained(1)
    equal(scene.answer(page(101, pages.slice(0, 2))), '101-104')
    deepEqual(scene.take(), [])
    equal(scene.answer(page(103, pages.slice(2))), '103-104', 'a page may end before what was asked for')
    deepEqual(scene.take(), ['1 101', '1 102', '1 103'])
    deepEqual(scene.spread.statistics()['linksFull'], 2)
  })

  test('is told the gap where some is gone, and gets all that follows', () => {
    const scene = owed()
    scene.spread.linkDrained(1)
    scene.publish(104)
    scene.answer(page(103))
    scene.publish(105)
    deepEqual(scene.take(), ['2 104', '1 gap e.105', '1 105', '2 105'])
  })

  test('more than is kept meanwhile is read as well', () => {
    for (const [bytes, reads] of [
      [1_048_576 - 65, 0],
      [1_048_576 - 64, 1],
    ] as const) {
      const scene = owed()
      scene.spread.linkDrained(1)
      const large = publication(104, bytes)
      scene.spread.publication(large)
      scene.answer(page(101, range(101, 104)))
      equal(scene.reads.length, reads)
      if (reads > 0) equal(scene.answer(page(104, [large])), '104-105')
      deepEqual(scene.take().at(-1), '1 104')
    }
  })

  test('a page with nothing of what there is retires the worker', () => {
    const scene = owed()
    scene.spread.linkDrained(1)
    throws(() => scene.answer(page(101)), RangeError)
  })
})

describe('a recovery', () => {
  test('reaches to what was last sent to its hub, whatever came meanwhile', () => {
    const scene = new Scene()
    scene.live(100, 1)
    scene.spread.recover(1, name, ask(9, 'e', 96))
    scene.publish(100)
    scene.full.add(1)
    scene.publish(101)
    equal(scene.answer(page(97, range(97, 100))), '97-100')
    deepEqual(scene.take(), ['1 100', '1 recovered 9 97: 97,98,99,100'])
  })

  test('of what is gone names the oldest that is not', () => {
    const scene = new Scene()
    scene.live(100, 1)
    scene.spread.recover(1, name, ask(9, '', 5))
    scene.answer(page(98))
    deepEqual([scene.take(), scene.spread.statistics()['recoveryGaps']], [['1 recovered 9 98:  gap'], 1])
  })

  test('ahead of the channel is a gap only when the broker has no more either', () => {
    for (const [newer, told] of [
      [[], '1 recovered 9 0:  gap'],
      [[100, 101], '1 recovered 9 102: '],
    ] as const) {
      const scene = new Scene()
      scene.live(100, 1)
      scene.spread.recover(1, name, ask(9, 'e', 101))
      deepEqual(scene.take(), [])
      scene.publish(...newer)
      for (const done of scene.refreshes) done()
      equal(scene.take().at(-1), told)
    }
  })

  test('ahead of a numbering that ended meanwhile is a gap, whatever the new one has', () => {
    const scene = new Scene()
    scene.live(100, 1)
    scene.spread.recover(1, name, ask(9, 'e', 104))
    scene.spread.gap(name, { epoch: parseEpoch('f'), offset: parseOffset(105) })
    scene.publish(105, 106)
    for (const done of scene.refreshes) done()
    equal(scene.take().at(-1), '1 recovered 9 0:  gap')
  })

  test('of a hub that attached anew is not answered', () => {
    const scene = new Scene()
    scene.live(100, 1)
    scene.spread.recover(1, name, ask(9, 'e', 96))
    scene.spread.recover(1, name, ask(10, 'e', 200))
    scene.attach(1, 'e', 100, 2)
    scene.answer(page(97, range(97, 100)))
    for (const done of scene.refreshes) done()
    deepEqual(scene.take(), ['1 attached 2 e.100'])
  })
})

describe('a gap that the broker tells', () => {
  test('reaches all hubs and patterns, and nothing of the old numbering follows it', () => {
    const scene = new Scene()
    scene.live(100, 1)
    scene.spread.watchers.add(2, '*')
    scene.attach(2, 'e', 97)
    scene.spread.recover(1, name, ask(9, 'e', 96))
    scene.spread.gap(name, { epoch: parseEpoch('f'), offset: parseOffset(500) })
    deepEqual(scene.take(), ['2 pattern gap', '1 gap f.500', '2 attached 1 f.500 gap'])
    while (scene.reads.length > 0) scene.answer(page(97, range(97, 100)))
    scene.publish(500)
    deepEqual(scene.take(), ['1 recovered 9 500:  gap', '1 500', '2 500'])
  })

  test('of a channel that nobody follows is nothing', () => {
    const scene = new Scene()
    scene.spread.gap(name, { epoch: parseEpoch('f'), offset: parseOffset(500) })
    deepEqual(scene.take(), [])
  })
})

test('a publication that does not follow retires the worker, and nothing is vouched for', () => {
  const scene = new Scene()
  scene.live(100, 1)
  throws(() => scene.publish(101), RangeError)
  equal(scene.spread.behind(1), undefined)
})

test('a hub that leaves as its attach is answered leaves its patterns nothing to wait for', () => {
  const scene = new Scene()
  scene.spread.watchers.add(1, 'c*')
  scene.live(10, 2)
  const note = scene.told.push.bind(scene.told)
  scene.told.push = line => {
    if (line.startsWith('1 attached')) scene.spread.detach(1, 'c')
    return note(line)
  }
  scene.attach(1, 'e', 8, 5)
  scene.answer(page(8, range(8, 10)))
  scene.publish(10)
  deepEqual(scene.take(), ['1 pattern gap', '1 attached 5 e.8', '2 10', '1 10'])
})
