// Which workers have pattern subscriptions, as a shard sees it (law 12). Matches are found once per channel and kept
// until a pattern comes or goes.
import { ownText } from '../std/own-text.ts'
import type { Channel } from './channel.ts'
import type { Slot } from './link.ts'
import { matches } from './pattern.ts'

export class Watchers {
  readonly #patterns = new Map<Slot, Set<string>>()
  #state = 0

  add(slot: Slot, pattern: string): void {
    const own = this.#patterns.get(slot) ?? new Set()
    this.#patterns.set(slot, own.add(ownText(pattern)))
    this.#state++
  }

  remove(slot: Slot, pattern: string): void {
    this.#patterns.get(slot)?.delete(pattern)
    this.#state++
  }

  removeAll(slot: Slot): void {
    this.#patterns.delete(slot)
    this.#state++
  }

  of(channel: Channel): readonly Slot[] {
    if (channel.watchersAt === this.#state) return channel.watchers
    channel.watchersAt = this.#state
    channel.watchers = [...this.#patterns.keys()].filter(slot =>
      [...(this.#patterns.get(slot) ?? [])].some(pattern => matches(pattern, channel.name)),
    )
    return channel.watchers
  }
}
