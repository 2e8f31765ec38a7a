// Settings of what is counted and told, and of how many deliveries are made in a second.
import type { Section } from '../../std/setting.ts'

export const countingFields = {
  messageRate: {
    type: 'integer',
    unit: 'count',
    default: 0,
    min: 0,
    max: 100_000_000,
    doc: 'Deliveries a second on the whole node, each an item for one client, shared alike by its workers; the rest waits. 0: as they come.',
  },
  messageHwm: {
    type: 'integer',
    unit: 'count',
    default: 0,
    min: 0,
    max: 100_000_000,
    doc: 'Deliveries that may wait for message_rate on the whole node, shared likewise; a client beyond it is cut behind what it can get without a hole. 0: any number.',
  },
  messageBlockBytes: {
    type: 'integer',
    unit: 'bytes',
    default: 0,
    min: 0,
    max: 1_000_000_000,
    doc: 'A delivery counts as one for each begun block of so many bytes, for message_rate and in statistics; 0: as one.',
  },
  statsConnectionSend: {
    type: 'boolean',
    default: true,
    doc: 'Statistics tell of each connection.',
  },
  statsConnectionTtlMs: {
    type: 'integer',
    unit: 'ms',
    default: 120_000,
    min: 1_000,
    max: 86_400_000,
    doc: 'How long observers of statistics believe in a connection; it is told of again after three quarters of it.',
  },
  statsSubscriptionTtlMs: {
    type: 'integer',
    unit: 'ms',
    default: 60_000,
    min: 1_000,
    max: 86_400_000,
    doc: 'The same of the subscribers of a channel.',
  },
  statsReportIntervalMs: {
    type: 'integer',
    unit: 'ms',
    default: 10_000,
    min: 0,
    max: 86_400_000,
    doc: 'How often statistics report of each route; 0: never.',
  },
  statsFormat: {
    type: 'choice',
    choices: ['tnetstring', 'json'],
    default: 'tnetstring',
    doc: 'How statistics are written.',
  },
  prometheusListen: {
    type: 'address',
    default: 'off',
    doc: "Address of the original's own metrics for Prometheus, on any path; off: there is none. All metrics are at /metrics of the admin listener.",
  },
  prometheusPrefix: {
    type: 'text',
    default: '',
    doc: 'In front of the names there.',
  },
  prometheusProxyListen: {
    type: 'address',
    default: 'off',
    doc: 'A second address with the same numbers, for who asks the two parts of the original.',
  },
  prometheusProxyPrefix: {
    type: 'text',
    default: '',
    doc: 'In front of the names there.',
  },
} as const satisfies Section['fields']
