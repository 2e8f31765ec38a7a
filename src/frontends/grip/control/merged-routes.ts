// `report`s of a node: what its workers say each second of each rule, put together for an interval.
import type { Clock } from '../../../std/clock.ts'
import type { StatisticsItem } from './statistics.ts'

type Fields = StatisticsItem['fields']

/** Sums that are told as they are, in the original's order. */
const sums = ['received', 'sent', 'http-response-sent', 'blocks-received', 'blocks-sent'] as const
const minuteMs = 60_000

interface Route {
  /** The most at once, by worker, in its last second. */
  readonly bySlot: Map<number, number>
  readonly sums: Map<string, number>
  most: number
  /** Less than a minute of it is kept for the next report. */
  connectedMs: number
}

export class MergedRoutes {
  readonly #clock: Pick<Clock, 'now'>
  readonly #reportMs: number
  readonly #routes = new Map<string, Route>()
  #sinceMs: number

  /** 0: there are no reports. */
  constructor(clock: Pick<Clock, 'now'>, reportMs: number) {
    this.#clock = clock
    this.#reportMs = reportMs
    this.#sinceMs = clock.now()
  }

  add(slot: number, fields: Fields): void {
    if (this.#reportMs === 0) return
    const name = String(fields['route'] ?? '')
    const route = this.#routes.get(name) ?? { bySlot: new Map(), sums: new Map(), most: 0, connectedMs: 0 }
    this.#routes.set(name, route)
    route.bySlot.set(slot, Number(fields['connections']))
    // The workers' own maxima need not be of one moment: their sum is at least what was there at once.
    route.most = Math.max(route.most, sumOf(route.bySlot.values()))
    route.connectedMs += Number(fields['connected-ms'])
    for (const key of sums) {
      const value = fields[key]
      if (value !== undefined) route.sums.set(key, (route.sums.get(key) ?? 0) + Number(value))
    }
  }

  lost(slot: number): void {
    for (const { bySlot } of this.#routes.values()) bySlot.delete(slot)
  }

  /** Nothing until the interval is over. */
  take(): readonly Fields[] {
    const duration = Math.round(this.#clock.now() - this.#sinceMs)
    if (this.#reportMs === 0 || duration < this.#reportMs) return []
    this.#sinceMs = this.#clock.now()
    return [...this.#routes].flatMap(([name, route]) => this.#takeOne(name, route, duration))
  }

  #takeOne(name: string, route: Route, duration: number): readonly Fields[] {
    const { most, connectedMs } = route
    const minutes = Math.floor(connectedMs / minuteMs)
    const told = Object.fromEntries(route.sums)
    const now = sumOf(route.bySlot.values())
    if (now === 0) this.#routes.delete(name)
    route.sums.clear()
    route.most = now
    route.connectedMs -= minutes * minuteMs
    if (most === 0 && minutes === 0 && Object.values(told).every(value => value === 0)) return []
    return [{ ...(name !== '' && { route: name }), connections: most, minutes, ...told, duration }]
  }
}

function sumOf(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}
