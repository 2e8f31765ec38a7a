// Law 7 at the owner: a numbering that goes on elsewhere, as the broker says it, and what each hub is told.
import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseEpoch, parseOffset } from '../../../../src/engine/words/position.ts'
import { ask, name, page, range, SpreadScene as Scene } from '../../../helpers/spread-scene.ts'

describe('a numbering that goes on elsewhere', () => {
  const from = { epoch: parseEpoch('e'), offset: parseOffset(100) }
  const to = { epoch: parseEpoch('f'), offset: parseOffset(500) }

  test('is told to hubs that have everything, and as a gap to those that are owed something', () => {
    const scene = new Scene()
    scene.live(99, 1, 2)
    scene.spread.watchers.add(3, '*')
    scene.full.add(2)
    scene.publish(99)
    scene.attach(3, 'e', 97)
    scene.take()
    scene.spread.recover(1, name, ask(9, 'e', 96))
    scene.spread.renumbered(name, from, to)
    deepEqual(scene.take(), ['1 e.100 is f.500', '2 gap f.500', '3 pattern gap', '3 attached 1 f.500 gap'])
    scene.full.clear()
    scene.spread.linkDrained(2)
    while (scene.reads.length > 0) scene.answer(page(97, range(97, 100)))
    deepEqual(scene.take(), ['1 recovered 9 500:  gap'])
    scene.publish(500)
    deepEqual(scene.take(), ['1 500', '2 500', '3 500'])
  })

  test('from a place where the channel is not is a gap', () => {
    for (const other of [
      { ...from, offset: parseOffset(99) },
      { ...from, epoch: parseEpoch('d') },
    ]) {
      const scene = new Scene()
      scene.live(100, 1)
      scene.spread.renumbered(name, other, to)
      deepEqual(scene.take(), ['1 gap f.500'])
    }
  })

  test('of a channel that nobody follows, or that is about to be followed, is nothing', () => {
    const scene = new Scene()
    scene.spread.renumbered(name, from, to)
    scene.attach(1)
    scene.spread.renumbered(name, from, to)
    deepEqual(scene.take(), [])
  })
})
