// A worker's publishes on their way to the broker and back: each goes with its lane, and its publisher is answered when this
// worker has told its own subscribers.
import type { BrokerEvents, NotAppended, Ordering, Unordered } from '../engine/owner/broker.ts'
import type { Keep } from '../engine/words/namespace.ts'
import type { ChannelName, Draft, Published } from '../engine/words/publication.ts'
import type { Clock } from '../std/clock.ts'
import { Answers } from './answers.ts'
import type { Appended, AppendSequence, Carrier } from './carrier.ts'
import { type ClusterChannel, reachedOf } from './cluster-channel.ts'
import { encodeEnvelope } from './envelope.ts'
import { Lanes } from './lanes.ts'
import type { ClusterLimits } from './limits.ts'

export interface PublishingOptions {
  readonly clock: Clock
  readonly carrier: Carrier
  readonly limits: Pick<ClusterLimits, 'publishBytesMax' | 'timeoutMs' | 'idempotencyMs'>
  readonly events: Pick<BrokerEvents, 'presence'>
  find(name: ChannelName): ClusterChannel | undefined
}

export class Publishing {
  readonly #options: PublishingOptions
  readonly #lanes: Lanes
  readonly #answers: Answers

  constructor(options: PublishingOptions) {
    this.#options = options
    const { clock, carrier, limits } = options
    this.#lanes = new Lanes({ clock, carrier, publishBytesMax: limits.publishBytesMax })
    this.#answers = new Answers(clock, limits.timeoutMs)
  }

  publish(draft: Draft, keep: Keep, done: (outcome: Published | NotAppended) => void): void {
    this.#publish(draft, keep, undefined, outcome => {
      if (outcome === 'seen' || (typeof outcome === 'object' && 'last' in outcome))
        throw new RangeError(`nothing was said of the order in ${draft.channel}`)
      done(outcome)
    })
  }

  publishNext(
    draft: Draft,
    keep: Keep,
    { isForced, seenMs }: Ordering,
    done: (outcome: Published | NotAppended | Unordered) => void,
  ): void {
    const { id, after, isLoose = false } = draft.sequence ?? {}
    const follows = isForced || isLoose ? undefined : after
    this.#publish(draft, keep, { id, seenMs, after: follows, isLoose }, done)
  }

  up(lane: number): void {
    this.#lanes.up(lane)
  }

  down(lane: number): void {
    this.#lanes.down(lane)
  }

  /** The channel goes on, or is followed no more. */
  moved(channel: ClusterChannel): void {
    this.#answers.moved(channel)
  }

  statistics() {
    const { appends = 0, repeated = 0, ...lanes } = this.#lanes.statistics()
    return {
      publications: appends,
      duplicates: repeated,
      ...lanes,
      ...this.#answers.counters,
      bytesUnderWay: this.#lanes.bytes,
    }
  }

  #publish(
    draft: Draft,
    keep: Keep,
    sequence: AppendSequence | undefined,
    done: (outcome: Published | NotAppended | Unordered) => void,
  ): void {
    const { limits, find } = this.#options
    const { channel } = draft
    const known = find(channel)
    const append = {
      channel,
      envelope: encodeEnvelope(draft),
      historySize: keep.historySize,
      historyTtlMs: keep.historyTtlMs,
      key: draft.idempotencyKey,
      keyTtlMs: keep.keyMs ?? limits.idempotencyMs,
      reached: known === undefined ? 0 : reachedOf(known),
      sequence,
    }
    this.#lanes.publish(append, outcome => {
      if (typeof outcome === 'string' || 'last' in outcome) done(outcome)
      else this.#appended(channel, outcome, done)
    })
  }

  #appended(name: ChannelName, outcome: Appended, done: (published: Published) => void): void {
    const { events, find } = this.#options
    const { epoch, offset, duplicate, elsewhere } = outcome
    const finish = () => done({ epoch, offset, subscribers: events.presence(name) + elsewhere, duplicate })
    const channel = find(name)
    if (channel === undefined) finish()
    else this.#answers.hold(channel, offset, finish)
  }
}
