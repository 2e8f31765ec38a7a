// The engine's end of one client's request: subscribed to what its origin names, for as long as the request lasts. It
// stays while the origin is asked again, so that nothing published meanwhile is lost (contract §14, fault 27).
import type { Batch, Format, Subscriber, Subscription } from '../../../engine/reader/subscriber.ts'
import { Wire } from '../../../engine/reader/wire.ts'
import type { Position } from '../../../engine/words/position.ts'
import { namedAs } from '../../../engine/words/private.ts'
import type { ChannelName } from '../../../engine/words/publication.ts'
import type { CloseReason, Refusal } from '../../../engine/words/refusal.ts'
import type { Clock } from '../../../std/clock.ts'
import type { Observer } from '../control/observer.ts'
import type { HoldChannel } from '../instruct/instruct.ts'
import type { GripEngine } from '../own-channels.ts'
import type { Mode } from './ends.ts'

/** A channel that is held. */
export interface Held {
  /** As the engine knows it: behind the route's prefix. */
  readonly full: ChannelName
  /** As the origin names it. */
  readonly name: string
  filters: readonly string[]
  /** The id that the client is at; undefined: the origin named none. */
  prevId: string | undefined
  /** The id that the channel's next item follows, behind all that were heard; undefined: none is known. */
  lastId: string | undefined
  /** History had the item with `prevId`, and what follows it is heard. */
  isResumed: boolean
}

export interface HoldOwner {
  /** All channels of the last `set` are live: whatever is published from now on is heard. */
  attached(): void
  /** False: the client is behind, and is given nothing more until `drained`. */
  heard(held: Held, batch: Batch): boolean
  /** Publications of the channel are missing. */
  missed(held: Held): void
  /** The engine let go of all. `returnMs`: as of `Subscriber.close`. */
  letGo(reason: CloseReason, returnMs?: number): void
}

/** The engine's own, or a name that no channel can have. */
export type JoinRefusal = Refusal | 'channel-invalid'

/** By their full names. */
export type Channels = ReadonlyMap<ChannelName, HoldChannel>

export interface HoldContext {
  readonly engine: GripEngine
  readonly clock: Clock
  readonly via: string
  readonly format: Format
  /** As the lingering of the original: how long the channel's last id is remembered behind its last long poll. */
  readonly lingerMs: number
  /** A channel whose client names an id begins behind that, where history has it (ours alone: `resume_from_history`). */
  resumes(): boolean
  readonly observer?: Pick<Observer, 'subscribed' | 'unsubscribed'> | undefined
}

interface Joined {
  readonly held: Held
  /** What history was asked for: another `set` may name another id before it has answered. */
  readonly soughtId: string | undefined
  isLive: boolean
  /** Undefined while history is asked. */
  subscription: Subscription | undefined
}

export class Hold implements Subscriber {
  readonly wire = new Wire()
  readonly format: Format
  readonly #context: HoldContext
  /** Of the last `set`. */
  mode: Mode | undefined
  readonly #owner: HoldOwner
  readonly #joined = new Map<string, Joined>()
  /** So many are not live yet. */
  #awaited = 0
  /** `set` is at work, and tells by itself when all are live. */
  #isSetting = false

  constructor(context: HoldContext, owner: HoldOwner) {
    this.#context = context
    this.#owner = owner
    this.format = context.format
  }

  get channels(): readonly Held[] {
    return [...this.#joined.values()].map(({ held }) => held)
  }

  find(full: string): Held | undefined {
    return this.#joined.get(full)?.held
  }

  /** Whatever comes next may follow. */
  forgetLastIds(): void {
    for (const { held } of this.#joined.values()) held.lastId = undefined
  }

  /**
   * Holds exactly these, by their full names: what is held already goes on without a break. `attached` of the owner
   * follows, possibly before this returns. A refusal: nothing is held.
   */
  set(channels: Channels, mode: Mode): Refusal | undefined {
    this.#setMode(mode)
    for (const [full, joined] of this.#joined) {
      if (!channels.has(full as ChannelName)) this.#leave(full, joined) // the keys are full names
    }
    this.#isSetting = true
    const refusal = this.#subscribe(this.#added(channels))
    this.#isSetting = false
    if (refusal !== undefined) this.leave()
    else this.#settle()
    return refusal
  }

  /** Notes what is said of all of them; those that are new. */
  #added(channels: Channels): readonly Joined[] {
    const added: Joined[] = []
    for (const [full, { name, prevId, filters }] of channels) {
      const there = this.#joined.get(full)
      if (there !== undefined) {
        there.held.filters = filters
        there.held.prevId = prevId
        continue
      }
      const joined: Joined = {
        held: { full, name, filters, prevId, lastId: undefined, isResumed: false },
        soughtId: prevId,
        isLive: false,
        subscription: undefined,
      }
      this.#joined.set(full, joined)
      this.#awaited++
      added.push(joined)
    }
    return added
  }

  #subscribe(added: readonly Joined[]): Refusal | undefined {
    const resumes = added.some(({ held }) => held.prevId !== undefined) && this.#context.resumes()
    for (const joined of added) {
      const refusal = resumes ? this.#seek(joined) : this.#open(joined)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

  #open(joined: Joined, since?: Position): Refusal | undefined {
    const { engine, via } = this.#context
    joined.held.isResumed = since !== undefined
    const outcome = engine.subscribe(joined.held.full, this, since === undefined ? { via } : { via, since })
    if (typeof outcome === 'string') return outcome
    joined.subscription = outcome
    if (this.mode !== undefined) this.#context.observer?.subscribed(joined.held.full, this.mode)
    return undefined
  }

  /** Joins behind the item that the client has, if history holds it, else as everybody does. */
  #seek(joined: Joined): Refusal | undefined {
    const {
      held: { full },
      soughtId: id,
    } = joined
    if (id === undefined) return this.#open(joined)
    let isHere = true
    let refusal: Refusal | undefined
    this.#context.engine.inspect(full, { limit: 0, id }, outcome => {
      // It left meanwhile.
      if (this.#joined.get(full) !== joined) return
      refusal = this.#open(joined, typeof outcome === 'string' ? undefined : outcome.placed)
      // Whoever is told so is asked for again, as if the engine had let go.
      if (!isHere && refusal !== undefined) this.#owner.letGo(refusal === 'draining' ? refusal : 'owner-lost')
    })
    isHere = false
    return refusal
  }

  /** What is held already counts for the other kind from now on. */
  #setMode(mode: Mode): void {
    const { observer } = this.#context
    const before = this.mode
    this.mode = mode
    if (before === undefined || before === mode) return
    for (const { held, subscription } of this.#joined.values()) {
      if (subscription === undefined) continue
      observer?.unsubscribed(held.full, before)
      observer?.subscribed(held.full, mode)
    }
  }

  get isLive(): boolean {
    return this.#awaited === 0
  }

  attached(_position: Position, gap: boolean, channel: string, lastId?: string): void {
    const joined = this.#joined.get(namedAs(channel))
    if (joined === undefined) return
    const { held } = joined
    // Trimmed since it was found.
    const isTorn = held.isResumed && gap
    if (isTorn) held.isResumed = false
    held.lastId = held.isResumed ? joined.soughtId : lastId
    if (!joined.isLive) this.#awaited--
    joined.isLive = true
    if (isTorn) this.#owner.missed(held)
    if (!this.#isSetting) this.#settle()
  }

  offer(batch: Batch, { name }: Subscription): boolean {
    const held = this.find(namedAs(name))
    return held === undefined ? true : this.#owner.heard(held, batch)
  }

  gap(_position: Position, channel: string): boolean {
    const held = this.find(namedAs(channel))
    if (held === undefined) return true
    held.lastId = undefined
    this.#owner.missed(held)
    return true
  }

  close(reason: CloseReason, _channel: string, returnMs?: number): void {
    this.#owner.letGo(reason, returnMs)
  }

  /** The client takes more. */
  drained(): void {
    this.#context.engine.drained(this)
  }

  /** Something of what waits for its turn was delivered: it is not slow for that. */
  progressed(): void {
    this.wire.progressed(this.#context.clock)
  }

  /** Bytes of ours that the client did not take at once. */
  blocked(bytes: Uint8Array): void {
    this.wire.offered(bytes, false, this.#context.clock)
  }

  /** Holds nothing any more. Calling it twice is harmless. */
  leave(): void {
    for (const [full, joined] of this.#joined) this.#leave(full, joined)
  }

  #settle(): void {
    if (this.#awaited === 0) this.#owner.attached()
  }

  #leave(full: string, { held, isLive, subscription }: Joined): void {
    this.#joined.delete(full)
    if (!isLive) this.#awaited--
    if (subscription === undefined) return
    const { engine, lingerMs, observer } = this.#context
    // Who polls comes again: what he was at must be known then.
    engine.unsubscribe(subscription, this.mode === 'response' ? lingerMs : 0)
    if (this.mode !== undefined) observer?.unsubscribed(held.full, this.mode)
  }
}
