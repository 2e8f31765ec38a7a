// What orders the channels of several nodes, in memory: a real order with histories, ids and patterns, of which each worker is
// told as by one connection.
import type { Ordering, Unordered } from '../../src/engine/owner/broker.ts'
import type { Keep } from '../../src/engine/words/namespace.ts'
import { type Epoch, type Position, parseEpoch, parseOffset } from '../../src/engine/words/position.ts'
import { type Draft, type Publication, publicationOf } from '../../src/engine/words/publication.ts'
import { lastIdAfter } from '../../src/engine/words/sequence.ts'
import type { JointBroker } from './joint-broker.ts'

interface Numbering {
  readonly epoch: Epoch
  readonly first: number
  next: number
}

interface JointChannel {
  now: Numbering
  kept: Publication[]
  readonly keys: Map<string, Position>
  /** Ids of publishers, until when by the clock of who published. */
  readonly seen: Map<string, number>
  last: string | undefined
}

const lostOffsets = 2 ** 18

/**
 * What a test may play on purpose: after an outage a new numbering is said to be whole, or patterns are not told that they missed
 * something; patterns hear twice of channels that are followed.
 */
export type JointFault = 'quiet-fork' | 'deaf' | 'twice'

export class Joint {
  readonly fault: JointFault | undefined
  readonly members = new Set<JointBroker>()
  readonly #channels = new Map<string, JointChannel>()
  #epochs = 0

  constructor(fault?: JointFault) {
    this.fault = fault
  }

  channel(name: string): JointChannel {
    const existing = this.#channels.get(name)
    if (existing !== undefined) return existing
    const made = { now: this.#numbering(1_000), kept: [], keys: new Map(), seen: new Map(), last: undefined }
    this.#channels.set(name, made)
    return made
  }

  /** Until nobody has anything to say. */
  settle(...meshes: readonly { settle(): void }[]): void {
    do for (const mesh of meshes) mesh.settle()
    while ([...this.members].some(({ isBusy }) => isBusy))
  }

  /** A new numbering: nothing is missing in front of it, or nobody knows. */
  renumber(name: string, isWhole: boolean): void {
    const channel = this.channel(name)
    const from = placeOf(channel.now)
    channel.now = this.#numbering(channel.now.next + lostOffsets)
    channel.kept = []
    for (const member of this.members) member.renumbered(name, from, placeOf(channel.now), isWhole)
  }

  /** As publishers' order wants it; `now`: of who publishes. */
  appendNext(
    draft: Draft,
    keep: Keep,
    { isForced, seenMs }: Ordering,
    now: number,
  ): ReturnType<Joint['append']> | Unordered {
    const channel = this.channel(draft.channel)
    const { id, after, isLoose } = draft.sequence ?? {}
    if (id !== undefined && (channel.seen.get(id) ?? 0) > now) return 'seen'
    const isBound = !isForced && !isLoose && after !== undefined && channel.last !== undefined
    if (isBound && after !== channel.last) return { last: channel.last ?? '' }
    if (id !== undefined) channel.seen.set(id, now + seenMs)
    return this.append(draft, keep)
  }

  append(draft: Draft, keep: Keep): Position & { readonly duplicate: boolean } {
    const channel = this.channel(draft.channel)
    const { idempotencyKey: key } = draft
    const first = key === undefined ? undefined : channel.keys.get(key)
    if (first !== undefined) return { ...first, duplicate: true }
    const position = placeOf(channel.now)
    const publication = publicationOf(draft.channel, position.offset, draft)
    channel.now.next++
    channel.kept = [...channel.kept, publication].slice(-keep.historySize || channel.kept.length + 1)
    if (key !== undefined) channel.keys.set(key, position)
    channel.last = lastIdAfter(channel.last, draft.sequence)
    for (const member of this.members) member.deliver(publication, position.epoch)
    return { ...position, duplicate: false }
  }

  /** Subscribers on all other nodes. */
  elsewhere(name: string, node: object): number {
    let sum = 0
    for (const member of this.members) if (member.node !== node) sum += member.counts.get(name) ?? 0
    return sum
  }

  /** For whoever takes notes. */
  protected begun(_epoch: string): void {}

  #numbering(first: number): Numbering {
    const epoch = parseEpoch(`j${++this.#epochs}`)
    this.begun(epoch)
    return { epoch, first, next: first }
  }
}

/** Of the next publication. */
export function placeOf({ epoch, next }: Numbering): Position {
  return { epoch, offset: parseOffset(next) }
}
