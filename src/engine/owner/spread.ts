// Spreads what a broker says of one worker's channels over the hubs that are attached to them, here or over links, and
// over the patterns of all workers. Never touches a history: what a hub has missed it reads from the broker, whose answer
// may come later. Then a hub may have left or attached anew: its record tells, never its worker's number.
import { ownText } from '../../std/own-text.ts'
import type { ChannelNamespace } from '../words/access.ts'
import type { Attach, Slot } from '../words/link.ts'
import type { HubPort, Question } from '../words/ports.ts'
import { nextOffset, type Position, parseEpoch, parseOffset } from '../words/position.ts'
import type { ChannelName, Publication } from '../words/publication.ts'
import { Arrears } from './arrears.ts'
import type { BrokerEvents, Followable } from './broker.ts'
import {
  type AttachedHub,
  addHub,
  createFollowed,
  type Followed,
  findHub,
  removeHub,
  subscribersOf,
} from './followed.ts'
import { Groups } from './groups.ts'
import { Recoveries } from './recoveries.ts'
import { Watchers } from './watchers.ts'

export interface SpreadDependencies {
  namespaceOf(channel: ChannelName): ChannelNamespace
  /** Undefined while no link leads to that worker. */
  hub(slot: Slot): HubPort | undefined
  broker(): Followable
  readonly attendance?: Attendance
  /**
   * Bytes that a hub is sent of a channel while it holds as much of it as it may; what is beyond them it is owed. Undefined: no
   * publication comes then, for whoever orders the channels does so at once.
   */
  readonly pressedBytesMax?: number | undefined
}

/** Who hears of hubs that come and leave, and what it knows of a channel's order. */
export interface Attendance {
  /** The first hub attaches, and is not answered yet. */
  began(channel: ChannelName): void
  /** Some subscribers left that want the channel's order remembered for so long. */
  lingers(channel: ChannelName, ms: number): void
  /** The last hub left. `isAwaited`: its subscribers come back. */
  ended(channel: ChannelName, isAwaited: boolean): void
  /** The id that the channel's next publication follows; undefined: none is known. */
  lastId(channel: ChannelName): string | undefined
  /** As the broker says it, of a channel that hubs are attached to. */
  known(channel: ChannelName, lastId: string | undefined): void
  /** A publication that says its order has its place. */
  placed(publication: Publication): void
}

export class Spread implements BrokerEvents {
  readonly #dependencies: SpreadDependencies
  readonly #followed = new Map<string, Followed>()
  readonly groups = new Groups()
  /** The record that was found last: a publish asks for it twice. */
  #last: Followed | undefined
  readonly watchers: Watchers
  readonly #arrears: Arrears
  readonly #recoveries: Recoveries
  #torn = false

  constructor(dependencies: SpreadDependencies) {
    this.#dependencies = dependencies
    this.watchers = new Watchers(dependencies)
    this.#arrears = new Arrears({ ...dependencies, watchers: this.watchers })
    this.#recoveries = new Recoveries({ ...dependencies, watchers: this.watchers, arrears: this.#arrears })
  }

  find(name: string): Followed | undefined {
    if (this.#last?.name === name) return this.#last
    this.#last = this.#followed.get(name)
    return this.#last
  }

  /** Subscribers of the channel on the whole node. */
  presence(name: ChannelName): number {
    const followed = this.find(name)
    return followed === undefined ? 0 : subscribersOf(followed)
  }

  statistics(): Record<string, number> {
    return { ...this.#arrears.counters, ...this.watchers.counters, ...this.#recoveries.counters }
  }

  /** `isOwn`: the hub of this worker attaches, and holds the name already; else it stands in what came over a link. */
  attach(slot: Slot, attach: Attach, isOwn = false): void {
    const [name, , epoch, next] = attach
    const followed = this.find(name)
    const again = { slot, run: () => this.attach(slot, attach, isOwn) }
    if (followed?.opening !== undefined) return void followed.opening.push(again)
    if (followed !== undefined) return this.#attach(followed, slot, attach)
    const parsed = (isOwn ? name : ownText(name)) as ChannelName // a link carries only names that were parsed
    const opened = createFollowed(parsed, this.#dependencies.namespaceOf(parsed), again)
    this.#followed.set(opened.name, opened)
    this.groups.add(opened.name)
    // What was found missing a moment ago is there now.
    this.#last = opened
    this.#dependencies.attendance?.began(opened.name)
    const held = epoch === '' ? undefined : { epoch: parseEpoch(epoch), next: parseOffset(next) }
    this.#dependencies.broker().follow(opened.name, held)
  }

  /** `lingerMs`: how long the channel's order is to be remembered. */
  detach(slot: Slot, name: string, lingerMs = 0): void {
    const followed = this.find(name)
    if (followed !== undefined && lingerMs > 0)
      this.#dependencies.attendance?.lingers(followed.name, lingerMs)
    if (followed !== undefined && this.#remove(followed, slot)) this.#close(followed, false)
  }

  count(slot: Slot, name: string, subscribers: number): void {
    this.#ofHub(slot, name, (hub, followed) => {
      hub.count = subscribers
      this.#counted(followed)
    })
  }

  pressure(slot: Slot, name: string, on: boolean): void {
    this.#ofHub(slot, name, (hub, followed) => {
      if (!on) return this.#arrears.relieve(followed, hub)
      hub.pressed ??= 0
    })
  }

  /** See `Recoveries`. */
  recover(slot: Slot, name: ChannelName, question: Question): void {
    this.#ofHub(slot, name, (hub, followed) => this.#recoveries.answer(followed, hub, question))
  }

  followed(name: ChannelName, { epoch, offset }: Position, lastId?: string): void {
    const followed = this.find(name)
    if (followed?.opening === undefined) throw new RangeError(`${name} is followed and was not asked for`)
    const { opening } = followed
    followed.epoch = epoch
    followed.next = offset
    followed.opening = undefined
    this.#dependencies.attendance?.known(followed.name, lastId)
    // Whoever is answered may leave at once: what waits asks again, of whatever record is there then.
    for (const { run } of opening) run()
  }

  publication(publication: Publication): void {
    const followed = this.find(publication.channel)
    try {
      if (followed !== undefined && followed.opening === undefined) this.#spread(followed, publication)
      this.watchers.publication(publication, followed)
    } catch (error) {
      // For good: some hub was passed over, whatever is published before the worker retires.
      this.#torn = true
      throw error
    }
  }

  gap(name: ChannelName, next: Position, lastId?: string): void {
    const followed = this.find(name)
    if (followed === undefined || followed.opening !== undefined) return
    followed.epoch = next.epoch
    followed.next = next.offset
    followed.reading = undefined
    this.#dependencies.attendance?.known(followed.name, lastId)
    this.watchers.missAll(followed)
    for (const hub of followed.hubs) this.#arrears.tellGap(followed, hub)
  }

  /** What a hub is owed of the old numbering cannot be read any more, and the patterns of one that attaches never get it. */
  renumbered(name: ChannelName, from: Position, to: Position): void {
    const followed = this.find(name)
    if (followed === undefined || followed.opening !== undefined) return
    if (followed.epoch !== from.epoch || followed.next !== from.offset) return this.gap(name, to)
    followed.epoch = to.epoch
    followed.next = to.offset
    followed.reading = undefined
    for (const hub of followed.hubs) {
      if (hub.owed === undefined) {
        this.#dependencies.hub(hub.slot)?.renumbered(name, from, to)
        continue
      }
      if (hub.attempt !== undefined) this.watchers.miss(hub.slot)
      this.watchers.tell(hub.slot)
      this.#arrears.tellGap(followed, hub)
    }
  }

  matched(publication: Publication): void {
    this.watchers.matched(publication)
  }

  patternGap(): void {
    this.watchers.missEverything()
  }

  /** The link to a hub took its backlog: it gets what was withheld, or is told the gap (law 6). */
  linkDrained(slot: Slot): void {
    this.watchers.tell(slot)
    this.#arrears.linkDrained(slot)
  }

  hubLost(slot: Slot): void {
    for (const followed of this.#followed.values())
      if (this.#remove(followed, slot)) this.#close(followed, true)
    this.watchers.removeAll(slot)
  }

  /** Before a farewell: the channels for which it must not vouch to `slot`; undefined: it can vouch for none. */
  behind(slot: Slot): readonly string[] | undefined {
    if (this.#torn) return undefined
    this.watchers.tell(slot)
    const names: string[] = []
    for (const followed of this.#followed.values()) {
      const isWaiting = followed.opening?.some(waiting => waiting.slot === slot)
      if (isWaiting || findHub(followed, slot)?.owed !== undefined) names.push(followed.name)
    }
    return names
  }

  /** Calls `act` with what is attached, now or when the broker has answered. */
  #ofHub(slot: Slot, name: string, act: (hub: AttachedHub, followed: Followed) => void): void {
    const followed = this.find(name)
    if (followed?.opening !== undefined) {
      return void followed.opening.push({ slot, run: () => this.#ofHub(slot, name, act) })
    }
    const hub = followed && findHub(followed, slot)
    if (followed !== undefined && hub !== undefined) act(hub, followed)
  }

  #attach(followed: Followed, slot: Slot, [, attempt, epoch, next, , count]: Attach): void {
    const previous = findHub(followed, slot)
    if (previous !== undefined) this.#release(followed, previous)
    this.watchers.tell(slot)
    const isMissing = epoch === followed.epoch && next < followed.next
    // Noted before the hub hears of it: a subscriber may publish as it goes live.
    const hub: AttachedHub = {
      slot,
      count,
      owed: isMissing ? parseOffset(next) : undefined,
      reading: false,
      attempt,
      pressed: undefined,
    }
    addHub(followed, hub)
    this.#counted(followed)
    const isWhole = epoch === '' || (epoch === followed.epoch && next === followed.next)
    if (isMissing) this.#arrears.repay(followed, hub)
    else this.#arrears.tellAttached(followed, hub, followed.next, !isWhole)
    if (epoch !== '' && previous === undefined) this.#dependencies.broker().returned?.(followed.name)
  }

  /** Returns whether nobody is left. What it asked and was not answered is forgotten. */
  #remove(followed: Followed, slot: Slot): boolean {
    if (followed.opening !== undefined) {
      followed.opening = followed.opening.filter(waiting => waiting.slot !== slot)
      return followed.opening.length === 0
    }
    const hub = findHub(followed, slot)
    if (hub === undefined) return false
    this.#release(followed, hub)
    this.#counted(followed)
    return followed.hubs.length === 0
  }

  #counted(followed: Followed): void {
    this.#dependencies.broker().count(followed.name, subscribersOf(followed))
  }

  /** Whatever a hub is owed when it leaves or asks anew, the patterns of its worker never get. */
  #release(followed: Followed, hub: AttachedHub): void {
    removeHub(followed, hub)
    if (hub.owed === undefined) return
    this.watchers.miss(hub.slot)
    // Its link is not full, so that nothing else would come that tells them.
    if (hub.reading || hub.pressed !== undefined) this.watchers.tell(hub.slot)
    this.#arrears.settle(followed, hub)
  }

  #close(followed: Followed, awaited: boolean): void {
    this.#followed.delete(followed.name)
    this.groups.delete(followed.name)
    this.#recoveries.close(followed)
    this.#last = undefined
    this.#dependencies.broker().unfollow(followed.name, awaited)
    this.#dependencies.attendance?.ended(followed.name, awaited)
  }

  #spread(followed: Followed, publication: Publication): void {
    const { offset } = publication
    if (offset !== followed.next) throw new RangeError(`${offset} follows where ${followed.next} must`)
    followed.next = nextOffset(offset)
    if (publication.sequence !== undefined) this.#dependencies.attendance?.placed(publication)
    followed.reading?.note(publication)
    for (const hub of followed.hubs) {
      if (hub.owed !== undefined) continue
      if (hub.pressed !== undefined && this.#arrears.withholds(hub, publication)) continue
      if (this.#dependencies.hub(hub.slot)?.publication(publication) ?? true) continue
      this.#arrears.owe(followed, hub, offset)
    }
  }
}
