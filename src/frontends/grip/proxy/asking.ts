// The request of one client as its origin is asked, perhaps again and again, one after the other; counted for as long as it is not
// known what becomes of it.
import type { Held } from '../hold/hold.ts'
import { type AnswerOwner, type Receiver, receive } from './answer.ts'
import type { Attempt, Failure } from './attempt.ts'
import type { Choice } from './choice.ts'
import type { Gateway } from './gateway.ts'
import type { RequestBody } from './request-body.ts'

export interface AskingOwner extends AnswerOwner {
  failed(failure: Failure): void
}

export class Asking {
  readonly #gateway: Gateway
  readonly #choice: Choice
  readonly #owner: AskingOwner
  #attempt: Attempt | undefined
  /** Takes the body of the answer that comes. */
  #receiver: Receiver | undefined
  #isCounted = false
  /** Channels of the target that answered, which are added to what it names. */
  subscriptions: readonly string[] = []

  constructor(gateway: Gateway, choice: Choice, owner: AskingOwner) {
    this.#gateway = gateway
    this.#choice = choice
    this.#owner = owner
  }

  /** `held`: where its channels are. */
  ask(body: RequestBody, held: readonly Held[]): void {
    this.count(true)
    const options = this.#gateway.answerOptions(this.#choice)
    this.#attempt = this.#gateway.ask(this.#choice, body, held, {
      onHead: (target, status, reason, rawHeaders) => {
        this.subscriptions = target.subscriptions
        this.#receiver = receive(target, { status, reason, rawHeaders }, options, this.#owner)
      },
      onBody: piece => this.#receiver?.piece(piece) ?? true,
      onEnd: () => {
        const receiver = this.#receiver
        this.#attempt = undefined
        this.#receiver = undefined
        receiver?.end()
      },
      onFailure: failure => {
        this.#attempt = undefined
        this.#owner.failed(failure)
      },
    })
  }

  /** Whether it is open what becomes of it: it is asked, or will be. */
  count(isOpen: boolean): void {
    if (this.#isCounted === isOpen) return
    this.#isCounted = isOpen
    this.#gateway.counters.asking += isOpen ? 1 : -1
  }

  /** More of the answer is taken. */
  resume(): void {
    this.#attempt?.resume()
  }

  /** Calling it twice is harmless. */
  stop(): void {
    this.count(false)
    this.#attempt?.abort()
    this.#attempt = undefined
    this.#receiver = undefined
  }
}
