// Questions between the workers of a node. Only so many are under way, and the others wait in order: a publication may answer the
// polls of thousands of clients in one moment.
import { Deque } from '../../../../std/deque.ts'
import type { Asking } from './asking.ts'
import type { Carried } from './carried.ts'
import type { Said } from './words.ts'

/** A request of a client's, for whoever owns its session. The answer is what it is told, or `later`. */
export interface PartQuestion {
  readonly kind: 'part'
  /** Of the session. */
  readonly name: string
  readonly part: string
  readonly asking: Asking
  /** What was sent. */
  readonly text: string
  /** The request may begin the session. */
  readonly opening?: Carried
}

export type Question =
  | PartQuestion
  /** The client of such a request is gone; or whether it is still to be answered. */
  | { readonly kind: 'left' | 'waits'; readonly name: string; readonly ticket: string }
  /** What such a request is told. The answer: whether its client was still there. */
  | { readonly kind: 'tell'; readonly ticket: string; readonly said: Said }

type Ask = (key: string, question: string, done: (answer: unknown) => void) => void

interface Waiting {
  readonly key: string
  readonly question: string
  readonly done: (answer: unknown) => void
}

/** Half of what the node lets one protocol ask in one worker. */
const underWayMax = 500

export class Questions {
  readonly #ask: Ask
  readonly #waiting = new Deque<Waiting>()
  #underWay = 0
  #isSending = false

  constructor(ask: Ask) {
    this.#ask = ask
  }

  /** Calls `done` once, possibly before it returns; undefined: nobody could answer. */
  ask(key: string, question: string, done: (answer: unknown) => void): void {
    this.#waiting.push({ key, question, done })
    this.#next()
  }

  #next(): void {
    if (this.#isSending) return
    this.#isSending = true
    while (this.#underWay < underWayMax) {
      const next = this.#waiting.take()
      if (next === undefined) break
      this.#send(next)
    }
    this.#isSending = false
  }

  /** Some are answered before this returns. */
  #send({ key, question, done }: Waiting): void {
    this.#underWay++
    this.#ask(key, question, answer => {
      this.#underWay--
      done(answer)
      this.#next()
    })
  }
}
