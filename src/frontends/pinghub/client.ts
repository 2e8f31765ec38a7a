// What a WebSocket of Pinghub says and hears, and what is kept of its client. Its life is in the room of sessions.
import { isUtf8 } from 'node:buffer'
import type { ChannelName } from '../../engine/words/publication.ts'
import type { Refusals } from '../session/refusals.ts'
import type { Payload, SocketKind, SocketSession } from '../session/socket-session.ts'
import { contentOf, encodeNotice } from './codec.ts'
import { type Reason, refusals as table } from './refusals.ts'
import { pinghubSection } from './settings.ts'

/** RFC 6455 section 7.4.1, and the registry of close codes. The original sends no code to those it drops. */
const codes = { away: 1001, notUtf8: 1007, tryAgain: 1013, none: 1005 } as const

export interface Client {
  /** Names it in the log. */
  readonly request: { readonly id: string }
  readonly channel: ChannelName
  /** It wants positions. */
  readonly optedIn: boolean
}

export type ClientSession = SocketSession<Client>

/** What all clients of a worker share. */
export interface ClientDependencies
  extends Pick<
    SocketKind<Client>,
    'engine' | 'clock' | 'pings' | 'deadlines' | 'admission' | 'slowMs' | 'isNotice'
  > {
  readonly refusals: Refusals<Reason>
  /** Sockets by channel, for the metrics port. */
  readonly channels: Map<string, number>
  readonly counters: SocketKind<Client>['counters'] & { socketMessages: number }
  /** Whether messages from clients are published, as set now. */
  socketsPublish(): boolean
}

export function createClientKind(dependencies: ClientDependencies): SocketKind<Client> {
  const { channels } = dependencies
  return {
    ...dependencies,
    via: pinghubSection.name,
    frameKind: 'text',
    first({ optedIn }, position, gap) {
      return optedIn && position !== undefined
        ? { bytes: encodeNotice(position, gap), kind: 'binary' }
        : undefined
    },
    /** Only a client that opted in can be told; for the others no message would mean it. */
    gap({ optedIn }, position) {
      return optedIn ? { bytes: encodeNotice(position, true), kind: 'binary' } : undefined
    },
    codeOf(reason) {
      if (reason === 'slow') return codes.none
      return reason === 'draining' ? codes.away : codes.tryAgain
    },
    message: (session, payload) => receive(dependencies, session, payload),
    opened({ channel }) {
      channels.set(channel, (channels.get(channel) ?? 0) + 1)
    },
    closed({ channel }) {
      const left = (channels.get(channel) ?? 1) - 1
      if (left === 0) channels.delete(channel)
      else channels.set(channel, left)
    },
  }
}

/** A client publishes to its own channel. */
function receive(dependencies: ClientDependencies, session: ClientSession, { bytes, kind }: Payload): void {
  const { counters, engine, refusals } = dependencies
  const { channel, optedIn, request } = session.client
  if (bytes.length === 0) {
    // Not to be taken for a publication by a client that counts those.
    if (!optedIn) counters.messagesSent++
    return session.send({ bytes, kind: optedIn ? 'binary' : 'text' })
  }
  counters.socketMessages++
  if (kind === 'binary' && !isUtf8(bytes)) return session.end(codes.notUtf8)
  // As where a list closes the channel: it is not heard, and stays.
  if (!dependencies.socketsPublish()) {
    return refusals.count(request, 'sockets-read-only', table.answer('sockets-read-only').status, channel)
  }
  engine.publish({ channel, content: contentOf(bytes), via: pinghubSection.name }, outcome => {
    if (typeof outcome !== 'string') return
    refusals.count(request, outcome, table.answer(outcome).status, channel)
    // Whoever may not publish is not heard, as for most of the original's years; what should have gone through is told.
    if (outcome === 'draining') session.end(codes.away, engine.returns.next('others'))
    else if (outcome !== 'not-allowed') session.end(codes.tryAgain)
  })
}
