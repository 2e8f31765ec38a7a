// Positions in rows: a node's numbers begin at a seed that no row can know, so rows write `<n+1>` for a cursor, `<lap+n>`
// for one a lap higher (contract §3.3) and `<@chat>` for the epoch of a channel. What is first seen binds a name, and from
// then on holds to the digit.
import { ok } from 'node:assert/strict'

const lap = 2 ** 51
const place = /<([^<>]+)>/g

export class Places {
  readonly #cursors = new Map<string, number>([['lap', lap]])
  readonly #epochs = new Map<string, string>()

  /** What a row writes, with all of its places bound. */
  fill(text: string): string {
    return text.replaceAll(place, (_, terms: string) => {
      const known = this.#valueOf(terms)
      ok(known !== undefined, `<${terms}> was not seen yet`)
      return known
    })
  }

  /** The cursor that a sum comes to. */
  sum(terms: string): number {
    return Number(this.fill(`<${terms}>`))
  }

  /** What a row expects, where `came` binds the places that are new. */
  expected(text: string, came: string | undefined): string {
    const known = this.#fillKnown(text)
    if (came === undefined || !known.includes('<')) return known
    this.#bind(known, came)
    return this.#fillKnown(known)
  }

  #fillKnown(text: string): string {
    return text.replaceAll(place, (whole, terms: string) => this.#valueOf(terms) ?? whole)
  }

  #bind(text: string, came: string): void {
    const terms: string[] = []
    const form = text
      .split(place)
      .map((part, index) => {
        if (index % 2 === 0) return literally(part)
        terms.push(part)
        return part.startsWith('@') ? '([0-9a-f]{8})' : '([1-9]\\d*)'
      })
      .join('')
    const [, ...values] = new RegExp(`^${form}$`, 's').exec(came) ?? []
    for (const [index, value] of values.entries()) this.#take(terms[index] ?? '', value)
  }

  /** Of equal names the first one binds; the comparison sees to the others. */
  #take(terms: string, value: string): void {
    if (this.#valueOf(terms) !== undefined) return
    if (terms.startsWith('@')) return void this.#epochs.set(terms, value)
    const [name = '', others] = this.#sum(terms)
    this.#cursors.set(name, Number(value) - others)
  }

  #valueOf(terms: string): string | undefined {
    if (terms.startsWith('@')) return this.#epochs.get(terms)
    const [unbound, sum] = this.#sum(terms)
    return unbound === undefined ? String(sum) : undefined
  }

  /** The name that is not bound, and the sum of everything else. */
  #sum(terms: string): [unbound: string | undefined, sum: number] {
    let unbound: string | undefined
    let sum = 0
    for (const [, sign, term = ''] of terms.matchAll(/([+-]?)([^+-]+)/g)) {
      const value = /^\d+$/.test(term) ? Number(term) : this.#cursors.get(term)
      if (value === undefined) unbound = term
      else sum += sign === '-' ? -value : value
    }
    return [unbound, sum]
  }
}

/** As a part of a regular expression that means itself. */
function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
