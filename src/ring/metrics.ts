// What a ring counts.
import type { MetricRow } from '../telemetry/metric-row.ts'

export const ringMetrics: readonly MetricRow[] = [
  ['generation', 'ring_generation', 'Number of the list of nodes that the worker has.'],
  ['requestsSent', 'ring_requests_total', 'Requests to other nodes, those that ask how they are included.'],
  ['questionsSent', 'ring_questions_total', 'Publishes and questions about channels in them.'],
  [
    'requestsFailed.*',
    'ring_requests_failed_total',
    'Requests to other nodes without an answer that counts: what was in them was refused.',
  ],
  ['waiting', 'ring_waiting', 'Publishes and questions that other nodes have not answered yet.'],
  ['waitingBytes', 'ring_waiting_bytes', 'Memory for those that were not sent yet.'],
  [
    'waitingExceeded',
    'ring_waiting_exceeded_total',
    'Publishes and questions refused because too much waits.',
  ],
  ['nodes.*', 'ring_nodes', 'Other nodes that are away, have another list, or refuse what is asked.'],
  ['requestsTaken', 'ring_requests_taken_total', 'Requests of other nodes that were answered.'],
  ['questionsTaken', 'ring_questions_taken_total', 'Publishes and questions in them.'],
  [
    'questionsElsewhere',
    'ring_questions_elsewhere_total',
    'Of those, the ones for channels of other nodes: the lists of both nodes differ.',
  ],
  ['refused.*', 'refusals_total', 'Requests that were refused, by reason.'],
]
