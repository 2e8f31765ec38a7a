// What a stream of the API says: server-sent events. Every event that moves the client has the position as its id, so
// that a browser resumes there. Its life is in the room of sessions.

import type { Format } from '../engine/reader/subscriber.ts'
import { formatPosition, type Position } from '../engine/words/position.ts'
import type { StreamKind, StreamSession } from '../frontends/session/stream-session.ts'
import type { Call } from './call.ts'
import { memberOf } from './content.ts'
import { adminSection } from './settings.ts'

/** Nothing is kept of a client. */
export type Follower = StreamSession<undefined, Call>

const headers = {
  'content-type': 'text/event-stream',
  // What compresses on the way would hold events back, and so would proxies of the nginx kind.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
}

const heartbeat = Buffer.from(':\n\n')

export function createFollowerKind(
  shared: Pick<StreamKind<undefined, Call>, 'engine' | 'clock' | 'cadence' | 'counters'>,
): StreamKind<undefined, Call> {
  return {
    ...shared,
    via: adminSection.name,
    heartbeat,
    head: call => ({ status: 200, headers: { ...call.headers, ...headers } }),
    first: (_, position, gap) =>
      position === undefined
        ? heartbeat
        : eventOf('open', { position: formatPosition(position), gap }, position),
    gap: (_, position) => eventOf('gap', { position: formatPosition(position) }, position),
    last: (_, reason, returnMs) => endOf(reason, returnMs),
  }
}

export const followerFormat = {
  id: adminSection.name,
  encode: ({ offset, content }, epoch) =>
    Buffer.from(`id: ${formatPosition({ epoch, offset })}\ndata: {${memberOf(content)}}\n\n`),
} satisfies Format

/** `returnMs`: what a client, a browser's among them, is to wait before it comes back. */
function endOf(reason: string, returnMs: number | undefined): Uint8Array {
  const retry = returnMs === undefined ? '' : `retry: ${returnMs}\n`
  return Buffer.from(`event: end\ndata: ${JSON.stringify({ reason })}\n${retry}\n`)
}

/** Without a position the client stays where it was. */
function eventOf(name: string, data: object, position?: Position): Uint8Array {
  const id = position === undefined ? '' : `id: ${formatPosition(position)}\n`
  return Buffer.from(`event: ${name}\n${id}data: ${JSON.stringify(data)}\n\n`)
}
