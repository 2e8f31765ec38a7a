// Clients that do nothing wrong, beside those that do: streams with steady publishes, on each worker for one protocol and
// on one worker for each other, and streams of the one channel that nobody may write to.
import { deepEqual, equal } from 'node:assert/strict'
import * as registry from '../../../src/frontends/registry.ts'
import type { Daemon } from '../daemon.ts'
import { streaming } from '../protocols/streaming.ts'
import { RawClient } from '../raw-client.ts'
import { until } from '../until.ts'
import { aims, canary, publish } from './requests.ts'
import { Watcher } from './watcher.ts'

const pauseMs = 15
/** The protocol whose clients are on every worker, and the others whose publishers are at each worker's own address. */
const main = streaming.at(-1)?.name ?? ''
const others = aims.map(({ name }) => name).filter(name => name !== main && Object.hasOwn(registry, name))

export class Witness {
  readonly #slots: readonly Slot[]
  readonly #canaries: readonly Watcher[]

  private constructor(slots: readonly Slot[], canaries: readonly Watcher[]) {
    this.#slots = slots
    this.#canaries = canaries
  }

  /** `ofAll`: all protocols have shard ports, and healthy clients. */
  static async start(daemon: Daemon, { ofAll }: { readonly ofAll: boolean }): Promise<Witness> {
    const workers = daemon.shards(main).length
    const places = [
      ...Array.from({ length: workers }, (_, slot) => ({ protocol: main, slot })),
      ...(ofAll ? others : []).map((protocol, index) => ({ protocol, slot: index % workers })),
    ]
    const canaries = await Promise.all(
      places.map(({ protocol, slot }) => Watcher.open(daemon, protocol, slot, canary)),
    )
    const slots = await Promise.all(places.map(({ protocol, slot }) => Slot.start(daemon, protocol, slot)))
    return new Witness(slots, canaries)
  }

  /** Numbers on the canary's streams: all that was smuggled. */
  get smuggled(): readonly number[] {
    return this.#canaries.flatMap(({ numbers }) => numbers)
  }

  get published(): number {
    return this.#slots.reduce((sum, { last }) => sum + last, 0)
  }

  /** The longest that a publish waited for its answer. */
  get slowestMs(): number {
    return Math.max(...this.#slots.map(({ slowestMs }) => slowestMs))
  }

  /** Ends the publishes, and throws where anything was lost, late for ever, twice or out of order. */
  async finish(): Promise<void> {
    for (const slot of this.#slots) await slot.finish()
    // The proof that a smuggled publish would have been seen, whichever protocol it came by.
    const senders = new Map(this.#slots.map(slot => [slot.protocol, slot]))
    const expected = [...senders.keys()].map((_, index) => index + 1)
    for (const [index, slot] of [...senders.values()].entries()) await slot.send(canary, index + 1)
    await until('the canary to hear at last', () =>
      this.#canaries.every(({ numbers }) => numbers.length >= expected.length),
    )
    for (const { protocol, slot, numbers, closed } of this.#canaries) {
      deepEqual(numbers, expected, `a smuggled publish was handled (${protocol}, worker ${slot})`)
      equal(closed, false)
    }
  }

  leave(): void {
    for (const watcher of this.#canaries) watcher.leave()
    for (const slot of this.#slots) slot.leave()
  }
}

/** A publisher and a stream of the same channel, both on one worker and of one protocol. */
class Slot {
  readonly #connection: RawClient
  readonly #watcher: Watcher
  #running = true
  last = 0
  slowestMs = 0
  readonly #finished: Promise<void>

  private constructor(connection: RawClient, watcher: Watcher) {
    this.#connection = connection
    this.#watcher = watcher
    this.#finished = this.#run()
  }

  static async start(daemon: Daemon, protocol: string, slot: number): Promise<Slot> {
    const watcher = await Watcher.open(daemon, protocol, slot, `healthy-${protocol}-${slot}`)
    return new Slot(new RawClient(daemon.shards(protocol)[slot] ?? ''), watcher)
  }

  get protocol(): string {
    return this.#watcher.protocol
  }

  async finish(): Promise<void> {
    this.#running = false
    await this.#finished
    const { numbers, channel, closed } = this.#watcher
    await until(`the last publication of ${channel}`, () => numbers.length >= this.last)
    equal(closed, false, `${channel} was closed`)
    deepEqual(
      numbers,
      Array.from({ length: this.last }, (_, index) => index + 1),
      `${channel} is not complete and in order`,
    )
  }

  async send(channel: string, number: number): Promise<void> {
    const aim = aims.find(({ name }) => name === this.protocol)
    if (aim === undefined) throw new Error(`nothing is known of ${this.protocol}`)
    this.#connection.send(publish(aim, channel, number))
    equal((await this.#connection.answer()).status, aim.accepted)
  }

  leave(): void {
    this.#running = false
    this.#connection.leave()
    this.#watcher.leave()
  }

  async #run(): Promise<void> {
    while (this.#running) {
      const from = performance.now()
      await this.send(this.#watcher.channel, ++this.last)
      this.slowestMs = Math.max(this.slowestMs, performance.now() - from)
      await new Promise(resolve => setTimeout(resolve, pauseMs))
    }
  }
}
