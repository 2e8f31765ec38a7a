// Several engines in one thread, joined by links that a test delivers, delays, fills and cuts. Nothing moves by
// itself: `turn` ends a turn everywhere, `deliver` hands over batches, `settle` does both until all is quiet.

import { Engine } from '../../src/engine/engine.ts'
import type { EngineDependencies } from '../../src/engine/engine-dependencies.ts'
import type { SequencerLimits } from '../../src/engine/owner/sequencing.ts'
import type { ChannelSnapshot } from '../../src/engine/owner/snapshot.ts'
import type { LaneLimits } from '../../src/engine/reader/lanes.ts'
import type { PublishOutcome } from '../../src/engine/router.ts'
import {
  type EngineSettings,
  engineSection,
  type HistorySettings,
  historySection,
} from '../../src/engine/settings.ts'
import type { Access } from '../../src/engine/words/access.ts'
import type { Link, LinkMessage, Slot } from '../../src/engine/words/link.ts'
import { defaultNamespace, type Namespace, type PrivateGroup } from '../../src/engine/words/namespace.ts'
import { parseOffset, parsePosition } from '../../src/engine/words/position.ts'
import { privatePattern } from '../../src/engine/words/private.ts'
import {
  type ChannelName,
  type Draft,
  type Publication,
  parseChannelName,
} from '../../src/engine/words/publication.ts'
import type { Loss } from '../../src/engine/words/refusal.ts'
import { unpack } from '../../src/std/msgpack.ts'
import { defaultsOf } from './defaults.ts'
import { FakeClock, TurnClock } from './fake-clock.ts'
import { FakeSubscriber } from './fake-subscriber.ts'
import type { JointNode } from './joint-node.ts'
import { Late } from './late.ts'
import { MeshLink, type MeshObserver } from './mesh-link.ts'
import { Mutant, type Mutation } from './mesh-mutation.ts'
import { tapped } from './mesh-tap.ts'

export const engineDefaults = defaultsOf<EngineSettings>(engineSection.fields)
export const historyDefaults = defaultsOf<HistorySettings>(historySection.fields)

export function channelName(text: string): ChannelName {
  const name = parseChannelName(text)
  if (name === undefined) throw new RangeError(`${text} is no channel name`)
  return name
}

export interface MeshOptions {
  readonly workers?: number
  readonly settings?: Partial<EngineSettings>
  readonly history?: Partial<HistorySettings>
  /** Before the default one. */
  readonly namespaces?: readonly Partial<Namespace>[]
  /** Of private channels, which everybody may use here. */
  readonly groups?: readonly PrivateGroup[]
  readonly access?: Access
  /** Default: the number at the end of the name, modulo the workers. */
  readonly ownerOf?: (channel: string) => Slot
  readonly observer?: MeshObserver
  readonly mutation?: Mutation | undefined
  readonly sequencing?: Partial<SequencerLimits>
  readonly lanes?: Partial<LaneLimits>
  readonly interest?: EngineDependencies['interest']
  readonly elsewhere?: EngineDependencies['elsewhere']
  /** Told of each publication as its owner gave it its place, before anybody else hears of it. */
  readonly appended?: (publication: Publication) => void
  /** Brokers that answer so many turns later, in place of ledgers that answer at once. */
  readonly late?: number | undefined
  /** Joins this mesh with others. */
  readonly node?: Pick<JointNode, 'brokerFor' | 'ended'>
}

export class Mesh {
  readonly clock = new FakeClock()
  readonly engines: (Engine | undefined)[] = []
  readonly #clocks: TurnClock[] = []
  readonly #late: number
  readonly #joined: MeshOptions['node']
  readonly #appended: MeshOptions['appended']
  readonly #lates: (Late | undefined)[] = []
  readonly #links = new Map<string, MeshLink>()
  /** Workers that ended, and who has not noticed. */
  readonly #unnoticed = new Map<Slot, Set<Slot>>()
  /** What all workers have alike. */
  readonly #node: Omit<
    EngineDependencies,
    'slot' | 'clock' | 'random' | 'seed' | 'opened' | 'between' | 'lost'
  >
  readonly #observer: MeshObserver
  readonly #mutant: Mutant
  readonly opened: Slot[] = []
  readonly losses: Loss[] = []
  #epochs = 0
  #starts = 0

  constructor(options: MeshOptions = {}) {
    const { workers = 3, access, observer, mutation, late = 0 } = options
    this.#late = late
    this.#joined = options.node
    this.#appended = options.appended
    const settings = { ...engineDefaults, ...options.settings }
    const history = { ...historyDefaults, ...options.history }
    const base = defaultNamespace(settings, history)
    const groups = (options.groups ?? []).map(({ group, ...own }) => ({
      ...own,
      pattern: privatePattern(group),
    }))
    const namespaces = [...[...(options.namespaces ?? []), ...groups].map(own => ({ ...base, ...own })), base]
    const byNumber = (channel: string) => Number(/\d*$/.exec(channel)?.[0] ?? 0) % workers
    const { ownerOf = byNumber, sequencing, lanes, interest = () => {}, elsewhere } = options
    this.#node = { settings, history, namespaces, access, ownerOf, sequencing, lanes, interest, elsewhere }
    this.#mutant = new Mutant(mutation, this.engines)
    this.#observer = {
      sent: (from, to, message, start) => {
        observer?.sent?.(from, to, message, start)
        this.#mutant.sent(from, to, message)
      },
      refused: (from, to, message) => observer?.refused?.(from, to, message),
      received: (from, to, message) => {
        observer?.received?.(from, to, message)
        this.#mutant.received(from, to, message)
      },
      opened: slot => observer?.opened?.(slot),
    }
    for (let slot = 0; slot < workers; slot++) this.start(slot)
    this.settle()
  }

  /** A new engine in the slot, linked to all that live. Whoever had not noticed that the old one ended does now. */
  start(slot: Slot, snapshot: readonly ChannelSnapshot[] = [], goneMs = 0): Engine {
    this.notice(slot)
    this.#starts++
    const clock = new TurnClock(this.clock)
    const late = this.#late > 0 ? new Late(clock, this.#late) : undefined
    const engine = new Engine({
      slot,
      clock,
      random: { hex: () => `e${++this.#epochs}` },
      ...this.#node,
      seed: () => parseOffset(Math.floor(this.clock.unixMs()) * 64),
      opened: () => {
        this.opened.push(slot)
        this.#observer.opened?.(slot)
      },
      lost: loss => void this.losses.push(loss),
      between: tapped(late, this.#appended),
      broker: this.#joined?.brokerFor(slot, clock, this.#node.ownerOf),
    })
    engine.restore(snapshot, goneMs)
    const links: Link[] = []
    this.engines.forEach((other, to) => {
      if (other === undefined || this.#unnoticed.has(to)) return
      links.push(this.#connect(slot, to))
      other.linkUp(this.#connect(to, slot))
    })
    this.engines[slot] = engine
    this.#clocks[slot] = clock
    this.#lates[slot] = late
    engine.open(links)
    return engine
  }

  /** The engine in the slot ends; with a farewell unless it fell silent. What it sent before still arrives. */
  kill(slot: Slot, how: { farewell?: boolean } = {}): void {
    this.end(slot, how)
    this.notice(slot)
  }

  /** The engine says farewell and its links close; what was sent waits to be delivered. `end` follows. */
  retire(slot: Slot): void {
    this.#lates[slot]?.flush()
    this.engines[slot]?.retire()
    this.#close(slot)
  }

  /** As `kill`, but the others notice by `notice` only. */
  end(slot: Slot, { farewell = true } = {}): void {
    if (!this.#unnoticed.has(slot)) {
      if (farewell) this.retire(slot)
      else this.#close(slot)
    }
    this.engines[slot] = undefined
    this.#clocks[slot]?.end()
    this.#lates[slot] = undefined
    this.#joined?.ended(slot)
  }

  /** What the ended one sent arrives at another one (default: at all), and then that the path is down. */
  notice(slot: Slot, by?: Slot): void {
    const unnoticed = this.#unnoticed.get(slot)
    for (const other of by === undefined ? [...(unnoticed ?? [])] : [by]) {
      if (!unnoticed?.delete(other)) continue
      while (this.deliver(slot, other));
      this.#links.delete(`${slot}>${other}`)
      this.#links.delete(`${other}>${slot}`)
      if (!this.#unnoticed.has(other)) this.engines[other]?.linkDown(slot)
    }
    if (this.engines[slot] === undefined && unnoticed?.size === 0) this.#unnoticed.delete(slot)
  }

  link(from: Slot, to: Slot): MeshLink {
    const link = this.#links.get(`${from}>${to}`)
    if (link === undefined) throw new RangeError(`no link from ${from} to ${to}`)
    return link
  }

  /** Hands over the oldest batch. False: there is none. */
  deliver(from: Slot, to: Slot): boolean {
    const link = this.#links.get(`${from}>${to}`)
    if (link === undefined || this.engines[to] === undefined || this.#unnoticed.has(to)) return false
    const batch = link.batches.shift()
    if (batch === undefined) return false
    const sent = unpack(batch.bytes) as LinkMessage[] // packed by the link
    const messages = this.#mutant.altered(to, sent)
    if (!this.#mutant.loses(messages)) {
      this.engines[to]?.receive(from, messages)
      for (const message of messages) this.#observer.received?.(from, to, message)
    }
    link.underWay -= batch.cost
    if (link.refused && link.underWay * 2 <= link.bytesMax) {
      link.refused = false
      this.engines[from]?.linkDrained(to)
    }
    return true
  }

  /** Ends a turn in one engine (default: in all): passes run, links cut their batches. */
  turn(slot?: Slot): boolean {
    let ran = this.clock.turn()
    for (const [of, clock] of this.#clocks.entries()) {
      if (slot === undefined || slot === of) ran = clock.turn() || ran
    }
    for (const link of this.#links.values()) if (slot === undefined || slot === link.from) link.flush()
    this.#mutant.turn()
    return ran
  }

  /** Time passes. A broker that answers later answers sooner than that. */
  advance(ms: number): void {
    for (const late of this.#lates) late?.flush()
    this.clock.advance(ms)
  }

  settle(): void {
    for (let rounds = 0; rounds < 10_000; rounds++) {
      let busy = this.turn()
      for (const key of [...this.#links.keys()]) {
        const [from, to] = key.split('>').map(Number)
        while (this.deliver(from ?? 0, to ?? 0)) busy = true
      }
      for (const slot of [...this.#unnoticed.keys()]) this.notice(slot)
      if (!busy) return
    }
    throw new Error('the mesh does not come to rest')
  }

  /** `since` as text: `EPOCH.OFFSET`, a bare offset, or undefined. */
  subscribe(slot: Slot, channel: string, subscriber = new FakeSubscriber(), since?: string): FakeSubscriber {
    return this.subscribeTo(slot, channelName(channel), subscriber, since)
  }

  subscribeTo(slot: Slot, channel: ChannelName, subscriber: FakeSubscriber, since?: string): FakeSubscriber {
    const { admits, rest } = subscriber
    const after = since === undefined ? undefined : parsePosition(since)
    const options = { via: 'test', since: after, admits, rest }
    const outcome = this.#engine(slot).subscribe(channel, subscriber, options)
    if (typeof outcome === 'string') throw new Error(`the subscription was refused: ${outcome}`)
    subscriber.subscription = outcome
    return subscriber
  }

  /** The outcome appears in the returned list once there is one. */
  publish(slot: Slot, channel: string, text: string, options: Partial<Draft> = {}): PublishOutcome[] {
    return this.publishTo(slot, channelName(channel), text, options)
  }

  publishTo(slot: Slot, channel: ChannelName, text: string, options: Partial<Draft> = {}): PublishOutcome[] {
    const outcomes: PublishOutcome[] = []
    const content = { kind: 'text', payload: Buffer.from(text) } as const
    const draft = { channel, content, via: 'test', ...options }
    this.#engine(slot).publish(draft, outcome => outcomes.push(outcome))
    return outcomes
  }

  #engine(slot: Slot): Engine {
    const engine = this.engines[slot]
    if (engine === undefined) throw new RangeError(`no engine in slot ${slot}`)
    return engine
  }

  #connect(from: Slot, to: Slot): MeshLink {
    const link = new MeshLink(from, to, this.#node.settings.linkBytesMax, this.#starts, this.#observer)
    this.#links.set(`${from}>${to}`, link)
    return link
  }

  #close(slot: Slot): void {
    for (const link of this.#links.values()) if (link.from === slot || link.to === slot) link.close()
    this.#unnoticed.set(slot, new Set([...this.engines.keys()].filter(other => other !== slot)))
  }
}
