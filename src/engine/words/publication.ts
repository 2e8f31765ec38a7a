// What a publisher hands in (a draft) and what it becomes once the owner gave it a position (a publication); and both
// packed, as links, pages of history and snapshots carry them whole. A new field is a matter of this file alone.
import type { Brand } from '../../std/brand.ts'
import { ownText } from '../../std/own-text.ts'
import { isPlain, ownPlain, type Plain, plainBytes } from '../../std/plain.ts'
import { type Offset, type Position, parseOffset } from './position.ts'
import {
  isPackedSequence,
  ownSequence,
  type PackedSequence,
  packSequence,
  type Sequence,
  sequenceBytes,
  unpackSequence,
} from './sequence.ts'

/** 0 to 1024 bytes of UTF-8; a front-end may allow less. Minted by `parseChannelName`, and by `privateChannel`. */
export type ChannelName = Brand<string, 'ChannelName'>

/**
 * JSON text and UTF-8 text differ in how other protocols render them; bytes are neither. `none` is for a publication that is
 * something to subscribers of the protocol that made it alone: it has its place and an empty payload.
 */
export type ContentKind = 'json' | 'text' | 'bytes' | 'none'

export interface Content {
  readonly kind: ContentKind
  /** Never changed after it was handed in: history, links and frames share it. */
  readonly payload: Uint8Array
}

/** What some protocols say beside the content. Its texts are short: the front-end bounds them. */
export interface Meta {
  /** A publisher's own name of the publication; not its position. */
  readonly id?: string
  /** What kind of event it is. */
  readonly event?: string
}

/**
 * What a front-end made for its own wire, by its name. The engine never looks into it: it counts its bytes, and brings
 * it to every subscriber's format with the content. Lists and records in it are nested 16 deep at most.
 */
export type Renderings = Readonly<Record<string, Plain>>

export interface Draft {
  readonly channel: ChannelName
  readonly content: Content
  readonly meta?: Meta | undefined
  readonly renderings?: Renderings | undefined
  /** The front-end that publishes: a namespace, or its own list, may not let it. */
  readonly via: string
  /** A second draft of the channel with the same key is not published again (law 13). */
  readonly idempotencyKey?: string | undefined
  /** Undefined: it says nothing of its order, so it is published as it comes (law 16). */
  readonly sequence?: Sequence | undefined
}

/** What is said beside the content is left out where there is none, so that it costs nothing then. */
export interface Publication {
  readonly channel: ChannelName
  readonly offset: Offset
  readonly content: Content
  readonly meta?: Meta
  readonly renderings?: Renderings
  readonly sequence?: Sequence
}

/** What both have. */
export type Body = Pick<Draft, 'content' | 'meta' | 'renderings' | 'sequence'>

/** What the publisher is told. */
export interface Published extends Position {
  /** Subscribers of the channel on all nodes, as far as they were known at the append. */
  readonly subscribers: number
  /** The position is that of an earlier draft with the same key. */
  readonly duplicate: boolean
}

/**
 * What the publisher of a draft with a sequence is told where that got no place: it is held, and gets one when what it
 * follows came, or did not come in time; or it is dropped, because its id was seen, or another one waits for the same.
 */
export interface Unplaced extends Omit<Published, keyof Position> {
  readonly fate: 'held' | 'dropped'
}

/** Bytes of UTF-8 that a channel name may have; generous for every protocol, small enough to keep a million. */
export const channelNameBytesMax = 1024

/** What names of private channels begin with, and no other: see private.ts. */
export const privateMark = '\u0001'

/**
 * The name as the engine's own, or undefined where it is too long, has no UTF-8, or begins like that of a private channel.
 * It holds nothing of its request.
 */
export function parseChannelName(text: string): ChannelName | undefined {
  const fits = text.length <= channelNameBytesMax && Buffer.byteLength(text) <= channelNameBytesMax
  const isNamed = fits && text.isWellFormed() && !text.startsWith(privateMark)
  return isNamed ? (ownText(text) as ChannelName) : undefined
}

export function publicationOf(channel: ChannelName, offset: Offset, body: Body): Publication {
  const { content, meta, renderings, sequence } = body
  if (saysNothing(body)) return { channel, offset, content }
  return {
    channel,
    offset,
    content,
    ...(meta !== undefined && { meta }),
    ...(renderings !== undefined && { renderings }),
    ...(sequence !== undefined && { sequence }),
  }
}

/** Nothing beside its content. */
function saysNothing({ meta, renderings, sequence }: Body): boolean {
  return meta === undefined && renderings === undefined && sequence === undefined
}

/** Its content, and what front-ends made of it: bytes as a publisher would count them. */
export function contentBytes({ content, renderings }: Body): number {
  return content.payload.length + (renderings === undefined ? 0 : plainBytes(renderings))
}

/** `contentBytes`, and what is said beside it. */
export function bodyBytes(body: Body): number {
  const { meta, sequence } = body
  const bytes = contentBytes(body) + (meta === undefined ? 0 : metaBytes(meta))
  return sequence === undefined ? bytes : bytes + sequenceBytes(sequence)
}

/** The texts, and what holds them. */
function metaBytes({ id = '', event = '' }: Meta): number {
  return id.length + event.length + 64
}

/**
 * The same publication, holding no memory of others. A payload that is a small view of a large batch would keep the
 * whole batch alive, and so would a text cut out of it.
 */
export function ownPublication(publication: Publication): Publication {
  const { channel, offset, content } = publication
  if (saysNothing(publication) && isOwnPayload(content.payload)) return publication
  return publicationOf(channel, offset, ownBody(publication))
}

/** As for a publication. The channel's name is the draft's own. */
export function ownDraft(draft: Draft): Draft {
  const { channel, via, idempotencyKey } = draft
  const key = idempotencyKey === undefined ? undefined : ownText(idempotencyKey)
  return { channel: ownText(channel) as ChannelName, via, idempotencyKey: key, ...ownBody(draft) } // the same name
}

function ownBody({ content, meta, renderings, sequence }: Body): Body {
  const { kind, payload } = content
  return {
    content: isOwnPayload(payload) ? content : { kind, payload: new Uint8Array(payload) },
    meta: meta && metaOf(meta.id && ownText(meta.id), meta.event && ownText(meta.event)),
    renderings: renderings && (ownPlain(renderings) as Renderings), // it is a record still
    sequence: sequence && ownSequence(sequence),
  }
}

function isOwnPayload(payload: Uint8Array): boolean {
  return payload.byteLength === payload.buffer.byteLength
}

function metaOf(id?: string, event?: string): Meta {
  return { ...(id !== undefined && { id }), ...(event !== undefined && { event }) }
}

type PackedMeta = readonly [id?: string | undefined, event?: string | undefined]

/** A kind by its number. Shorter where there is nothing at the end. */
export type PackedBody = readonly [
  kind: number,
  payload: Uint8Array,
  meta?: PackedMeta | undefined,
  renderings?: Renderings | undefined,
  sequence?: PackedSequence,
]

/** A publication without its channel, which stands beside it, once for all of a list. */
export type PackedPublication = readonly [offset: number, ...body: PackedBody]

/** An empty key is none. */
export type PackedDraft = readonly [channel: string, via: string, key: string, ...body: PackedBody]

/** By their numbers. */
const kinds = ['json', 'text', 'bytes', 'none'] as const satisfies readonly ContentKind[]

export function packPublication(publication: Publication): PackedPublication {
  const { offset, content } = publication
  // Most say nothing beside it, and a list of lists costs.
  if (saysNothing(publication)) return [offset, kinds.indexOf(content.kind), content.payload]
  return [offset, ...packBody(publication)]
}

export function packBody({ content, meta, renderings, sequence }: Body): PackedBody {
  const { payload } = content
  const kind = kinds.indexOf(content.kind)
  const packedMeta = meta && packMeta(meta)
  if (sequence !== undefined) return [kind, payload, packedMeta, renderings, packSequence(sequence)]
  if (renderings !== undefined) return [kind, payload, packedMeta, renderings]
  return packedMeta === undefined ? [kind, payload] : [kind, payload, packedMeta]
}

/** The channel's name was parsed before it was packed. */
export function unpackPublication(channel: string, packed: PackedPublication): Publication {
  const [offset, ...body] = packed
  const name = channel as ChannelName // see above
  return publicationOf(name, parseOffset(offset), unpackBody(body))
}

export function unpackBody([kind, payload, meta, renderings, sequence]: PackedBody): Body {
  return {
    content: { kind: kindOf(kind), payload },
    meta: meta && metaOf(meta[0], meta[1]),
    renderings,
    sequence: sequence && unpackSequence(sequence),
  }
}

export function packDraft(draft: Draft): PackedDraft {
  const { channel, via, idempotencyKey: key = '' } = draft
  const { kind, payload } = draft.content
  if (saysNothing(draft)) return [channel, via, key, kinds.indexOf(kind), payload]
  return [channel, via, key, ...packBody(draft)]
}

/** As for a publication. */
export function unpackDraft(packed: PackedDraft): Draft {
  const [channel, via, key, ...body] = packed
  return {
    channel: channel as ChannelName, // as for a publication
    ...unpackBody(body),
    via,
    idempotencyKey: key === '' ? undefined : key,
  }
}

function packMeta({ id, event }: Meta): PackedMeta {
  return event === undefined ? [id] : [id, event]
}

function kindOf(number: number): ContentKind {
  const kind = kinds[number]
  if (kind === undefined) throw new RangeError(`${number} is no kind of content`)
  return kind
}

/** Deeper than what any front-end makes; a file that somebody wrote might go on for ever. */
const renderingsDepthMax = 16

/** Whether what came out of a file is a packed publication with that offset. Elements of a later version may follow. */
export function isPackedPublication(value: unknown, at: number): value is PackedPublication {
  if (!Array.isArray(value)) return false
  const [offset, ...body] = value as readonly unknown[] // a list of anything
  return offset === at && isPackedBody(body)
}

/** Whether what came out of a file is a packed draft of that channel. */
export function isPackedDraft(value: unknown, of: string): value is PackedDraft {
  if (!Array.isArray(value)) return false
  const [channel, via, key, ...body] = value as readonly unknown[] // a list of anything
  return channel === of && typeof via === 'string' && typeof key === 'string' && isPackedBody(body)
}

/** Whether what came from elsewhere is a packed body. Elements of a later version may follow. */
export function isPackedBody(value: readonly unknown[]): value is PackedBody {
  const [kind, payload, meta, renderings, sequence] = value
  if (typeof kind !== 'number' || kinds[kind] === undefined) return false
  if (!(payload instanceof Uint8Array) || !(meta === undefined || isPackedMeta(meta))) return false
  if (!(renderings === undefined || isRenderings(renderings))) return false
  return sequence === undefined || isPackedSequence(sequence)
}

function isPackedMeta(value: unknown): boolean {
  return (
    Array.isArray(value) && value.slice(0, 2).every(text => text === undefined || typeof text === 'string')
  )
}

function isRenderings(value: unknown): boolean {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isRecord && !(value instanceof Uint8Array) && isPlain(value, renderingsDepthMax)
}
