// What an operator may ask of one channel: where it stands, who is there, and a page of its history. The owner answers
// out of the record that it has, and makes none.

import { type Offset, type Position, parseOffset, type Since } from '../words/position.ts'
import { contentBytes, type Publication } from '../words/publication.ts'
import type { Refusal } from '../words/refusal.ts'
import type { Channel } from './channel.ts'

export interface InspectOptions {
  /** Asks for what follows this; undefined: for the last ones. */
  readonly since?: Since | undefined
  /** Publications at most; 0: none are wanted. */
  readonly limit: number
  /** Asks where the publication is whose publisher called it so (its sequence's id), as far as the last 10,000 reach. */
  readonly id?: string | undefined
}

export interface Inspection {
  /** Of the last publication; undefined: the owner knows nothing of the channel. */
  readonly position: Position | undefined
  /** Subscribers of the channel on all nodes. */
  readonly subscribers: number
  /** The oldest first. After a gap they begin with the oldest that is left. */
  readonly publications: readonly Publication[]
  /** A position was named, and history does not hold everything after it. */
  readonly gap: boolean
  /** History holds more: after the last of these where a position was named, else before the first. */
  readonly more: boolean
  readonly history: { readonly size: number; readonly bytes: number }
  /** Of the newest one with the id that was asked for; undefined: history holds none. */
  readonly placed?: Position | undefined
}

/** What the record of the channel itself says. */
export type ChannelInspection = Omit<Inspection, 'subscribers'>

/** What the owner said, or why it could not be asked. */
export type InspectOutcome = Inspection | Refusal

/** Whoever wants more asks again from where this ends. */
const publicationsMax = 1_000

/** Bytes of one answer's contents, so that it is a small part of what a link may carry. A single one may be larger. */
const pageBytesMax = 1_048_576

/** Some 100 µs. */
const searchedMax = 10_000

export function inspectChannel(
  channel: Channel | undefined,
  { since, limit, id }: InspectOptions,
): ChannelInspection {
  if (channel === undefined) return unknown(since !== undefined)
  const { epoch, next, history } = channel
  const position = { epoch, offset: parseOffset(next - 1) }
  const { size = 0, bytes = 0 } = history ?? {}
  const page = since === undefined ? lastPage(channel, limit) : pageAfter(channel, since, limit)
  const placed = id === undefined ? undefined : placeOf(channel, id)
  return { position, ...page, history: { size, bytes }, ...(placed !== undefined && { placed }) }
}

function placeOf({ epoch, next, history }: Channel, id: string): Position | undefined {
  for (let at = next - 1; at >= next - searchedMax; at--) {
    const publication = history?.find(at)
    if (publication === undefined) return undefined
    const { sequence, offset } = publication
    if (sequence?.isLoose !== true && sequence?.id === id) return { epoch, offset }
  }
  return undefined
}

function unknown(gap: boolean): ChannelInspection {
  const history = { size: 0, bytes: 0 }
  return { position: undefined, publications: [], gap, more: false, history }
}

type Page = Pick<Inspection, 'publications' | 'gap' | 'more'>

function lastPage(channel: Channel, limit: number): Page {
  const oldest = channel.history?.oldest ?? channel.next
  const publications = take(channel, channel.next - 1, -1, limit).reverse()
  return { publications, gap: false, more: oldest < channel.next - publications.length }
}

function pageAfter(channel: Channel, since: Since, limit: number): Page {
  const { epoch, first, next, history } = channel
  const oldest: Offset = history?.oldest ?? next
  const wanted = since.offset + 1
  // A bare offset means the current epoch if it is not older than its first one.
  const same = since.epoch === undefined ? wanted >= first : since.epoch === epoch
  const gap = !same || wanted < oldest || wanted > next
  const from = same ? Math.max(wanted, oldest) : oldest
  const publications = take(channel, from, 1, limit)
  return { publications, gap, more: from + publications.length < next }
}

/** From an offset on, as many as there are and as the bounds allow. */
function take({ history }: Channel, from: number, step: 1 | -1, limit: number): Publication[] {
  const count = Math.min(limit, publicationsMax)
  const taken: Publication[] = []
  let bytes = 0
  while (taken.length < count) {
    const publication = history?.find(from + step * taken.length)
    if (publication === undefined) break
    bytes += contentBytes(publication)
    if (bytes > pageBytesMax && taken.length > 0) break
    taken.push(publication)
  }
  return taken
}
