// What an operator may ask of any channel, read from the broker: where it stands and a page of what is kept. No record of the
// channel is made, here or there.
import type { ChannelInspection, InspectOptions } from '../engine/owner/inspection.ts'
import { type Offset, type Position, parseOffset, type Since } from '../engine/words/position.ts'
import {
  type ChannelName,
  contentBytes,
  type Publication,
  publicationOf,
} from '../engine/words/publication.ts'
import type { Carrier, Inspected } from './carrier.ts'
import { decodeEnvelope } from './envelope.ts'

/** As of a ledger: whoever wants more asks again from where this ends. */
const publicationsMax = 1_000
const pageBytesMax = 1_048_576

/** Of the newest, how many are searched for an id. */
const searchedMax = 10_000

interface Question extends InspectOptions {
  readonly channel: ChannelName
  /** What this worker keeps of it. */
  readonly bytes: number
}

type Done = (outcome: ChannelInspection | 'broker-away') => void

export function inspectAtBroker(carrier: Carrier, question: Question, done: Done): void {
  carrier.inspect(question.channel, inspected => {
    if (inspected === 'away') return done('broker-away')
    if (inspected === undefined) return done(unknown(question.since !== undefined))
    if (question.since === undefined) inspectLast(carrier, question, inspected, done)
    else inspectSince(carrier, question, inspected, question.since, done)
  })
}

function unknown(gap: boolean): ChannelInspection {
  return { position: undefined, publications: [], gap, more: false, history: { size: 0, bytes: 0 } }
}

function inspectLast(carrier: Carrier, question: Question, inspected: Inspected, done: Done): void {
  const { next } = inspected
  const oldest = oldestOf(inspected)
  const count = Math.min(question.limit, publicationsMax)
  readAll(carrier, question.channel, inspected, Math.max(oldest, next - count), read => {
    if (read === 'away') return done('broker-away')
    const publications = fitting(read.toReversed()).reverse()
    const more = oldest < next - publications.length
    place(carrier, question, inspected, { publications, gap: false, more }, done)
  })
}

function inspectSince(
  carrier: Carrier,
  question: Question,
  inspected: Inspected,
  since: Since,
  done: Done,
): void {
  const { epoch, first, next } = inspected
  const oldest = oldestOf(inspected)
  const wanted = since.offset + 1
  // A bare offset means the current epoch if it is not older than its first one.
  const same = since.epoch === undefined ? wanted >= first : since.epoch === epoch
  const gap = !same || wanted < oldest || wanted > next
  const from = same ? Math.max(wanted, oldest) : oldest
  const end = Math.min(next, from + Math.min(question.limit, publicationsMax))
  readAll(carrier, question.channel, { ...inspected, next: parseOffset(Math.max(from, end)) }, from, read => {
    if (read === 'away') return done('broker-away')
    const publications = fitting(read)
    const more = from + publications.length < next
    place(carrier, question, inspected, { publications, gap, more }, done)
  })
}

function place(
  carrier: Carrier,
  { channel, id, bytes }: Question,
  inspected: Inspected,
  page: Pick<ChannelInspection, 'publications' | 'gap' | 'more'>,
  done: Done,
): void {
  const { epoch, next, kept } = inspected
  const position = { epoch, offset: parseOffset(next - 1) }
  const inspection = { position, ...page, history: { size: kept, bytes } }
  if (id === undefined) return done(inspection)
  const from = Math.max(oldestOf(inspected), next - searchedMax)
  readAll(carrier, channel, inspected, from, read => {
    if (read === 'away') return done('broker-away')
    const placed = placeOf(read, id)
    done({
      ...inspection,
      ...(placed !== undefined && { placed: { epoch, offset: placed } satisfies Position }),
    })
  })
}

function placeOf(read: readonly Publication[], id: string): Offset | undefined {
  const found = read.findLast(({ sequence }) => sequence?.isLoose !== true && sequence?.id === id)
  return found?.offset
}

function oldestOf({ first, next, kept }: Inspected): number {
  return Math.max(first, next - kept)
}

/** As many as fit into an answer; one at least. */
function fitting(publications: readonly Publication[]): Publication[] {
  let bytes = 0
  const end = publications.findIndex((publication, index) => {
    bytes += contentBytes(publication)
    return bytes > pageBytesMax && index > 0
  })
  return end < 0 ? [...publications] : publications.slice(0, end)
}

/** From there up to the channel's end, contiguous; shorter at its beginning where some is gone meanwhile. */
function readAll(
  carrier: Carrier,
  channel: ChannelName,
  { epoch, next }: Pick<Inspected, 'epoch' | 'next'>,
  from: number,
  done: (read: readonly Publication[] | 'away') => void,
): void {
  let read: Publication[] = []
  const ask = (at: Offset) => {
    if (at >= next) return done(read)
    carrier.read(channel, epoch, at, next, stretch => {
      if (stretch === 'away') return done('away')
      // Another numbering began meanwhile: what is asked for is gone.
      if (stretch === 'other-epoch') return done([])
      if (stretch.from > at) read = []
      let offset = parseOffset(Math.max(stretch.from, at))
      for (const envelope of stretch.envelopes) {
        const body = decodeEnvelope(envelope)
        // Nothing is said across what cannot be read.
        if (typeof body === 'string') read = []
        else read.push(publicationOf(channel, offset, body))
        offset = parseOffset(offset + 1)
      }
      if (stretch.envelopes.length === 0) done(read)
      else ask(offset)
    })
  }
  ask(parseOffset(from))
}
