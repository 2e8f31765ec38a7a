// What a protocol's driver brings: how its rows are sent and its wire is read, beside the words that all protocols share.
import type { RawClient } from '../helpers/raw-client.ts'
import type { Head, RequestParts } from '../helpers/raw-http.ts'
import type { Ground, Happening } from './table.ts'
import type { At, CommonExpect, CommonSend, RequestStep, SeriesStep } from './words.ts'

export interface Kind {
  readonly kind: string
}

/** One for each row that is played. `Send` and `Expect` are the protocol's own words. */
export interface Dialect<Send extends Kind = never, Expect extends Kind = never> {
  reader(client: RawClient, head: Head): PartReader
  isBeat(part: string): boolean
  readonly series?: SeriesDialect
  /** How rows write the first chunk of an answer that stays open. */
  showFirst?(chunk: Buffer): string
  /** What a row leaves open in a request. */
  complete?(step: RequestStep, stage: Stage): Promise<Partial<RequestParts>>
  /** Without what rows do not speak of in any head. */
  seen?(head: Head): Head
  /** Hears the body of each answer. */
  answered?(body: string): void
  step?(send: Send, expected: CommonExpect | Expect, stage: Stage): Promise<void>
  read?(subscriber: Subscriber, expected: Expect, stage: Stage): Promise<void>
}

export interface SeriesDialect {
  /** One of its publishes, and the status of success. */
  publish(step: SeriesStep, content: string): RequestParts & { readonly status: number }
  /** Of a part that came of it. */
  contentOf(part: string): string
}

/** Reads behind the head of an answer that stays open. */
export interface PartReader {
  /** As rows write it; undefined behind the last one, and where the connection was cut. */
  next(): Promise<string | undefined>
}

export interface Subscriber {
  readonly client: RawClient
  /** The one of its step; it may have others. */
  readonly channel: string
  readonly slot: number | undefined
  readonly reader: PartReader
  readonly method: string
  /** When it asked. */
  readonly sentMs: number
  /** What happens when it leaves. */
  left: readonly Happening[]
}

/** The row under way, for steps of a protocol's own. */
export interface Stage {
  readonly ground: Ground
  readonly happened: readonly Happening[]
  step(send: CommonSend, expected: Kind): Promise<void>
  subscriber(name: string): Subscriber
  slotOf(step: Pick<At, 'at' | 'channel'>): number | undefined
  /** `at` is its place in what happened; without it, it happened last. */
  published(channel: string, slot: number | undefined, count: number, at?: number): void
  /** To one more channel; when it leaves, it leaves that as well. */
  subscribed(subscriber: Subscriber, channel: string): void
  /** From one of its channels, while it stays. */
  unsubscribed(subscriber: Subscriber, channel: string): Promise<void>
  left(subscriber: Subscriber): Promise<void>
  /**
   * So many seconds from now as Unix time, taken in the first part of a second, so that it seldom ends between here and
   * the daemon.
   */
  second(offset: number): Promise<number>
  /** Until the second that was taken last is over. */
  wait(): Promise<void>
}
