// What `report` says of each rule with an id, and of all others together: one worker's part, of a second.
import type { Clock } from '../../../std/clock.ts'
import type { Sent } from './deliveries.ts'
import type { StatisticsItem } from './statistics.ts'
import { Presence } from './tally.ts'

interface Route {
  readonly present: Presence
  /** The most that were there at once since the last report. */
  most: number
  toldMs: number
  toldConnections: number
  sums: Sums
}

interface Sums {
  received: number
  sent: number
  responses: number
  blocksReceived: number
  blocksSent: number
}

const none = (): Sums => ({ received: 0, sent: 0, responses: 0, blocksReceived: 0, blocksSent: 0 })

export class RouteReports {
  readonly #clock: Pick<Clock, 'now'>
  readonly #routes = new Map<string, Route>()
  #hasBlocks = false

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  opened(route: string): void {
    const entry = this.#of(route)
    entry.present.add(1)
    entry.most = Math.max(entry.most, entry.present.count)
  }

  closed(route: string): void {
    this.#of(route).present.add(-1)
  }

  /** An item counts as received once for each rule whose clients got it here. */
  sent({ route, transport, count, blocks, blocksOfOne }: Sent): void {
    const { sums } = this.#of(route)
    sums.received++
    sums.sent += count
    if (transport === 'http-response') sums.responses += count
    if (blocks === undefined || blocksOfOne === undefined) return
    this.#hasBlocks = true
    sums.blocksReceived += blocksOfOne
    sums.blocksSent += blocks
  }

  /** Since the last time, where there is anything to say. `connected-ms` becomes minutes where the parts meet. */
  take(): readonly StatisticsItem['fields'][] {
    const parts: StatisticsItem['fields'][] = []
    for (const [route, entry] of this.#routes) {
      const { present, most, sums, toldMs, toldConnections } = entry
      const { count, ms } = present
      const isQuiet = most === 0 && toldConnections === 0 && sums.sent === 0
      if (!isQuiet) {
        parts.push({
          ...(route !== '' && { route }),
          connections: most,
          'connected-ms': ms - toldMs,
          received: sums.received,
          sent: sums.sent,
          'http-response-sent': sums.responses,
          ...(this.#hasBlocks && {
            'blocks-received': sums.blocksReceived,
            'blocks-sent': sums.blocksSent,
          }),
        })
      }
      // Where nobody is left, that is told once more.
      if (isQuiet) this.#routes.delete(route)
      else Object.assign(entry, { most: count, toldMs: ms, toldConnections: most, sums: none() })
    }
    return parts
  }

  #of(route: string): Route {
    const known = this.#routes.get(route)
    if (known !== undefined) return known
    const made = { present: new Presence(this.#clock), most: 0, toldMs: 0, toldConnections: 0, sums: none() }
    this.#routes.set(route, made)
    return made
  }
}
