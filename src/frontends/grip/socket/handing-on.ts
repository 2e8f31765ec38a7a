// The events of an origin's answer on their way to the session: in order, and only as long as the client takes them.
import { decodeClosing, type EventReader, type SocketEvent } from './events.ts'
import type { OriginEndOwner } from './origin-end.ts'

type Hearer = Pick<OriginEndOwner, 'message' | 'ping' | 'pong' | 'closed'>

export class HandingOn {
  readonly #owner: Hearer
  readonly #done: () => void
  #answer: EventReader | undefined
  #isRunning = false
  #isPaused = false
  /** The origin closed: nothing that it says behind that is handed on. */
  hasClosed = false

  /** `done` is called when nothing of an answer is left, and whenever that was so already. */
  constructor(owner: Hearer, done: () => void) {
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
    if (this.#isRunning) return
    this.#isRunning = true
    while (this.#answer !== undefined && !this.#isPaused) {
      const event = this.hasClosed ? undefined : this.#answer.next()
      if (event === undefined) this.#answer = undefined
      else this.#hear(event)
    }
    this.#isRunning = false
    if (this.#answer?.isAtEnd === true) this.#answer = undefined
    if (this.#answer === undefined) this.#done()
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
