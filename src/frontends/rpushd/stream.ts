// What a stream of rpushd says, and what is kept of its client. Its life is in the room of sessions; here it also ends
// where it is too old, or where a message does not fit into a frame.
import type { CloseReason } from '../../engine/words/refusal.ts'
import type { StreamKind, StreamSession } from '../session/stream-session.ts'
import type { ChannelTable, ChannelUse } from './channel-table.ts'
import { encodePositionFrame, heartbeatFrame } from './codec.ts'
import { noStore } from './headers.ts'
import { rpushdSection } from './settings.ts'

const head = {
  status: 200,
  headers: {
    'content-type': 'application/octet-stream',
    ...noStore,
    'x-content-type-options': 'nosniff',
  },
}

/** The original's first tick comes at once, behind the frame that it opens with: clients see two. */
const opening = Buffer.concat([heartbeatFrame, heartbeatFrame])

export interface Client {
  /** It wants positions. */
  readonly optedIn: boolean
  use: ChannelUse | undefined
  /** Monotonic. */
  openedMs: number
}

export type Stream = StreamSession<Client>

/** What all streams of a worker share. */
export interface StreamDependencies
  extends Pick<StreamKind<Client>, 'engine' | 'clock' | 'cadence' | 'admission'> {
  readonly channels: ChannelTable
  readonly counters: StreamKind<Client>['counters'] & { streamsExpired: number; streamsOmitted: number }
  /** Milliseconds, as set now; 0: streams do not age. */
  ageMsMax(): number
}

export function createStreamKind(dependencies: StreamDependencies): StreamKind<Client> {
  const { channels, clock, counters } = dependencies
  return {
    ...dependencies,
    via: rpushdSection.name,
    heartbeat: heartbeatFrame,
    head: () => head,
    first({ optedIn }, position, gap) {
      const isTold = optedIn && position !== undefined
      return isTold ? Buffer.concat([opening, encodePositionFrame(position, gap)]) : opening
    },
    /** Only a client that opted in can be told; for the others no frame would mean it. */
    gap: ({ optedIn }, position) => (optedIn ? encodePositionFrame(position, true) : undefined),
    /** It counts from its last position on. */
    renumbered: ({ optedIn }, position) => (optedIn ? encodePositionFrame(position, false) : undefined),
    opened({ client }, [channel = '']) {
      client.openedMs = clock.now()
      client.use = channels.opened(channel)
    },
    beats(session) {
      const { client } = session
      const now = clock.now()
      if (client.use !== undefined) client.use.usedMs = now
      const ageMsMax = dependencies.ageMsMax()
      const isYoung = ageMsMax === 0 || now - client.openedMs < ageMsMax
      if (isYoung) return true
      counters.streamsExpired++
      session.end()
      return false
    },
    dropped(_, reason: CloseReason) {
      if (reason === 'omitted') counters.streamsOmitted++
    },
    closed({ client }) {
      if (client.use !== undefined) channels.closed(client.use)
    },
  }
}
