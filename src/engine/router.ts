// A draft's way to the owner of its channel, and the answer's way back: directly where the owner is this worker,
// else over a link. No publish is answered before its owner appended it (law 4).
import { type Link, linkBytes, type Slot } from './link.ts'
import { type ChannelName, type Draft, type Published, parseEpoch, parseOffset } from './publication.ts'
import type { Refusal } from './refusal.ts'

/** The position that the owner gave, or why it gave none. */
export type PublishOutcome = Published | Refusal

export interface RouterDependencies {
  readonly slot: Slot
  ownerOf(channel: ChannelName): Slot
  publishHere(draft: Draft): PublishOutcome
  presenceHere(channel: ChannelName): number
  link(owner: Slot): Link | undefined
}

/** A question that an owner was asked. `lost` answers it when the owner cannot. */
interface Pending {
  readonly owner: Slot
  readonly done: (answer: PublishOutcome | number) => void
}

export class Router {
  readonly #dependencies: RouterDependencies
  readonly #pending = new Map<number, Pending>()
  #requests = 0
  readonly counters = {
    'publishes.here': 0,
    'publishes.linked': 0,
    'refused.overloaded': 0,
    'refused.owner-lost': 0,
  }

  constructor(dependencies: RouterDependencies) {
    this.#dependencies = dependencies
  }

  /** Publishes that other workers have not answered yet. */
  get pending(): number {
    return this.#pending.size
  }

  /** Calls `done` exactly once: before it returns where the owner is this worker, else when the owner answers. */
  publish(draft: Draft, done: (outcome: PublishOutcome) => void): void {
    const { slot, ownerOf, link, publishHere } = this.#dependencies
    const owner = ownerOf(draft.channel)
    if (owner === slot) {
      this.counters['publishes.here']++
      return done(publishHere(draft))
    }
    const path = link(owner)
    if (path === undefined) return this.#refuse('owner-lost', done)
    const { channel, content, via, idempotencyKey = '' } = draft
    const request = ++this.#requests
    const { kind, payload } = content
    const sent = path.send(
      ['publish', request, channel, kind, payload, via, idempotencyKey],
      linkBytes(channel, payload) + idempotencyKey.length,
    )
    if (!sent) return this.#refuse('overloaded', done)
    this.counters['publishes.linked']++
    this.#pending.set(request, { owner, done: answer => typeof answer !== 'number' && done(answer) })
  }

  /** Subscribers of the channel on the whole node; undefined: its owner cannot be asked now. */
  presence(channel: ChannelName, done: (subscribers: number | undefined) => void): void {
    const { slot, ownerOf, link, presenceHere } = this.#dependencies
    const owner = ownerOf(channel)
    if (owner === slot) return done(presenceHere(channel))
    const path = link(owner)
    if (path === undefined) return done(undefined)
    const request = ++this.#requests
    path.sendReserved(['presence', request, channel])
    this.#pending.set(request, {
      owner,
      done: answer => done(typeof answer === 'number' ? answer : undefined),
    })
  }

  published(request: number, epoch: string, offset: number, subscribers: number, duplicate: boolean): void {
    const position = { epoch: parseEpoch(epoch), offset: parseOffset(offset) }
    this.#answer(request, { ...position, subscribers, duplicate })
  }

  refused(request: number, reason: Refusal): void {
    this.#answer(request, reason)
  }

  present(request: number, subscribers: number): void {
    this.#answer(request, subscribers)
  }

  /** Whether the lost owner appended is unknown, so the publisher is told to try again. */
  ownerLost(owner: Slot): void {
    for (const [request, pending] of this.#pending) {
      if (pending.owner !== owner) continue
      this.counters['refused.owner-lost']++
      this.#answer(request, 'owner-lost')
    }
  }

  #refuse(reason: 'overloaded' | 'owner-lost', done: (outcome: PublishOutcome) => void): void {
    this.counters[`refused.${reason}`]++
    done(reason)
  }

  #answer(request: number, answer: PublishOutcome | number): void {
    const pending = this.#pending.get(request)
    if (pending === undefined) return
    this.#pending.delete(request)
    pending.done(answer)
  }
}
