// What concerns the whole node. Its variables have no room in their name: RINGCAST_WORKERS.
import { returnsPerSecondDefault } from '../engine/reader/returns.ts'
import { namespaceMembers } from '../engine/words/namespace-members.ts'
import type { Section, SectionValues } from '../std/setting.ts'

export const nodeSection = {
  name: '',
  fields: {
    config: {
      type: 'text',
      default: '',
      doc: 'Settings file, YAML or JSON. Its keys are the variables in small letters without RINGCAST_, rooms as sections.',
    },
    mode: {
      type: 'choice',
      choices: ['development', 'production'],
      default: 'development',
      doc: 'development: loopback addresses only, missing secrets are generated and printed. production: they refuse to start.',
    },
    only: {
      type: 'list',
      default: [],
      doc: 'Protocols to start; empty: all whose address is not off.',
    },
    workers: {
      type: 'integer',
      unit: 'count',
      default: 0,
      min: 0,
      max: 256,
      doc: 'Worker threads; 0: one per core.',
    },
    namespaces: {
      type: 'records',
      default: [],
      // A worker looks through them all for each channel that it does not remember.
      recordsMax: 1_000,
      members: namespaceMembers,
      doc: 'List of namespaces: objects with a pattern and what differs for its channels. The first that matches counts.',
    },
    stateDir: {
      type: 'text',
      form: 'absolute path',
      default: '',
      doc: 'Folder in which a stopping node leaves numbering and history for the next start; empty: neither survives. It is made for this user alone, and one in which others may write is refused.',
    },
    drainSpreadMs: {
      type: 'integer',
      unit: 'ms',
      default: 200,
      min: 0,
      max: 600_000,
      live: true,
      doc: 'Time over which a stopping node closes its subscribers.',
    },
    returnsPerSecond: {
      type: 'integer',
      unit: 'count',
      default: returnsPerSecondDefault,
      min: 1,
      // More than a node accepts.
      max: 1_000_000,
      live: true,
      doc: 'Clients that a stopping node sends away are told to come back at this rate, each at its own time: 1,000 within 2 s. Nobody is told more than 4 min.',
    },
    logLevel: {
      type: 'choice',
      choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      default: 'info',
      live: true,
      doc: 'Least level of log lines.',
    },
    logFormat: {
      type: 'choice',
      choices: ['auto', 'json', 'pretty'],
      default: 'auto',
      doc: 'Log lines on standard output: JSON for machines, pretty for people; auto: pretty on a terminal.',
    },
    drainTimeoutMs: {
      type: 'integer',
      unit: 'ms',
      default: 10_000,
      min: 200,
      max: 3_600_000,
      live: true,
      doc: 'Deadline of a graceful stop; after it the process is killed, within 2 s in which it keeps what workers still leave.',
    },
  },
} as const satisfies Section

export type NodeSettings = SectionValues<typeof nodeSection>
