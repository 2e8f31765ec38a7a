// How a client of pushwire judges the cursors of one channel: contract §3.2, row by row.

export type Verdict = 'sequential' | 'gap' | 'duplicate'

export class Tracker {
  #last = 0

  /** What the client hands back to resume; 0: it has nothing. */
  get last(): number {
    return this.#last
  }

  judge(cursor: number): Verdict {
    const last = this.#last
    // Row 4 comes first for the code, not for the table: a first cursor is never a duplicate.
    if (last !== 0 && cursor <= last) return 'duplicate'
    this.#last = cursor
    if (last === 0) return 'sequential'
    return cursor === last + 1 ? 'sequential' : 'gap'
  }
}
