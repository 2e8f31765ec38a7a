// What a publisher hands in (a draft) and what it becomes once the owner gave it a position (a publication).
import type { Brand } from '../std/brand.ts'
import { ownText } from '../std/own-text.ts'

/** 0 to 1024 bytes of UTF-8; a front-end may allow less. Minted by `parseChannelName` only. */
export type ChannelName = Brand<string, 'ChannelName'>

/** Tag of one unbroken numbering of a channel. */
export type Epoch = Brand<string, 'Epoch'>

/** Number of a publication in its epoch: plus one each time, a safe integer. */
export type Offset = Brand<number, 'Offset'>

/** Names one publication: the last one that somebody has, or the one that was just made. */
export interface Position {
  readonly epoch: Epoch
  readonly offset: Offset
}

/** JSON text and UTF-8 text differ in how other protocols render them; bytes are neither. */
export type ContentKind = 'json' | 'text' | 'bytes'

export interface Content {
  readonly kind: ContentKind
  /** Never changed after it was handed in: history, links and frames share it. */
  readonly payload: Uint8Array
}

/** What some protocols say beside the content. Its texts are short: the front-end bounds them. */
export interface Extras {
  /** A publisher's own name of the publication; not its position. */
  readonly id?: string
  /** What kind of event it is. */
  readonly event?: string
}

export interface Draft {
  readonly channel: ChannelName
  readonly content: Content
  readonly extras?: Extras | undefined
  /** The front-end that publishes: a namespace, or its own list, may not let it. */
  readonly via: string
  /** A second draft of the channel with the same key is not published again (law 13). */
  readonly idempotencyKey?: string | undefined
}

export interface Publication {
  readonly channel: ChannelName
  readonly offset: Offset
  readonly content: Content
  /** Left out where there are none, so that they cost nothing then. */
  readonly extras?: Extras
}

/** What the publisher is told. */
export interface Published extends Position {
  /** Subscribers of the channel on the whole node, as the owner knew them at the append. */
  readonly subscribers: number
  /** The position is that of an earlier draft with the same key. */
  readonly duplicate: boolean
}

/** Bytes of UTF-8 that a channel name may have; generous for every protocol, small enough to keep a million. */
const channelNameBytesMax = 1024

/** The name as the engine's own, or undefined where it is too long or has no UTF-8. It holds nothing of its request. */
export function parseChannelName(text: string): ChannelName | undefined {
  const fits = text.length <= channelNameBytesMax && Buffer.byteLength(text) <= channelNameBytesMax
  return fits && text.isWellFormed() ? (ownText(text) as ChannelName) : undefined
}

export function publicationOf(
  channel: ChannelName,
  offset: Offset,
  content: Content,
  extras: Extras | undefined,
): Publication {
  return extras === undefined ? { channel, offset, content } : { channel, offset, content, extras }
}

/** What they count for where bytes are bounded: their texts, and what holds them. */
export function extrasBytes({ id = '', event = '' }: Extras): number {
  return id.length + event.length + 64
}

export function parseEpoch(text: string): Epoch {
  return text as Epoch
}

/** Throws on what no offset can be: it must be a safe integer that is not negative. */
export function parseOffset(value: number): Offset {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`offset ${value} is not a safe integer`)
  return value as Offset
}

export function nextOffset(offset: Offset): Offset {
  return parseOffset(offset + 1)
}
