// Which workers have pattern subscriptions, as the owner of channels sees it (law 12), and what they are owed: what only
// patterns match is never sent later, so that a full link makes a gap of it. Matches are found once per channel and kept
// until a pattern comes or goes. A broker that feeds patterns tells this worker its part of what all nodes publish; then what
// is told of channels is nothing to them.
import { NameMemo } from '../../std/name-memo.ts'
import { ownText } from '../../std/own-text.ts'
import type { Slot } from '../words/link.ts'
import { matches } from '../words/pattern.ts'
import type { HubPort } from '../words/ports.ts'
import { isPrivate } from '../words/private.ts'
import type { Publication } from '../words/publication.ts'
import type { Followable } from './broker.ts'
import { type Followed, findHub, none } from './followed.ts'

/**
 * Matches that are kept for channels without a record: names of 1 KiB at most, so 10 MB of them. A worker with more such
 * channels than that finds them anew.
 */
const matchesMax = 10_000

interface WatchersDependencies {
  /** Undefined while no link leads to that worker. */
  hub(slot: Slot): HubPort | undefined
  broker(): Followable
}

/** A pattern that the broker was asked to watch for. */
interface Watch {
  readonly slots: Set<Slot>
  /** Who waits for the broker's answer; undefined: it watches. */
  waiting: { readonly slot: Slot; readonly done: () => void }[] | undefined
}

export class Watchers {
  readonly #dependencies: WatchersDependencies
  readonly #watches = new Map<string, Watch>()
  readonly #patterns = new Map<Slot, Set<string>>()
  #state = 0
  /** Of channels that no hub is attached to. */
  readonly #matches = new NameMemo(matchesMax, (name: string) => this.#find(name))
  /** Workers that missed something. */
  readonly #owed = new Set<Slot>()
  /** New to this one, with what of their patterns is not watched yet: until then they miss something. */
  readonly #beginning = new Map<Slot, Set<string>>()
  readonly counters = {
    /** A full link did not take what only patterns match. */
    patternLinksFull: 0,
    patternGaps: 0,
  }

  constructor(dependencies: WatchersDependencies) {
    this.#dependencies = dependencies
  }

  /** `done`: from here on that worker is sent what the pattern matches. Never, if it gives it up before. */
  add(slot: Slot, pattern: string, done: () => void = () => {}): void {
    const text = ownText(pattern)
    this.#patterns.set(slot, (this.#patterns.get(slot) ?? new Set()).add(text))
    this.#change()
    const watch = this.#watches.get(text)
    if (watch === undefined) return this.#watch(text, slot, done)
    watch.slots.add(slot)
    if (watch.waiting === undefined) done()
    else watch.waiting.push({ slot, done })
  }

  /**
   * Another worker hears of this one, and has patterns already. What a broker's feed had for them while nobody was in this
   * one's slot is missing: they are told when all of them are watched.
   */
  begin(slot: Slot, patterns: readonly string[]): void {
    if (this.#isFed && patterns.length > 0) {
      this.#beginning.set(slot, new Set(patterns))
      this.#owed.add(slot)
    }
    for (const pattern of patterns) this.add(slot, pattern, () => this.#began(slot, pattern))
  }

  remove(slot: Slot, pattern: string): void {
    const patterns = this.#patterns.get(slot)
    if (!patterns?.delete(pattern)) return
    if (patterns.size === 0) this.#patterns.delete(slot)
    this.#change()
    this.#unwatch(slot, pattern)
    this.#began(slot, pattern)
  }

  /** The worker is gone. */
  removeAll(slot: Slot): void {
    const patterns = this.#patterns.get(slot) ?? none
    this.#patterns.delete(slot)
    this.#owed.delete(slot)
    this.#beginning.delete(slot)
    this.#change()
    for (const pattern of patterns) this.#unwatch(slot, pattern)
  }

  /** Sends it to those that watch and whose hub is not attached: an attached one gives it to its patterns itself. */
  publication(publication: Publication, followed: Followed | undefined): void {
    if (this.#patterns.size === 0 || this.#isFed) return
    for (const slot of this.#of(publication.channel, followed)) {
      if (this.#owed.has(slot) || (followed !== undefined && findHub(followed, slot) !== undefined)) continue
      if (this.#dependencies.hub(slot)?.publication(publication) ?? true) continue
      this.counters.patternLinksFull++
      this.#owed.add(slot)
    }
  }

  /** Of the broker's feed: to all that watch, and nobody else sends it. */
  matched(publication: Publication): void {
    for (const slot of this.#of(publication.channel, undefined)) {
      if (this.#owed.has(slot) || (this.#dependencies.hub(slot)?.matched(publication) ?? true)) continue
      this.counters.patternLinksFull++
      this.#owed.add(slot)
    }
  }

  /** Something of a channel was not sent to the worker, and will not be. */
  miss(slot: Slot): void {
    if (!this.#isFed) this.#owed.add(slot)
  }

  /** Something of a channel was missed by all that watch it. */
  missAll(followed: Followed): void {
    if (this.#isFed) return
    for (const slot of this.#of(followed.name, followed)) {
      this.#owed.add(slot)
      this.tell(slot)
    }
  }

  /** Something of any channel was missed by all that watch. */
  missEverything(): void {
    for (const slot of this.#patterns.keys()) {
      this.#owed.add(slot)
      this.tell(slot)
    }
  }

  /** Goes before anything that follows the gap. */
  tell(slot: Slot): void {
    if (this.#beginning.has(slot) || !this.#owed.delete(slot)) return
    this.counters.patternGaps++
    this.#dependencies.hub(slot)?.patternGap()
  }

  get #isFed(): boolean {
    return this.#dependencies.broker().isFed
  }

  #watch(pattern: string, slot: Slot, done: () => void): void {
    const watch: Watch = { slots: new Set([slot]), waiting: [{ slot, done }] }
    this.#watches.set(pattern, watch)
    this.#dependencies.broker().watch(pattern, () => {
      // It was given up, and perhaps asked for anew.
      if (this.#watches.get(pattern) !== watch) return
      const { waiting = [] } = watch
      watch.waiting = undefined
      for (const { slot: of, done: tell } of waiting) if (watch.slots.has(of)) tell()
    })
  }

  #unwatch(slot: Slot, pattern: string): void {
    const watch = this.#watches.get(pattern)
    if (watch === undefined) return
    watch.slots.delete(slot)
    watch.waiting = watch.waiting?.filter(waiting => waiting.slot !== slot)
    if (watch.slots.size > 0) return
    this.#watches.delete(pattern)
    this.#dependencies.broker().unwatch(pattern)
  }

  /** One of a new worker's patterns is watched, or given up. */
  #began(slot: Slot, pattern: string): void {
    const left = this.#beginning.get(slot)
    if (!left?.delete(pattern) || left.size > 0) return
    this.#beginning.delete(slot)
    this.tell(slot)
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
