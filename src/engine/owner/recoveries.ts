// Answers the questions of hubs whose subscribers resume (law 1): what follows a position, as far as it was sent to that
// hub, read from the broker; or that some of it is gone, with all that is left for those who want it (law 18).
import type { Slot } from '../words/link.ts'
import type { HubPort, Question } from '../words/ports.ts'
import { type Offset, parseOffset } from '../words/position.ts'
import type { Publication } from '../words/publication.ts'
import type { Arrears } from './arrears.ts'
import type { Broker } from './broker.ts'
import type { AttachedHub, Followed } from './followed.ts'
import { readToEnd } from './reading.ts'
import type { Watchers } from './watchers.ts'

interface RecoveriesDependencies {
  /** Undefined while no link leads to that worker. */
  hub(slot: Slot): HubPort | undefined
  broker(): Broker
  readonly arrears: Arrears
  readonly watchers: Watchers
}

export class Recoveries {
  readonly #dependencies: RecoveriesDependencies
  readonly counters = {
    recoveries: 0,
    recoveryGaps: 0,
  }

  constructor(dependencies: RecoveriesDependencies) {
    this.#dependencies = dependencies
  }

  /** Everything after the offset, as far as it was sent to that hub; else a gap, and the rest if that is wanted. */
  answer(followed: Followed, hub: AttachedHub, question: Question): void {
    const { epoch, offset } = question
    const from = parseOffset(Math.min(offset + 1, Number.MAX_SAFE_INTEGER))
    this.counters.recoveries++
    if (epoch !== '' && epoch !== followed.epoch) return this.#gone(followed, hub, question)
    if (from <= followed.next) return this.#read(followed, hub, question, from)
    // The broker may have more than this worker was told.
    this.#dependencies.broker().refresh(followed.name, () => {
      if (!followed.hubs.includes(hub)) return
      const isSame = epoch === '' || epoch === followed.epoch
      if (isSame && from <= followed.next) this.#read(followed, hub, question, from)
      else this.#gone(followed, hub, question)
    })
  }

  #read(followed: Followed, hub: AttachedHub, question: Question, from: Offset): void {
    // A hub may be owed what its client got elsewhere.
    if (from >= (hub.owed ?? followed.next)) return this.#tell(followed, hub, question, from, [], false)
    readToEnd(this.#dependencies.broker(), followed, from, page => {
      if (!followed.hubs.includes(hub)) return
      if (page.from > from) return this.#gone(followed, hub, question, page.from)
      this.#tell(followed, hub, question, from, page.publications, false)
    })
  }

  /** `oldest`: the first offset that could be asked for; 0: that is not known. */
  #gone(followed: Followed, hub: AttachedHub, question: Question, oldest = 0): void {
    this.counters.recoveryGaps++
    const from = parseOffset(Math.min(oldest, followed.next))
    if (question.rest) return this.#giveRest(followed, hub, question, from)
    this.#tell(followed, hub, question, parseOffset(Math.min(from, hub.owed ?? from)), [], true)
  }

  /** All that is left from there on. */
  #giveRest(followed: Followed, hub: AttachedHub, question: Question, from: Offset): void {
    readToEnd(this.#dependencies.broker(), followed, from, page => {
      if (!followed.hubs.includes(hub)) return
      // That was gone as well, or was before all that there is.
      const oldest = parseOffset(Math.min(page.from, followed.next))
      if (oldest > from) return this.#giveRest(followed, hub, question, oldest)
      if (hub.owed === undefined || from <= hub.owed)
        return this.#tell(followed, hub, question, from, page.publications, true)
      // What the hub itself is owed is gone: it is told so first, or its subscribers would hear of two gaps.
      this.#dependencies.watchers.tell(hub.slot)
      this.#dependencies.arrears.tellGap(followed, hub)
      this.#giveRest(followed, hub, question, from)
    })
  }

  /** Nobody is told more than was sent to that hub. */
  #tell(
    followed: Followed,
    hub: AttachedHub,
    { request }: Question,
    from: Offset,
    range: readonly Publication[],
    gap: boolean,
  ): void {
    const sent = (hub.owed ?? followed.next) - from
    const { name } = followed
    this.#dependencies.hub(hub.slot)?.recovered(name, request, from, range.slice(0, Math.max(0, sent)), gap)
  }
}
