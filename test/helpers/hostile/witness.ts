// Clients that do nothing wrong, beside those that do: on each worker one stream with steady publishes, and one of the
// channel that nobody may write to.
import { deepEqual, equal } from 'node:assert/strict'
import { Connection } from '../../conformance/rpushd/client.ts'
import type { Daemon } from '../daemon.ts'
import { Watcher } from '../faulty/load.ts'
import { until } from '../until.ts'
import { aims, canary, publish } from './requests.ts'

const pauseMs = 15

export class Witness {
  readonly #slots: readonly Slot[]
  readonly #canaries: readonly Watcher[]

  private constructor(slots: readonly Slot[], canaries: readonly Watcher[]) {
    this.#slots = slots
    this.#canaries = canaries
  }

  static async start(daemon: Daemon): Promise<Witness> {
    const addresses = daemon.shards('rpushd')
    const canaries = await Promise.all(addresses.map((_, slot) => new Watcher(daemon, slot, canary).open()))
    const slots = await Promise.all(addresses.map((address, slot) => Slot.start(daemon, address, slot)))
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
    // The proof that a smuggled publish would have been seen.
    const first = this.#slots[0]
    await first?.send(canary, 1)
    await until('the canary to hear at last', () => this.#canaries.every(({ numbers }) => numbers.length > 0))
    for (const watcher of this.#canaries) {
      deepEqual(watcher.numbers, [1], `a smuggled publish was handled (worker ${watcher.slot})`)
      equal(watcher.closed, false)
    }
  }

  leave(): void {
    for (const watcher of this.#canaries) watcher.leave()
    for (const slot of this.#slots) slot.leave()
  }
}

/** A publisher and a stream of the same channel, both on one worker. */
class Slot {
  readonly #connection: Connection
  readonly #watcher: Watcher
  #running = true
  last = 0
  slowestMs = 0
  readonly #finished: Promise<void>

  private constructor(connection: Connection, watcher: Watcher) {
    this.#connection = connection
    this.#watcher = watcher
    this.#finished = this.#run()
  }

  static async start(daemon: Daemon, address: string, slot: number): Promise<Slot> {
    return new Slot(new Connection(address), await new Watcher(daemon, slot, `healthy-${slot}`).open())
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
    const [aim] = aims
    if (aim !== undefined) this.#connection.send(Buffer.from(publish(aim, channel, number), 'latin1'))
    equal((await this.#connection.answer()).status, 204)
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
