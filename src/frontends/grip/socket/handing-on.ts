// The events of an origin's answer on their way to the session: in order, and only as long as the client takes them.
import type { Clock } from '../../../std/clock.ts'
import { decodeClosing, type EventReader, type SocketEvent } from './events.ts'
import type { OriginEndOwner } from './origin-end.ts'

/** Events of one answer that are handed on before others have a turn: orders of an origin take about a millisecond. */
export const turnEventsMax = 256

type Hearer = Pick<OriginEndOwner, 'message' | 'ping' | 'pong' | 'closed'>

export class HandingOn {
  readonly #owner: Hearer
  readonly #done: () => void
  readonly #clock: Pick<Clock, 'endOfTurn'>
  #answer: EventReader | undefined
  #isRunning = false
  #isPaused = false
  /** Others have a turn first. */
  #isWaiting = false
  /** The origin closed: nothing that it says behind that is handed on. */
  hasClosed = false

  /** `done` is called when nothing of an answer is left, and whenever that was so already. */
  constructor(clock: Pick<Clock, 'endOfTurn'>, owner: Hearer, done: () => void) {
    this.#clock = clock
    this.#owner = owner
    this.#done = done
  }

  get isUnderWay(): boolean {
    return this.#answer !== undefined
  }

  get heldBytes(): number {
    return this.#answer?.body.length ?? 0
  }

  begin(answer: EventReader): void {
    this.#answer = answer
    this.#run()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#run()
  }

  drop(): void {
    this.#answer = undefined
    this.#isPaused = false
  }

  /** To pause and to resume from within an event does not begin this anew. */
  #run(): void {
    if (this.#isRunning || this.#isWaiting) return
    this.#isRunning = true
    for (let events = 1; this.#answer !== undefined && !this.#isPaused && !this.#isWaiting; events++) {
      if (events === turnEventsMax) this.#wait()
      const event = this.hasClosed ? undefined : this.#answer.next()
      if (event === undefined) this.#answer = undefined
      else this.#hear(event)
    }
    this.#isRunning = false
    if (this.#answer?.isAtEnd === true) this.#answer = undefined
    if (this.#answer === undefined) this.#done()
  }

  #wait(): void {
    this.#isWaiting = true
    this.#clock.endOfTurn(() => {
      this.#isWaiting = false
      if (this.#answer !== undefined) this.#run()
    })
  }

  #hear({ type, content }: SocketEvent): void {
    if (type === 'TEXT') this.#owner.message('text', content, true, true)
    else if (type === 'BINARY') this.#owner.message('binary', content, true, true)
    else if (type === 'PING') this.#owner.ping(content)
    else if (type === 'PONG') this.#owner.pong(content)
    else if (type === 'CLOSE') {
      const { code, reason } = decodeClosing(content)
      this.hasClosed = true
      this.#owner.closed(code, reason)
    }
  }
}
