// Statistics of a node, out of the parts of its workers: where an outlet is. An observer of the stream sees what the original
// would say: a channel has the subscribers of all workers, an item the receivers of all, and a report is of all connections of
// its rule. Parts of one item that come more than two tenths of a second apart are two statistics, whose counts add up.
import { Cadence, type CadenceEntry } from '../../../std/cadence.ts'
import type { Clock } from '../../../std/clock.ts'
import type { Mode } from '../hold/ends.ts'
import { MergedRoutes } from './merged-routes.ts'
import { refreshedAt, type StatisticsItem } from './statistics.ts'

export interface MergeSettings {
  /** Name of this node in every item. */
  readonly from: string
  readonly subscriptionTtlMs: number
  /** How long a channel without long polls is told of as if it had some. */
  readonly lingerMs: number
  readonly reportMs: number
}

type Fields = StatisticsItem['fields']

interface Subscription {
  readonly channel: string
  readonly mode: Mode
  readonly bySlot: Map<number, number>
  /** What observers were told last; undefined: nothing, or that it is gone. */
  told: number | undefined
  refresh: CadenceEntry<Subscription> | undefined
  linger: CadenceEntry<Subscription> | undefined
}

interface Message {
  readonly fields: Fields
  count: number
  blocks: number
  /** It came in the interval before the present one. */
  isRipe: boolean
}

export class MergedReports {
  readonly #settings: MergeSettings
  readonly #routes: MergedRoutes
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #changed = new Set<Subscription>()
  readonly #messages = new Map<string, Message>()
  readonly #activity = new Map<string, number>()
  readonly #refreshing: Cadence<Subscription>
  readonly #lingering: Cadence<Subscription>
  #requests = 0
  #ready: StatisticsItem[] = []

  constructor(clock: Clock, settings: MergeSettings) {
    this.#settings = settings
    this.#routes = new MergedRoutes(clock, settings.reportMs)
    this.#refreshing = new Cadence(clock, settings.subscriptionTtlMs * refreshedAt, each => this.#tell(each))
    this.#lingering = new Cadence(clock, Math.max(1, settings.lingerMs), each => this.#gone(each))
  }

  /** What a worker emitted. */
  add(slot: number, batch: readonly StatisticsItem[]): void {
    for (const item of batch) this.#addOne(slot, item)
  }

  /** The worker is no more: its clients are gone. Their `conn` ends with its ttl. */
  lost(slot: number): void {
    for (const entry of this.#subscriptions.values()) {
      if (entry.bySlot.delete(slot)) this.#changed.add(entry)
    }
    this.#routes.lost(slot)
  }

  /** What is to be told now: called every tenth of a second. */
  take(): readonly StatisticsItem[] {
    for (const entry of this.#changed) this.#settle(entry)
    this.#changed.clear()
    this.#takeActivity()
    for (const [key, message] of this.#messages) {
      if (!message.isRipe) message.isRipe = true
      else {
        this.#messages.delete(key)
        const { fields, count, blocks } = message
        this.#push('message', { ...fields, count, ...('blocks' in fields && { blocks }) })
      }
    }
    for (const fields of this.#routes.take()) this.#push('report', fields)
    const ready = this.#ready
    this.#ready = []
    return ready
  }

  #addOne(slot: number, { type, fields }: StatisticsItem): void {
    switch (type) {
      case 'sub':
        return this.#subscribers(slot, fields)
      case 'message':
        return this.#message(fields)
      case 'report':
        return this.#routes.add(slot, fields)
      case 'activity': {
        const route = String(fields['route'] ?? '')
        this.#activity.set(route, (this.#activity.get(route) ?? 0) + Number(fields['count']))
        return
      }
      case 'counts':
        this.#requests += Number(fields['requests-received'])
        return
      default:
        this.#push(type, fields)
    }
  }

  #push(type: string, fields: Fields): void {
    this.#ready.push({ type, fields: { from: this.#settings.from, ...fields } })
  }

  #takeActivity(): void {
    for (const [route, count] of this.#activity)
      this.#push('activity', { ...(route !== '' && { route }), count })
    this.#activity.clear()
    if (this.#requests > 0) this.#push('counts', { 'requests-received': this.#requests })
    this.#requests = 0
  }

  #message(fields: Fields): void {
    const key = JSON.stringify([fields['transport'], fields['channel'], fields['item-id'] ?? null])
    const known = this.#messages.get(key)
    const [count, blocks] = [Number(fields['count']), Number(fields['blocks'] ?? 0)]
    if (known === undefined) this.#messages.set(key, { fields, count, blocks, isRipe: false })
    else {
      known.count += count
      known.blocks += blocks
    }
  }

  #subscribers(slot: number, fields: Fields): void {
    const channel = String(fields['channel'])
    const mode = fields['mode'] as Mode // as a worker of this build wrote it
    const key = `${mode} ${channel}`
    const entry: Subscription = this.#subscriptions.get(key) ?? {
      channel,
      mode,
      bySlot: new Map(),
      told: undefined,
      refresh: undefined,
      linger: undefined,
    }
    const count = Number(fields['subscribers'])
    if (count > 0) entry.bySlot.set(slot, count)
    else entry.bySlot.delete(slot)
    this.#subscriptions.set(key, entry)
    this.#changed.add(entry)
  }

  #settle(entry: Subscription): void {
    const count = countOf(entry)
    if (count > 0) {
      if (entry.linger !== undefined) this.#lingering.remove(entry.linger)
      entry.linger = undefined
      if (count !== entry.told) this.#tell(entry)
      entry.refresh ??= this.#refreshing.add(entry)
    } else if (entry.told === undefined || entry.mode !== 'response' || this.#settings.lingerMs === 0) {
      this.#gone(entry)
    } else entry.linger ??= this.#lingering.add(entry)
  }

  /** Who lingers is told of as he was. */
  #tell(entry: Subscription): void {
    const count = countOf(entry)
    if (count > 0) entry.told = count
    const { channel, mode, told } = entry
    const ttl = Math.round(this.#settings.subscriptionTtlMs / 1_000)
    if (told !== undefined && count > 0) this.#push('sub', { channel, mode, subscribers: told, ttl })
  }

  #gone(entry: Subscription): void {
    const { channel, mode, told, refresh, linger } = entry
    if (refresh !== undefined) this.#refreshing.remove(refresh)
    if (linger !== undefined) this.#lingering.remove(linger)
    this.#subscriptions.delete(`${mode} ${channel}`)
    if (told !== undefined) this.#push('sub', { channel, mode, unavailable: true })
  }
}

function countOf({ bySlot }: Subscription): number {
  let count = 0
  for (const each of bySlot.values()) count += each
  return count
}
