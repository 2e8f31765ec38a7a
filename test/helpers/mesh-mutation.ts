// Faults that a mesh plays on the engines on purpose, to prove that a test notices them.
import type { Engine } from '../../src/engine/engine.ts'
import type { LinkMessage, Slot } from '../../src/engine/link.ts'

/**
 * One batch on a link is lost; a publish is answered before its owner appended it; a subscriber goes live before its
 * owner's answer.
 */
export type Mutation = 'lose-batch' | 'answer-early' | 'live-early'

export class Mutant {
  readonly #mutation: Mutation | undefined
  readonly #engines: readonly (Engine | undefined)[]
  #lost = false
  #early: (() => void)[] = []

  constructor(mutation: Mutation | undefined, engines: readonly (Engine | undefined)[]) {
    this.#mutation = mutation
    this.#engines = engines
  }

  /** Whether the batch that is about to be delivered gets lost: the first that carries a publication does. */
  loses(messages: readonly LinkMessage[]): boolean {
    if (this.#mutation !== 'lose-batch' || this.#lost) return false
    this.#lost = messages.some(([type]) => type === 'publication')
    return this.#lost
  }

  /** A message was queued: the answer to it may come too early, with what the owner would say now. */
  sent(from: Slot, to: Slot, message: LinkMessage): void {
    if (this.#mutation === 'answer-early' && message[0] === 'publish') {
      const [, request, [channel]] = message
      this.#answer(from, to, channel, (epoch, next) => ['published', request, epoch, next, 0, false])
    }
    if (this.#mutation === 'live-early' && message[0] === 'attach' && message[1][2] === '') {
      const [channel, attempt] = message[1]
      this.#answer(from, to, channel, (epoch, next) => ['attached', channel, attempt, epoch, next, false])
    }
  }

  /** At the end of a turn. */
  turn(): void {
    for (const answer of this.#early.splice(0)) answer()
  }

  #answer(from: Slot, to: Slot, channel: string, say: (epoch: string, next: number) => LinkMessage): void {
    this.#early.push(() => {
      const known = this.#engines[to]?.snapshot().find(([name]) => name === channel)
      if (known !== undefined) this.#engines[from]?.receive(to, [say(known[1], known[3])])
    })
  }
}
