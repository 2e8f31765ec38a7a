// Plays a sequence on three engines and on the model of a channel's order beside them. After each step everything has
// arrived, and both must have said the same: to publishers, to subscribers, and in the order of the channel.
import { deepEqual, equal, fail } from 'node:assert/strict'
import fc from 'fast-check'
import type { SequencerLimits } from '../../src/engine/owner/sequencing.ts'
import type { ChannelSnapshot } from '../../src/engine/owner/snapshot.ts'
import type { Sequence } from '../../src/engine/words/sequence.ts'
import { packExact, unpack } from '../../src/std/msgpack.ts'
import type { FakeSubscriber } from './fake-subscriber.ts'
import { channelName, Mesh } from './mesh.ts'
import { SequencerModel, times } from './sequencer-model.ts'

type Op =
  | { op: 'publish'; slot: number; sequence: Sequence }
  | { op: 'subscribe'; slot: number }
  | { op: 'leave'; client: number; lingerMs: number }
  | { op: 'advance'; ms: number }
  | { op: 'retire'; slot: number }
  | { op: 'recover' }

/** Faults that are played on the engines on purpose, to prove that the model notices them. */
export interface SequencerMutation {
  readonly limits?: Partial<SequencerLimits>
  /** What the engine is told in place of what the publisher said. */
  sequence?(sequence: Sequence): Sequence
  /** What the next owner gets of the order that the last one leaves. */
  order?(order: NonNullable<ChannelSnapshot[6]>): ChannelSnapshot[6]
  lingerMs?(ms: number): number
  /** Where `/recover` is heard. */
  recovers?(slot: number): boolean
}

const slot = fc.nat(2)
/** Few, so that they meet. */
const id = fc.constantFrom('', '1', '2', '3', '4', '5', '6')
const sequence: fc.Arbitrary<Sequence> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ id, after: id }) },
  { weight: 3, arbitrary: fc.record({ id }) },
  { weight: 1, arbitrary: fc.record({ after: id }) },
  { weight: 1, arbitrary: fc.record({ id, after: id, isLoose: fc.constant(true as const) }) },
  { weight: 1, arbitrary: fc.constant({}) },
)

export const sequencerOps: fc.Arbitrary<Op[]> = fc.array(
  fc.oneof(
    { weight: 16, arbitrary: fc.record({ op: fc.constant('publish' as const), slot, sequence }) },
    { weight: 3, arbitrary: fc.record({ op: fc.constant('subscribe' as const), slot }) },
    {
      weight: 3,
      arbitrary: fc.record({
        op: fc.constant('leave' as const),
        client: fc.nat(5),
        lingerMs: fc.constantFrom(0, 3_000, 12_000),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        op: fc.constant('advance' as const),
        ms: fc.constantFrom(100, 1_000, 2_500, 7_000),
      }),
    },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('retire' as const), slot }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('recover' as const) }) },
  ),
  { minLength: 1, maxLength: 80, size: 'max' },
)

interface Client {
  readonly slot: number
  readonly subscriber: FakeSubscriber
  /** What of the order it does not get: it came later. */
  readonly from: number
}

/** Throws where engines and model disagree. */
export function runSequencer(ops: readonly Op[], mutation: SequencerMutation = {}): void {
  const run = new SequencerRun(mutation)
  for (const op of ops) run.play(op)
  run.play({ op: 'advance', ms: times.waitMs + times.sweepMs })
  run.finish()
}

class SequencerRun {
  readonly #mutation: SequencerMutation
  readonly #mesh: Mesh
  readonly #model = new SequencerModel()
  #clients: Client[] = []
  readonly #acknowledged: string[] = []
  /** Until when the readers of each worker are to remember, where some are left. */
  readonly #lingers = [0, 0, 0]
  #texts = 0

  constructor(mutation: SequencerMutation) {
    this.#mutation = mutation
    const { waitMs, seenMs, awaitedMs } = times
    const sequencing = { waitMs, seenMs, awaitedMs, ...mutation.limits }
    this.#mesh = new Mesh({ history: { size: 1_000, ttlMs: 10_000_000 }, sequencing })
  }

  play(op: Op): void {
    switch (op.op) {
      case 'publish':
        this.#publish(op.slot, op.sequence)
        break
      case 'subscribe':
        this.#subscribe(op.slot)
        break
      case 'leave':
        this.#leave(op.client, op.lingerMs)
        break
      case 'advance':
        this.#mesh.clock.advance(op.ms)
        this.#model.advance(op.ms)
        break
      case 'retire':
        this.#retire(op.slot)
        break
      case 'recover':
        this.#model.last = undefined
        for (const [at, engine] of this.#mesh.engines.entries()) {
          if (this.#mutation.recovers?.(at) !== false) engine?.forgetLastIds()
        }
        break
      default:
        op satisfies never
    }
    this.#mesh.settle()
    this.#check()
  }

  /** Nothing is lost and nothing comes twice, whatever the model says. */
  finish(): void {
    deepEqual(
      this.#ordered().toSorted(),
      this.#acknowledged.toSorted(),
      'what was acknowledged is there, once',
    )
  }

  #publish(slot: number, sequence: Sequence): void {
    const text = `m${this.#texts++}`
    const told = this.#mutation.sequence?.(sequence) ?? sequence
    const outcomes = this.#mesh.publish(slot, 'c0', text, { sequence: told })
    this.#mesh.settle()
    const fate = this.#model.publish(text, sequence)
    if (fate !== 'dropped') this.#acknowledged.push(text)
    const [outcome] = outcomes
    if (typeof outcome !== 'object') return fail(`${text} is ${outcome}`)
    equal('fate' in outcome ? outcome.fate : 'published', fate, `${text} has the fate that the contract says`)
  }

  #subscribe(slot: number): void {
    if (this.#clients.length >= 6) return
    const subscriber = this.#mesh.subscribe(slot, 'c0')
    this.#mesh.settle()
    equal(subscriber.lastId, this.#model.last, 'whoever comes is told the last id')
    this.#clients.push({ slot, subscriber, from: this.#model.order.length })
    if (!this.#model.isFollowed) this.#model.followed()
  }

  #leave(at: number, lingerMs: number): void {
    const [client] = this.#clients.splice(at % Math.max(1, this.#clients.length), 1)
    if (client === undefined) return
    const told = this.#mutation.lingerMs?.(lingerMs) ?? lingerMs
    this.#mesh.engines[client.slot]?.leave(client.subscriber, told)
    // A reader keeps it until its last one leaves.
    const until = Math.max(this.#lingers[client.slot] ?? 0, lingerMs > 0 ? this.#model.now + lingerMs : 0)
    const isLast = this.#clients.every(({ slot }) => slot !== client.slot)
    this.#lingers[client.slot] = isLast ? 0 : until
    if (isLast) this.#model.linger(until)
    if (this.#clients.length === 0) this.#model.unfollowed(false)
  }

  #retire(slot: number): void {
    const mesh = this.#mesh
    mesh.retire(slot)
    const left = unpack(packExact(mesh.engines[slot]?.snapshot())) as ChannelSnapshot[] // packed here
    mesh.end(slot)
    this.#lingers[slot] = 0
    const hadClients = this.#clients.length > 0
    this.#clients = this.#clients.filter(client => client.slot !== slot)
    const isFollowed = this.#clients.length > 0
    mesh.start(
      slot,
      left.map(channel => this.#tampered(channel)),
    )
    if (slot === 0) this.#model.handOver(isFollowed)
    else if (hadClients && !isFollowed) this.#model.unfollowed(true)
  }

  #tampered(channel: ChannelSnapshot): ChannelSnapshot {
    const [name, epoch, first, next, kept, keys, order] = channel
    if (order === undefined || this.#mutation.order === undefined) return channel
    const changed = this.#mutation.order(order)
    return changed === undefined
      ? [name, epoch, first, next, kept, keys]
      : [name, epoch, first, next, kept, keys, changed]
  }

  #check(): void {
    const { order } = this.#model
    deepEqual(this.#ordered(), order, 'the channel has the order that the contract says')
    for (const { subscriber, from } of this.#clients) {
      deepEqual([subscriber.received, subscriber.gaps], [order.slice(from), []], 'subscribers get that order')
    }
  }

  /** By the owner's history. */
  #ordered(): string[] {
    let texts: string[] = []
    this.#mesh.engines[0]?.inspect(channelName('c0'), { limit: 1_000 }, outcome => {
      if (typeof outcome !== 'object') return fail(outcome)
      texts = outcome.publications.map(({ content }) => Buffer.from(content.payload).toString())
    })
    return texts
  }
}
