// The engine's end of one client. A front-end implements it over a held stream or socket; the engine knows no more.
import type { Epoch, Offset, Position, Since } from '../words/position.ts'
import type { ChannelName, Publication } from '../words/publication.ts'
import type { CloseReason } from '../words/refusal.ts'
import type { Wire } from './wire.ts'

/**
 * What a publication without a frame is to subscribers of the format: nothing (`pass`); or they miss it, which they are
 * told as a gap (`gap`), or which ends them there (`end`).
 */
export type Omission = 'pass' | 'gap' | 'end'

/** From publication to wire bytes. The hub encodes once per `id` and shares the result. */
export interface Format {
  /** Two formats with one id MUST encode alike. */
  readonly id: string
  /**
   * Pure. `epoch` is the one of its offset; a pattern's publications have none. Undefined: the wire cannot carry it,
   * and `omitted` says what then.
   */
  encode(publication: Publication, epoch: Epoch): Uint8Array | undefined
  /** Asked once for all who read it at that time. Without it, it is a gap. */
  omitted?(publication: Publication): Omission
}

/** Which publications of its channel or pattern one subscription is for. Pure. */
export type Admits = (publication: Publication) => boolean

/** What one write carries: whole frames, in order. Subscriptions at the same place share it. */
export interface Batch {
  readonly frames: readonly Uint8Array[]
  /** All of them in one piece, made when it is first asked for. */
  readonly bytes: Uint8Array
  /** Length of `bytes`, which nobody has to make for it. */
  readonly size: number
  /** The place of the first publication; a pattern's places are its own. */
  readonly from: Offset
  /** The place behind the last one. */
  readonly next: Offset
}

/** How somebody subscribes. */
export interface SubscribeOptions {
  /** The front-end: a namespace, or its own list, may not let it. */
  readonly via: string
  /** Resume: everything after this, then live. */
  readonly since?: Since | undefined
  /**
   * Wherever a gap is told, the place behind it is that of the oldest which is left, not the channel's head: all that its
   * owner still holds is offered (law 18). Nothing to a pattern, nor where a policy skips.
   */
  readonly rest?: true | undefined
  /** The others are nothing to it, neither frame nor gap. It shares frames with all, but is joined for by itself. */
  readonly admits?: Admits | undefined
}

/** A subscriber's interest in one channel or pattern, as `subscribe` hands it out. */
export interface Subscription {
  /** Of the channel or the pattern. */
  readonly name: ChannelName
}

/** A subscriber may have several subscriptions; all calls about one of them carry its channel or pattern. */
export interface Subscriber {
  readonly format: Format
  /** The state of the one connection behind all its subscriptions. */
  readonly wire: Wire
  /**
   * The subscription is live: everything after `position` will be offered. `gap`: it asked to resume, and some of
   * what it missed is gone. Called once, before the first offer and possibly before `subscribe` returns. `lastId`: the id
   * that the next publication follows, as its publisher said it; undefined where none is known.
   */
  attached(position: Position, gap: boolean, channel: string, lastId?: string): void
  /**
   * Takes whole frames for the wire. The subscriber MUST take them all, and neither it nor the engine changes their
   * bytes later. False: the wire is behind; the engine offers no more until the front-end calls `drained`.
   */
  offer(batch: Batch, subscription: Subscription): boolean
  /**
   * Publications before the next offer are missing; it goes on after `position`. False: the wire cannot say so, and
   * the engine closes the subscriber unless its policy is to skip.
   */
  gap(position: Position, channel: string): boolean
  /**
   * Nothing is missing, but what comes next is in another numbering, after `position`. Left out: its wire does not count.
   * False: it cannot be said now, and a gap is told as soon as the wire takes more.
   */
  renumbered?(position: Position, channel: string): boolean
  /**
   * The engine let go of the subscription; nothing of it is offered after this. `returnMs`: of a client that is sent away for
   * `draining`, how long it is to wait before it comes back, the same for all of its subscriptions. MUST NOT throw.
   */
  close(reason: CloseReason, channel: string, returnMs?: number): void
}
