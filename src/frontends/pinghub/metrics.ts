// What Pinghub counts.
import type { MetricRow } from '../../telemetry/metric-row.ts'
import { refusalMetrics, socketMetrics } from '../session/metrics.ts'

export const metrics: readonly MetricRow[] = [
  ...socketMetrics,
  ['socketMessages', 'socket_messages_total', 'Messages from WebSockets that were not empty.'],
  ['posts', 'posts_total', 'Posts to a path that were answered with success, empty ones included.'],
  ['postsUnheard', 'posts_unheard_total', 'Those to a channel without subscribers.'],
  [
    'channels',
    'protocol_channels',
    'Channels with an entry in the table behind the protocol’s own statistics.',
  ],
  ...refusalMetrics,
]
