import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ChannelSnapshot } from '../../../src/engine/owner/snapshot.ts'
import { Legacies } from '../../../src/state/legacies.ts'
import { packChannels, parseChannels } from '../../../src/state/state.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

const payload = Buffer.from('1')
const channel = (leftMs: number): ChannelSnapshot => [
  'news',
  'e',
  1,
  3,
  [[leftMs, [2, 0, payload]]],
  [['k', 2, leftMs]],
]
const packed = (leftMs: number) => packChannels([channel(leftMs)])

/** What the first channel's entries have left. */
function leftMs(bytes: Uint8Array | undefined): (number | undefined)[] {
  const [found] = bytes === undefined ? [] : parseChannels(bytes)
  return [found?.[4][0]?.[0], found?.[5][0]?.[2]]
}

describe('channels on their way into a worker', () => {
  test('are given again to the next one where the first never served, with the time that passed', () => {
    const clock = new FakeClock()
    const legacies = new Legacies(new Map([[0, packed(500)]]), clock)
    deepEqual(leftMs(legacies.give(0, undefined)), [500, 500])
    clock.advance(200)
    deepEqual(leftMs(legacies.give(0, undefined)), [300, 300])
    equal(legacies.give(1, undefined), undefined)
  })

  test('are replaced by what a worker leaves, and forgotten once one serves', () => {
    const legacies = new Legacies(new Map([[0, packed(500)]]), new FakeClock())
    deepEqual(leftMs(legacies.give(0, packed(900))), [900, 900])
    legacies.served(0)
    equal(legacies.give(0, undefined), undefined)
    equal(legacies.anyServed, true)
  })

  test('join what a stop collects, unless their worker left something itself', () => {
    const clock = new FakeClock()
    const taken = new Map([
      [0, packed(500)],
      [1, packed(50)],
    ])
    const legacies = new Legacies(taken, clock)
    clock.advance(100)
    const left = legacies.addTo(new Map([[0, packed(7)]]))
    deepEqual(leftMs(left.get(0)), [7, 7])
    deepEqual(leftMs(left.get(1)), [undefined, undefined], 'its entries had less left than passed')
    deepEqual(parseChannels(left.get(1) ?? new Uint8Array())[0]?.slice(0, 4), ['news', 'e', 1, 3])
  })
})
