// Channels in the order in which they were last used, the longest idle first. Linked through the channels themselves:
// a publish to an idle channel moves it to the end, and that must cost next to nothing.
import type { Channel } from './channel.ts'

export class IdleList {
  #first: Channel | undefined
  #last: Channel | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The longest idle. */
  get first(): Channel | undefined {
    return this.#first
  }

  /** The longest idle first. The one at hand may leave the list only behind the loop. */
  *[Symbol.iterator](): Generator<Channel> {
    for (let channel = this.#first; channel !== undefined; channel = channel.idleAfter) yield channel
  }

  /** Must not be in the list. */
  append(channel: Channel): void {
    channel.idleBefore = this.#last
    channel.idleAfter = undefined
    if (this.#last === undefined) this.#first = channel
    else this.#last.idleAfter = channel
    this.#last = channel
    this.#size++
  }

  /** Must be in the list. */
  remove(channel: Channel): void {
    const { idleBefore, idleAfter } = channel
    if (idleBefore === undefined) this.#first = idleAfter
    else idleBefore.idleAfter = idleAfter
    if (idleAfter === undefined) this.#last = idleBefore
    else idleAfter.idleBefore = idleBefore
    channel.idleBefore = undefined
    channel.idleAfter = undefined
    this.#size--
  }

  /** Must be in the list. */
  used(channel: Channel): void {
    if (channel === this.#last) return
    this.remove(channel)
    this.append(channel)
  }
}
