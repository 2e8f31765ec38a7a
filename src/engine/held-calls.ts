// What front-ends ask while another process takes over the channels: it waits here, in its order, and goes its way afterwards.
// Nothing is refused for the change, unless more comes than a link may have under way.

import type { Each } from './words/each.ts'
import { linkBytes } from './words/link.ts'
import { type ChannelName, type Draft, ownDraft } from './words/publication.ts'

/** What a question counts: a name, and what waits for the answer. */
const questionBytes = 1_280

export class HeldCalls {
  readonly #bytesMax: number
  #calls: (() => void)[] = []
  #bytes = 0
  #isOn = false

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get isOn(): boolean {
    return this.#isOn
  }

  begin(): void {
    this.#isOn = true
  }

  /** `publish` is given a draft whose bytes are its own. False: too much waits. */
  draft(draft: Draft, publish: (own: Draft) => void): boolean {
    const own = ownDraft(draft)
    return this.#keep(linkBytes(own) + (own.idempotencyKey?.length ?? 0), () => publish(own))
  }

  /** As for a draft. */
  each(each: Each, publish: (own: Each) => void): boolean {
    const draft = { ...each, channel: each.group as ChannelName, idempotencyKey: undefined } // links count it so, too
    return this.draft(draft, ({ content, meta, renderings }) =>
      publish({ ...each, content, meta, renderings }),
    )
  }

  /** False: nothing is held, or too much, and it is to be asked now. */
  question(ask: () => void): boolean {
    return this.#isOn && this.#keep(questionBytes, ask)
  }

  /** Everything goes on, in its order. */
  end(): void {
    this.#isOn = false
    this.#bytes = 0
    for (const call of this.#calls.splice(0)) call()
  }

  #keep(bytes: number, call: () => void): boolean {
    if (this.#calls.length > 0 && this.#bytes + bytes > this.#bytesMax) return false
    this.#bytes += bytes
    this.#calls.push(call)
    return true
  }
}
