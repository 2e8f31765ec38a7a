// Questions of one front-end to the worker that owns a key. The primary passes them on, since it knows who serves: a question
// is rare, and costs less than what somebody asks it for.
import type { OwnerMap } from '../engine/ring.ts'
import type { Slot } from '../engine/words/link.ts'
import type { KeyQuestion } from '../threads/control.ts'

export interface AskerDependencies {
  /** The front-end. */
  readonly room: string
  /** Of this worker. */
  readonly slot: Slot
  readonly ownerOf: OwnerMap
  /** The front-end's own answer, in this worker. */
  here(key: string, question: string): unknown
  /** Calls `done` once. */
  elsewhere(question: KeyQuestion, done: (answer: unknown) => void): void
}

/** More than clients ask in the time of an answer; each holds a request of theirs, and an entry in the primary. */
const underWayMax = 1_000

export class Asker {
  readonly #dependencies: AskerDependencies
  #underWay = 0

  constructor(dependencies: AskerDependencies) {
    this.#dependencies = dependencies
  }

  owns(key: string): boolean {
    return this.#dependencies.ownerOf(key) === this.#dependencies.slot
  }

  /** Calls `done` once, possibly before it returns. */
  ask(key: string, question: string, done: (answer: unknown) => void): void {
    const { room, ownerOf, here, elsewhere } = this.#dependencies
    if (this.owns(key)) return done(here(key, question))
    if (this.#underWay >= underWayMax) return done(undefined)
    this.#underWay++
    elsewhere({ room, key, question, slot: ownerOf(key) }, answer => {
      this.#underWay--
      done(answer)
    })
  }
}
