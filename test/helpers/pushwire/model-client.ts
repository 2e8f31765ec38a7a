// A client of the model, which outlives its connections: it judges every cursor by the tracker, knows which publications
// it had, and fails where the tracker leads it astray.
import { equal, fail, ok } from 'node:assert/strict'
import type { Engine } from '../../../src/engine/engine.ts'
import type { Subscription } from '../../../src/engine/reader/subscriber.ts'
import { Wire } from '../../../src/engine/reader/wire.ts'
import type { ChannelName } from '../../../src/engine/words/publication.ts'
import {
  type FeedConnection,
  type FeedFault,
  type FeedPlace,
  ModelFeed,
  placeOf,
  type Told,
} from './model-feed.ts'
import type { ModelOrder } from './model-order.ts'
import { Tracker } from './tracker.ts'

/** A channel as clients know it. */
export interface ModelChannel {
  readonly name: ChannelName
  /** What texts of it begin with. */
  readonly label: string
  readonly scope: 'channel' | 'client'
}

/** What texts begin with that are for each client. */
export const toEach = 'each'

/** What a client has of a channel, whatever became of its connections. */
class Track {
  readonly tracker = new Tracker()
  readonly #channel: ModelChannel
  readonly #order: ModelOrder
  readonly #seen = new Set<string>()
  /** Of the last one that it took; -1: none. */
  index = -1
  #told = false

  constructor(channel: ModelChannel, order: ModelOrder) {
    this.#channel = channel
    this.#order = order
  }

  has(text: string): boolean {
    return this.#seen.has(text)
  }

  hear(told: Told): void {
    if (told.op === 'resume_required') {
      this.#told = true
      return
    }
    const { cursor, text } = told
    const { label, name } = this.#channel
    const of = text.slice(0, text.indexOf('#'))
    if (of !== toEach) equal(of, label, `${label}: a frame of another channel`)
    const { index } = this.#order.find(name, text)
    const { last } = this.tracker
    const verdict = this.tracker.judge(cursor)
    const what = `${label}: ${cursor} after ${last} is ${verdict}`
    if (verdict === 'duplicate') return ok(this.has(text), `${what}, but it never had ${text}`)
    ok(!this.has(text), `${what}, but it had ${text}`)
    if (verdict === 'gap') ok(this.#told, `${what}, and nobody told it`)
    else if (!this.#told && this.index >= 0) equal(index, this.index + 1, `${what}, but something is missing`)
    this.#told = false
    this.index = index
    this.#seen.add(text)
  }
}

/** A subscribed channel of a connection. */
interface Held {
  readonly feed: ModelFeed
  subscription: Subscription | undefined
  /** Nothing that was appended after it may be missing. */
  completeFrom: number
}

export class ModelConnection {
  readonly slot: number
  readonly wire = new Wire()
  readonly held = new Map<ModelChannel, Held>()
  /** Where feeds were that were unsubscribed. */
  readonly left = new Map<ModelChannel, FeedPlace>()
  /** Said and not yet arrived. */
  readonly #underWay: { readonly channel: ModelChannel; readonly told: Told }[] = []
  readonly #client: ModelClient
  readonly #attached: Attached
  writable = true
  ended = false

  constructor(client: ModelClient, slot: number, attached: Attached) {
    this.#client = client
    this.slot = slot
    this.#attached = attached
  }

  /** A feed that goes on there; see `ModelFeed.place` and `placeOf`. */
  subscribe(engine: Engine, channel: ModelChannel, place: FeedPlace, fault: FeedFault): void {
    if (this.ended) return
    const feed = new ModelFeed(this.#of(channel), place, fault)
    const held: Held = { feed, subscription: undefined, completeFrom: Number.POSITIVE_INFINITY }
    // A subscriber may be live, and over, before `subscribe` returns.
    this.held.set(channel, held)
    const outcome = engine.subscribe(channel.name, feed, { via: 'model', since: feed.since, rest: true })
    if (typeof outcome === 'string') return fail(`${channel.label}: a subscription is refused: ${outcome}`)
    held.subscription = outcome
  }

  /** What is under way, or its first ones, reach the client. */
  arrive(count = Number.POSITIVE_INFINITY): void {
    for (const { channel, told } of this.#underWay.splice(0, count)) this.#client.track(channel).hear(told)
  }

  /** The connection as the feed of one channel has it. */
  #of(channel: ModelChannel): FeedConnection {
    const noteWhole = () => {
      const held = this.held.get(channel)
      if (held !== undefined) held.completeFrom = this.#client.order.now()
    }
    return {
      wire: this.wire,
      attached: gap => {
        noteWhole()
        this.#attached(this.#client, channel, gap)
      },
      say: told => {
        if (told.op === 'resume_required') noteWhole()
        this.#underWay.push({ channel, told })
        if (this.writable) this.arrive()
      },
      takes: () => this.writable,
      end: () => {
        this.ended = true
      },
    }
  }
}

export class ModelClient {
  readonly key: string
  readonly order: ModelOrder
  /** Names a cursor of 0 where it has none. */
  readonly #namesNothing: boolean
  readonly #tracks = new Map<ModelChannel, Track>()
  readonly #fault: FeedFault
  connection: ModelConnection | undefined

  constructor(number: number, order: ModelOrder, fault: FeedFault) {
    this.key = `c${number}`
    this.order = order
    this.#namesNothing = number % 2 === 1
    this.#fault = fault
  }

  track(channel: ModelChannel): Track {
    const track = this.#tracks.get(channel) ?? new Track(channel, this.order)
    this.#tracks.set(channel, track)
    return track
  }

  /** With the cursors that it has. */
  connect(slot: number, engine: Engine, channels: readonly ModelChannel[], attached: Attached): void {
    this.connection = new ModelConnection(this, slot, attached)
    for (const channel of channels) this.subscribe(engine, channel)
  }

  /** For the first time on its connection, or again: then the session knows where it was. */
  subscribe(engine: Engine, channel: ModelChannel, place?: FeedPlace): void {
    const { last } = this.track(channel).tracker
    const named = last > 0 || this.#namesNothing ? last : undefined
    this.connection?.subscribe(engine, channel, place ?? placeOf(named, channel.scope), this.#fault)
  }

  /** Something that was appended since the channel was whole, and did not come. */
  missingOf(channel: ModelChannel): string | undefined {
    const held = this.connection?.held.get(channel)
    if (held === undefined) return undefined
    const due = this.order.of(channel.name).filter(({ at }) => at > held.completeFrom)
    return due.find(({ text }) => !this.track(channel).has(text))?.text
  }
}

/** The channel is live; `gap`: the feed asked to go on, and something is gone. */
export type Attached = (client: ModelClient, channel: ModelChannel, gap: boolean) => void
