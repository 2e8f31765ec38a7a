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
  ['filtersDropped', 'filters_dropped_total', 'Items that a filter kept from a client.'],
  [
    'filtersFailed',
    'filters_failed_total',
    'Items that a client did not get because a filter could not be applied, or they name others.',
  ],
  ['filterRequests', 'filter_requests_total', 'Requests of the filters http-check and http-modify.'],
  ['filterRequestsWaiting', 'filter_requests_waiting', 'Requests of filters that wait now for their second.'],
  ['goneTold', 'gone_told_total', 'Origins that were told that a client is gone.'],
  [
    'ignoredChannels',
    'ignored_channels_total',
    'Channels that an origin named beyond the limit of a connection, or that no channel can be called.',
  ],
  ['socketsOverHttp', 'sockets_over_http', 'WebSockets now whose origin is asked by requests.'],
  ['eventRequests', 'event_requests_total', 'Requests with events of WebSockets, again ones included.'],
  ['eventRetries', 'event_retries_total', 'Requests with events that were made again.'],
  ['socketsLost', 'sockets_lost_total', 'WebSockets over HTTP that could not go on.'],
  ['socketsCrowdedOut', 'sockets_crowded_out_total', 'Of those, for lack of bytes that sockets may hold.'],
  ['socketBytes', 'socket_bytes', 'Bytes held now of what WebSockets and their origins say to each other.'],
  ['metasIgnored', 'metas_ignored_total', 'Set-Meta headers for which a connection had no room.'],
  ['origins', 'origins', 'Targets with a connection now.'],
  ['originConnections', 'origin_connections', 'Connections to origins now.'],
  ['publishes', 'publishes_total', 'Publishes that were acknowledged.'],
  ['publishesRefused', 'publishes_refused_total', 'Bodies that were refused.'],
]
