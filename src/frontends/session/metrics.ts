// What sessions count, described for every front-end that has them.
import type { MetricRow } from '../../telemetry/metric-row.ts'

const places: MetricRow = [
  'places',
  'stream_places',
  'Streams or WebSockets open or about to open: what the bound on them counts.',
]

export const streamMetrics: readonly MetricRow[] = [
  ['streams', 'streams', 'Streams open now.'],
  ['streamsOpened', 'streams_opened_total', 'Streams opened.'],
  places,
  ['streamsMaxExceeded', 'streams_max_exceeded_total', 'Streams refused because of that bound.'],
]

export const socketMetrics: readonly MetricRow[] = [
  places,
  ['sockets', 'sockets', 'WebSockets open now.'],
  ['socketsOpened', 'sockets_opened_total', 'WebSockets opened.'],
  [
    'messagesSent',
    'messages_sent_total',
    'Messages handed to WebSockets: one for each publication and subscriber, and answers to empty ones.',
  ],
  ['pongsMissed', 'pongs_missed_total', 'WebSockets cut because no pong came in time.'],
]

export const refusalMetrics: readonly MetricRow[] = [
  ['refused.*', 'refusals_total', 'Requests that were refused, by reason.'],
]
