// The judge of followers notices what it is there to notice: with a fault played on them, or on the server's script, it finds a
// sequence that shows it.
import { equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkClusterModel } from '../helpers/cluster/model-property.ts'
import type { ClusterPlay } from '../helpers/cluster/model-run.ts'

/** At most until a fault shows. */
const searches = 5_000

const faults: Readonly<Record<string, { readonly play: ClusterPlay; readonly says: RegExp }>> = {
  'a term that the script does not check': {
    play: { server: 'term-unchecked' },
    says: /names|lost without a word|leads back|does not follow|setBacks|is not where|Expected values/,
  },
  'a hole that is not noticed': { play: { mutation: 'hole-unnoticed' }, says: /does not follow/ },
  'a delivery before the attach is answered': {
    play: { mutation: 'delivery-before-attach' },
    says: /is told before/,
  },
  'a page from the head': { play: { mutation: 'page-from-head' }, says: /the one before that is there/ },
  'another term that is gone on from without a word': {
    play: { mutation: 'quiet-new-term' },
    says: /lost without a word/,
  },
}

describe('the judge goes red under', () => {
  for (const [name, { play, says }] of Object.entries(faults)) {
    test(name, t => {
      const { details } = checkClusterModel(t, searches, play)
      equal(details.failed, true)
      match(String(details.errorInstance), says)
      t.diagnostic(`after ${details.numRuns} sequences: ${details.errorInstance}`)
    })
  }
})
