// The client of contract §3.2 against a real daemon, while client ids move from worker to worker, WebSockets and event streams
// in turn, while they leave and take channels, and while workers die by bugs. No payload comes twice, none that a client never
// had counts as a duplicate, nothing is missing untold, and nobody stays silent.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import type { TestContext } from 'node:test'
import { AdminClient, adminSecret } from '../admin-client.ts'
import { type Daemon, startDaemon } from '../daemon.ts'
import { demand } from '../faulty/demand.ts'
import { throwing } from '../faulty/frontend.ts'
import { until } from '../until.ts'
import { numbersOf } from './numbers.ts'
import { clientIdOf, Tracker, transports, WireClient } from './wire-client.ts'

const main = new URL('../faulty/main.ts', import.meta.url)
/** Rings so small that whoever is away for a while misses something. */
const configuration = [
  { name: 'system', system: true, wireId: 5, priority: 0 },
  { name: 'chat', handler: 'broadcast', ring: 6 },
  { name: 'data', handler: 'none', scope: 'client', ring: 6 },
]
const channels = ['chat', 'data']
const moversMax = 4

/** One client id, wherever it is. */
interface Mover {
  readonly clientId: string
  readonly tracker: Tracker
  /** The newest is the last. */
  readonly connections: WireClient[]
}

class Run {
  readonly #daemon: Daemon
  readonly #next: (below: number) => number
  readonly #workers: number
  readonly #admin: AdminClient
  readonly #movers: Mover[] = Array.from({ length: moversMax }, (_, index) => ({
    clientId: clientIdOf(index),
    tracker: new Tracker(),
    connections: [],
  }))
  /** One more, which publishes. */
  readonly #publisher: Mover = { clientId: clientIdOf(99), tracker: new Tracker(), connections: [] }
  #turn = 0
  #number = 0
  deaths = 0

  constructor(daemon: Daemon, workers: number, seed: number) {
    this.#daemon = daemon
    this.#workers = workers
    this.#next = numbersOf(seed)
    this.#admin = new AdminClient(daemon.address('admin'))
  }

  get moves(): number {
    return this.#turn
  }

  get gaps(): number {
    return this.#movers.reduce((sum, { tracker }) => sum + tracker.gaps, 0)
  }

  async start(): Promise<void> {
    for (const mover of [...this.#movers, this.#publisher]) await this.#move(mover)
  }

  async play(): Promise<void> {
    const mover = this.#movers[this.#next(moversMax)]
    if (mover === undefined) return
    const chance = this.#next(100)
    if (chance < 40) this.#publish(1 + this.#next(5))
    else if (chance < 55) await this.#send(mover)
    else if (chance < 75) await this.#move(mover)
    else if (chance < 82) mover.connections.at(-1)?.leave()
    else if (chance < 90) this.#leaveChannel(mover)
    else if (chance < 94) await this.#settle()
    else await this.#die()
  }

  /** While its last connection is there yet, or is not any more. */
  async #move(mover: Mover): Promise<void> {
    const isPublisher = mover === this.#publisher
    const { clientId, tracker, connections } = mover
    for (;;) {
      const shards = this.#daemon.shards('pushwire')
      const address = shards[this.#next(shards.length)] ?? ''
      const transport = isPublisher ? 'socket' : (transports[this.#turn++ % transports.length] ?? 'socket')
      const client = new WireClient(address, transport, { clientId, channels, tracker })
      connections.push(client)
      await until('a connection', () => client.isLive || client.isClosed)
      if (client.isLive) return
    }
  }

  #publish(count: number): void {
    for (let left = count; left > 0; left--) {
      this.#publisher.connections.at(-1)?.send({ channel: 'chat', payload: this.#number++ })
    }
  }

  /** To one client id, which may be away. */
  async #send({ clientId }: Mover): Promise<void> {
    const body = { channel: 'data', payload: this.#number++ }
    const path = `/v1/pushwire/clients/${clientId}/frames`
    const { status, text } = await this.#admin.ask(path, { method: 'POST', body })
    ok(status === 200 || status === 503, `${status} ${text}`)
  }

  #leaveChannel({ connections }: Mover): void {
    const client = connections.at(-1)
    for (const op of ['unsubscribe', 'subscribe']) client?.send({ op, channels: ['chat'] })
  }

  async #die(): Promise<void> {
    const slot = this.#next(this.#workers)
    // Some bugs need the answer of another worker.
    const paths = this.#workers > 1 ? throwing : throwing.filter(path => !/link|encode/.test(path))
    const path = paths[this.#next(paths.length)] ?? ''
    const seen = this.#daemon.log.length
    const said = (msg: string) =>
      this.#daemon.log.slice(seen).some(line => line.msg === msg && line['slot'] === slot)
    const demanded = demand(this.#daemon, slot, path)
    this.#publish(3)
    await until(`worker ${slot} to end by ${path}`, () => said('a worker met a bug and is replaced'))
    await until(`a new worker ${slot}`, () => said('a new worker serves'))
    const client = await demanded
    client.leave()
    this.deaths++
  }

  /** Everybody is there, and has the last that was published, and the last that was for it alone. */
  async #settle(): Promise<void> {
    const everybody = [...this.#movers, this.#publisher]
    for (const mover of everybody) if (mover.connections.at(-1)?.isClosed !== false) await this.#move(mover)
    const last = await this.#mark()
    for (const mover of this.#movers) {
      const own = await this.#markOf(mover)
      await until(`${mover.clientId} to have ${last} and ${own}`, () => {
        deepEqual(mover.tracker.faults, [])
        const { got } = mover.tracker
        return has(got, last) && has(got, own)
      })
    }
    for (const { connections } of everybody) {
      await until(
        'one connection of each id',
        () => connections.filter(({ isClosed }) => !isClosed).length === 1,
      )
    }
  }

  /** What its publisher got itself has its place. One that is refused, or lost with a worker, is said again. */
  async #mark(): Promise<number> {
    for (;;) {
      const client = this.#publisher.connections.at(-1)
      if (client === undefined || client.isClosed) await this.#move(this.#publisher)
      const number = this.#number
      const errors = client?.said.length
      this.#publish(1)
      const { got } = this.#publisher.tracker
      await until(
        `${number} to be placed`,
        () => has(got, number) || client?.isClosed === true || client?.said.length !== errors,
      )
      if (has(got, number)) return number
    }
  }

  async #markOf(mover: Mover): Promise<number> {
    const path = `/v1/pushwire/clients/${mover.clientId}/frames`
    return until('a frame for one client to be placed', async () => {
      const number = this.#number++
      const { status } = await this.#admin.ask(path, {
        method: 'POST',
        body: { channel: 'data', payload: number },
      })
      return status === 200 ? number : undefined
    })
  }

  async finish(): Promise<void> {
    await this.#settle()
    for (const { connections } of [...this.#movers, this.#publisher])
      for (const each of connections) each.leave()
  }
}

function has(got: readonly { readonly payload: unknown }[], number: number): boolean {
  return got.some(({ payload }) => payload === number)
}

/** `seed`: repeats a run, as far as a real daemon does the same twice. */
export async function checkDaemon(t: TestContext, workers: number, operations: number): Promise<void> {
  const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
  const daemon = await startDaemon({
    main,
    workers,
    environment: {
      RINGCAST_ADMIN_SECRET: adminSecret,
      RINGCAST_ENGINE_ATTACH_TIMEOUT_MS: '60000',
      RINGCAST_PUSHWIRE_CHANNELS: JSON.stringify(configuration),
    },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  const run = new Run(daemon, workers, seed)
  try {
    await run.start()
    for (let left = operations; left > 0; left--) await run.play()
    await run.finish()
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error }) // nothing else is thrown here
  }
  t.diagnostic(`seed ${seed}: ${run.moves} moves, ${run.deaths} deaths, ${run.gaps} gaps told`)
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
}
