// Filters whose verdicts a test gives: at once by what a content says, or when it wants.
import type { Load, Pending, Verdict } from '../../../../src/frontends/grip/filter/party.ts'

export class Sifting {
  /** Contents that were asked about, in order; an action has none. */
  readonly asked: string[] = []
  /** Verdicts are given by `answer` alone. */
  isAway = false
  isCancelled = false
  #done: ((verdict: Verdict) => void) | undefined

  sift({ content }: Load, done: (verdict: Verdict) => void): Verdict | Pending {
    const text = content === undefined ? 'action' : Buffer.from(content).toString()
    this.asked.push(text)
    if (!this.isAway) return verdictOn(text)
    this.#done = done
    return {
      kind: 'pending',
      cancel: () => {
        this.isCancelled = true
        this.#done = undefined
      },
    }
  }

  /** Of the item that is asked about. */
  answer(text: string): void {
    const done = this.#done
    this.#done = undefined
    done?.(verdictOn(text))
  }
}

/** `drop` and `fail` are verdicts, and everything else is a content that passes. */
function verdictOn(text: string): Verdict {
  if (text.startsWith('drop')) return { kind: 'drop' }
  if (text.startsWith('fail')) return { kind: 'fail', reason: `filter error: ${text}` }
  return { kind: 'pass', content: Buffer.from(text) }
}
