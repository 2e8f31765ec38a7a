// Questions about one channel: the name in the path, parameters of the query, and what the owner said as JSON.
import type { Inspection, InspectOptions } from '../engine/owner/inspection.ts'
import { formatPosition, type Position, parsePosition, type Since } from '../engine/words/position.ts'
import { type ChannelName, parseChannelName } from '../engine/words/publication.ts'
import { isIntact } from '../std/escaped-text.ts'
import { memberOf } from './content.ts'

const limitMax = 1_000
const limitDefault = 100

/** A parameter that does not fit. */
export interface QueryFault {
  readonly fault: string
}

/** Percent-encoded UTF-8, the empty name included; undefined: it is none, or longer than a name may be. */
export function parseSegment(segment: string): ChannelName | undefined {
  if (!isIntact(segment)) return undefined
  try {
    return parseChannelName(decodeURIComponent(segment))
  } catch {
    return undefined // an escape that is cut off
  }
}

export function parsePage(query: string | undefined): InspectOptions | QueryFault {
  const parameters = new URLSearchParams(query)
  const since = parseSince(parameters.get('since'))
  if (since !== undefined && 'fault' in since) return since
  const given = parameters.get('limit')
  const limit = given === null ? limitDefault : /^\d{1,4}$/.test(given) ? Number(given) : 0
  if (limit < 1 || limit > limitMax) return { fault: `limit must be a whole number from 1 to ${limitMax}.` }
  return { since, limit }
}

/** The query's `since`. `lastEventId` is newer where both are there: a browser repeats the query as it was. */
export function parseStart(
  query: string | undefined,
  lastEventId: string | undefined,
): Since | QueryFault | undefined {
  if (lastEventId !== undefined && lastEventId !== '') return parseSince(lastEventId)
  return parseSince(new URLSearchParams(query).get('since'))
}

function parseSince(text: string | null): Since | QueryFault | undefined {
  if (text === null || text === '') return undefined
  return (
    parsePosition(text) ?? { fault: 'since (or last-event-id) must be a position, EPOCH.OFFSET or OFFSET.' }
  )
}

/** JSON texts of a channel that the owner knows: it is at `position`. */
export function infoJson(channel: string, position: Position, { subscribers, history }: Inspection): string {
  const { size, bytes } = history
  return JSON.stringify({
    channel,
    position: formatPosition(position),
    subscribers,
    history: { size, bytes },
  })
}

export function presenceJson(channel: string, { subscribers }: Inspection): string {
  return JSON.stringify({ channel, subscribers })
}

export function historyJson(channel: string, position: Position, page: Inspection): string {
  const { gap, more, publications } = page
  const head = JSON.stringify({ channel, position: formatPosition(position), gap, more })
  const rows = publications.map(({ offset, content }) => {
    const own = formatPosition({ epoch: position.epoch, offset })
    return `{"position":"${own}","offset":${offset},${memberOf(content)}}`
  })
  return `${head.slice(0, -1)},"publications":[${rows.join(',')}]}`
}
