// A front-end that tells how much memory its worker holds once everything that can go is gone. Needs --expose-gc.
import { getHeapCodeStatistics } from 'node:v8'
import type { Frontend } from '../../../src/frontends/frontend.ts'
import type { Section } from '../../../src/std/setting.ts'

const section = {
  name: 'probe',
  fields: {
    listen: { type: 'address', default: 'off', doc: 'Address.' },
    shardPorts: { type: 'address', default: '127.0.0.1:0', doc: 'One address per worker.' },
    subscribe: { type: 'list', default: [], doc: 'Channels.' },
    publish: { type: 'list', default: [], doc: 'Channels.' },
  },
} as const satisfies Section

/** Bytes, and what keeps the event loop alive, by kind. */
export interface ProbeReading {
  /** All of the heap, code included. */
  readonly heapBytes: number
  /** What V8 compiled. */
  readonly codeBytes: number
  readonly externalBytes: number
  readonly resources: Readonly<Record<string, number>>
}

function read(): ProbeReading {
  // Twice: what a finalizer lets go of the first time is collected the second time.
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  const resources: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  const code = getHeapCodeStatistics()
  const codeBytes = code.code_and_metadata_size + code.bytecode_and_metadata_size
  return { heapBytes: heapUsed, codeBytes, externalBytes: external, resources }
}

export const frontend: Frontend<typeof section> = {
  name: section.name,
  clients: 'tests of memory',
  section,
  open: () => ({
    handle: exchange => exchange.reply({ status: 200, body: JSON.stringify(read()) }),
    statistics: () => ({}),
  }),
  greeting: () => [],
}
