// What attached hubs are owed of a channel (law 6): everything from an offset on, because their link was full, because they
// hold too much of it (law 3), or because they had the channel up to there when they attached. It is read from the broker and sent, or told as a gap. Until then
// nothing later is sent to them.

import { linkBytes, type Slot } from '../words/link.ts'
import type { HubPort } from '../words/ports.ts'
import { type Offset, parseOffset } from '../words/position.ts'
import type { ChannelName, Publication } from '../words/publication.ts'
import type { Followable } from './broker.ts'
import { type AttachedHub, type Followed, findHub } from './followed.ts'
import { readToEnd } from './reading.ts'
import type { Watchers } from './watchers.ts'

interface ArrearsDependencies {
  /** Undefined while no link leads to that worker. */
  hub(slot: Slot): HubPort | undefined
  broker(): Followable
  readonly watchers: Watchers
  readonly attendance?: { lastId(channel: ChannelName): string | undefined }
  /** See `SpreadDependencies`. */
  readonly pressedBytesMax?: number | undefined
}

export class Arrears {
  readonly #dependencies: ArrearsDependencies
  /** Channels of which some hub is owed what its link did not take. */
  readonly #channels = new Set<Followed>()
  readonly counters = {
    /** A full link took no more of a channel: its hub is owed something from there on. */
    linksFull: 0,
    /** A hub that holds too much of a channel was sent no more of it. */
    withheld: 0,
    linkGaps: 0,
  }

  constructor(dependencies: ArrearsDependencies) {
    this.#dependencies = dependencies
  }

  /** The link did not take the publication at `from`. */
  owe(followed: Followed, hub: AttachedHub, from: Offset): void {
    this.counters.linksFull++
    hub.owed = from
    this.#channels.add(followed)
  }

  /**
   * The hub holds as much as it may, and was sent as much again since it said so, which was under way: it is owed this, and
   * all that follows it.
   */
  withholds(hub: AttachedHub, publication: Publication): boolean {
    const bytes = (hub.pressed ?? 0) + linkBytes(publication)
    if (bytes <= (this.#dependencies.pressedBytesMax ?? Number.POSITIVE_INFINITY)) {
      hub.pressed = bytes
      return false
    }
    this.counters.withheld++
    hub.owed = publication.offset
    return true
  }

  /** The hub takes more again. */
  relieve(followed: Followed, hub: AttachedHub): void {
    hub.pressed = undefined
    this.repay(followed, hub)
  }

  /** The hub is owed nothing any more. */
  settle(followed: Followed, hub: AttachedHub): void {
    hub.owed = undefined
    if (followed.hubs.every(({ owed }) => owed === undefined)) this.#channels.delete(followed)
  }

  linkDrained(slot: Slot): void {
    for (const followed of this.#channels) {
      const hub = findHub(followed, slot)
      if (hub !== undefined) this.repay(followed, hub)
      // It is full again.
      if (hub?.owed !== undefined && !hub.reading && hub.pressed === undefined) return
    }
  }

  /** Sends what the hub is owed, or tells it the gap; and answers its attach. */
  repay(followed: Followed, hub: AttachedHub): void {
    const { owed } = hub
    if (owed === undefined || hub.reading) return
    // It asks for it when it takes more; whoever attaches is answered all the same.
    if (hub.pressed !== undefined && hub.attempt === undefined) return
    const end = followed.next
    hub.reading = true
    readToEnd(this.#dependencies.broker(), followed, owed, page => {
      // It left, attached anew or was told of a gap: what it is owed now, if anything, is something else.
      if (hub.owed !== owed) {
        hub.reading = false
        return this.repay(followed, hub)
      }
      if (page.from === owed) {
        this.tellAttached(followed, hub, owed, false)
        hub.reading = false
        // Whoever went live may have left again.
        if (hub.owed !== undefined) this.#send(followed, hub, owed, page.publications)
        return
      }
      hub.reading = false
      // The patterns of its worker would have got what was withheld meanwhile.
      if (hub.attempt !== undefined && followed.next > end) this.#dependencies.watchers.miss(hub.slot)
      this.#dependencies.watchers.tell(hub.slot)
      this.tellGap(followed, hub)
    })
  }

  /** Whatever the hub was owed, it gets what follows now. */
  tellGap(followed: Followed, hub: AttachedHub): void {
    this.settle(followed, hub)
    if (hub.attempt !== undefined) return this.tellAttached(followed, hub, followed.next, true)
    this.counters.linkGaps++
    const next = { epoch: followed.epoch, offset: followed.next }
    this.#dependencies.hub(hub.slot)?.gap(followed.name, next, this.#lastId(followed))
  }

  /** Answers the hub's attach, if that was not answered. */
  tellAttached(followed: Followed, hub: AttachedHub, offset: Offset, gap: boolean): void {
    const { attempt } = hub
    if (attempt === undefined) return
    hub.attempt = undefined
    const next = { epoch: followed.epoch, offset }
    const lastId = this.#lastId(followed)
    this.#dependencies.hub(hub.slot)?.attached(followed.name, attempt, next, gap, lastId)
  }

  #lastId({ name }: Followed): string | undefined {
    return this.#dependencies.attendance?.lastId(name)
  }

  #send(followed: Followed, hub: AttachedHub, owed: Offset, publications: readonly Publication[]): void {
    const port = this.#dependencies.hub(hub.slot)
    for (const publication of publications) {
      if (hub.pressed !== undefined && this.withholds(hub, publication)) return
      if (port?.publication(publication) === false) return this.owe(followed, hub, publication.offset)
    }
    hub.owed = parseOffset(owed + publications.length)
    // Whoever went live with the answer may have published.
    if (hub.owed < followed.next) this.repay(followed, hub)
    else this.settle(followed, hub)
  }
}
