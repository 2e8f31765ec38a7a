// One connection of a carrier in memory: what is not written yet, what is written, and what is on its way back.
import type { CarrierEvents } from '../../../src/cluster/carrier.ts'
import type { ChannelName } from '../../../src/engine/words/publication.ts'
import type { Attached, MemoryServer } from './memory-server.ts'

export interface ConnectionOptions {
  readonly node: string
  /** Whether the answer to an append is heard before what it delivers. */
  answersFirst?(): boolean
  /** Whatever is told is heard before any answer that arrived with it. */
  readonly isToldFirst?: boolean
}

export interface Command {
  /** What the server does; returns what is heard of it. */
  run(server: MemoryServer, by: MemoryConnection): () => void
  /** The connection ended before the answer. */
  fail(isWritten: boolean): void
}

interface Heard {
  /** What it answers. */
  readonly command: Command | undefined
  run(): void
}

export class MemoryConnection implements Attached {
  readonly node: string
  readonly server: MemoryServer
  readonly channels = new Set<ChannelName>()
  readonly patterns = new Set<string>()
  readonly #events: CarrierEvents
  readonly #answersFirst: () => boolean
  readonly #isToldFirst: boolean
  readonly #wake: () => void
  /** Not written yet; written; on its way back. */
  readonly outbox: Command[] = []
  readonly wire: Command[] = []
  readonly inbox: Heard[] = []

  constructor(
    { node, answersFirst = () => false, isToldFirst = false }: ConnectionOptions,
    server: MemoryServer,
    events: CarrierEvents,
    wake: () => void,
  ) {
    this.node = node
    this.server = server
    this.#events = events
    this.#answersFirst = answersFirst
    this.#isToldFirst = isToldFirst
    this.#wake = wake
    server.attached.add(this)
  }

  write(): boolean {
    const command = this.outbox.shift()
    if (command !== undefined) this.wire.push(command)
    return command !== undefined
  }

  execute(): boolean {
    const command = this.wire.shift()
    if (command === undefined) return false
    const at = this.inbox.length
    const answer: Heard = { command, run: command.run(this.server, this) }
    if (this.#answersFirst()) this.inbox.splice(at, 0, answer)
    else this.inbox.push(answer)
    return true
  }

  hear(): boolean {
    // A client library may show what is told before what is answered, of all that arrived together.
    const told = this.#isToldFirst ? this.inbox.findIndex(({ command }) => command === undefined) : 0
    const [heard] = this.inbox.splice(Math.max(0, told), 1)
    heard?.run()
    return heard !== undefined
  }

  delivery(...told: Parameters<CarrierEvents['delivery']>): void {
    this.#told(() => this.#events.delivery(...told))
  }

  matched(...told: Parameters<CarrierEvents['matched']>): void {
    this.#told(() => this.#events.matched(...told))
  }

  /** The server ends these subscriptions by itself. */
  lose(channels: readonly ChannelName[]): void {
    for (const channel of channels) this.channels.delete(channel)
    this.#told(() => this.#events.lost(channels))
  }

  #told(run: () => void): void {
    this.inbox.push({ command: undefined, run })
    this.#wake()
  }

  /** The next delivery that is on its way gets lost, as no carrier may. */
  drop(): boolean {
    const at = this.inbox.findIndex(({ command }) => command === undefined)
    return at >= 0 && this.inbox.splice(at, 1).length > 0
  }

  /** `arrives`: what was written is executed all the same, and nobody hears of it. */
  end(arrives: boolean): void {
    const { server } = this
    const [waiting, written, heard] = [this.outbox.splice(0), this.wire.splice(0), this.inbox.splice(0)]
    server.attached.delete(this)
    if (arrives) for (const command of written) command.run(server, this)
    server.attached.delete(this)
    for (const { command } of heard) command?.fail(true)
    for (const command of written) command.fail(true)
    for (const command of waiting) command.fail(false)
  }
}
