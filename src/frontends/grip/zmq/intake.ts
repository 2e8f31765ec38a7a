// Drafts from the thread, in the worker that owns their channels: published in order, and told to be handled when the engine has
// answered. Where a subscriber's worker is pressed they wait, and so does, for want of credit, the thread.
import type { PublishOutcome } from '../../../engine/router.ts'
import { type Draft, type PackedDraft, unpackDraft } from '../../../engine/words/publication.ts'
import type { Cancel, Clock } from '../../../std/clock.ts'
import { Deque } from '../../../std/deque.ts'
import type { Refused } from './wire.ts'

export interface IntakeDependencies {
  readonly clock: Clock
  publish(draft: Draft, done: (outcome: PublishOutcome) => void): void
  /** All of a batch were answered. */
  handled(batch: number, refused: readonly Refused[]): void
  published(): void
}

interface Waiting {
  readonly draft: Draft
  readonly at: number
  readonly batch: Batch
  /** When it was refused first. */
  sinceMs: number | undefined
}

interface Batch {
  readonly number: number
  left: number
  readonly refused: Refused[]
}

/** What presses a worker passes within milliseconds, or it is lost. */
const againMs = 10
const patienceMs = 5_000

export class Intake {
  readonly #dependencies: IntakeDependencies
  readonly #waiting = new Deque<Waiting>()
  /** Goes first: it was refused for now. */
  #pressed: Waiting | undefined
  #pausing: Cancel | undefined

  constructor(dependencies: IntakeDependencies) {
    this.#dependencies = dependencies
  }

  take(number: number, packed: readonly PackedDraft[]): void {
    const batch: Batch = { number, left: packed.length, refused: [] }
    if (packed.length === 0) return this.#dependencies.handled(number, [])
    packed.forEach((draft, at) => {
      this.#waiting.push({ draft: unpackDraft(draft), at, batch, sinceMs: undefined })
    })
    if (this.#pausing === undefined) this.#run()
  }

  #run(): void {
    for (;;) {
      const next = this.#pressed ?? this.#waiting.take()
      this.#pressed = undefined
      if (next === undefined) return
      let isHere = true
      let isPressed = false
      this.#dependencies.publish(next.draft, outcome => {
        // It keeps its place in front of those that came later only where it is known at once.
        isPressed = outcome === 'overloaded' && isHere && this.#isPatient(next)
        if (!isPressed) this.#answered(next, outcome)
      })
      isHere = false
      if (isPressed) return this.#pause(next)
    }
  }

  #pause(next: Waiting): void {
    this.#pressed = next
    this.#pausing = this.#dependencies.clock.after(againMs, () => {
      this.#pausing = undefined
      this.#run()
    })
  }

  #isPatient(waiting: Waiting): boolean {
    const now = this.#dependencies.clock.now()
    waiting.sinceMs ??= now
    return now - waiting.sinceMs < patienceMs
  }

  #answered({ at, batch }: Waiting, outcome: PublishOutcome): void {
    if (typeof outcome === 'string') batch.refused.push([at, outcome])
    else this.#dependencies.published()
    if (--batch.left === 0) this.#dependencies.handled(batch.number, batch.refused)
  }
}
