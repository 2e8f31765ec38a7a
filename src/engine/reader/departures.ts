// A worker that stops sends its clients away, spread over a time, and tells each when to come back.
import type { Clock } from '../../std/clock.ts'
import { type Audience, type Outbox, outboxesOf } from './outbox.ts'
import type { Returns } from './returns.ts'

/** In which time they are closed, and in which they come back. */
export interface DrainPace {
  readonly spreadMs: number
  /** To this worker, or in its place to another one. */
  readonly returnsPerSecond: number
}

interface DepartureContext {
  readonly clock: Clock
  readonly returns: Returns
  readonly audiences: readonly Audience[]
  /** Not called for whoever left meanwhile. */
  close(outbox: Outbox, returnMs: number): void
}

/** The steps in which subscribers are closed over a time. */
const closeStepMs = 20

/** Those that can resume are the first to go, and have the first places. `done`: everybody was told. */
export function sendAway(
  { clock, returns, audiences, close }: DepartureContext,
  { spreadMs, returnsPerSecond }: DrainPace,
  done: () => void,
): void {
  const { resuming, others, shared } = clientsOf(audiences)
  returns.plan({ perSecond: returnsPerSecond, resuming: resuming.length, others: others.length })
  const all = [...resuming, ...others, ...shared]
  const start = clock.now()
  let gone = 0
  const step = () => {
    // By the time that passed, not by steps: a timer of a busy thread is late, each time.
    const share = (clock.now() - start + closeStepMs) / Math.max(spreadMs, closeStepMs)
    const due = share >= 1 ? all.length : Math.ceil(all.length * share)
    for (; gone < due; gone++) {
      const open = subscriptionsOf(all[gone])
      if (open.length === 0) continue
      const returnMs = returns.next(gone < resuming.length ? 'resuming' : 'others')
      for (const outbox of open) if (!outbox.closed) close(outbox, returnMs)
    }
    if (gone < all.length) clock.after(closeStepMs, step)
    else done()
  }
  step()
}

/** Of its client, those that are still there. */
function subscriptionsOf(outbox: Outbox | undefined): readonly Outbox[] {
  if (outbox === undefined) return []
  const ends = outboxesOf(outbox.subscriber)
  return (ends.length === 0 ? [outbox] : ends).filter(({ closed }) => !closed)
}

/**
 * One subscription for each client. Whoever asks for the rest says where it was (law 18). `shared`: the subscriptions of wires that
 * know nothing of what leads to them; most of their clients have a wire of their own, too, so they are not counted.
 */
function clientsOf(audiences: readonly Audience[]): Record<'resuming' | 'others' | 'shared', Outbox[]> {
  const clients: ReturnType<typeof clientsOf> = { resuming: [], others: [], shared: [] }
  for (const { outboxes } of audiences) {
    for (const outbox of outboxes) {
      if (outbox === undefined) continue
      const ends = outboxesOf(outbox.subscriber)
      if (ends.length === 0) clients.shared.push(outbox)
      else if (ends[0] === outbox) clients[ends.some(({ rest }) => rest) ? 'resuming' : 'others'].push(outbox)
    }
  }
  return clients
}
