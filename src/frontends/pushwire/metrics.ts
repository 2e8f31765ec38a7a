// What the room counts, for operators.

import { wholeCallMetrics } from '../../net/outgoing/whole-calls.ts'
import type { MetricRow } from '../../telemetry/metric-row.ts'
import { refusalMetrics } from '../session/metrics.ts'
import { assetMetrics } from './assets/asset-metrics.ts'
import { webhookHandlerMetrics } from './handlers/webhook-handler.ts'
import { validatorMetrics } from './validators/validation.ts'

export const metrics: readonly MetricRow[] = [
  ['places', 'stream_places', 'Streams or WebSockets open or about to open: what the bound on them counts.'],
  ['sockets', 'sockets', 'WebSockets open now.'],
  ['socketsOpened', 'sockets_opened_total', 'WebSockets opened.'],
  ['streams', 'streams', 'Streams open now.'],
  ['streamsOpened', 'streams_opened_total', 'Streams opened.'],
  ['sessions', 'sessions', 'Client ids that are connected or about to be, once for each connection.'],
  ['sessionsOpened', 'sessions_opened_total', 'Connections that were let in, and told so.'],
  ['gapsTold', 'gaps_told_total', 'Channels of which a connection was told that frames are missing.'],
  ['authTimeouts', 'auth_timeouts_total', 'WebSockets closed because no first message came in time.'],
  ['messages', 'messages_received_total', 'Messages that came by WebSocket.'],
  ['silent', 'silent_sockets', 'WebSockets open now whose client has not said who it is.'],
  [
    'silentMaxExceeded',
    'silent_max_exceeded_total',
    'WebSockets closed before their time because too many others were silent, too.',
  ],
  [
    'messagesSent',
    'messages_sent_total',
    'Messages handed to WebSockets: one for each publication and subscriber, and answers to empty ones.',
  ],
  ['eventsSent', 'events_sent_total', 'Frames handed to event streams.'],
  ['framesReceived', 'frames_received_total', 'Frames that clients sent, within their rate.'],
  ['framesDropped', 'frames_dropped_total', 'Messages of clients beyond their rate: they were dropped.'],
  ['framesPublished', 'frames_published_total', 'Frames of clients that their handlers published.'],
  ['framesRefused', 'frames_refused_total', 'Frames of clients that were refused.'],
  [
    'ordersRefused',
    'orders_refused_total',
    'Frames that applications wanted sent in their answers, and that could not be.',
  ],
  ['faults', 'faulty_messages_total', 'Messages of clients that could not be read.'],
  ['acks', 'acks_total', 'Acknowledgements, by operation and by POST.'],
  ['ended.*', 'connections_ended_total', 'Connections that the node ended, by why.'],
  ...validatorMetrics,
  ...assetMetrics,
  ...webhookHandlerMetrics,
  ...wholeCallMetrics,
  ...refusalMetrics,
]
