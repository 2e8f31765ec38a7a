// The channels that one WebSocket wants, by their full names: those of its target, and those that its origin subscribes it to, which
// are behind the prefix of the rule and bounded in number.
import { type ChannelName, parseChannelName } from '../../../engine/words/publication.ts'
import type { Channels } from '../hold/hold.ts'
import type { HoldChannel } from '../instruct/instruct.ts'

export class Wanted {
  readonly #prefix: string
  readonly #channelsMax: number
  readonly #all = new Map<ChannelName, HoldChannel>()
  /** Those of the target, which count for no limit; undefined: it has none. */
  #implicit: Set<ChannelName> | undefined

  /** `channelsMax`: of those that its origin names. */
  constructor(prefix: string, channelsMax: number) {
    this.#prefix = prefix
    this.#channelsMax = channelsMax
  }

  get all(): Channels {
    return this.#all
  }

  /** Those of its target. False: one of them no channel can have. */
  addImplicit(names: readonly string[]): boolean {
    for (const name of names) {
      const full = parseChannelName(name)
      if (full === undefined) return false
      this.#implicit ??= new Set()
      this.#implicit.add(full)
      if (!this.#all.has(full)) this.#all.set(full, { name, filters: [] })
    }
    return true
  }

  /** The full name of one that its origin names; undefined: there is no room, or no such channel. */
  admitted(name: string): ChannelName | undefined {
    const full = parseChannelName(this.#prefix + name)
    const hasRoom = this.#all.size - (this.#implicit?.size ?? 0) < this.#channelsMax
    return full !== undefined && (hasRoom || this.#all.has(full)) ? full : undefined
  }

  set(full: ChannelName, channel: HoldChannel): void {
    this.#all.set(full, channel)
  }

  /** One of the target's is meant by the same name where there is no other. False: there is none. */
  remove(name: string): boolean {
    const full = parseChannelName(this.#prefix + name)
    const own = parseChannelName(name)
    if (full !== undefined && this.#all.has(full)) return this.#remove(full)
    return own !== undefined && this.#implicit?.has(own) === true && this.#remove(own)
  }

  #remove(full: ChannelName): boolean {
    this.#implicit?.delete(full)
    return this.#all.delete(full)
  }
}
