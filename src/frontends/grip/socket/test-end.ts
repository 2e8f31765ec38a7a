// The built-in target as the origin of a WebSocket (contract §2.6): it says what it hears, on the channels that the query names.
import type { Choice } from '../proxy/choice.ts'
import type { MessageKind, OriginEnd, OriginEndOwner } from './origin-end.ts'

const usualChannel = 'test'

export class TestEnd implements OriginEnd {
  readonly #owner: OriginEndOwner
  #isOver = false
  /** The client has taken all that was said. */
  #isTaken = true

  /** `channelsMax`: of one connection. */
  constructor(choice: Choice, channelsMax: number, owner: OriginEndOwner) {
    this.#owner = owner
    queueMicrotask(() => {
      if (!this.#isOver) this.#answer(choice, channelsMax)
    })
  }

  /** A pause makes it wait for the client. */
  message(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): boolean {
    if (!this.#isOver) this.#owner.message(kind, piece, isFirst, isLast)
    return this.#isTaken
  }

  /** The session has answered it. */
  ping(): boolean {
    return true
  }

  pong(): boolean {
    return true
  }

  close(code: number | undefined, reason: Buffer): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#owner.closed(code, reason)
  }

  gone(): void {
    this.#isOver = true
  }

  refresh(): void {}

  leave(): void {
    this.#isOver = true
  }

  pause(): void {
    this.#isTaken = false
  }

  resume(): void {
    if (this.#isTaken) return
    this.#isTaken = true
    this.#owner.drained()
  }

  #answer({ path, query, rule }: Choice, channelsMax: number): void {
    const resource = path.slice(rule.pathBeg.replace(/\/$/, '').length)
    if (resource !== '/ws') {
      this.#isOver = true
      return this.#owner.refused(
        { status: 404, reason: 'Not Found', rawHeaders: ['Content-Type', 'text/plain'] },
        Buffer.from(unknownText),
      )
    }
    const named = new URLSearchParams(query).getAll('channel').slice(0, channelsMax)
    const names = named.length === 0 ? [usualChannel] : named
    const subscriptions = names.map(name => rule.prefix + name)
    this.#owner.opened({ rawHeaders: [], messagePrefix: undefined, subscriptions })
  }
}

const unknownText = 'no such test resource\n'
