// Drafts for whole groups of private channels, slice by slice: each channel costs what a publish costs, and a group may have a
// hundred thousand. A channel whose turn has not come is served before anything else is published to it, so that each has
// the order that it would have if all were served at once (law 19).
import type { Clock } from '../../std/clock.ts'
import {
  bodyBytes,
  type ChannelName,
  type Draft,
  ownDraft,
  type Published,
  type Unplaced,
} from '../words/publication.ts'
import type { Refusal } from '../words/refusal.ts'

/** 1.5 ms of a turn, beside half as much of the fan-out. */
const sliceMax = 200

/** Channels whose turn has not come, in all: some seconds of work and 20 MB. Then nothing more is taken for a group. */
const waitingMax = 400_000

/** What a draft takes beside its body until it is answered, and more than that. */
const draftBytes = 300

/** `isWhole`: none of them was refused for a while, or lost. */
export type EachDone = (channels: number, isWhole: boolean) => void

interface EachesDependencies {
  readonly clock: Clock
  publish(draft: Draft, done: (outcome: Published | Unplaced | Refusal) => void): void
  /** Bytes of drafts that are not answered yet, beyond which no channel has its turn; undefined: they are answered at once. */
  readonly underWayBytesMax?: number | undefined
}

interface Unfinished {
  readonly waiting: Set<ChannelName>
  /** Goes on where it was: to find the first one of a set costs a step for each that left it. */
  readonly rest: Iterator<ChannelName>
  serve(channel: ChannelName): void
  /** Those that wait are not served any more. */
  giveUp(): void
}

export class Eaches {
  readonly #dependencies: EachesDependencies
  /** In the order in which they came. */
  readonly #unfinished = new Set<Unfinished>()
  #waiting = 0
  #underWayBytes = 0
  #armed = false

  constructor(dependencies: EachesDependencies) {
    this.#dependencies = dependencies
  }

  /** Channels whose turn has not come. */
  get waiting(): number {
    return this.#waiting
  }

  get #isFull(): boolean {
    return this.#underWayBytes >= (this.#dependencies.underWayBytesMax ?? Number.POSITIVE_INFINITY)
  }

  /**
   * The set is its own from now on. `done` is called once; before this returns where there are few. `lost`: for each channel
   * that it was refused for a while, or perhaps was not published to.
   */
  publish(
    channels: Set<ChannelName>,
    body: Omit<Draft, 'channel'>,
    done: EachDone,
    lost: (channel: ChannelName) => void = () => {},
  ): void {
    const [first] = channels
    if (first === undefined) return done(0, true)
    if (this.#waiting > 0 && this.#waiting + channels.size > waitingMax) {
      for (const channel of channels) lost(channel)
      return done(0, false)
    }
    this.#begin(channels, ownDraft({ ...body, channel: first }), done, lost)
    if (this.#unfinished.size === 1) this.#slice()
    this.#arm()
  }

  /** All that came for a group of the channel's is published to it now: before what comes for it alone. */
  settle(channel: ChannelName): void {
    for (const unfinished of this.#unfinished) this.#serve(unfinished, channel)
  }

  /** Nothing is published any more. */
  giveUp(): void {
    for (const unfinished of this.#unfinished) {
      this.#waiting -= unfinished.waiting.size
      this.#unfinished.delete(unfinished)
      unfinished.giveUp()
    }
  }

  #begin(waiting: Set<ChannelName>, own: Draft, done: EachDone, lost: (channel: ChannelName) => void): void {
    let [left, taken, isWhole] = [waiting.size, 0, true]
    const bytes = bodyBytes(own) + draftBytes
    const answered = (channel: ChannelName, outcome: Published | Unplaced | Refusal) => {
      if (typeof outcome === 'object') taken++
      else if (outcome !== 'not-allowed') {
        isWhole = false
        lost(channel)
      }
      if (--left === 0) done(taken, isWhole)
    }
    this.#waiting += waiting.size
    this.#unfinished.add({
      waiting,
      rest: waiting.values(),
      // All histories share one content, which holds no memory of others.
      serve: channel => {
        this.#underWayBytes += bytes
        this.#dependencies.publish({ ...own, channel }, outcome => {
          this.#underWayBytes -= bytes
          answered(channel, outcome)
          this.#arm()
        })
      },
      giveUp: () => {
        for (const channel of waiting) answered(channel, 'owner-lost')
      },
    })
  }

  #serve(unfinished: Unfinished, channel: ChannelName): void {
    const { waiting } = unfinished
    if (!waiting.delete(channel)) return
    this.#waiting--
    if (waiting.size === 0) this.#unfinished.delete(unfinished)
    unfinished.serve(channel)
  }

  #slice(): void {
    let left = sliceMax
    for (const unfinished of this.#unfinished) {
      while (unfinished.waiting.size > 0) {
        if (this.#isFull || left-- === 0) return
        const { done, value } = unfinished.rest.next()
        if (done !== true) this.#serve(unfinished, value)
      }
    }
  }

  /** Where too much is under way, whatever is answered goes on. */
  #arm(): void {
    if (this.#armed || this.#unfinished.size === 0 || this.#isFull) return
    this.#armed = true
    this.#dependencies.clock.endOfTurn(() => {
      this.#armed = false
      this.#slice()
      this.#arm()
    })
  }
}
