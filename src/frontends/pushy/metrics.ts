// What pushy counts.
import type { MetricRow } from '../../telemetry/metric-row.ts'
import { refusalMetrics, streamMetrics } from '../session/metrics.ts'

export const metrics: readonly MetricRow[] = [
  ...streamMetrics,
  ['streamsExpired', 'streams_expired_total', 'Streams ended for their age.'],
  ['publishes', 'publishes_total', 'Publishes that were acknowledged.'],
  ['publishedBytes', 'published_bytes_total', 'Payload of acknowledged publishes.'],
  ...refusalMetrics,
  ['tokensRefused', 'tokens_refused_total', 'Requests without a valid token.'],
  ['tokensVerified', 'tokens_verified_total', 'Signatures of tokens that were checked.'],
  ['tokensRemembered', 'tokens_remembered', 'Tokens that passed and need no other check of their signature.'],
  ['tokensMinted', 'tokens_minted_total', 'Tokens handed out to publishers.'],
  ['ticketsIssued', 'tickets_issued_total', 'Tickets handed out: each may open one stream.'],
  ['ticketsRedeemed', 'tickets_redeemed_total', 'Streams opened by a ticket.'],
]
