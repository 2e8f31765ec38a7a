// Which workers have pattern subscriptions, as the owner of channels sees it (law 12), and what they are owed: what only
// patterns match is never sent later, so that a full link makes a gap of it. Matches are found once per channel and kept
// until a pattern comes or goes.
import { NameMemo } from '../../std/name-memo.ts'
import { ownText } from '../../std/own-text.ts'
import type { Slot } from '../words/link.ts'
import { matches } from '../words/pattern.ts'
import type { HubPort } from '../words/ports.ts'
import { isPrivate } from '../words/private.ts'
import type { Publication } from '../words/publication.ts'
import { type Followed, findHub, none } from './followed.ts'

/**
 * Matches that are kept for channels without a record: names of 1 KiB at most, so 10 MB of them. A worker with more such
 * channels than that finds them anew.
 */
const matchesMax = 10_000

export class Watchers {
  readonly #hub: (slot: Slot) => HubPort | undefined
  readonly #patterns = new Map<Slot, Set<string>>()
  #state = 0
  /** Of channels that no hub is attached to. */
  readonly #matches = new NameMemo(matchesMax, (name: string) => this.#find(name))
  /** Workers that missed something. */
  readonly #owed = new Set<Slot>()
  readonly counters = {
    /** A full link did not take what only patterns match. */
    patternLinksFull: 0,
    patternGaps: 0,
  }

  constructor(hub: (slot: Slot) => HubPort | undefined) {
    this.#hub = hub
  }

  add(slot: Slot, pattern: string): void {
    const patterns = this.#patterns.get(slot) ?? new Set()
    this.#patterns.set(slot, patterns.add(ownText(pattern)))
    this.#change()
  }

  remove(slot: Slot, pattern: string): void {
    const patterns = this.#patterns.get(slot)
    patterns?.delete(pattern)
    if (patterns?.size === 0) this.#patterns.delete(slot)
    this.#change()
  }

  /** The worker is gone. */
  removeAll(slot: Slot): void {
    this.#patterns.delete(slot)
    this.#owed.delete(slot)
    this.#change()
  }

  /** Sends it to those that watch and whose hub is not attached: an attached one gives it to its patterns itself. */
  publication(publication: Publication, followed: Followed | undefined): void {
    if (this.#patterns.size === 0) return
    for (const slot of this.#of(publication.channel, followed)) {
      if (this.#owed.has(slot) || (followed !== undefined && findHub(followed, slot) !== undefined)) continue
      if (this.#hub(slot)?.publication(publication) ?? true) continue
      this.counters.patternLinksFull++
      this.#owed.add(slot)
    }
  }

  /** Something was not sent to the worker, and will not be. */
  miss(slot: Slot): void {
    this.#owed.add(slot)
  }

  /** Something of a channel was missed by all that watch it. */
  missAll(followed: Followed): void {
    for (const slot of this.#of(followed.name, followed)) {
      this.miss(slot)
      this.tell(slot)
    }
  }

  /** Something of any channel was missed by all that watch. */
  missEverything(): void {
    for (const slot of this.#patterns.keys()) {
      this.miss(slot)
      this.tell(slot)
    }
  }

  /** Goes before anything that follows the gap. */
  tell(slot: Slot): void {
    if (!this.#owed.delete(slot)) return
    this.counters.patternGaps++
    this.#hub(slot)?.patternGap()
  }

  /** Nobody watches a private channel: a token for all names must never see one. */
  #of(name: string, followed: Followed | undefined): readonly Slot[] {
    if (isPrivate(name)) return none
    if (followed === undefined) return this.#matches.of(name)
    if (followed.watchersAt === this.#state) return followed.watchers
    followed.watchersAt = this.#state
    followed.watchers = this.#find(name)
    return followed.watchers
  }

  #find(name: string): readonly Slot[] {
    const slots = [...this.#patterns].flatMap(([slot, patterns]) =>
      [...patterns].some(pattern => matches(pattern, name)) ? [slot] : [],
    )
    return slots.length === 0 ? none : slots
  }

  #change(): void {
    this.#state++
    this.#matches.clear()
  }
}
