// Answers the questions of hubs whose subscribers resume (law 1): what follows a position, as far as it was sent to that
// hub, read from the broker; or that some of it is gone.
import type { Slot } from '../words/link.ts'
import type { HubPort } from '../words/ports.ts'
import { type Offset, parseOffset } from '../words/position.ts'
import type { Broker } from './broker.ts'
import type { AttachedHub, Followed } from './followed.ts'
import { readToEnd } from './reading.ts'

interface ResumesDependencies {
  /** Undefined while no link leads to that worker. */
  hub(slot: Slot): HubPort | undefined
  broker(): Broker
}

/** A bare offset, without an epoch, is one of the current epoch. */
interface Question {
  readonly request: number
  readonly epoch: string
  readonly offset: number
}

export class Resumes {
  readonly #dependencies: ResumesDependencies
  readonly counters = {
    recoveries: 0,
    recoveryGaps: 0,
  }

  constructor(dependencies: ResumesDependencies) {
    this.#dependencies = dependencies
  }

  /** Everything after the offset, as far as it was sent to that hub; else a gap. */
  answer(followed: Followed, hub: AttachedHub, { request, epoch, offset }: Question): void {
    const from = parseOffset(Math.min(offset + 1, Number.MAX_SAFE_INTEGER))
    this.counters.recoveries++
    if (epoch !== '' && epoch !== followed.epoch) return this.#tellGone(followed, hub, request)
    if (from <= followed.next) return this.#read(followed, hub, request, from)
    // The broker may have more than this worker was told.
    this.#dependencies.broker().refresh(followed.name, () => {
      if (!followed.hubs.includes(hub)) return
      const isSame = epoch === '' || epoch === followed.epoch
      if (isSame && from <= followed.next) this.#read(followed, hub, request, from)
      else this.#tellGone(followed, hub, request)
    })
  }

  #read(followed: Followed, hub: AttachedHub, request: number, from: Offset): void {
    const port = () => this.#dependencies.hub(hub.slot)
    // A hub may be owed what its client got elsewhere.
    if (from >= (hub.owed ?? followed.next)) return port()?.recovered(followed.name, request, from, [], false)
    readToEnd(this.#dependencies.broker(), followed, from, page => {
      if (!followed.hubs.includes(hub)) return
      if (page.from > from) return this.#tellGone(followed, hub, request, page.from)
      const sent = (hub.owed ?? followed.next) - from
      port()?.recovered(followed.name, request, from, page.publications.slice(0, sent), false)
    })
  }

  /** `oldest`: the first offset that could be asked for; 0: that is not known. */
  #tellGone(followed: Followed, hub: AttachedHub, request: number, oldest = 0): void {
    this.counters.recoveryGaps++
    const from = parseOffset(Math.min(oldest, hub.owed ?? followed.next))
    this.#dependencies.hub(hub.slot)?.recovered(followed.name, request, from, [], true)
  }
}
