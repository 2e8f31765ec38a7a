// The model notices what it is there to notice: with a fault played on the engines it finds a sequence that shows it.
import { equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Mutation } from '../helpers/mesh-mutation.ts'
import { checkModel } from '../helpers/model-property.ts'
import type { Play } from '../helpers/model-workers.ts'

const runs = 400
/** At most until a fault shows: the rarest does in one of 200 sequences or so. */
const searches = 4_000

/** The faults, where they can be played, and what the model says of them. */
const faults: readonly { readonly play: Play & { mutation: Mutation }; readonly says: RegExp }[] = [
  {
    play: { mutation: 'lose-batch' },
    says: /has everything|contiguous|for no reason|covers|was never answered|does not follow/,
  },
  { play: { mutation: 'answer-early' }, says: /where nothing is|with the place of another/ },
  {
    play: { mutation: 'live-early' },
    says: /has everything|contiguous|for no reason|covers|does not follow/,
  },
  {
    play: { mutation: 'lose-batch', late: 1 },
    says: /was never answered|has everything|contiguous|for no reason|covers|does not follow/,
  },
  { play: { mutation: 'read-stale', late: 1 }, says: /does not follow/ },
  { play: { mutation: 'read-twice', late: 3 }, says: /does not follow/ },
  { play: { mutation: 'forget-wake' }, says: /has everything/ },
  { play: { mutation: 'lane-early' }, says: /is written while .* waits/ },
]

describe('the model', () => {
  for (const { play, says } of faults) {
    const { mutation, late = 0 } = play
    test(`goes red under ${mutation}, with answers ${late} turns late`, t => {
      const { failed, errorInstance } = checkModel(t, searches, play)
      equal(failed, true)
      match(String(errorInstance), says)
    })
  }

  for (const late of [undefined, 1, 3]) {
    test(`is green without a fault, with answers ${late ?? 0} turns late`, t => {
      const { failed, errorInstance } = checkModel(t, runs, { late })
      equal(failed, false, String(errorInstance))
    })
  }
})
