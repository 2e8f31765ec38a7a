// A broker's server in memory, as a carrier's script finds it: records of channels with the term under which they were last
// written, their histories and keys, a replica that may lag behind, and the connections that are open to it.
import { Buffer } from 'node:buffer'
import type { Append, AppendOutcome, Inspected, Known, Stretch, Where } from '../../../src/cluster/carrier.ts'
import { matches } from '../../../src/engine/words/pattern.ts'
import { type Epoch, type Offset, parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import type { ChannelName } from '../../../src/engine/words/publication.ts'
import type { Clock } from '../../../src/std/clock.ts'

interface Entry {
  readonly offset: Offset
  readonly envelope: Uint8Array
}

interface ChannelRecord {
  readonly epoch: Epoch
  readonly first: Offset
  readonly next: Offset
  readonly term: string
  readonly previous: Known | undefined
  readonly entries: readonly Entry[]
  readonly expires: number
  /** What the last publication was called by its publisher. */
  readonly last: string | undefined
}

interface Key {
  readonly epoch: Epoch
  readonly offset: Offset
  readonly expires: number
}

/** One step of what a server wrote, as its replica gets it. */
type Effect =
  | { readonly channel: ChannelName; readonly record: ChannelRecord }
  | { readonly key: string; readonly place: Key }

/** Records are never changed but replaced, so that a copy of the maps is a copy of all. */
class MemoryState {
  records: Map<ChannelName, ChannelRecord>
  keys: Map<string, Key>

  constructor(of?: MemoryState) {
    this.records = new Map(of?.records)
    this.keys = new Map(of?.keys)
  }

  apply(effect: Effect): void {
    if ('key' in effect) this.keys.set(effect.key, effect.place)
    else this.records.set(effect.channel, effect.record)
  }
}

/** Who is connected, as the server sees it. */
export interface Attached {
  readonly node: string
  readonly channels: Set<ChannelName>
  readonly patterns: Set<string>
  delivery(channel: ChannelName, epoch: Epoch, offset: Offset, envelope: Uint8Array): void
  matched(channel: ChannelName, epoch: Epoch, offset: Offset, envelope: Uint8Array): void
}

/** Faults of a server, to prove that a test notices them. */
export type ServerMutation = 'term-unchecked'

export interface ServerOptions {
  readonly clock: Pick<Clock, 'unixMs'>
  /** `replica`: what no replica has is not acknowledged. */
  readonly acks: 'master' | 'replica'
  readonly mutation?: ServerMutation | undefined
  /** Names that no other server gives. */
  mint(): string
}

/** As in the port. */
const stretchEntriesMax = 1_000
const stretchBytesMax = 1_048_576
const jump = 2 ** 18

export class MemoryServer {
  readonly #options: ServerOptions
  readonly term: string
  readonly state: MemoryState
  /** What the replica has; undefined: it is cut off for good, or there is none. */
  replica: MemoryState | undefined
  readonly #lag: Effect[] = []
  readonly attached = new Set<Attached>()
  readonly #counts = new Map<ChannelName, Map<string, number>>()

  constructor(options: ServerOptions, state: MemoryState, hasReplica: boolean) {
    this.#options = options
    this.term = `term${options.mint()}`
    this.state = state
    this.replica = hasReplica ? new MemoryState(state) : undefined
  }

  append(batch: readonly Append[], by: Attached): AppendOutcome[] {
    const outcomes = batch.map(append => this.#appendOne(append, by))
    if (this.#options.acks !== 'replica') return outcomes
    if (this.replica === undefined) return outcomes.map(() => 'unknown')
    this.replicate()
    return outcomes
  }

  /** The replica hears of so many more steps. */
  replicate(steps = Number.POSITIVE_INFINITY): void {
    for (const effect of this.#lag.splice(0, steps)) this.replica?.apply(effect)
  }

  ask(channel: ChannelName, reached: number): Where {
    const { epoch, first, next, previous, last: lastId } = this.#present(channel, reached)
    return { epoch, first, next, previous, lastId }
  }

  differs({ channel, epoch, next }: Known & { readonly channel: ChannelName }): boolean {
    const record = this.state.records.get(channel)
    return record?.epoch !== epoch || record.next !== next || !this.#isOfTerm(record)
  }

  read(channel: ChannelName, epoch: Epoch, from: Offset, to: Offset): Stretch | 'other-epoch' {
    const record = this.state.records.get(channel)
    if (record === undefined) return 'other-epoch'
    const end = record.epoch === epoch ? record.next : endOf(record.previous, epoch)
    if (end === undefined) return 'other-epoch'
    const lowest = record.epoch === epoch ? record.first : 0
    const kept = this.#kept(record).filter(({ offset }) => offset >= Math.max(from, lowest) && offset < end)
    const envelopes: Uint8Array[] = []
    let bytes = 0
    for (const { offset, envelope } of kept) {
      bytes += envelope.length
      const isFull =
        envelopes.length === stretchEntriesMax || (bytes > stretchBytesMax && envelopes.length > 0)
      if (offset >= to || isFull) break
      envelopes.push(envelope)
    }
    return { from: kept[0]?.offset ?? end, envelopes }
  }

  inspect(channel: ChannelName): Inspected | undefined {
    const record = this.state.records.get(channel)
    if (record === undefined) return undefined
    const { epoch, first, next, previous, last: lastId } = record
    const kept = this.#kept(record).filter(({ offset }) => offset >= first).length
    return { epoch, first, next, previous, lastId, kept }
  }

  trim(channel: ChannelName, through: Offset): void {
    const record = this.state.records.get(channel)
    if (record === undefined || through >= record.next) return
    const entries = record.entries.filter(({ offset }) => offset > through)
    this.#write({ channel, record: { ...record, entries } })
  }

  count(channel: ChannelName, node: string, subscribers: number): void {
    const counts = this.#counts.get(channel) ?? new Map<string, number>()
    if (subscribers > 0) counts.set(node, subscribers)
    else counts.delete(node)
    this.#counts.set(channel, counts)
  }

  elsewhere(channel: ChannelName, node: string): number {
    let sum = 0
    for (const [other, count] of this.#counts.get(channel) ?? []) if (other !== node) sum += count
    return sum
  }

  forgetNode(node: string): void {
    for (const counts of this.#counts.values()) counts.delete(node)
  }

  /** Whether it is kept, by what it knows at present. */
  keeps(channel: ChannelName, epoch: Epoch, offset: number): boolean {
    const record = this.state.records.get(channel)
    if (record === undefined) return false
    const isOf =
      record.epoch === epoch ? offset >= record.first : offset < (endOf(record.previous, epoch) ?? 0)
    return isOf && this.#kept(record).some(entry => entry.offset === offset)
  }

  #appendOne(append: Append, by: Attached): AppendOutcome {
    const { channel, envelope, historySize, historyTtlMs, key, keyTtlMs, reached, sequence } = append
    const now = this.#options.clock.unixMs()
    const unordered = this.#unordered(append, now)
    if (unordered !== undefined) return unordered
    const elsewhere = this.elsewhere(channel, by.node)
    const keyName = `${channel} ${key}`
    const known = key === undefined ? undefined : this.state.keys.get(keyName)
    if (known !== undefined && known.expires > now) {
      return { epoch: known.epoch, offset: known.offset, duplicate: true, elsewhere }
    }
    const record = this.#present(channel, reached)
    const { epoch, next: offset } = record
    // Whoever gave it may use its buffer again.
    const entry = { offset, envelope: new Uint8Array(Buffer.from(envelope)) }
    const entries = historySize === 0 ? [] : [...this.#kept(record), entry].slice(-historySize)
    const next = parseOffset(offset + 1)
    const last = sequence === undefined || sequence.isLoose ? record.last : sequence.id
    this.#write({ channel, record: { ...record, next, entries, expires: now + historyTtlMs, last } })
    if (sequence?.id !== undefined) {
      const seen = { epoch, offset, expires: now + sequence.seenMs }
      this.#write({ key: seenName(channel, sequence.id), place: seen })
    }
    if (key !== undefined) this.#write({ key: keyName, place: { epoch, offset, expires: now + keyTtlMs } })
    for (const attached of this.attached) {
      if (attached.channels.has(channel)) attached.delivery(channel, epoch, offset, entry.envelope)
      for (const pattern of attached.patterns) {
        if (!matches(pattern, channel)) continue
        attached.matched(channel, epoch, offset, entry.envelope)
        break
      }
    }
    return { epoch, offset, duplicate: false, elsewhere }
  }

  #unordered({ channel, sequence }: Append, now: number): AppendOutcome | undefined {
    if (sequence === undefined) return undefined
    const { id, after } = sequence
    const seen = id === undefined ? undefined : this.state.keys.get(seenName(channel, id))
    if (seen !== undefined && seen.expires > now) return 'seen'
    const last = this.state.records.get(channel)?.last
    return after !== undefined && last !== undefined && after !== last ? { last } : undefined
  }

  /** The channel's record under the present term. */
  #present(channel: ChannelName, reached: number): ChannelRecord {
    const record = this.state.records.get(channel)
    if (record !== undefined && this.#isOfTerm(record)) return record
    const now = this.#options.clock.unixMs()
    const last = record === undefined ? 0 : record.next - 1
    const first = parseOffset(Math.max(Math.floor(now) * 64, last + jump, reached + jump))
    const begun: ChannelRecord = {
      epoch: parseEpoch(`e${this.#options.mint()}`),
      first,
      next: first,
      term: this.term,
      previous: record && { epoch: record.epoch, next: record.next },
      entries: record?.entries ?? [],
      expires: record?.expires ?? 0,
      last: record?.last,
    }
    this.#write({ channel, record: begun })
    return begun
  }

  #isOfTerm({ term }: ChannelRecord): boolean {
    return term === this.term || this.#options.mutation === 'term-unchecked'
  }

  #kept({ entries, expires }: ChannelRecord): readonly Entry[] {
    return expires > this.#options.clock.unixMs() ? entries : []
  }

  #write(effect: Effect): void {
    this.state.apply(effect)
    if (this.replica !== undefined) this.#lag.push(effect)
  }
}

function seenName(channel: ChannelName, id: string): string {
  return `seen ${channel} ${id}`
}

function endOf(previous: Known | undefined, epoch: Epoch): Offset | undefined {
  return previous?.epoch === epoch ? previous.next : undefined
}

/** Where the server that takes writes is found: of one lane. */
export class MemoryBroker {
  readonly #options: ServerOptions
  master: MemoryServer

  constructor(options: ServerOptions) {
    this.#options = options
    this.master = new MemoryServer(options, new MemoryState(), true)
  }

  /** The replica takes over, and gets one of its own; the old server lives on alone. */
  promote(): MemoryServer {
    const old = this.master
    this.master = new MemoryServer(this.#options, new MemoryState(old.replica), true)
    old.replica = undefined
    return old
  }

  /** As it starts again: with everything, nothing, or what its replica had. Connections to the old one find nobody. */
  restart(how: 'whole' | 'empty' | 'behind'): MemoryServer {
    const old = this.master
    const state = { whole: old.state, empty: undefined, behind: old.replica }[how]
    this.master = new MemoryServer(this.#options, new MemoryState(state), true)
    return old
  }
}
