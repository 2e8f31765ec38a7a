// What a passage that is held waits for: its turn to ask, or the next page of its stream. One at a time; whatever is wanted
// anew takes the place of what was.
import type { Cancel } from '../../../std/clock.ts'
import type { Holding } from '../hold/holding.ts'
import type { Choice } from './choice.ts'
import type { Gateway } from './gateway.ts'
import type { PageFetch } from './page-fetch.ts'

export class Errand {
  readonly #gateway: Gateway
  readonly #choice: Choice
  readonly #holding: Holding
  #giveUpTurn: Cancel | undefined
  #page: PageFetch | undefined
  /** Of the last page that was asked for: links go on from there. */
  uri: string | undefined

  constructor(gateway: Gateway, choice: Choice, holding: Holding) {
    this.#gateway = gateway
    this.#choice = choice
    this.#holding = holding
  }

  turn(giveUp: Cancel): void {
    this.#giveUpTurn = giveUp
  }

  fetch(uri: string, isAtOnce: boolean): void {
    this.giveUp()
    this.uri = uri
    const begin = () => {
      const { stream, channels } = this.#holding
      if (stream !== undefined) this.#page = this.#gateway.fetchPage(uri, this.#choice, channels, stream)
    }
    if (isAtOnce) begin()
    else this.#giveUpTurn = this.#gateway.pace.add(begin)
  }

  /** Its client takes more. */
  resume(): void {
    this.#page?.resume()
  }

  /** Calling it twice is harmless. */
  giveUp(): void {
    this.#giveUpTurn?.()
    this.#giveUpTurn = undefined
    this.#page?.giveUp()
    this.#page = undefined
  }
}
