// Statistics as the original publishes them (contract §6.8), one worker's part: made only where an outlet takes them, for they cost
// per connection. What belongs to a whole node is put together in merged-reports.ts, where the parts of all workers meet.
import { Cadence, type CadenceEntry } from '../../../std/cadence.ts'
import type { Clock } from '../../../std/clock.ts'
import type { Mode } from '../hold/ends.ts'
import { blocksOf } from '../hold/rate.ts'
import type { Batch } from '../item/batch.ts'
import { bytesOf, type Transport } from '../item/transport.ts'
import type { Connection } from './connection.ts'
import { Deliveries } from './deliveries.ts'
import type { Observer } from './observer.ts'
import { RouteReports } from './route-reports.ts'
import { type Emit, refreshedAt, type StatisticsItem } from './statistics.ts'

export interface ReportSettings {
  readonly connectionTtlMs: number
  /** `conn` is among them. */
  readonly hasConnections: boolean
  /** Bytes of a block; 0: blocks are not counted. */
  readonly blockBytes: number
}

export interface ReportsContext {
  readonly clock: Clock
  readonly settings: ReportSettings
  readonly emit: Emit
  idOf(connection: Connection): string
}

/** The original's; what is later by so much is late to nobody. */
export const batchMs = 100
/** A full batch does not wait: a second of many publications must not lie here. */
const itemsMax = 1_000
/** Parts of `report`, of which the node's are made. */
const reportMs = 1_000

interface Told {
  readonly refresh: CadenceEntry<Connection>
  /** By which observers know it. */
  id: string | undefined
}

export class Reports implements Observer {
  readonly #context: ReportsContext
  readonly #deliveries: Deliveries
  readonly #routes: RouteReports
  readonly #refreshing: Cadence<Connection>
  readonly #told = new Map<Connection, Told>()
  /** Subscribers of each channel here, by mode and name. */
  readonly #subscribers = new Map<string, { readonly channel: string; readonly mode: Mode; count: number }>()
  readonly #changed = new Set<string>()
  readonly #requests = new Map<string, number>()
  #batch: StatisticsItem[] = []
  #isArmed = false
  /** What is left of telling all again. */
  #renewing: Iterator<void> | undefined

  constructor(context: ReportsContext) {
    const { clock, settings } = context
    this.#context = context
    this.#deliveries = new Deliveries((item, transport) =>
      blocksOf(bytesOf(item, transport), settings.blockBytes),
    )
    this.#routes = new RouteReports(clock)
    this.#refreshing = new Cadence(clock, settings.connectionTtlMs * refreshedAt, each => this.#tell(each))
    clock.every(reportMs, () => this.#report())
  }

  opened(connection: Connection): void {
    const route = routeOf(connection)
    this.#routes.opened(route)
    this.#requests.set(route, (this.#requests.get(route) ?? 0) + 1)
    this.#arm()
    if (!this.#context.settings.hasConnections) return
    this.#told.set(connection, { refresh: this.#refreshing.add(connection), id: undefined })
    this.#tell(connection)
  }

  held(connection: Connection): void {
    this.#tell(connection)
  }

  closed(connection: Connection): void {
    this.#routes.closed(routeOf(connection))
    const told = this.#told.get(connection)
    if (told === undefined) return
    this.#told.delete(connection)
    this.#refreshing.remove(told.refresh)
    this.#withdraw(connection, told)
  }

  subscribed(channel: string, mode: Mode): void {
    this.#count(channel, mode, 1)
  }

  unsubscribed(channel: string, mode: Mode): void {
    this.#count(channel, mode, -1)
  }

  delivered(route: string, transport: Transport, batch: Batch): void {
    this.#deliveries.add(route, transport, batch)
    if (this.#deliveries.size > itemsMax) this.#flush()
    else this.#arm()
  }

  published(): void {}

  /** All that is there is told again, so much of it with each batch that a turn stays short. */
  renew(): void {
    this.#renewing = this.#tellAll()
    this.#arm()
  }

  #count(channel: string, mode: Mode, change: 1 | -1): void {
    const key = `${mode} ${channel}`
    const entry = this.#subscribers.get(key) ?? { channel, mode, count: 0 }
    entry.count += change
    this.#subscribers.set(key, entry)
    this.#changed.add(key)
    this.#arm()
  }

  #tell(connection: Connection): void {
    const { settings, idOf } = this.#context
    const { kind, peer, isTls } = connection.facts
    const told = this.#told.get(connection)
    if (told === undefined) return
    const id = idOf(connection)
    // The end that it was asked by first was not reached, and it has the id of another one now.
    if (told.id !== id) this.#withdraw(connection, told)
    told.id = id
    this.#add('conn', {
      ...routeField(connection),
      id,
      type: kind,
      ...(peer !== '' && { 'peer-address': peer }),
      ...(isTls && { ssl: true }),
      ttl: Math.round(settings.connectionTtlMs / 1_000),
    })
  }

  #withdraw(connection: Connection, { id }: Told): void {
    if (id !== undefined) this.#add('conn', { ...routeField(connection), id, unavailable: true })
  }

  #add(type: string, fields: StatisticsItem['fields']): void {
    this.#batch.push({ type, fields })
    if (this.#batch.length > itemsMax) this.#flush()
    else this.#arm()
  }

  #report(): void {
    for (const fields of this.#routes.take()) this.#add('report', fields)
  }

  #arm(): void {
    if (this.#isArmed) return
    this.#isArmed = true
    this.#context.clock.after(batchMs, () => {
      this.#isArmed = false
      this.#goOn()
      this.#flush()
    })
  }

  #goOn(): void {
    for (let left = itemsMax; left > 0 && this.#renewing !== undefined; left--)
      if (this.#renewing.next().done === true) this.#renewing = undefined
    if (this.#renewing !== undefined) this.#arm()
  }

  *#tellAll(): Generator<void, void> {
    for (const key of this.#subscribers.keys()) {
      this.#changed.add(key)
      yield
    }
    for (const connection of this.#told.keys()) {
      this.#tell(connection)
      yield
    }
  }

  #flush(): void {
    const batch = this.#batch
    this.#batch = []
    let requests = 0
    for (const [route, count] of this.#requests) {
      requests += count
      batch.push({ type: 'activity', fields: { ...(route !== '' && { route }), count } })
    }
    this.#requests.clear()
    if (requests > 0) batch.push({ type: 'counts', fields: { 'requests-received': requests } })
    for (const key of this.#changed) {
      const entry = this.#subscribers.get(key)
      if (entry === undefined) continue
      const { channel, mode, count } = entry
      if (count === 0) this.#subscribers.delete(key)
      batch.push({ type: 'sub', fields: { channel, mode, subscribers: count } })
    }
    this.#changed.clear()
    const { messages, sent } = this.#deliveries.take()
    batch.push(...messages)
    for (const each of sent) this.#routes.sent(each)
    if (batch.length > 0) this.#context.emit(batch)
  }
}

function routeOf({ facts }: Connection): string {
  return facts.rule.id ?? ''
}

function routeField(connection: Connection): { readonly route?: string } {
  const route = routeOf(connection)
  return route === '' ? {} : { route }
}
