// One worker's end of what joins several nodes: it says what it has at the end of a turn, in its order, unless a test holds it or
// has cut it off.
import type { Away, Broker, BrokerEvents, Held, Ordering, Page } from '../../src/engine/owner/broker.ts'
import type { Keep } from '../../src/engine/words/namespace.ts'
import { matches } from '../../src/engine/words/pattern.ts'
import { type Epoch, type Offset, type Position, parseOffset } from '../../src/engine/words/position.ts'
import type { ChannelName, Draft, Publication } from '../../src/engine/words/publication.ts'
import type { Clock } from '../../src/std/clock.ts'
import { type Joint, placeOf } from './joint.ts'

export interface Membership {
  readonly joint: Joint
  readonly node: object
  /** The channels whose patterns this one hears of. */
  readonly share: (channel: string) => boolean
  readonly clock: Clock
}

export class JointBroker implements Broker {
  readonly isFed = true
  readonly node: object
  readonly counts = new Map<string, number>()
  readonly patterns = new Set<string>()
  /** What it was asked, as text, but for publishes. */
  readonly asked: string[] = []
  /** Holds what would be said. */
  isHeld = false
  away: Away | undefined
  readonly #joint: Joint
  readonly #share: (channel: string) => boolean
  readonly #clock: Clock
  readonly #events: BrokerEvents
  /** Where each followed channel is, as it was told, or will be when all that waits is said. */
  readonly #followed = new Map<string, Position>()
  /** Each time that a channel is followed is another one. */
  readonly #follows = new Map<string, object>()
  #said: (() => void)[] = []
  /** What waits until it is back. */
  #waiting: (() => void)[] = []
  #missedMatches = false
  #armed = false

  constructor({ joint, node, share, clock }: Membership, events: BrokerEvents) {
    this.#joint = joint
    this.node = node
    this.#share = share
    this.#clock = clock
    this.#events = events
  }

  publish(draft: Draft, keep: Keep, done: Parameters<Broker['publish']>[2]): void {
    if (this.away !== undefined) return this.#say(() => done('broker-away'))
    this.#answer(draft.channel, this.#joint.append(draft, keep), done)
  }

  publishNext(
    draft: Draft,
    keep: Keep,
    ordering: Ordering,
    done: Parameters<Broker['publishNext']>[3],
  ): void {
    if (this.away !== undefined) return this.#say(() => done('broker-away'))
    const outcome = this.#joint.appendNext(draft, keep, ordering, this.#clock.now())
    if (typeof outcome === 'string' || 'last' in outcome) return this.#say(() => done(outcome))
    this.#answer(draft.channel, outcome, done)
  }

  follow(name: ChannelName, held: Held | undefined): void {
    this.asked.push(`follow ${name}`)
    const wanted = {}
    this.#follows.set(name, wanted)
    this.#whenThere(() => {
      if (this.#follows.get(name) !== wanted) return
      const { now, last } = this.#joint.channel(name)
      // Whoever had a part of it is told what it lacks by reading.
      const next =
        held !== undefined && held.epoch === now.epoch && held.next > now.next ? held.next : now.next
      const position = { epoch: now.epoch, offset: parseOffset(next) }
      const lastId = next === now.next ? last : undefined
      this.#followed.set(name, position)
      this.#say(() => {
        if (this.#follows.get(name) === wanted) this.#events.followed(name, position, lastId)
      })
    })
  }

  unfollow(name: ChannelName): void {
    this.asked.push(`unfollow ${name}`)
    this.#follows.delete(name)
    this.#followed.delete(name)
  }

  refresh(_name: ChannelName, done: () => void): void {
    this.#whenThere(() => this.#say(done))
  }

  trim(): void {}

  read(name: ChannelName, from: Offset, to: Offset, done: (page: Page) => void): void {
    const epoch = this.#followed.get(name)?.epoch
    this.#whenThere(() => {
      const { now, kept } = this.#joint.channel(name)
      const publications = kept.filter(({ offset }) => offset >= from && offset < to)
      const isWhole = epoch === now.epoch && (from === to || publications[0]?.offset === from)
      const oldest = epoch === now.epoch ? (kept[0]?.offset ?? parseOffset(now.next)) : to
      this.#say(() => done(isWhole ? { from, publications } : { from: oldest, publications: [] }))
    })
  }

  inspect(name: ChannelName, _options: unknown, done: Parameters<Broker['inspect']>[2]): void {
    if (this.away !== undefined) return this.#say(() => done('broker-away'))
    const { now, kept } = this.#joint.channel(name)
    const position = { epoch: now.epoch, offset: parseOffset(now.next - 1) }
    const history = { size: kept.length, bytes: 0 }
    this.#say(() => done({ position, publications: kept, gap: false, more: false, history }))
  }

  count(name: ChannelName, subscribers: number): void {
    this.asked.push(`count ${name} ${subscribers}`)
    this.counts.set(name, subscribers)
  }

  elsewhere(name: ChannelName, done: (subscribers: number) => void): void {
    this.#say(() => done(this.#joint.elsewhere(name, this.node)))
  }

  watch(pattern: string, done: () => void): void {
    this.asked.push(`watch ${pattern}`)
    this.#whenThere(() => {
      this.patterns.add(pattern)
      this.#say(done)
    })
  }

  unwatch(pattern: string): void {
    this.asked.push(`unwatch ${pattern}`)
    this.patterns.delete(pattern)
  }

  statistics(): Record<string, number> {
    return {}
  }

  close(): void {
    this.#joint.members.delete(this)
    this.#said = []
  }

  /** It has something to say, and may. */
  get isBusy(): boolean {
    return !this.isHeld && this.#said.length > 0
  }

  /** The connection is lost: nothing more is said, and what comes now is missed. */
  cut(): void {
    this.away = { sinceMs: this.#clock.unixMs(), reason: 'cut' }
  }

  /** It is back: every channel is brought to where it is, or told a gap. */
  mend(): void {
    this.away = undefined
    for (const [name, known] of this.#followed) {
      const { now, kept } = this.#joint.channel(name)
      const missed = kept.filter(({ offset }) => offset >= known.offset)
      const isWhole = known.epoch === now.epoch && missed.length === now.next - known.offset
      if (this.#joint.fault === 'quiet-fork' && known.epoch !== now.epoch) {
        this.#renumber(name as ChannelName, known, placeOf(now)) // it was followed by that name
      } else if (isWhole) for (const publication of missed) this.#tell(publication)
      else if (known.epoch === now.epoch || missed.length === now.next - now.first) {
        const from = missed[0]?.offset ?? parseOffset(now.next)
        this.#gapTo(name as ChannelName, { epoch: now.epoch, offset: from }) // it was followed by that name
        for (const publication of missed) this.#tell(publication)
      } else this.#gapTo(name as ChannelName, placeOf(now)) // as above
    }
    if (this.#missedMatches && this.#joint.fault !== 'deaf') this.#say(() => this.#events.patternGap())
    this.#missedMatches = false
    for (const run of this.#waiting.splice(0)) run()
  }

  renumbered(name: string, from: Position, to: Position, isWhole: boolean): void {
    const known = this.#followed.get(name)
    if (known === undefined || this.away !== undefined) return
    const channel = name as ChannelName // it was followed by that name
    if (!isWhole || known.epoch !== from.epoch || known.offset !== from.offset)
      return this.#gapTo(channel, to)
    this.#renumber(channel, known, to)
  }

  deliver(publication: Publication, epoch: Epoch): void {
    const { channel } = publication
    const isMatched = this.#share(channel) && [...this.patterns].some(pattern => matches(pattern, channel))
    if (this.away !== undefined) {
      if (isMatched) this.#missedMatches = true
      return
    }
    if (this.#followed.get(channel)?.epoch === epoch) this.#tell(publication)
    if (isMatched) this.#say(() => this.#events.matched(publication))
    if (isMatched && this.#joint.fault === 'twice') this.#say(() => this.#events.matched(publication))
  }

  /** Says what waits, although it is held. */
  release(): void {
    this.isHeld = false
    this.#arm()
  }

  #answer(
    name: ChannelName,
    { duplicate, ...position }: ReturnType<Joint['append']>,
    done: Parameters<Broker['publish']>[2],
  ): void {
    this.#say(() => {
      const elsewhere = this.#joint.elsewhere(name, this.node)
      done({ ...position, subscribers: this.#events.presence(name) + elsewhere, duplicate })
    })
  }

  #tell(publication: Publication): void {
    const { channel, offset } = publication
    const followed = this.#followed.get(channel)
    if (followed === undefined) return
    this.#followed.set(channel, { epoch: followed.epoch, offset: parseOffset(offset + 1) })
    const wanted = this.#follows.get(channel)
    this.#say(() => {
      if (this.#follows.get(channel) === wanted) this.#events.publication(publication)
    })
  }

  #renumber(channel: ChannelName, from: Position, to: Position): void {
    this.#followed.set(channel, to)
    const wanted = this.#follows.get(channel)
    this.#say(() => {
      if (this.#follows.get(channel) === wanted) this.#events.renumbered(channel, from, to)
    })
  }

  #gapTo(channel: ChannelName, next: Position): void {
    this.#followed.set(channel, next)
    const wanted = this.#follows.get(channel)
    this.#say(() => {
      if (this.#follows.get(channel) === wanted) this.#events.gap(channel, next)
    })
  }

  #whenThere(run: () => void): void {
    if (this.away === undefined) run()
    else this.#waiting.push(run)
  }

  #say(run: () => void): void {
    this.#said.push(run)
    this.#arm()
  }

  #arm(): void {
    if (this.#armed || this.isHeld || this.#said.length === 0) return
    this.#armed = true
    this.#clock.endOfTurn(() => {
      this.#armed = false
      if (this.isHeld) return
      for (const run of this.#said.splice(0)) run()
      this.#arm()
    })
  }
}
