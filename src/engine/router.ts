// A draft's way to the owner of its channel, and the answer's way back: directly where the owner is this worker,
// else over a link. No publish is answered before its owner appended it (law 4). Questions go the same way.
import type { Elsewhere } from './elsewhere.ts'
import type { HeldCalls } from './held-calls.ts'
import type { Inspection, InspectOptions, InspectOutcome } from './owner/inspection.ts'
import type { Ownership } from './ownership.ts'
import { type Link, linkBytes, type Slot } from './words/link.ts'
import { parseEpoch, parseOffset } from './words/position.ts'
import {
  type ChannelName,
  type Draft,
  type Published,
  packDraft,
  type Unplaced,
} from './words/publication.ts'
import type { Refusal } from './words/refusal.ts'

/** The position that the owner gave, or why it gave none. Only a draft that says its order may have none yet. */
export type PublishOutcome = Published | Unplaced | Refusal

export interface RouterDependencies {
  readonly ownership: Ownership
  readonly held: HeldCalls
  publishHere(draft: Draft, done: (outcome: PublishOutcome) => void): void
  presenceHere(channel: ChannelName, done: (subscribers: number) => void): void
  inspectHere(channel: ChannelName, options: InspectOptions, done: (outcome: InspectOutcome) => void): void
  link(owner: Slot): Link | undefined
  readonly elsewhere: Elsewhere | undefined
}

/** What an owner was asked and has not answered. Its `done` is called exactly once. */
type Pending =
  | { readonly kind: 'publish'; readonly owner: Slot; readonly done: (outcome: PublishOutcome) => void }
  | {
      readonly kind: 'presence'
      readonly owner: Slot
      readonly done: (subscribers: number | undefined) => void
    }
  | {
      readonly kind: 'inspect'
      readonly owner: Slot
      readonly isPage: boolean
      readonly done: (outcome: InspectOutcome) => void
    }

/** Answers do not count against a link's credits. So many pages of history are as much as the credits of one link. */
const pagesMax = 16
/** Anybody may cause one, and a name may have a kilobyte. */
const presencesMax = 4_096

export class Router {
  readonly #dependencies: RouterDependencies
  readonly #pending = new Map<number, Pending>()
  /** Inspections under way that asked for publications. */
  #pages = 0
  #presences = 0
  #publishes = 0
  #requests = 0
  readonly #counters = {
    'publishes.here': 0,
    'publishes.linked': 0,
    /** Publishes that went to the node that owns their channel. */
    'publishes.elsewhere': 0,
    /** Publishes that were refused in this worker; what an owner elsewhere refuses is counted there. */
    'refused.overloaded': 0,
    'refused.owner-lost': 0,
    'refused.draining': 0,
    /** Presence and inspections that other workers were asked for. */
    questions: 0,
    questionsRefused: 0,
  }

  constructor(dependencies: RouterDependencies) {
    this.#dependencies = dependencies
  }

  /** Publishes that other workers, and other nodes, have not answered yet. */
  get pending(): number {
    return this.#publishes + (this.#dependencies.elsewhere?.pending ?? 0)
  }

  /** `pending` counts questions too. */
  statistics(): Record<string, number> {
    return { ...this.#counters, pending: this.#pending.size }
  }

  /** Calls `done` exactly once, when the owner answers; possibly before it returns where that is this worker. */
  publish(draft: Draft, done: (outcome: PublishOutcome) => void): void {
    const { ownership, held, link, publishHere, elsewhere } = this.#dependencies
    if (held.isOn)
      return held.draft(draft, own => this.publish(own, done)) ? undefined : this.refuse('overloaded', done)
    if (elsewhere?.owns(draft.channel)) {
      this.#counters['publishes.elsewhere']++
      return elsewhere.publish(draft, done)
    }
    const owner = ownership.ownerOf(draft.channel)
    if (owner === ownership.slot) {
      this.#counters['publishes.here']++
      return publishHere(draft, done)
    }
    const path = link(owner)
    if (path === undefined) return this.refuse('owner-lost', done)
    const request = ++this.#requests
    const bytes = linkBytes(draft) + (draft.idempotencyKey?.length ?? 0)
    if (!path.send(['publish', request, packDraft(draft)], bytes)) return this.refuse('overloaded', done)
    this.#counters['publishes.linked']++
    this.#publishes++
    this.#pending.set(request, { kind: 'publish', owner, done })
  }

  /** Answers a publish with a refusal of this worker's own. */
  refuse(reason: 'overloaded' | 'owner-lost' | 'draining', done: (outcome: PublishOutcome) => void): void {
    this.#counters[`refused.${reason}`]++
    done(reason)
  }

  /** Subscribers of the channel on all nodes; undefined: its owner cannot be asked now. */
  presence(channel: ChannelName, done: (subscribers: number | undefined) => void): void {
    const { ownership, held, link, presenceHere, elsewhere } = this.#dependencies
    if (held.question(() => this.presence(channel, done))) return
    if (elsewhere?.owns(channel)) return elsewhere.presence(channel, done)
    const owner = ownership.ownerOf(channel)
    if (owner === ownership.slot) return presenceHere(channel, done)
    const path = link(owner)
    if (path === undefined || this.#presences >= presencesMax) {
      this.#counters.questionsRefused++
      return done(undefined)
    }
    this.#presences++
    const request = this.#ask({ kind: 'presence', owner, done })
    path.sendReserved(['presence', request, channel])
  }

  /** Calls `done` exactly once, as `publish` does. */
  inspect(channel: ChannelName, options: InspectOptions, done: (outcome: InspectOutcome) => void): void {
    const { ownership, held, link, inspectHere, elsewhere } = this.#dependencies
    if (held.question(() => this.inspect(channel, options, done))) return
    if (elsewhere?.owns(channel)) return elsewhere.inspect(channel, options, done)
    const owner = ownership.ownerOf(channel)
    if (owner === ownership.slot) return inspectHere(channel, options, done)
    const path = link(owner)
    if (path === undefined) return this.refuseInspection('owner-lost', done)
    const { since, limit, id } = options
    const isPage = limit > 0
    if (isPage && this.#pages >= pagesMax) return this.refuseInspection('overloaded', done)
    if (isPage) this.#pages++
    const request = this.#ask({ kind: 'inspect', owner, isPage, done })
    const [epoch, offset] = [since?.epoch ?? '', since?.offset ?? -1]
    if (id === undefined) path.sendReserved(['inspect', request, channel, epoch, offset, limit])
    else path.sendReserved(['inspect', request, channel, epoch, offset, limit, id])
  }

  /** Answers an inspection with a refusal of this worker's own. */
  refuseInspection(reason: 'overloaded' | 'owner-lost', done: (outcome: InspectOutcome) => void): void {
    this.#counters.questionsRefused++
    done(reason)
  }

  published(request: number, epoch: string, offset: number, subscribers: number, duplicate: boolean): void {
    const pending = this.#take(request)
    if (pending?.kind !== 'publish') return
    pending.done({ epoch: parseEpoch(epoch), offset: parseOffset(offset), subscribers, duplicate })
  }

  unplaced(request: number, fate: Unplaced['fate'], subscribers: number): void {
    const pending = this.#take(request)
    if (pending?.kind === 'publish') pending.done({ fate, subscribers, duplicate: fate === 'dropped' })
  }

  refused(request: number, reason: Refusal): void {
    const pending = this.#take(request)
    if (pending?.kind === 'publish' || pending?.kind === 'inspect') pending.done(reason)
  }

  present(request: number, subscribers: number): void {
    const pending = this.#take(request)
    if (pending?.kind === 'presence') pending.done(subscribers)
  }

  inspected(request: number, inspection: Inspection): void {
    const pending = this.#take(request)
    if (pending?.kind === 'inspect') pending.done(inspection)
  }

  /** Whether the lost owner appended is unknown, so the publisher is told to try again. */
  ownerLost(owner: Slot): void {
    for (const [request, pending] of this.#pending) {
      if (pending.owner !== owner) continue
      this.#take(request)
      if (pending.kind === 'publish') {
        this.refuse('owner-lost', pending.done)
      } else if (pending.kind === 'inspect') {
        this.refuseInspection('owner-lost', pending.done)
      } else {
        this.#counters.questionsRefused++
        pending.done(undefined)
      }
    }
  }

  #ask(pending: Pending): number {
    const request = ++this.#requests
    this.#counters.questions++
    this.#pending.set(request, pending)
    return request
  }

  #take(request: number): Pending | undefined {
    const pending = this.#pending.get(request)
    if (pending?.kind === 'inspect' && pending.isPage) this.#pages--
    if (pending?.kind === 'presence') this.#presences--
    if (pending?.kind === 'publish') this.#publishes--
    this.#pending.delete(request)
    return pending
  }
}
