// How a client is let in, whatever the transport: who is asked, and what it is told when everything that it asked for is live.
import { noEpoch } from '../../engine/words/position.ts'
import type { Admission } from '../session/admission.ts'
import type { ServerOperation } from './operations.ts'
import type { Session, SessionKind } from './session.ts'
import type { Question, Verdict } from './validators/validator.ts'

/** What comes in through one worker. */
export interface Arrivals extends SessionKind {
  readonly admission: Admission
  /** Calls `done` exactly once, possibly before it returns. */
  judge(question: Question, done: (verdict: Verdict) => void): void
}

/** The answer to `auth`: the positions that were named, never the heads (contract §1.6). */
export function positionsOf({ plan }: SessionKind, session: Session): ServerOperation {
  const { places, resumeCursor = 0 } = session.arrival
  const named = [...places].filter(([name]) => plan.find(name) !== undefined)
  // Of a feed that misses something it would be read as the epoch of what its client has.
  const exact = session.feeds.filter(feed => !session.misses(feed))
  return {
    op: 'auth_ok',
    resumeCursor,
    resumeCursors: new Map(named.map(([name, { cursor }]) => [name, cursor])),
    resumeEpochs: new Map(exact.map(({ name, place }) => [name, place.epoch ?? noEpoch])),
    resumeHeads: new Map(exact.map(({ name, place }) => [name, place.cursor])),
  }
}
