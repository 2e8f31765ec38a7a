// What a stream of pushy says, by what its client can understand, and when its token ends it. Its life is in the room of
// sessions.
import type { Position } from '../../engine/words/position.ts'
import type { Expiries } from '../../std/expiries.ts'
import type { StreamKind, StreamSession } from '../session/stream-session.ts'
import type { Call } from './call.ts'
import { encodeComment, encodeEnd, encodeGap, encodePlace, encodeRetry, heartbeat } from './codec.ts'
import type { Start } from './resume.ts'
import { pushySection } from './settings.ts'

const head = {
  'content-type': 'text/event-stream',
  // What compresses on the way would hold events back, and so would proxies of the nginx kind.
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const

export interface Client {
  /** Event ids are positions, and the stream begins with one. */
  readonly hasPositions: boolean
  /** The client may be told more than messages. */
  readonly knowsEvents: boolean
  /** With a position, with one that is none of ours, or without: as far as it is known, for the first time. */
  readonly came: Start['came']
  /** First Unix second in which the token is expired. */
  readonly expires: number | undefined
  /** Where the stream stands among the expiries. */
  expiresAt: number | undefined
}

export type Stream = StreamSession<Client, Call>

/** What all streams of a worker share. */
export interface StreamDependencies
  extends Pick<StreamKind<Client, Call>, 'engine' | 'clock' | 'cadence' | 'admission' | 'counters'> {
  readonly expiries: Expiries<Stream>
  /** What each event tells browsers to wait. */
  readonly retryMs: number
}

export function createStreamKind(dependencies: StreamDependencies): StreamKind<Client, Call> {
  const { expiries, retryMs } = dependencies
  return {
    ...dependencies,
    via: pushySection.name,
    heartbeat,
    endsAsStream: true,
    head: call => ({ status: 200, headers: { ...head, ...call.headers } }),
    first(client, position, gap) {
      const { came, hasPositions } = client
      const place = hasPositions ? position : undefined
      // A browser keeps what it was told as it was sent away, until somebody says otherwise.
      const usualMs = came === 'new' ? undefined : retryMs
      if (gap || came === 'lost') return gapText(client, place, usualMs)
      return place === undefined ? heartbeat : encodePlace(place, usualMs)
    },
    /** A client of the first generation without positions learns it by the end of its stream. */
    gap(client, position) {
      const { hasPositions, knowsEvents } = client
      if (!hasPositions && !knowsEvents) return undefined
      return gapText(client, hasPositions ? position : undefined)
    },
    last({ knowsEvents }, reason, returnMs) {
      if (knowsEvents) return encodeEnd(reason, returnMs)
      return returnMs === undefined ? undefined : encodeRetry(returnMs)
    },
    opened(stream) {
      const { client } = stream
      if (client.expires !== undefined) client.expiresAt = expiries.add(stream, client.expires)
    },
    closed(stream) {
      const { expiresAt } = stream.client
      if (expiresAt !== undefined) expiries.remove(stream, expiresAt)
    },
  }
}

/** The last bytes of a stream whose token is expired. */
export function expiredText({ knowsEvents }: Client): Uint8Array {
  return knowsEvents ? encodeEnd('token-expired') : encodeComment('token expired')
}

function gapText({ knowsEvents }: Client, place: Position | undefined, retryMs?: number): Uint8Array {
  if (knowsEvents) return encodeGap(place, retryMs)
  const comment = encodeComment('gap')
  return place === undefined ? comment : Buffer.concat([comment, encodePlace(place, retryMs)])
}
