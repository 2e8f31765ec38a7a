// Batches through the script, and what the publishers are told.
import type { Clock } from '../../std/clock.ts'
import type { Random } from '../../std/random.ts'
import type { Append, AppendOutcome } from '../carrier.ts'
import { failedOutcome, type Judged, judgeAll, type Writing, writeAppend } from './appends.ts'
import type { Calls } from './calls.ts'
import type { Failure, Reply } from './connection.ts'
import type { Keys } from './keys.ts'
import type { Presence } from './presence.ts'
import { listOf, numberOf } from './replies.ts'
import type { Route } from './route.ts'
import { publishScript } from './scripts/publish.ts'
import { verbOf } from './world.ts'

export interface PublisherOptions {
  readonly route: Route
  readonly keys: Keys
  readonly kind: 'plain' | 'sharded'
  readonly acks: 'master' | 'replica'
  readonly timeoutMs: number
  readonly clock: Clock
  readonly random: Random
}

const epochBytes = 8

type Done = (outcomes: readonly AppendOutcome[]) => void

export class Publisher {
  readonly #options: PublisherOptions
  readonly #calls: Calls
  readonly #presence: Presence
  readonly #counts = { batches: 0, appended: 0, refused: 0, unknown: 0, damaged: 0 }

  constructor(options: PublisherOptions, calls: Calls, presence: Presence) {
    this.#options = options
    this.#calls = calls
    this.#presence = presence
  }

  statistics(): Readonly<Record<string, number>> {
    return this.#counts
  }

  append(lane: number, batch: readonly Append[], done: Done): void {
    const { keys, kind, acks, random, clock } = this.#options
    if (batch.length === 0) return done([])
    const nowMs = clock.now()
    const values = [random.hex(epochBytes), String(keys.baseBytes), verbOf(kind), keys.feed(lane)]
    values.push(acks === 'replica' ? '1' : '0')
    const writing: Writing = { keys: [keys.watched(lane)], values, envelopes: [] }
    // Once for a channel, though it may be in the batch many times.
    const counted = new Set<string>()
    for (const [index, append] of batch.entries()) {
      const { channel } = append
      const wantsCount = !counted.has(channel) && this.#presence.remembered(channel, nowMs) === undefined
      if (wantsCount) counted.add(channel)
      writeAppend(writing, keys, append, batch[index - 1], wantsCount)
    }
    this.#counts.batches++
    // One word of bytes: the client writes each by itself.
    const words = [...values, Buffer.concat(writing.envelopes)]
    this.#calls.run(lane, publishScript, writing.keys, words, (reply, failure) => {
      if (failure !== undefined)
        this.#finish(
          batch.map(() => failedOutcome(failure)),
          done,
        )
      else this.#answered(lane, batch, reply, done)
    })
  }

  #answered(lane: number, batch: readonly Append[], reply: Reply, done: Done): void {
    const judged = judgeAll(listOf(reply))
    const nowMs = this.#options.clock.now()
    for (const [index, { counts }] of judged.entries()) {
      const channel = batch[index]?.channel
      if (counts === undefined || counts.length === 0 || channel === undefined) continue
      this.#presence.remember(channel, this.#presence.elsewhere(counts).subscribers, nowMs)
    }
    const outcomes = batch.map((append, index) => this.#outcomeOf(append, judged[index], nowMs))
    const unfit = judged.find(one => one.unfit !== undefined)?.unfit
    const link = this.#options.route.linkOf(lane)
    if (unfit !== undefined) {
      this.#finish(outcomes, done)
      return link?.die(unfit)
    }
    const isAppended = outcomes.some(outcome => typeof outcome === 'object' && 'offset' in outcome)
    if (this.#options.acks === 'master' || !isAppended) this.#finish(outcomes, done)
    else this.#replicate(lane, outcomes, done)
  }

  #outcomeOf({ channel }: Append, judged: Judged | undefined, nowMs: number): AppendOutcome {
    if (judged === undefined) return 'unknown'
    const { outcome, unfit } = judged
    if (outcome === 'away' && unfit === undefined) this.#counts.damaged++
    if (typeof outcome !== 'object' || !('offset' in outcome)) return outcome
    return { ...outcome, elsewhere: this.#presence.remembered(channel, nowMs) ?? 0 }
  }

  /** What no replica has by then may be lost with the master: nobody knows. */
  #replicate(lane: number, outcomes: readonly AppendOutcome[], done: Done): void {
    const finish = (reply: Reply, failure: Failure | undefined) => {
      const isKept = failure === undefined && numberOf(reply) >= 1
      if (isKept) return this.#finish(outcomes, done)
      const isAppended = (outcome: AppendOutcome) => typeof outcome === 'object' && 'offset' in outcome
      this.#finish(
        outcomes.map(outcome => (isAppended(outcome) ? 'unknown' : outcome)),
        done,
      )
    }
    // Half of the deadline: what waits behind it on the connection has one, too.
    const waitMs = String(Math.ceil(this.#options.timeoutMs / 2))
    this.#calls.send(lane, finish, (link, settle) => {
      if (link.connection === undefined) settle(undefined, { kind: 'lost', isWritten: false })
      else link.connection.call(['WAIT', '1', waitMs], settle)
    })
  }

  #finish(outcomes: readonly AppendOutcome[], done: Done): void {
    for (const outcome of outcomes) {
      if (typeof outcome === 'object' && 'offset' in outcome) this.#counts.appended++
      else if (outcome === 'unknown') this.#counts.unknown++
      else this.#counts.refused++
    }
    done(outcomes)
  }
}
