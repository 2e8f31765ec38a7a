// Metrics of the node, its process, front-ends, listeners and this room.
import { type Metric, rowsOf } from './metric.ts'

const node = rowsOf('node', 'ringcast_', [
  ['build', 'build_info', 'Always 1; the label says the version.'],
  ['uptimeMs', 'uptime_seconds', 'Time since the node started.', 0.001],
  ['draining', 'draining', '1 while the node stops, else 0.'],
  ['workersWanted', 'workers_wanted', 'Workers that the node is to have.'],
  [
    'workersServing',
    'workers_serving',
    'Workers that take connections; fewer than wanted: one is being replaced.',
  ],
  [
    'workersAnswered',
    'workers_answered',
    'Workers whose numbers are in this answer; those of the others are missing.',
  ],
])

const processRows = rowsOf('process', 'process_', [
  ['cpuMs', 'cpu_seconds_total', 'Processor time of the whole process, in user and system mode.', 0.001],
  ['residentBytes', 'resident_memory_bytes', 'Memory of the process that is in RAM.'],
  ['openFds', 'open_fds', 'File descriptors in use; every connection needs one.'],
  ['maxFds', 'max_fds', 'File descriptors that the process may use.'],
  ['startedUnixMs', 'start_time_seconds', 'When the node started, since 1970.', 0.001],
])

const primary = rowsOf('primary', 'ringcast_', [
  ['started', 'workers_started_total', 'Workers started, those that replace others included.'],
  [
    'retired',
    'workers_retired_total',
    'Workers that met a bug or failed to start; each deserves a look at the log.',
  ],
])

const protocol = rowsOf('protocol', 'ringcast_', [
  ['streams', 'streams', 'Streams open now.'],
  ['streamsOpened', 'streams_opened_total', 'Streams opened.'],
  ['places', 'stream_places', 'Streams open or about to open: what the bound on streams counts.'],
  ['streamsMaxExceeded', 'streams_max_exceeded_total', 'Streams refused because of that bound.'],
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
  ['refused.*', 'refusals_total', 'Requests that were refused, by reason.'],
  ['bearersRefused', 'bearers_refused_total', 'Publishes without a valid bearer secret.'],
  ['tokensRefused', 'tokens_refused_total', 'Subscribes without a valid token.'],
  [
    'misrouted',
    'misrouted_total',
    'Requests at the shard port of a worker that does not own their channel: the proxy has another map.',
  ],
])

const admin = rowsOf('admin', 'ringcast_admin_', [
  ['requests', 'requests_total', 'Requests to the admin listener.'],
  ['refusals.*', 'refusals_total', 'Requests that it refused, by the code of the answer.'],
  ['publications', 'publications_total', 'Publications accepted by the HTTP API.'],
  ['publishedBytes', 'published_bytes_total', 'Payload of those publications.'],
  ['streams', 'streams', 'Channels followed over the HTTP API now.'],
  ['streamsOpened', 'streams_opened_total', 'Channels followed over the HTTP API.'],
])

const net = rowsOf('net', 'ringcast_net_', [
  ['connections', 'connections', 'Connections open now.'],
  ['requests', 'requests_total', 'Requests received.'],
  ['aborted', 'requests_aborted_total', 'Requests whose client left before the answer.'],
  ['bodiesTooLarge', 'bodies_too_large_total', 'Requests with a body over the limit.'],
  [
    'suspects',
    'suspects_total',
    'Requests framed in a way that may hide another one; their connection was closed.',
  ],
  ['failures', 'failures_total', 'Requests that met a bug; their worker was replaced.'],
])

export const metricRows: readonly Metric[] = [
  ...node,
  ...processRows,
  ...primary,
  ...protocol,
  ...admin,
  ...net,
]
