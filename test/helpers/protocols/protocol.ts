// What tests of several protocols ask of each: to publish, and to read a channel from a position on.
import { RawClient } from '../raw-client.ts'
import { encodeRequest, type RequestParts } from '../raw-http.ts'

export interface Answer {
  readonly status: number
  readonly body: string
}

/** A subscriber that counts: it knows where it is. */
export interface Reader {
  /** The next publications, as the protocol renders them; one that was left out is `(omitted)`. Skips heartbeats. */
  next(count: number): Promise<string[]>
  /** Where the client is with what `next` returned: `EPOCH.OFFSET`, to be handed to any protocol. */
  position(): string
  /** It was told that something is missing. */
  readonly gap: boolean
  leave(): void
}

/** What a stream brings, in its order; heartbeats aside. */
export type Told =
  | { readonly kind: 'position'; readonly position: string; readonly gap: boolean }
  /** As the protocol renders it, and where it stands, if its wire says so. */
  | { readonly kind: 'message'; readonly text: string; readonly position?: string }
  /** What its client waits before it comes again. */
  | { readonly kind: 'retry'; readonly ms: number }

/**
 * Subscriptions that are answers of HTTP without an end: for tests of the house that hold very many, read slowly, or look
 * at how each ends, and so bring connections of their own.
 */
export interface Streams {
  /** `content` is an object of JSON; `key`: to be published once. */
  publication(channel: string, content: string, key?: string): RequestParts
  /** The status of a publish that was taken. */
  readonly taken: number
  /** It is answered by 200 and told positions; `since` empty: from now on. */
  subscription(channel: string, since: string): RequestParts
  /** Of the body of one answer, handed in as it comes. */
  decoder(): (bytes: Uint8Array) => readonly Told[]
  /** Settings of the daemon by which streams have a heartbeat so often. */
  heartbeats(ms: number): Readonly<Record<string, string>>
}

/** The file `protocol.ts` of a protocol's conformance folder has one. */
export interface Protocol {
  /** As in the registry. */
  readonly name: string
  /** Its wire tells positions, and takes one to begin behind. */
  readonly hasPositions: boolean
  /** The door at which publishers are, where it is not the main one. */
  readonly publishesAt?: string
  /** What a longer body than the largest is answered, where it is not 413. */
  readonly tooLarge?: number
  /** Its largest body, and a content with one long word that makes a body of so many bytes. */
  readonly bodyBytesMax: number
  filled(bytes: number, channel: string): string
  /** The longest rendering of JSON that its wire carries; a longer one is left out. */
  readonly rendersBytesMax?: number
  /**
   * `content` is what a publisher of it writes: an object of JSON suits all. Of the body `sentBytes` are sent (all): what
   * its length alone refuses is not sent, or the answer could be lost.
   */
  publish(address: string, channel: string, content: string | Uint8Array, sentBytes?: number): Promise<Answer>
  /** How it renders a publication that has no content, where that is a message like others. */
  readonly rendersNothingAs?: string
  /** Each publish leaves a channel of its client behind, which nobody else can name. */
  readonly leavesOwnChannel?: true
  /** With positions, where it has them; `since` empty: from now on. The reader is there once the subscription is live. */
  read(address: string, channel: string, since?: string): Promise<Reader | Answer>
  /** Where its subscriptions are such answers, and tell positions. */
  readonly streams?: Streams
}

/** For `Protocol.filled`: a word between what opens and closes it, in a body that has so many bytes more. */
export function filledBetween(open: string, close: string, emptyBody: (channel: string) => string) {
  return (bytes: number, channel: string) =>
    open + 'x'.repeat(bytes - Buffer.byteLength(emptyBody(channel))) + close
}

export const omitted = '(omitted)'

/** One request on a connection of its own. */
export async function post(
  address: string,
  target: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
  sentBytes?: number,
): Promise<Answer> {
  const connection = new RawClient(address)
  try {
    send(connection, 'POST', target, headers, body, sentBytes)
    const answer = await connection.answer('POST')
    return { status: answer.status, body: answer.body.toString() }
  } finally {
    connection.leave()
  }
}

export function send(
  connection: RawClient,
  method: string,
  target: string,
  headers: Readonly<Record<string, string>>,
  body?: string | Uint8Array,
  sentBytes?: number,
): void {
  const content = Buffer.from(body ?? '')
  const parts = { method, target, headers: Object.entries(headers), length: content.length }
  connection.send(encodeRequest({ ...parts, body: body && content.subarray(0, sentBytes) }))
}

/** Undefined where a stream begins; else the refusal, whose body is not read. */
export async function openingOf(connection: RawClient): Promise<Answer | undefined> {
  const { status } = await connection.head()
  if (status === 200) return undefined
  connection.leave()
  return { status, body: '' }
}

/** Each publication adds one. */
export function advance(position: string, by: number): string {
  const [epoch, offset] = position.split('.')
  return `${epoch}.${Number(offset) + by}`
}

export function isReader(outcome: Reader | Answer): outcome is Reader {
  return 'next' in outcome
}

/** One that must have been opened. */
export async function opened(outcome: Promise<Reader | Answer>): Promise<Reader> {
  const reader = await outcome
  if (!isReader(reader)) throw new Error(`refused: ${JSON.stringify(reader)}`)
  return reader
}

/** 2xx of a publish, or the status of what was refused; 200 for a reader that was opened, which is left. */
export async function statusOf(outcome: Promise<Reader | Answer>): Promise<number> {
  const got = await outcome
  if (!isReader(got)) return got.status
  got.leave()
  return 200
}
