// A pattern of the model: what its client is told is checked against the model at once, as for a channel.
import { equal, fail, ok } from 'node:assert/strict'
import type { Subscription } from '../../src/engine/reader/subscriber.ts'
import type { Wire } from '../../src/engine/reader/wire.ts'
import type { CloseReason } from '../../src/engine/words/refusal.ts'
import type { Reading } from './model-format.ts'
import type { World } from './model-world.ts'

/** A client's view of all channels that fit a pattern: per channel the order of its owners, but for gaps that it was told. */
export class PatternTrack {
  readonly world: World
  readonly slot: number
  readonly pattern: string
  readonly resumes: boolean
  readonly #reads: (text: string) => Reading
  subscription: Subscription | undefined
  open = true
  delayed = false
  disturbed = false
  #untold = false
  /** All owners have confirmed. */
  #attached = false
  /** And whatever they sent before that has arrived. */
  #watched = false
  /** Places of the next ones; undefined: any later one. */
  readonly #next = new Map<string, number>()
  readonly #last = new Map<string, number>()

  constructor(
    world: World,
    slot: number,
    pattern: string,
    resumes: boolean,
    reads: (text: string) => Reading,
  ) {
    this.#reads = reads
    this.world = world
    this.pattern = pattern
    this.slot = slot
    this.resumes = resumes
  }

  attached(gap: boolean): void {
    equal(gap, this.resumes, 'a pattern cannot resume')
    ok(!this.#attached, 'a pattern is attached twice')
    this.#attached = true
  }

  frame(channel: string, offset: number, text: string): void {
    ok(this.open && this.#attached, 'an offer to a pattern that was left or is not live')
    const item = this.world.model.find(channel, text) ?? fail(`${channel}: nobody published ${text}`)
    equal(offset, item.offset)
    equal(this.#reads(text), 'framed', `pattern at worker ${this.slot}: ${text} is nothing to it`)
    const expected = this.#dueFrom(channel, this.#next.get(channel) ?? item.index)
    equal(item.index, expected, `pattern at worker ${this.slot}: ${channel} is contiguous`)
    ok(item.index > (this.#last.get(channel) ?? -1), `pattern at worker ${this.slot}: ${text} again`)
    this.#last.set(channel, item.index)
    if (this.#watched) this.#next.set(channel, item.index + 1)
    this.#untold = false
  }

  gap(): void {
    const rightly = this.world.floods || this.delayed || this.disturbed || this.world.disturbed(this.slot, '')
    ok(rightly, `pattern at worker ${this.slot}: a gap for no reason`)
    this.#next.clear()
    this.#untold = true
  }

  closed(reason: CloseReason, wire: Wire): void {
    this.open = false
    if (reason === 'slow') ok(wire.blocked, 'a pattern closed as slow although its wire takes more')
    else if (reason === 'owner-lost') ok(!this.#attached, 'a live pattern closed for want of an owner')
    else ok(reason === 'gap' && this.#untold, `a pattern closed for ${reason}`)
  }

  leave(): void {
    this.open = false
  }

  /** Everything under way has arrived, and its wire takes all. */
  complete(channels: readonly string[]): void {
    for (const channel of channels) {
      const { length } = this.world.model.order(channel)
      const next = this.#dueFrom(channel, this.#next.get(channel) ?? length)
      equal(next, length, `pattern at worker ${this.slot}: has everything of ${channel}`)
      this.#next.set(channel, length)
    }
    this.#watched = true
    this.delayed = false
    this.disturbed = false
  }

  /** The first place from there on that is something to it. */
  #dueFrom(channel: string, from: number): number {
    const order = this.world.model.order(channel)
    let index = from
    for (let item = order[index]; item && this.#reads(item.text) === 'pass'; item = order[index]) index++
    return index
  }
}
