// Metrics of the node, its process, listeners and this room. Front-ends describe their own.
import { type Metric, protocolPrefix, rowsOf } from './metric.ts'

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
  [
    'brokerReached',
    'broker_up',
    '1 while all workers reach the broker, else 0. A node that stands alone has none.',
  ],
  [
    'brokerAwayMs',
    'broker_away_seconds',
    'Time since which some worker does not reach the broker; 0 while all do.',
    0.001,
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
  ['requestsWaiting', 'requests_waiting', 'Requests that came while no worker served, and wait for one.'],
  [
    'requestsWaitingExceeded',
    'requests_waiting_exceeded_total',
    'Requests that were cut because too many waited for a worker.',
  ],
])

/** Of a front-end, though it does not count it itself. */
const protocol = rowsOf('protocol', protocolPrefix, [
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
    'bodiesInCrumbs',
    'bodies_in_crumbs_total',
    'Requests refused because their body came in absurdly small chunks.',
  ],
  [
    'floods',
    'floods_total',
    'Clients closed for more than their share of a turn: of messages, pings, or pieces of a body.',
  ],
  ['lingered', 'lingered_total', 'Refusals held back because their client was still sending.'],
  ['lingeredInVain', 'lingered_in_vain_total', 'Of those, the ones whose client sent on beyond the bounds.'],
  [
    'suspects',
    'suspects_total',
    'Requests framed in a way that may hide another one; their connection was closed.',
  ],
  ['failures', 'failures_total', 'Requests that met a bug; their worker was replaced.'],
  ['accepted', 'accepted_total', 'Connections that a gate accepted.'],
  ['refused', 'refused_total', 'Requests at a gate that were no sound HTTP.'],
  ['idle', 'idle_total', 'Connections to a gate closed because no request came in time.'],
  ['behind', 'behind_total', 'Clients of a gate that were cut because too much waited for them.'],
  ['crowded', 'crowded_total', 'Connections to a gate that were cut because too many waited for room.'],
  ['handshakesFailed', 'handshakes_failed_total', 'TLS handshakes with a gate that failed.'],
  ['socketsOpened', 'sockets_opened_total', 'WebSockets accepted.'],
  ['handshakesRefused', 'handshakes_refused_total', 'Faulty handshakes that no front-end saw.'],
  ['messages', 'messages_total', 'Messages received over WebSockets, empty ones included.'],
  ['messagesTooLarge', 'messages_too_large_total', 'WebSockets closed for a message over the limit.'],
  ['pingsMissed', 'pings_missed_total', 'WebSockets cut because they gave no sign of life.'],
  [
    'socketsBehind',
    'sockets_behind_total',
    'WebSockets cut because too many answers waited for a client that was behind.',
  ],
  ['socketsChattering', 'sockets_chattering_total', 'WebSockets closed for too many pings and pongs.'],
  ['closesNormal', 'closes_normal_total', 'WebSockets ended with 1000, 1001 or a frame without a code.'],
  ['closesLost', 'closes_lost_total', 'WebSockets that ended without a close frame.'],
  ['closesRefused', 'closes_refused_total', 'WebSockets ended because their client broke a rule.'],
  ['closesServer', 'closes_server_total', 'WebSockets ended with 1011 to 1014.'],
  ['closesPrivate', 'closes_private_total', 'WebSockets ended with a code from 3000 to 4999.'],
])

const traffic = rowsOf('traffic', 'ringcast_net_', [
  [
    'turnsOverrun',
    'turns_overrun_total',
    'Turns of the event loop in which clients took more time than all together may.',
  ],
  ['requestsPutOff', 'requests_put_off_total', 'Requests answered at the end of a turn that had too many.'],
  ['bodiesBytes', 'bodies_bytes', 'Memory for bodies that are not complete.'],
  ['bodiesLate', 'bodies_late_total', 'Requests refused because their body took too long.'],
  [
    'bodiesCrowdedOut',
    'bodies_crowded_out_total',
    'Requests refused because unfinished bodies took too much memory: the oldest first.',
  ],
])

const offload = rowsOf('offload', 'ringcast_offload_', [
  ['tasks', 'tasks_total', 'Hashes of large bodies that were handed to a thread of their own.'],
  ['refused', 'refused_total', 'Hashes refused because too many wait already.'],
  ['failed', 'failed_total', 'Hashes that came to nothing because the thread was lost.'],
  ['threads', 'threads', 'Threads for such work that run now.'],
])

export const metricRows: readonly Metric[] = [
  ...node,
  ...processRows,
  ...primary,
  ...protocol,
  ...admin,
  ...net,
  ...traffic,
  ...offload,
]
