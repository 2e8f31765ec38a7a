// Answers to publishers that wait until this worker has told its own subscribers of the publication (law 4). Where a hole
// keeps it from that for too long, the answer goes out all the same: the broker has the publication.

import type { Offset } from '../engine/words/position.ts'
import type { Clock } from '../std/clock.ts'
import { Deque } from '../std/deque.ts'
import type { ClusterChannel } from './cluster-channel.ts'

interface Held {
  readonly channel: ClusterChannel
  readonly offset: Offset
  readonly due: number
  /** Undefined: it was called. */
  done: (() => void) | undefined
}

export class Answers {
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #byChannel = new Map<ClusterChannel, Held[]>()
  /** All, in the order in which their time is over; those that were called as well. */
  readonly #times = new Deque<Held>()
  #armed = false
  readonly counters = { answersLate: 0 }

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  /** Calls `done` when the channel is beyond the offset, or is followed no more, or it takes too long. */
  hold(channel: ClusterChannel, offset: Offset, done: () => void): void {
    if (isPassed(channel, offset)) return done()
    const held = { channel, offset, due: this.#clock.now() + this.#timeoutMs, done }
    const waiting = this.#byChannel.get(channel)
    if (waiting === undefined) this.#byChannel.set(channel, [held])
    else waiting.push(held)
    this.#times.push(held)
    this.#arm()
  }

  /** The channel moved on, or is followed no more. */
  moved(channel: ClusterChannel): void {
    if (this.#byChannel.size === 0) return
    const waiting = this.#byChannel.get(channel)
    // They are in the order of their offsets, but for repeats, which are below.
    if (waiting === undefined || !isPassed(channel, waiting[0]?.offset ?? channel.next)) return
    const ready: Held[] = []
    const rest: Held[] = []
    for (const held of waiting) (isPassed(channel, held.offset) ? ready : rest).push(held)
    this.#keep(channel, rest)
    for (const held of ready) call(held)
  }

  #keep(channel: ClusterChannel, waiting: Held[]): void {
    if (waiting.length === 0) this.#byChannel.delete(channel)
    else this.#byChannel.set(channel, waiting)
  }

  #arm(): void {
    const { first } = this.#times
    if (this.#armed || first === undefined) return
    this.#armed = true
    this.#clock.after(Math.max(0, first.due - this.#clock.now()), () => this.#expire())
  }

  #expire(): void {
    this.#armed = false
    const now = this.#clock.now()
    for (let held = this.#times.first; held !== undefined; held = this.#times.first) {
      if (held.done !== undefined && held.due > now) break
      this.#times.take()
      if (held.done === undefined) continue
      this.counters.answersLate++
      const waiting = this.#byChannel.get(held.channel) ?? []
      this.#keep(
        held.channel,
        waiting.filter(other => other !== held),
      )
      call(held)
    }
    this.#arm()
  }
}

function isPassed({ state, next }: ClusterChannel, offset: Offset): boolean {
  // Offsets rise over epochs, too.
  return state !== 'followed' || next > offset
}

function call(held: Held): void {
  const { done } = held
  held.done = undefined
  done?.()
}
