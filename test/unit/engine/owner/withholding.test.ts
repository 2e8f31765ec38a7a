// Law 3 where others publish too: a hub that holds too much of a channel is owed what comes all the same (law 6).
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { linkBytes } from '../../../../src/engine/words/link.ts'
import { parseEpoch, parseOffset } from '../../../../src/engine/words/position.ts'
import { channelName } from '../../../helpers/mesh.ts'
import { name, page, publication, range, SpreadScene as Scene } from '../../../helpers/spread-scene.ts'

describe('a hub that holds too much', () => {
  /** Worker 1 holds as much as it may, and takes two publications more. */
  function pressed(): Scene {
    const scene = new Scene(2 * linkBytes(publication(0)))
    scene.live(100, 1, 2)
    scene.spread.pressure(1, name, true)
    return scene
  }

  test('is sent what was under way, then is owed what comes, and gets it when it takes more', () => {
    const scene = pressed()
    scene.publish(100, 101, 102, 103)
    deepEqual(scene.take(), ['1 100', '2 100', '1 101', '2 101', '2 102', '2 103'])
    scene.spread.linkDrained(1)
    deepEqual([scene.reads.length, scene.spread.behind(1)], [0, ['c']])
    scene.spread.pressure(1, name, false)
    scene.publish(104)
    equal(scene.answer(page(102, range(102, 104))), '102-104')
    scene.publish(105)
    deepEqual(scene.take(), ['2 104', '1 102', '1 103', '1 104', '1 105', '2 105'])
    equal(scene.spread.statistics()['withheld'], 1)
  })

  test('says so anew, and again takes as much', () => {
    const scene = pressed()
    scene.publish(100, 101)
    scene.spread.pressure(1, name, false)
    scene.spread.pressure(1, name, true)
    // Whoever says it twice takes no more for it.
    scene.publish(102)
    scene.spread.pressure(1, name, true)
    scene.publish(103, 104)
    deepEqual(
      scene.take().filter(line => line.startsWith('1')),
      ['1 100', '1 101', '1 102', '1 103'],
    )
  })

  test('is told a gap where some of what it is owed is gone', () => {
    const scene = pressed()
    scene.publish(100, 101, 102, 103)
    scene.spread.pressure(1, name, false)
    scene.answer(page(103))
    scene.publish(104)
    deepEqual(scene.take().slice(-3), ['1 gap e.104', '1 104', '2 104'])
  })

  test('in the middle of what it is owed is owed the rest', () => {
    const scene = pressed()
    scene.publish(100, 101, 102, 103, 104, 105)
    scene.spread.pressure(1, name, false)
    scene.take()
    scene.onTold = line => {
      if (line === '1 102') scene.spread.pressure(1, name, true)
    }
    scene.answer(page(102, range(102, 106)))
    deepEqual(scene.take(), ['1 102', '1 103', '1 104'])
    scene.spread.pressure(1, name, false)
    equal(scene.answer(page(105, range(105, 106))), '105-106')
    deepEqual([scene.take(), scene.spread.behind(1)], [['1 105'], []])
  })

  test('and leaves leaves its patterns a gap, for nothing else would tell them', () => {
    const scene = pressed()
    scene.publish(100, 101, 102)
    scene.take()
    scene.spread.detach(1, name)
    deepEqual(scene.take(), ['1 pattern gap'])
  })

  test('keeps no other one from what its link is owed', () => {
    const scene = pressed()
    const other = channelName('d')
    scene.spread.attach(1, [other, 1, '', 0, false, 1])
    scene.spread.followed(other, { epoch: parseEpoch('e'), offset: parseOffset(7) })
    scene.full.add(1)
    scene.publish(100)
    scene.spread.publication({ ...publication(7), channel: other })
    scene.full.clear()
    scene.spread.linkDrained(1)
    deepEqual(
      scene.reads.map(({ what }) => what),
      ['7-8'],
    )
  })

  test('and attaches is answered all the same', () => {
    const scene = new Scene(0)
    scene.live(100, 2)
    scene.attach(1, 'e', 98)
    scene.spread.pressure(1, name, true)
    scene.answer(page(98, range(98, 100)))
    deepEqual(scene.take(), ['1 attached 1 e.98'])
    scene.spread.pressure(1, name, false)
    scene.answer(page(98, range(98, 100)))
    deepEqual(scene.take(), ['1 98', '1 99'])
  })

  test('gets everything of a ledger of its own, which publishes nothing then', () => {
    const scene = new Scene()
    scene.live(100, 1)
    scene.spread.pressure(1, name, true)
    const large = [100, 101, 102].map(offset => publication(offset, 16 * 1_048_576))
    for (const each of large) scene.spread.publication(each)
    deepEqual(scene.take(), ['1 100', '1 101', '1 102'])
  })
})
