// Brings subscribers of live channels forward: who can go live does, now or by a recovery, and is offered what it missed.
import type { Clock } from '../../std/clock.ts'
import type { ShardPort } from '../words/ports.ts'
import { type Offset, parseOffset } from '../words/position.ts'
import type { Publication } from '../words/publication.ts'
import { setBehind } from './audience.ts'
import type { Fanout } from './fanout.ts'
import type { Audience, Outbox } from './outbox.ts'
import { recoverAll, recoverFrom } from './recovery.ts'
import type { Warden } from './warden.ts'

interface ResumptionDependencies {
  readonly clock: Clock
  readonly fanout: Fanout
  readonly warden: Warden
  nextRequest(): number
  /** Undefined while no link leads to the channel's owner. */
  shardOf(audience: Audience): ShardPort | undefined
}

export class Resumption {
  readonly #dependencies: ResumptionDependencies
  readonly counters = {
    recoveries: 0,
    /** Resumes of a channel that were answered with a gap. */
    resumeGaps: 0,
  }

  constructor(dependencies: ResumptionDependencies) {
    this.#dependencies = dependencies
  }

  /** Those that can go live do, now or by a recovery. The audience must be live. */
  start(audience: Audience, outboxes: readonly (Outbox | undefined)[]): void {
    const { epoch } = audience
    if (epoch === undefined) return
    const resuming: Outbox[] = []
    for (const outbox of outboxes) {
      if (!outbox?.canStart) continue
      const { head } = audience.window
      if (outbox.since !== undefined) resuming.push(outbox)
      else outbox.goLive({ epoch, offset: parseOffset(head - 1) }, head, false)
    }
    if (resuming.length === 0) return
    this.counters.recoveries += resuming.length
    const { nextRequest, shardOf, clock } = this.#dependencies
    recoverFrom(audience, resuming, nextRequest, shardOf(audience), clock.now())
    for (const outbox of resuming) this.serve(outbox)
  }

  /** Its wire takes more, or it has just gone live: whatever it can get, it gets. */
  serve(outbox: Outbox): void {
    const { audience } = outbox
    if (outbox.next === undefined) return
    const { blocked } = outbox.subscriber.wire
    if (outbox.skipped && !blocked) this.#dependencies.warden.tellGap(outbox)
    if (outbox.next === undefined) return
    const behind = outbox.next < audience.window.head
    setBehind(audience, outbox, behind || blocked)
    if (!behind) return
    this.#dependencies.fanout.scheduleAgain(audience)
  }

  /** The owner answered a question. */
  recovered(
    audience: Audience,
    request: number,
    from: Offset,
    range: readonly Publication[],
    gap: boolean,
  ): void {
    const recovery = audience.recoveries?.get(request)
    if (recovery === undefined) return
    // An empty map takes a fifth of what the whole channel does.
    if (audience.recoveries?.delete(request) && audience.recoveries.size === 0)
      audience.recoveries = undefined
    this.counters.resumeGaps += recoverAll(audience, recovery, from, range, gap)
    const outboxes = [...recovery.outboxes.keys()]
    for (const outbox of outboxes) this.serve(outbox)
    // Those for whom the answer says nothing ask again, together.
    this.start(audience, outboxes)
  }
}
