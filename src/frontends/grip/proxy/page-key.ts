// When two next pages are one (contract §5.6): they come by one rule from one place, and from the same ids. The original looks past the query, by which pages of different clients may differ.
import type { Rule } from '../routes/rule.ts'
import type { Link } from './links.ts'
import type { LastId } from './request-headers.ts'

export class PageKeys {
  /** A rule's line would not do: a reload puts another rule there, and holds keep theirs. */
  readonly #numbers = new WeakMap<Rule, number>()
  #count = 0

  of({ isTls, host, target }: Link, rule: Rule, lastIds: readonly LastId[]): string {
    const ids = lastIds.map(({ channel, id }) => JSON.stringify([channel, id])).sort()
    return JSON.stringify([isTls, host, target, this.#numberOf(rule), ids])
  }

  #numberOf(rule: Rule): number {
    const known = this.#numbers.get(rule)
    if (known !== undefined) return known
    this.#numbers.set(rule, ++this.#count)
    return this.#count
  }
}
