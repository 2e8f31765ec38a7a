// The tracker model notices what it is there to notice: with a fault played on purpose it finds a sequence that shows it.
import { equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkPushwireModel } from '../helpers/pushwire/model-property.ts'
import type { PushwireFault } from '../helpers/pushwire/model-run.ts'

/** At most until a fault shows: the rarest does in one of 1,000 sequences or so. */
const searches = 40_000

/** See `FeedFault` and `WorkersFault`, and what the model says of each. */
const faults = {
  'gap-untold': /is gap, and nobody told it|something is missing|left in silence/,
  'lap-forgotten': /is duplicate, but it never had|left in silence|something is missing/,
  'jump-forgotten': /is sequential, but something is missing/,
  'idle-shared': /is told a gap, but \d are held/,
  'first-lost': /is told a gap, but \d are held/,
  'last-lost': /something is missing|is told a gap, but|but it never had|but it had|left in silence/,
} as const satisfies Record<PushwireFault, RegExp>

describe('the tracker model', () => {
  for (const [fault, says] of Object.entries(faults)) {
    test(`goes red under ${fault}`, t => {
      const { failed, errorInstance } = checkPushwireModel(t, searches, fault as PushwireFault) // a key of the table
      equal(failed, true)
      match(String(errorInstance), says)
    })
  }
})
