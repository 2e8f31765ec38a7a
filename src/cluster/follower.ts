// How one channel is followed: a state machine without clock and connection, which says that nothing is missing only where
// that is proven. A channel is live, or it is *asking*: what comes then is held until the broker has said where the channel
// is, and what is missing has been read. One object serves all channels of a worker, and a live channel costs its record.
import { type Epoch, nextOffset, type Offset, type Position, parseOffset } from '../engine/words/position.ts'
import { type ChannelName, type Publication, publicationOf } from '../engine/words/publication.ts'
import { type Asking, type Delivery, heldFrom, hold, keepHeld, type Leg, newAsking } from './asking.ts'
import type { Stretch, Where } from './carrier.ts'
import { decodeEnvelope } from './envelope.ts'

/** A channel that is followed. */
export interface Follower {
  readonly name: ChannelName
  /** Without meaning before it was opened, but that `next` is 0 then. */
  epoch: Epoch
  /** The offset of the next publication. */
  next: Offset
  /** Undefined: it is live. */
  asking: Asking | undefined
}

/** What the machine does. It may be left, and lose its channel, in each of those that tell. */
export interface Ways<Channel extends Follower> {
  /** It must be asked about: `ask` follows, when it is its turn. */
  wants(channel: Channel): void
  ask(channel: Channel, done: (where: Where | 'away') => void): void
  read(
    channel: Channel,
    epoch: Epoch,
    from: Offset,
    to: Offset,
    done: (stretch: Stretch | 'other-epoch' | 'away') => void,
  ): void
  /** The broker said where it is, for the first time. `lastId`: what its publisher may say that the next one follows. */
  opened(channel: Channel, lastId: string | undefined): void
  publication(channel: Channel, publication: Publication): void
  /** The channel is at the place that follows the gap. `lastId`: as for `opened`. */
  gap(channel: Channel, lastId: string | undefined): void
  /** The channel is at the new place. */
  renumbered(channel: Channel, from: Position): void
  /** For the log. `set-back`: the broker has less than it gave out, and the same past. Else: a publication cannot be read. */
  odd(channel: Channel, what: 'set-back' | 'newer' | 'foreign'): void
  /** Its turn is over: it is live; or the lane is down, and it is asked about when that is up again. */
  settled(channel: Channel): void
}

export interface FollowingOptions {
  /**
   * What was acknowledged is known to a replica, so that a server with another past has lost nothing of it: whoever has
   * exactly what that server had goes on in the new numbering.
   */
  readonly continues: boolean
}

export class Following<Channel extends Follower> {
  readonly #ways: Ways<Channel>
  readonly #continues: boolean
  readonly counters = {
    deliveries: 0,
    /** Below what comes next: it was read before. */
    echoes: 0,
    /** A delivery that is not the next one. */
    holes: 0,
    /** Reads of what was missing. */
    catchUps: 0,
    gaps: 0,
    renumbered: 0,
    /** The broker had less than it gave out, and said nothing of another past: it must not happen. */
    setBacks: 0,
    /** Held deliveries that were forgotten, and read. */
    forgotten: 0,
    /** Publications of a later version, or of nobody's: told as a gap. */
    unreadable: 0,
  }

  constructor(ways: Ways<Channel>, { continues }: FollowingOptions) {
    this.#ways = ways
    this.#continues = continues
  }

  /** It is subscribed to from now on, or will be; `ask` follows when it is. */
  open(channel: Channel): void {
    channel.asking = newAsking(true)
  }

  /** Nothing that was heard or is about to be answered holds any more: it must be subscribed to anew, and asked about. */
  lost(channel: Channel): void {
    channel.asking = newAsking(channel.asking?.isOpening ?? false)
  }

  /** It may be behind the broker. */
  doubt(channel: Channel): void {
    if (channel.asking === undefined) this.#begin(channel)
    else channel.asking.isDoubted = true
  }

  /** The broker compared: the channel has everything, or had when it was compared, and what came since is held. */
  proven(channel: Channel): void {
    const { asking } = channel
    if (asking?.stage !== 'waits' || asking.isOpening) return
    if (asking.isDoubted) this.#ways.wants(channel)
    else this.#finish(channel, asking)
  }

  delivery(channel: Channel, epoch: Epoch, offset: Offset, envelope: Uint8Array): void {
    this.counters.deliveries++
    if (channel.asking !== undefined) return this.#hold(channel.asking, { epoch, offset, envelope })
    if (epoch === channel.epoch) {
      if (offset === channel.next) return this.#take(channel, envelope)
      if (offset < channel.next) {
        this.counters.echoes++
        return
      }
    }
    this.counters.holes++
    this.#hold(this.#begin(channel), { epoch, offset, envelope })
  }

  /** It is its turn. */
  ask(channel: Channel): void {
    const { asking } = channel
    if (asking !== undefined) this.#ask(channel, asking)
    else this.#ways.settled(channel)
  }

  #begin(channel: Channel): Asking {
    const asking = newAsking(false)
    channel.asking = asking
    this.#ways.wants(channel)
    return asking
  }

  #hold(asking: Asking, delivery: Delivery): void {
    if (!hold(asking, delivery)) this.counters.forgotten++
  }

  #ask(channel: Channel, asking: Asking): void {
    asking.stage = 'asks'
    asking.isDoubted = false
    asking.isForgotten = false
    asking.before = asking.held.length
    asking.legs = []
    this.#ways.ask(channel, where => {
      if (channel.asking !== asking) return
      if (where === 'away') this.#wait(channel, asking)
      else this.#answered(channel, asking, where)
    })
  }

  /** Until the lane is up again. */
  #wait(channel: Channel, asking: Asking): void {
    asking.stage = 'waits'
    this.#ways.settled(channel)
  }

  #answered(channel: Channel, asking: Asking, where: Where): void {
    // What the broker does not have was replaced, or never was its own.
    keepHeld(
      asking,
      asking.held.filter(
        ({ epoch, offset }, index) =>
          index >= asking.before || (epoch === where.epoch && offset < where.next),
      ),
    )
    asking.where = where
    if (asking.isOpening) {
      asking.isOpening = false
      channel.epoch = where.epoch
      channel.next = where.next
      this.#ways.opened(channel, where.lastId)
    } else if (where.epoch !== channel.epoch) {
      asking.legs = this.#legsTo(where, channel)
    } else if (where.next < channel.next) {
      this.counters.setBacks++
      this.#ways.odd(channel, 'set-back')
      this.#gap(channel, where)
    } else if (where.next > channel.next) {
      asking.legs = [{ epoch: where.epoch, from: undefined, to: where.next, begins: undefined }]
    }
    if (channel.asking === asking) this.#run(channel, asking)
  }

  /** Into another numbering. */
  #legsTo({ epoch, first, next, previous }: Where, channel: Channel): Leg[] {
    const isPart = previous?.epoch === channel.epoch && channel.next <= previous.next
    if (!this.#continues || previous === undefined || !isPart)
      return [{ epoch, from: first, to: next, begins: 'gap' }]
    return [
      { epoch: previous.epoch, from: undefined, to: previous.next, begins: undefined },
      { epoch, from: first, to: next, begins: 'renumbered' },
    ]
  }

  /** Whatever is to be read, one stretch at a time. */
  #run(channel: Channel, asking: Asking): void {
    for (;;) {
      const leg = asking.legs[0]
      if (leg === undefined) return this.#finish(channel, asking)
      const { epoch, to, begins } = leg
      const at = leg.from ?? channel.next
      if (begins === 'renumbered') {
        this.#renumber(channel, { epoch, offset: at })
        if (channel.asking !== asking) return
        asking.legs[0] = { ...leg, from: undefined, begins: undefined }
      } else if (at < to) {
        this.counters.catchUps++
        this.#ways.read(channel, epoch, at, to, stretch => {
          if (channel.asking !== asking) return
          if (stretch === 'away') this.#wait(channel, asking)
          else if (stretch === 'other-epoch') this.#ask(channel, asking)
          else this.#stretch(channel, asking, leg, stretch)
        })
        return
      } else {
        asking.legs.shift()
        if (begins === 'gap') this.#gap(channel, { epoch, next: at })
        if (channel.asking !== asking) return
      }
    }
  }

  #stretch(channel: Channel, asking: Asking, leg: Leg, { from, envelopes }: Stretch): void {
    const at = leg.from ?? channel.next
    const { epoch, to, begins } = leg
    // What follows the end that was asked for is held, or will be asked for; some before it may be held as well.
    const isStuck = from <= at && envelopes.length === 0
    const kept = isStuck ? to : Math.min(Math.max(from, at), to)
    const begin = kept === at ? at : parseOffset(Math.max(at, Math.min(kept, heldFrom(asking, epoch, to))))
    if (begins === 'gap' || begin > at) this.#gap(channel, { epoch, next: begin })
    if (channel.asking !== asking) return
    asking.legs[0] = { ...leg, from: undefined, begins: undefined }
    if (begin < kept) asking.legs = []
    for (const envelope of begin < kept ? [] : envelopes) {
      if (channel.next >= to) break
      this.#take(channel, envelope)
      if (channel.asking !== asking) return
    }
    this.#run(channel, asking)
  }

  /** What was held goes on from there; where it does not, or something was said meanwhile, it is asked about again. */
  #finish(channel: Channel, asking: Asking): void {
    const { held } = asking
    let taken = 0
    for (const { epoch, offset, envelope } of held) {
      if (epoch !== channel.epoch || offset > channel.next) break
      taken++
      if (offset < channel.next) {
        this.counters.echoes++
        continue
      }
      this.#take(channel, envelope)
      if (channel.asking !== asking) return
    }
    if (taken === held.length && !asking.isForgotten && !asking.isDoubted) {
      channel.asking = undefined
      return this.#ways.settled(channel)
    }
    keepHeld(asking, held.slice(taken))
    if (asking.stage === 'waits') this.#ways.wants(channel)
    else this.#ask(channel, asking)
  }

  #take(channel: Channel, envelope: Uint8Array): void {
    const offset = channel.next
    channel.next = nextOffset(offset)
    const body = decodeEnvelope(envelope)
    if (typeof body !== 'string')
      return this.#ways.publication(channel, publicationOf(channel.name, offset, body))
    this.counters.unreadable++
    this.counters.gaps++
    this.#ways.odd(channel, body)
    this.#ways.gap(channel, undefined)
  }

  #gap(channel: Channel, { epoch, next }: { readonly epoch: Epoch; readonly next: Offset }): void {
    channel.epoch = epoch
    channel.next = next
    this.counters.gaps++
    const where = channel.asking?.where
    // It is the last one before the broker's next.
    const isHead = where?.epoch === epoch && where.next === next
    this.#ways.gap(channel, isHead ? where.lastId : undefined)
  }

  #renumber(channel: Channel, to: Position): void {
    const from = { epoch: channel.epoch, offset: channel.next }
    channel.epoch = to.epoch
    channel.next = to.offset
    this.counters.renumbered++
    this.#ways.renumbered(channel, from)
  }
}
