// Several drafts that are answered together.
import type { PublishOutcome } from './router.ts'
import type { Draft } from './words/publication.ts'

/** Publishes each by itself, in their order; `done` gets the outcomes in that order, once all are there. */
export function publishAll(
  drafts: readonly Draft[],
  publish: (draft: Draft, answered: (outcome: PublishOutcome) => void) => void,
  done: (outcomes: readonly PublishOutcome[]) => void,
): void {
  const outcomes: PublishOutcome[] = []
  let left = drafts.length
  if (left === 0) return done(outcomes)
  drafts.forEach((draft, index) => {
    publish(draft, outcome => {
      outcomes[index] = outcome
      if (--left === 0) done(outcomes)
    })
  })
}
