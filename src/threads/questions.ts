// Questions that the primary asks all workers at once: the answers are complete when each has answered or ended, or
// when the deadline passed.
import type { Slot } from '../engine/words/link.ts'
import type { Cancel, Clock } from '../std/clock.ts'
import type { Answer, Question } from './control.ts'
import type { Crew } from './crew.ts'
import { tell } from './stationed.ts'

interface Round {
  readonly open: Set<Slot>
  readonly answers: Map<Slot, Answer>
  readonly finish: () => void
}

export class Questions {
  readonly #clock: Clock
  readonly #crew: Crew
  readonly #rounds = new Map<number, Round>()
  #count = 0

  constructor(clock: Clock, crew: Crew) {
    this.#clock = clock
    this.#crew = crew
  }

  /** Of the slots those whose worker serves. Who does not answer within `deadlineMs` is left out; undefined: is waited for until it ends. */
  ask(
    question: Question,
    deadlineMs: number | undefined,
    wanted: readonly Slot[] = this.#crew.serving(),
  ): Promise<ReadonlyMap<Slot, Answer>> {
    const asked = wanted.flatMap(slot => this.#crew.in(slot) ?? []).filter(({ state }) => state === 'serving')
    const slots = asked.map(({ slot }) => slot)
    const request = ++this.#count
    const answers = new Map<Slot, Answer>()
    return new Promise(resolve => {
      let cancel: Cancel | undefined
      const finish = () => {
        cancel?.()
        this.#rounds.delete(request)
        resolve(answers)
      }
      if (slots.length === 0) return finish()
      if (deadlineMs !== undefined) cancel = this.#clock.after(deadlineMs, finish)
      this.#rounds.set(request, { open: new Set(slots), answers, finish })
      for (const { worker } of asked) tell(worker, { type: 'ask', request, question })
    })
  }

  answered(request: number, slot: Slot, answer: Answer): void {
    const round = this.#rounds.get(request)
    if (round === undefined) return
    round.answers.set(slot, answer)
    this.#close(round, slot)
  }

  /** The worker will answer nothing any more. */
  ended(slot: Slot): void {
    for (const round of [...this.#rounds.values()]) this.#close(round, slot)
  }

  /** Whoever still waits for answers will get none. */
  forget(): void {
    this.#rounds.clear()
  }

  #close(round: Round, slot: Slot): void {
    if (round.open.delete(slot) && round.open.size === 0) round.finish()
  }
}
