// Keeps bounds in a hub: ends or shortens what is too far behind, tells gaps, trims windows, and presses the owner
// when more waits than may. Everything it does to a subscriber is counted by reason.
import type { Clock } from '../../std/clock.ts'
import type { EngineSettings } from '../settings.ts'
import { type Offset, type Position, parseOffset } from '../words/position.ts'
import type { ChannelName } from '../words/publication.ts'
import type { CloseReason, Loss, SlowBound } from '../words/refusal.ts'
import { compact, restartWindow, setBehind, trimWindow } from './audience.ts'
import { type DrainPace, sendAway } from './departures.ts'
import { type Audience, type Outbox, outboxesOf, type Pass, type Recovery } from './outbox.ts'
import { judge } from './policy.ts'
import type { Returns } from './returns.ts'
import { UnderWay } from './under-way.ts'
import type { Missing } from './window.ts'

export interface WardenDependencies {
  readonly clock: Clock
  readonly returns: Returns
  readonly settings: EngineSettings
  audiences(): readonly Audience[]
  remove(outbox: Outbox): void
  lost(loss: Loss): void
  press(audience: Audience, on: boolean): void
}

interface CloseDetails {
  readonly bound?: SlowBound
  readonly returnMs?: number
}

/** How often blocked subscribers and waiting channels are judged by age. */
const sweepMs = 250

export class Warden {
  readonly #dependencies: WardenDependencies
  readonly counters = {
    dropped: 0,
    parked: 0,
    gapsTold: 0,
    /** Gaps that a policy which skips made on a wire that cannot say so. */
    gapsUntold: 0,
    /** An owner was told to refuse publishes. */
    fanoutBytesExceeded: 0,
    /** Whom each bound closed: together they are `closed.slow`. */
    outboxAgeExceeded: 0,
    outboxBytesExceeded: 0,
    connectionBytesExceeded: 0,
    workerBytesExceeded: 0,
    'closed.slow': 0,
    'closed.gap': 0,
    'closed.omitted': 0,
    'closed.owner-lost': 0,
    'closed.draining': 0,
  } satisfies Record<`closed.${CloseReason}`, number> & Record<string, number>

  constructor(dependencies: WardenDependencies) {
    this.#dependencies = dependencies
    dependencies.clock.every(sweepMs, () => this.#sweep())
  }

  statistics(): Readonly<Record<string, number>> {
    return { ...this.counters, ...this.#dependencies.returns.counters }
  }

  passed(audience: Audience, pass: Pass): void {
    compact(audience)
    if (audience.behind !== undefined) this.#judge(audience)
    trimWindow(audience, pass)
    this.press(audience)
  }

  /** Law 3: what no pass has offered yet counts against the publishers, never against a subscriber. */
  press(audience: Audience): void {
    const waiting = audience.window.bytesBetween(audience.offered, audience.window.head)
    const max = this.#dependencies.settings.fanoutBytesMax
    const pressed = audience.pressed ? waiting > max / 2 : waiting > max
    if (pressed === audience.pressed) return
    audience.pressed = pressed
    if (pressed) this.counters.fanoutBytesExceeded++
    this.#dependencies.press(audience, pressed)
  }

  /**
   * The channel goes on at `next`, and everybody who was live is told that something is missing. Returned are those
   * who came with a position that this worker had not reached, or want what is left (law 18): they have to ask for what
   * follows their place.
   */
  restart(audience: Audience, next: Position, lastId?: string): readonly Outbox[] {
    return this.#restart(audience, next, lastId)
  }

  /** Nothing is missing, but the numbering goes on elsewhere: whoever has everything goes on without a word. Else as `restart`. */
  renumber(audience: Audience, to: Position): readonly Outbox[] {
    return this.#restart(audience, to, audience.lastId, audience.window.head)
  }

  /** `whole`: the place of those who miss nothing. */
  #restart(
    audience: Audience,
    next: Position,
    lastId: string | undefined,
    whole?: Offset,
  ): readonly Outbox[] {
    const { epoch } = audience
    const reached = epoch === next.epoch ? audience.window.head : Number.POSITIVE_INFINITY
    audience.epoch = next.epoch
    restartWindow(audience, next, lastId)
    this.press(audience)
    const asking: Outbox[] = []
    for (const outbox of [...audience.outboxes]) {
      if (outbox?.next === undefined) continue
      const { blocked } = outbox.subscriber.wire
      if (outbox.next === whole && isTold(outbox, next)) {
        outbox.moveTo(next.offset)
      } else if (outbox.rest || outbox.next > reached) {
        this.#park(outbox, epoch)
        asking.push(outbox)
      } else {
        outbox.moveTo(next.offset)
        outbox.skipped = true
        if (!blocked) this.tellGap(outbox)
      }
      if (blocked) setBehind(audience, outbox, true)
    }
    return asking
  }

  /** Before the next offer. A policy that skips may do so on a wire that cannot say it. */
  tellGap(outbox: Outbox): void {
    const { audience, next } = outbox
    if (next === undefined || audience.epoch === undefined) return
    outbox.skipped = false
    const position: Position = { epoch: audience.epoch, offset: parseOffset(next - 1) }
    if (outbox.subscriber.gap(position, audience.name)) this.counters.gapsTold++
    else if (/^(?:drop-oldest|latest)$/.test(audience.namespace.policy)) this.counters.gapsUntold++
    else this.#close(outbox, 'gap')
  }

  /** Its format has no frame for the publication before its place. */
  missed(outbox: Outbox, missing: Missing): void {
    if (missing === 'end') return this.#close(outbox, 'omitted')
    outbox.skipped = true
    if (!outbox.subscriber.wire.blocked) this.tellGap(outbox)
  }

  /** What has no place in the channel is missing: all keep theirs, and are told a gap there, with what waits for them behind it. */
  missedByAll({ outboxes }: Audience): void {
    // Who was never live misses nothing. Who is told may leave.
    for (const outbox of [...outboxes]) if (outbox?.told === true) this.missed(outbox, 'gap')
  }

  /** Closes everybody, of these channels where some are named, spread over a time, and tells each when to come back; then calls `done`. */
  drain(pace: DrainPace, done: () => void, isMeant: (channel: ChannelName) => boolean = () => true): void {
    const { clock, returns } = this.#dependencies
    const close = (outbox: Outbox, returnMs: number) => this.#close(outbox, 'draining', { returnMs })
    const audiences = this.#dependencies.audiences().filter(({ name }) => isMeant(name))
    sendAway({ clock, returns, audiences, close }, pace, done)
  }

  #judge(audience: Audience): void {
    const now = this.#dependencies.clock.now()
    for (const outbox of audience.behind ?? []) {
      const verdict = judge(outbox, now)
      if (verdict.kind === 'close') this.#closeSlow(outbox, verdict.bound)
      else if (verdict.kind === 'skip') this.#skip(outbox, verdict.to)
      else if (verdict.kind === 'park') this.#park(outbox)
      this.#judgeConnection(outbox)
    }
  }

  /** Law 10: whatever the policies of its channels, a connection that is too far behind in all is closed. */
  #judgeConnection({ subscriber }: Outbox): void {
    const outboxes = outboxesOf(subscriber)
    if (!subscriber.wire.blocked) return
    const bytes = outboxes.reduce((sum, outbox) => sum + outbox.bytesBehind(), 0)
    if (bytes <= this.#dependencies.settings.connectionBytesMax) return
    if (outboxes.reduce((sum, outbox) => sum + outbox.publicationsBehind(), 0) <= 1) return
    for (const outbox of outboxes) this.#closeSlow(outbox, 'connectionBytes')
  }

  #skip(outbox: Outbox, to: Offset): void {
    const publications = to - (outbox.next ?? to)
    this.counters.dropped += publications
    // Once until its wire takes more, and not where only the newest is wanted.
    if (!outbox.skipped && outbox.audience.namespace.policy !== 'latest')
      this.#dependencies.lost({ kind: 'skipped', channel: outbox.audience.name })
    outbox.moveTo(to)
    outbox.skipped = true
  }

  /** Gives up its place in the window; `drained` makes it resume. */
  #park(outbox: Outbox, epoch = outbox.audience.epoch): void {
    const { next } = outbox
    if (next === undefined) return
    this.counters.parked++
    outbox.park({ epoch, offset: parseOffset(next - 1) })
  }

  #sweep(): void {
    const { clock, settings } = this.#dependencies
    const now = clock.now()
    const underWay = new UnderWay()
    let bytes = 0
    for (const audience of this.#dependencies.audiences()) {
      if (audience.behind !== undefined) {
        this.#judge(audience)
        bytes += audience.window.bytes
        for (const { subscriber } of audience.behind ?? []) underWay.add(subscriber.wire)
      }
      const waited = audience.attempt === undefined ? 0 : now - audience.waitingSince
      if (waited > settings.attachTimeoutMs) this.#closeAudience(audience, 'owner-lost')
      if (audience.recoveries !== undefined) this.#closeUnanswered(audience.recoveries, now)
    }
    const excess = bytes + underWay.bytes - settings.workerBytesMax
    if (excess > 0) this.#relieve(excess, underWay)
  }

  /** Whoever orders the channels may be away. A question that nobody waits for any more is asked anew when somebody does. */
  #closeUnanswered(recoveries: Map<number, Recovery>, now: number): void {
    const { attachTimeoutMs } = this.#dependencies.settings
    for (const [request, { outboxes }] of recoveries) {
      for (const [outbox, { since }] of outboxes) {
        if (!outbox.closed && now - since <= attachTimeoutMs) continue
        outboxes.delete(outbox)
        this.#close(outbox, 'owner-lost')
      }
      if (outboxes.size === 0) recoveries.delete(request)
    }
  }

  /** Frees at least so many bytes by closing those that are furthest behind. */
  #relieve(excess: number, underWay: UnderWay): void {
    const behind = this.#dependencies.audiences().flatMap(audience => [...(audience.behind ?? [])])
    const blocked = behind.filter(outbox => outbox.subscriber.wire.blocked)
    blocked.sort((a, b) => bytesHeldFor(b) - bytesHeldFor(a))
    let left = excess
    for (const outbox of blocked) {
      if (left <= 0) return
      const { audience } = outbox
      const bytesBefore = audience.window.bytes
      this.#closeSlow(outbox, 'workerBytes')
      left -= underWay.remove(outbox.subscriber.wire)
      if (audience.pass !== undefined) continue
      trimWindow(audience, { end: audience.offered, count: 0, index: 0, unfinished: true })
      left -= bytesBefore - audience.window.bytes
    }
  }

  #closeAudience(audience: Audience, reason: CloseReason): void {
    for (const outbox of [...audience.outboxes]) if (outbox !== undefined) this.#close(outbox, reason)
  }

  #closeSlow(outbox: Outbox, bound: SlowBound): void {
    if (outbox.closed) return
    this.counters[`${bound}Exceeded`]++
    this.#close(outbox, 'slow', { bound })
  }

  #close(outbox: Outbox, reason: CloseReason, { bound, returnMs }: CloseDetails = {}): void {
    if (outbox.closed) return
    const channel = outbox.audience.name
    this.counters[`closed.${reason}`]++
    // That a stop closes all of them is no news.
    if (reason !== 'draining') this.#dependencies.lost({ kind: 'closed', reason, bound, channel })
    this.#dependencies.remove(outbox)
    outbox.subscriber.close(reason, channel, returnMs)
  }
}

/** Where the numbering goes on, if that is anything to it. */
function isTold({ subscriber, name }: Outbox, { epoch, offset }: Position): boolean {
  return subscriber.renumbered?.({ epoch, offset: parseOffset(offset - 1) }, name) ?? true
}

/** Windows and memory under way are shared, so this says who costs most rather than what its end would free. */
function bytesHeldFor(outbox: Outbox): number {
  return outbox.bytesBehind() + (outbox.subscriber.wire.underWay?.length ?? 0)
}
