// Who is told what happens to clients: the counts that Prometheus ports ask for, always, and statistics where they go anywhere.
import type { Clock } from '../../../std/clock.ts'
import type { GripSettings } from '../settings.ts'
import type { Connections } from './connections.ts'
import type { Observer } from './observer.ts'
import { Reports } from './reports.ts'
import type { Emit } from './statistics.ts'
import type { Tally } from './tally.ts'

export interface Observing {
  readonly clock: Clock
  readonly settings: Pick<GripSettings, 'statsConnectionTtlMs' | 'statsConnectionSend' | 'messageBlockBytes'>
  readonly connections: Connections
  readonly emit: Emit | undefined
}

export function observerOf(tally: Tally, { clock, settings, connections, emit }: Observing): Observer {
  if (emit === undefined) return tally
  const reports = new Reports({
    clock,
    settings: {
      connectionTtlMs: settings.statsConnectionTtlMs,
      hasConnections: settings.statsConnectionSend,
      blockBytes: settings.messageBlockBytes,
    },
    emit,
    idOf: connection => connections.idOf(connection),
  })
  return bothOf(tally, reports)
}

function bothOf(one: Observer, other: Observer): Observer {
  return {
    opened(connection) {
      one.opened(connection)
      other.opened(connection)
    },
    held(connection) {
      one.held(connection)
      other.held(connection)
    },
    closed(connection) {
      one.closed(connection)
      other.closed(connection)
    },
    subscribed(channel, mode) {
      one.subscribed(channel, mode)
      other.subscribed(channel, mode)
    },
    unsubscribed(channel, mode) {
      one.unsubscribed(channel, mode)
      other.unsubscribed(channel, mode)
    },
    delivered(route, transport, batch) {
      one.delivered(route, transport, batch)
      other.delivered(route, transport, batch)
    },
    published(items) {
      one.published(items)
      other.published(items)
    },
    renew() {
      one.renew()
      other.renew()
    },
  }
}
