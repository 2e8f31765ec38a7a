// The statistics socket (contract §6.8): one frame for each item, its type, a blank, and the fields. What is counted, and when, is
// said elsewhere; whoever subscribes filters by the type.
import type { Publisher } from 'zeromq'
import { formatTnetstring } from './tnetstring.ts'
import type { StatisticsItem } from './wire.ts'

export type StatisticsFormat = 'tnetstring' | 'json'

/** Members are sorted by name, as the original has them. */
export function statisticsFrame({ type, fields }: StatisticsItem, format: StatisticsFormat): Buffer {
  const names = Object.keys(fields).sort()
  const sorted = Object.fromEntries(
    names.flatMap(name => (fields[name] === undefined ? [] : [[name, fields[name]]])),
  )
  const body = format === 'json' ? Buffer.from(`J${JSON.stringify(sorted)}`) : formatTnetstring(sorted)
  const head = Buffer.from(format === 'json' ? `${type} ` : `${type} T`)
  return Buffer.concat([head, body])
}

export class Statistics {
  readonly #socket: Pick<Publisher, 'send' | 'closed'>
  readonly #format: StatisticsFormat

  constructor(socket: Pick<Publisher, 'send' | 'closed'>, format: StatisticsFormat) {
    this.#socket = socket
    this.#format = format
  }

  /** Nothing waits: what a slow subscriber has no room for is dropped by the library, for that one alone. */
  publish(items: readonly StatisticsItem[]): void {
    if (this.#socket.closed) return
    for (const item of items) this.#socket.send(statisticsFrame(item, this.#format)).catch(() => {}) // as it is said above
  }
}
