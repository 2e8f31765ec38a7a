// How an open WebSocket comes to its end. Who did not close first has a while to answer; whoever answers, that is all.
//
//   open ─┬─► answering ─► over    the client closed: its origin has the word
//         ├─► closing ───► over    its origin, a publisher or we did: the client has it
//         └──────────────► over    gone
import type { Cancel, Clock } from '../../../std/clock.ts'
import type { EndCause } from '../hold/ends.ts'
import type { Client } from './client.ts'
import { closeCodes, codeForClient, codeForOrigin } from './close-words.ts'
import type { OriginEnd } from './origin-end.ts'

export interface PartingOwner {
  /** Undefined: there is none any more, or nobody speaks to it. */
  readonly origin: OriginEnd | undefined
  /** Nothing is held any more, and orders are not obeyed; the first cause counts. */
  release(why: EndCause): void
  over(): void
}

type State = 'open' | 'answering' | 'closing' | 'over'

/** How long a close waits for its answer (contract §14, fault 29). A whole request to an origin, or a client far away, takes less. */
const closeMs = 5_000

export class Parting {
  readonly #clock: Clock
  readonly #client: Client
  readonly #owner: PartingOwner
  #state: State = 'open'
  /** While the origin has the word: what the client is answered without it. */
  #echo: (() => void) | undefined
  #timer: Cancel | undefined

  constructor(clock: Clock, client: Client, owner: PartingOwner) {
    this.#clock = clock
    this.#client = client
    this.#owner = owner
  }

  /** Nobody has closed. */
  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** What the origin says is for the client, up to its answer to a close. */
  get isOriginHeard(): boolean {
    return this.#state === 'open' || this.#state === 'answering'
  }

  /** The client closed. */
  get isAnswering(): boolean {
    return this.#state === 'answering'
  }

  clientClosed(code: number | undefined, reason: Buffer): void {
    const { origin } = this.#owner
    const sound = codeForOrigin(code)
    if (this.#state === 'closing') {
      origin?.close(sound, reason)
      this.#part()
    } else if (this.#state === 'open') {
      // Nobody is left who would say more (contract §8.5).
      if (origin === undefined) return this.#answer(closeCodes.normal, '')
      this.#owner.release('client-left')
      this.#state = 'answering'
      const echo = () => this.#answer(sound, reason)
      this.#echo = echo
      this.#timer = this.#clock.after(closeMs, echo)
      origin.close(sound, reason)
    }
  }

  originClosed(code: number | undefined, reason: Buffer): void {
    if (this.#state === 'answering') this.#answer(codeForClient(code), reason)
    // It hears the client's answer.
    else if (this.#state === 'open') this.close(codeForClient(code), reason, 'origin')
  }

  /** Its answer to the client's close has none (contract §8.4, row 226). */
  originEnded(): void {
    if (this.#state === 'answering') this.#part()
  }

  originLost(reason: string): void {
    if (this.#state === 'open') this.close(closeCodes.failed, reason, 'origin-failed')
    else if (this.#state === 'answering') this.#echo?.()
  }

  /** The origin wants no word said. */
  cutByOrigin(): void {
    this.#owner.release('origin')
    this.#part()
  }

  /** Where it is open. The client is told so, and its answer is awaited. */
  close(code: number, reason: string | Uint8Array, why: EndCause): void {
    this.#owner.release(why)
    this.#state = 'closing'
    this.#timer = this.#clock.after(closeMs, () => {
      this.#owner.origin?.gone()
      this.#part()
    })
    this.#client.close(code, reason)
  }

  /** Nothing is awaited any more. Calling it twice is harmless. */
  stop(): void {
    this.#state = 'over'
    this.#timer?.()
  }

  /** The client's close is answered, and that is all. */
  #answer(code: number | undefined, reason: string | Uint8Array): void {
    this.#client.close(code ?? closeCodes.normal, reason)
    this.#part()
  }

  #part(): void {
    this.#client.end()
    this.#owner.over()
  }
}
