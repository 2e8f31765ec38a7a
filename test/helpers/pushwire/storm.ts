// A storm of reconnects: few ids, each of which connects again and again, anywhere and over either transport, before the node
// has ended its last connection. In the end each has exactly one, which missed nothing, and nothing is left of the others.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { type Daemon, startDaemon } from '../daemon.ts'
import { until } from '../until.ts'
import { numbersOf } from './numbers.ts'
import { clientIdOf, Tracker, type Transport, transports, WireClient } from './wire-client.ts'

const workers = 3
const ids = 50
/** Connections that open at a time. */
const openingMax = 25
const channels = ['chat', 'demo']

/** Processor time of a process so far: user and system ticks, of which there are 100 in a second. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

class Storm {
  readonly #daemon: Daemon
  readonly #next: (below: number) => number
  readonly #trackers = Array.from({ length: ids }, () => new Tracker())
  readonly #connections: WireClient[][] = Array.from({ length: ids }, () => [])
  readonly #publisher: WireClient
  published = 0
  #reconnects = 0

  constructor(daemon: Daemon, seed: number) {
    this.#daemon = daemon
    this.#next = numbersOf(seed)
    const tracker = new Tracker()
    this.#publisher = new WireClient(this.#place(), 'socket', {
      clientId: clientIdOf(999),
      channels: ['chat'],
      tracker,
    })
  }

  #place(): string {
    const shards = this.#daemon.shards('pushwire')
    return shards[this.#next(shards.length)] ?? ''
  }

  async blow(reconnects: number): Promise<void> {
    await until('the publisher to be let in', () => this.#publisher.isLive)
    // All ids are there before anything is published: from then on nothing may be missing for any of them.
    await this.#connect(Array.from({ length: ids }, (_, id) => id))
    this.#publish()
    await until('all ids to have something', () => this.#trackers.every(({ got }) => got.length > 0))
    for (let done = 0; done < reconnects; done += openingMax) {
      this.#publish()
      await this.#connect(
        Array.from({ length: Math.min(openingMax, reconnects - done) }, () => this.#next(ids)),
      )
    }
    this.#publish()
  }

  #publish(): void {
    this.#publisher.send({ channel: 'chat', payload: this.published++ })
  }

  /** The transports take turns; each connects while the last one is still there. */
  async #connect(who: readonly number[]): Promise<void> {
    const opened = who.map(id => {
      const transport: Transport = transports[this.#reconnects++ % transports.length] ?? 'socket'
      const tracker = this.#trackers[id] ?? new Tracker()
      const client = new WireClient(this.#place(), transport, { clientId: clientIdOf(id), channels, tracker })
      this.#connections[id]?.push(client)
      return client
    })
    await until('connections to open', () => opened.every(({ isLive, isClosed }) => isLive || isClosed))
    // What is over needs no look any more, but for how it ended.
    for (const [id, connections] of this.#connections.entries()) {
      for (const one of connections) if (one.isClosed) this.#judge(one)
      this.#connections[id] = connections.filter(({ isClosed }) => !isClosed)
    }
  }

  #judge({ isReplaced, code, transport, said, status }: WireClient): void {
    ok(isReplaced, `a ${transport} ended with ${status}, ${code} and ${JSON.stringify(said)}`)
    if (transport === 'socket') equal(code, 4_409)
  }

  /** Exactly one connection of each id, and nothing of any other. */
  async settle(): Promise<void> {
    await until('one connection of each id', () =>
      this.#connections.every(connections => connections.filter(({ isClosed }) => !isClosed).length === 1),
    )
    await until('everything to arrive', () =>
      this.#trackers.every(({ got }) => got.at(-1)?.payload === this.published - 1),
    )
    const expected = Array.from({ length: this.published }, (_, index) => index)
    for (const { faults, gaps, got } of this.#trackers) {
      deepEqual([faults, gaps], [[], 0])
      deepEqual(
        got.map(({ payload }) => payload),
        expected,
      )
    }
    await this.#counted(ids + 1, 3 * ids + 2)
    for (const connections of this.#connections) for (const one of connections) one.leave()
    this.#publisher.leave()
    await this.#counted(0, 0)
  }

  /** Over all workers. */
  async #counted(connections: number, subscribers: number): Promise<void> {
    await until(`${connections} connections to be counted`, async () => {
      const all = await this.#daemon.statistics()
      const sum = (name: string, key: string) =>
        all.reduce((count, worker) => count + (worker[name]?.[key] ?? Number.NaN), 0)
      return (
        sum('pushwire', 'places') === connections &&
        sum('pushwire', 'sessions') === connections &&
        sum('hub', 'subscribers') === subscribers
      )
    })
  }
}

export async function blowStorm(t: TestContext, reconnects: number): Promise<void> {
  const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
  const daemon = await startDaemon({
    workers,
    environment: {
      RINGCAST_ONLY: 'pushwire',
      RINGCAST_PUSHWIRE_RING: '10000',
      RINGCAST_PUSHWIRE_CHANNELS: '[]',
    },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  const [fromMs, fromCpuMs] = [performance.now(), cpuMsOf(daemon.pid)]
  const storm = new Storm(daemon, seed)
  await storm.blow(reconnects)
  const [wallMs, cpuMs] = [performance.now() - fromMs, cpuMsOf(daemon.pid) - fromCpuMs]
  await storm.settle()
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
  t.diagnostic(
    `seed ${seed}: ${reconnects} reconnects in ${wallMs.toFixed(0)} ms, ${(cpuMs / reconnects).toFixed(2)} ms of processor each, ${storm.published} published`,
  )
}
