// Answers the questions of hubs whose subscribers resume (law 1): what follows a position, as far as it was sent to that
// hub, read from the broker; or that some of it is gone, with all that is left for those who want it (law 18).
import type { Slot } from '../words/link.ts'
import type { HubPort, Question } from '../words/ports.ts'
import { type Offset, parseOffset } from '../words/position.ts'
import type { Publication } from '../words/publication.ts'
import type { Arrears } from './arrears.ts'
import type { Followable } from './broker.ts'
import type { AttachedHub, Followed } from './followed.ts'
import { readToEnd } from './reading.ts'
import type { Watchers } from './watchers.ts'

interface RecoveriesDependencies {
  /** Undefined while no link leads to that worker. */
  hub(slot: Slot): HubPort | undefined
  broker(): Followable
  readonly arrears: Arrears
  readonly watchers: Watchers
}

interface Asked {
  readonly followed: Followed
  readonly hub: AttachedHub
  readonly question: Question
}

/**
 * Questions of a channel that the broker may have, for each of its hubs: a hub has one of each of six kinds under way. Those of
 * hubs that gave up count too, so that what waits for a broker that is away has a bound.
 */
const askedPerHubMax = 8

export class Recoveries {
  readonly #dependencies: RecoveriesDependencies
  /** What the broker was asked and has not answered. */
  readonly #asked = new Map<Followed, Set<Asked>>()
  readonly counters = {
    recoveries: 0,
    recoveryGaps: 0,
    /** Questions that are never answered, for too many wait. */
    recoveriesDropped: 0,
  }

  constructor(dependencies: RecoveriesDependencies) {
    this.#dependencies = dependencies
  }

  /** Everything after the offset, as far as it was sent to that hub; else a gap, and the rest if that is wanted. */
  answer(followed: Followed, hub: AttachedHub, question: Question): void {
    const { epoch, offset } = question
    this.counters.recoveries++
    const asked = this.#ask({ followed, hub, question })
    if (asked === undefined) return
    const from = parseOffset(Math.min(offset + 1, Number.MAX_SAFE_INTEGER))
    if (epoch !== '' && epoch !== followed.epoch) return this.#gone(asked)
    if (from <= followed.next) return this.#read(asked, from)
    // The broker may have more than this worker was told.
    this.#dependencies.broker().refresh(followed.name, () => {
      if (this.#isOver(asked)) return
      const isSame = epoch === '' || epoch === followed.epoch
      if (isSame && from <= followed.next) this.#read(asked, from)
      else this.#gone(asked)
    })
  }

  /** Nobody is attached any more: the broker need not answer. */
  close(followed: Followed): void {
    this.#asked.delete(followed)
  }

  #read(asked: Asked, from: Offset): void {
    const { followed, hub } = asked
    // A hub may be owed what its client got elsewhere.
    if (from >= (hub.owed ?? followed.next)) return this.#tell(asked, from, [], false)
    readToEnd(this.#dependencies.broker(), followed, from, page => {
      if (this.#isOver(asked)) return
      if (page.from > from) return this.#gone(asked, page.from)
      this.#tell(asked, from, page.publications, false)
    })
  }

  /** `oldest`: the first offset that could be asked for; 0: that is not known. */
  #gone(asked: Asked, oldest = 0): void {
    this.counters.recoveryGaps++
    const { followed, hub, question } = asked
    const from = parseOffset(Math.min(oldest, followed.next))
    if (question.rest) return this.#giveRest(asked, from)
    this.#tell(asked, parseOffset(Math.min(from, hub.owed ?? from)), [], true)
  }

  /** All that is left from there on. */
  #giveRest(asked: Asked, from: Offset): void {
    const { followed, hub } = asked
    readToEnd(this.#dependencies.broker(), followed, from, page => {
      if (this.#isOver(asked)) return
      // That was gone as well, or was before all that there is.
      const oldest = parseOffset(Math.min(page.from, followed.next))
      if (oldest > from) return this.#giveRest(asked, oldest)
      if (hub.owed === undefined || from <= hub.owed) return this.#tell(asked, from, page.publications, true)
      // What the hub itself is owed is gone: it is told so first, or its subscribers would hear of two gaps.
      this.#dependencies.watchers.tell(hub.slot)
      this.#dependencies.arrears.tellGap(followed, hub)
      this.#giveRest(asked, from)
    })
  }

  /** Nobody is told more than was sent to that hub. */
  #tell(asked: Asked, from: Offset, range: readonly Publication[], gap: boolean): void {
    this.#forget(asked)
    const { followed, hub, question } = asked
    const { name, next } = followed
    const sent = (hub.owed ?? next) - from
    const given = range.slice(0, Math.max(0, sent))
    this.#dependencies.hub(hub.slot)?.recovered(name, question.request, from, given, gap)
  }

  /** Undefined: too many wait already. */
  #ask(asked: Asked): Asked | undefined {
    const { followed } = asked
    const all = this.#asked.get(followed)
    if (all === undefined) {
      this.#asked.set(followed, new Set([asked]))
    } else if (all.size < askedPerHubMax * followed.hubs.length) {
      all.add(asked)
    } else {
      this.counters.recoveriesDropped++
      return undefined
    }
    return asked
  }

  /** The hub left, or attached anew. */
  #isOver(asked: Asked): boolean {
    if (asked.followed.hubs.includes(asked.hub)) return false
    this.#forget(asked)
    return true
  }

  #forget(asked: Asked): void {
    const all = this.#asked.get(asked.followed)
    if (all?.delete(asked) && all.size === 0) this.#asked.delete(asked.followed)
  }
}
