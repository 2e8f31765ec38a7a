// The five families of the original's Prometheus ports (contract §6.9), as text: pure, out of what the workers counted.
import type { TallyReport } from './tally.ts'

interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  read(sums: TallyReport): number
}

const families: readonly Family[] = [
  {
    name: 'request_received',
    type: 'counter',
    help: 'Number of requests received',
    read: ({ requests }) => requests,
  },
  {
    name: 'connection_connected',
    type: 'gauge',
    help: 'Number of concurrent connections',
    read: ({ connections }) => connections,
  },
  {
    name: 'connection_minute',
    type: 'counter',
    help: 'Number of minutes clients have been connected',
    read: ({ connectedMs }) => Math.floor(connectedMs / 60_000),
  },
  {
    name: 'message_received',
    type: 'counter',
    help: 'Number of messages received by the publish API',
    read: ({ received }) => received,
  },
  {
    name: 'message_sent',
    type: 'counter',
    help: 'Number of messages sent to clients',
    read: ({ sent }) => sent,
  },
]

const nothing: TallyReport = { requests: 0, connections: 0, connectedMs: 0, received: 0, sent: 0 }

function sumOf(reports: Iterable<TallyReport>): TallyReport {
  let sum = nothing
  for (const each of reports) {
    sum = {
      requests: sum.requests + each.requests,
      connections: sum.connections + each.connections,
      connectedMs: sum.connectedMs + each.connectedMs,
      received: sum.received + each.received,
      sent: sum.sent + each.sent,
    }
  }
  return sum
}

export function exposition(prefix: string, sums: TallyReport): string {
  return families
    .map(({ name, type, help, read }) => {
      const full = prefix + name
      return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${full} ${read(sums)}\n`
    })
    .join('')
}

/** A worker that is replaced counts from nothing: what the one before it counted is kept, as far as it was asked. */
export class Totals {
  readonly #seen = new Map<number, TallyReport>()
  #before: TallyReport = nothing

  /** By slot. */
  of(reports: ReadonlyMap<number, TallyReport>): TallyReport {
    for (const [slot, report] of reports) {
      const last = this.#seen.get(slot)
      const isAnother =
        last !== undefined && (report.connectedMs < last.connectedMs || report.requests < last.requests)
      if (isAnother) {
        this.#before = sumOf([this.#before, { ...last, connections: 0 }])
      }
      this.#seen.set(slot, report)
    }
    return sumOf([this.#before, ...this.#seen.values()])
  }
}
