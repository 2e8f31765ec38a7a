// What GRIP counts.
import type { MetricRow } from '../../telemetry/metric-row.ts'

export const metrics: readonly MetricRow[] = [
  ['requests', 'requests_total', 'Requests of clients.'],
  ['routesMissing', 'routes_missing_total', 'Requests for which there was no route.'],
  ['holds', 'holds', 'Clients held now, as streams or as long polls.'],
  ['asking', 'asking', 'Clients now of whose request it is not known yet what becomes of it.'],
  [
    'originCalls',
    'origin_calls_total',
    'Requests of clients that were made to an origin, again ones included.',
  ],
  ['originFailures', 'origin_failures_total', 'Answers of our own because an origin could not be used.'],
  ['askedAgain', 'asked_again_total', 'Long polls whose origin was asked again.'],
  ['pollsUnheld', 'polls_unheld_total', 'Long polls that were answered at once, for lack of stored bytes.'],
  ['storedBytes', 'stored_bytes', 'Bytes kept now of bodies that may be sent again, and of long polls.'],
  ['pagesFetched', 'pages_fetched_total', 'Next pages that streams asked for, shared ones counted for each.'],
  ['goneTold', 'gone_told_total', 'Origins that were told that a client is gone.'],
  [
    'ignoredChannels',
    'ignored_channels_total',
    'Channels that an origin named beyond the limit of a connection, or that no channel can be called.',
  ],
  ['origins', 'origins', 'Targets with a connection now.'],
  ['originConnections', 'origin_connections', 'Connections to origins now.'],
  ['publishes', 'publishes_total', 'Publishes that were acknowledged.'],
  ['zmqInvalid', 'zmq_invalid_total', 'Messages of ZeroMQ publishers that are no items.'],
  ['zmqRefused', 'zmq_refused_total', 'Messages of ZeroMQ publishers that the engine refused.'],
  ['zmqLost', 'zmq_lost_total', 'Messages of ZeroMQ publishers that ended with a worker.'],
  [
    'zmqStatisticsDropped',
    'zmq_statistics_dropped_total',
    'Items of statistics that the thread of ZeroMQ was not there for.',
  ],
  ['zmqConnections', 'zmq_connections', 'Connections now that commands know by their ids.'],
  ['publishesRefused', 'publishes_refused_total', 'Bodies that were refused.'],
]
