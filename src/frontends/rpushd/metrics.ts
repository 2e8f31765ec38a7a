// What rpushd counts.
import type { MetricRow } from '../../telemetry/metric-row.ts'
import { refusalMetrics, streamMetrics } from '../session/metrics.ts'

export const metrics: readonly MetricRow[] = [
  ...streamMetrics,
  ['streamsExpired', 'streams_expired_total', 'Streams ended for their age.'],
  [
    'streamsOmitted',
    'streams_omitted_total',
    'Streams ended because their protocol cannot carry a publication of the channel, nor say so.',
  ],
  [
    'publicationsOmitted',
    'publications_omitted_total',
    'Publications that the protocol cannot carry, by each worker with clients that should have got them.',
  ],
  [
    'channels',
    'protocol_channels',
    'Channels with an entry in the table behind the protocol’s own statistics.',
  ],
  ['publishes', 'publishes_total', 'Publishes that were acknowledged.'],
  ['publishedBytes', 'published_bytes_total', 'Payload of acknowledged publishes.'],
  ...refusalMetrics,
  ['bearersRefused', 'bearers_refused_total', 'Publishes without a valid bearer secret.'],
  ['tokensRefused', 'tokens_refused_total', 'Requests without a valid token.'],
]
