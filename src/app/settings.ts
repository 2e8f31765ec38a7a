// What concerns the whole node. Its variables have no room in their name: RINGCAST_WORKERS.
import type { Section, SectionValues } from '../std/setting.ts'

export const nodeSection = {
  name: '',
  fields: {
    mode: {
      type: 'choice',
      choices: ['development', 'production'],
      default: 'development',
      doc: 'development: loopback addresses only, missing secrets are generated and printed. production: they refuse to start.',
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
      type: 'text',
      default: '',
      doc: 'JSON list of namespaces: objects with a pattern and what differs for its channels. The first that matches counts.',
    },
    stateDir: {
      type: 'text',
      default: '',
      doc: 'Folder in which a stopping node leaves numbering and history for the next start; empty: neither survives.',
    },
    drainSpreadMs: {
      type: 'integer',
      unit: 'ms',
      default: 200,
      min: 0,
      max: 600_000,
      doc: 'Time over which a stopping node closes its subscribers, so that they do not all return at once.',
    },
    logLevel: {
      type: 'choice',
      choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      default: 'info',
      doc: 'Least level of log lines.',
    },
    drainTimeoutMs: {
      type: 'integer',
      unit: 'ms',
      default: 10_000,
      min: 200,
      max: 3_600_000,
      doc: 'Deadline of a graceful stop; after it the process is killed.',
    },
  },
} as const satisfies Section

export type NodeSettings = SectionValues<typeof nodeSection>
