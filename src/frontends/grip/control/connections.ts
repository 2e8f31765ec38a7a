// The connections of one worker that are held, for operators: listed, and closed one by one. An id is made when somebody asks
// for it, so that a connection which nobody asks about costs its place in a set.
import type { Random } from '../../../std/random.ts'
import { type EndCause, Ends, type Mode } from '../hold/ends.ts'
import type { RefreshWanted, RoomTopic } from '../zmq/topics.ts'
import { type Connection, type ConnectionFacts, routeName } from './connection.ts'
import type { Observer } from './observer.ts'

/** Plain data, for it crosses threads. */
export interface ConnectionRow {
  readonly id: string
  readonly type: 'http' | 'ws'
  readonly mode: Mode
  readonly peer: string
  readonly tls: boolean
  readonly route: string
  /** The first of them. */
  readonly channels: readonly string[]
}

/** What is shown of one connection: it may have a thousand. */
const channelsShown = 20

export interface ConnectionsContext {
  readonly random: Random
  /** For the log: a client that was behind was let go of, before it is. */
  cut(why: 'slow' | 'rate', facts: ConnectionFacts, id: string): void
  /** Who counts what happens to them; ids are asked for here. */
  observerFor(connections: Connections): Observer
}

export class Connections {
  readonly observer: Observer
  readonly #context: ConnectionsContext
  readonly #ends = new Ends()
  readonly #held = new Set<Connection>()
  readonly #ids = new Map<Connection, string>()
  readonly #byId = new Map<string, Connection>()

  constructor(context: ConnectionsContext) {
    this.#context = context
    this.observer = context.observerFor(this)
  }

  get size(): number {
    return this.#held.size
  }

  get statistics(): Readonly<Record<string, number>> {
    return { holds: this.#held.size, ...this.#ends.counts }
  }

  /** It holds something from now on. Calling it twice is harmless. */
  hold(connection: Connection): void {
    if (this.#held.has(connection)) return
    this.#held.add(connection)
    const { id } = connection.facts
    if (id !== undefined) this.#know(connection, id)
    this.observer.held(connection)
  }

  /** Before it is left: what it was is asked here. Where it was not held, nothing. It may be held again. */
  release(connection: Connection, why: EndCause): void {
    if (!this.#held.delete(connection)) return
    const { facts } = connection
    if (facts.mode !== undefined) this.#ends.count(facts.mode, why)
    if (why === 'slow' || why === 'rate') this.#context.cut(why, facts, this.idOf(connection))
  }

  /** It is over, whether it was held or not: its id is nobody's any more. */
  close(connection: Connection): void {
    this.observer.closed(connection)
    const id = this.#ids.get(connection)
    if (id === undefined) return
    this.#ids.delete(connection)
    this.#byId.delete(id)
  }

  /** The same each time, until it is over. */
  idOf(connection: Connection): string {
    const known = this.#ids.get(connection)
    if (known !== undefined) return known
    const id = connection.facts.id ?? uuidOf(this.#context.random.hex(16))
    this.#know(connection, id)
    return id
  }

  /** In place of an id that it had before: the end that it was asked by first may not have been reached. */
  #know(connection: Connection, id: string): void {
    const before = this.#ids.get(connection)
    if (before !== undefined) this.#byId.delete(before)
    this.#ids.set(connection, id)
    this.#byId.set(id, connection)
  }

  find(id: string): Connection | undefined {
    return this.#byId.get(id)
  }

  /** Of a channel, or of all: the oldest ones. */
  list(countMax: number, channel: string | undefined): readonly ConnectionRow[] {
    const rows: ConnectionRow[] = []
    for (const connection of this.#held) {
      if (rows.length === countMax) break
      const { facts } = connection
      if (channel !== undefined && !facts.channels.includes(channel)) continue
      if (facts.mode !== undefined) rows.push(rowOf(this.idOf(connection), facts, facts.mode))
    }
    return rows
  }

  /** What a command asks all rooms (contract §6.7): ids that are here, or how many were refreshed. */
  report(topic: RoomTopic): unknown {
    if (topic.ask === 'conncheck') return topic.ids.filter(id => this.#byId.has(id))
    const found = this.#wanted(topic.wanted)
    for (const connection of found) connection.refresh()
    return found.length
  }

  #wanted(wanted: RefreshWanted): readonly Connection[] {
    if ('channel' in wanted) {
      return [...this.#held].filter(({ facts: { channels } }) => channels.includes(wanted.channel))
    }
    const found = this.#byId.get(wanted.cid)
    return found === undefined ? [] : [found]
  }

  recover(): void {
    for (const connection of this.#held) connection.recover()
  }
}

function rowOf(id: string, facts: ConnectionFacts, mode: Mode): ConnectionRow {
  const { kind, peer, isTls, rule, channels } = facts
  const shown = channels.slice(0, channelsShown)
  return { id, type: kind, mode, peer, tls: isTls, route: routeName(rule), channels: shown }
}

/** RFC 9562 section 5.4. */
function uuidOf(hex: string): string {
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16)
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, variant + hex.slice(17, 20)]
  return [...parts, hex.slice(20, 32)].join('-')
}
