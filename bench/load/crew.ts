// The load processes as one: orders go to all of them, answers come back joined.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Answer, Opened, Order, Published, Settled } from './orders.ts'
import type { PublisherPlan } from './publisher.ts'
import type { Opening } from './streams.ts'
import { latencyStepUs, type TallyPlan } from './tally.ts'

export interface Part {
  readonly publishers: number
  readonly ms: number
  /** Messages a second of each publisher; 0: closed loop. */
  readonly rate: number
  readonly timed: boolean
  /** Paced to a fraction of a millisecond. */
  readonly exact?: boolean
  /** With one publisher and one load process: counts how long each publication took to reach all streams. */
  readonly whole?: boolean
}

export interface PartResult {
  readonly published: number
  readonly deliveries: number
  readonly reads: number
  /** From the first publish to the last delivery, or where nobody reads to the last answer. */
  readonly wallMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Of each publication, where the part asked for it. */
  readonly wholesMs: readonly number[]
  /** The busiest load process: its processor time per wall time. */
  readonly loadShare: number
  readonly content: number
}

/** Runs between publishing and settling, for figures of the server that must fit the part. */
interface Around {
  before(): void
  after(): void
}

export class Crew {
  readonly #processes: readonly ChildProcess[]
  /** The zero of the run's clock, in microseconds of the machine's. */
  readonly #originUs = Math.round(Number(process.hrtime.bigint()) / 1_000)
  #part = 0

  private constructor(processes: readonly ChildProcess[]) {
    this.#processes = processes
  }

  static async start(processes: number): Promise<Crew> {
    const entry = new URL('./client.ts', import.meta.url)
    const crew = new Crew(Array.from({ length: processes }, () => fork(entry, { execArgv: [] })))
    await crew.#all({ type: 'begin', originUs: crew.#originUs })
    return crew
  }

  /** Opens streams and holds them until `disconnect`. `loadShare` of the result is 1 where one process is a full core. */
  async connect(
    port: number,
    streams: number,
    requests: readonly string[],
    opening: Opening = {},
  ): Promise<{ wallMs: number; loadShare: number; position: string }> {
    const opened = (await this.#each(at => ({
      type: 'connect',
      plan: { ...this.#plan(at, port, streams, requests), ...opening },
    }))) as Opened[] // the answers to this order
    const wallMs = Math.max(...opened.map(one => one.wallMs))
    const cpuMs = Math.max(...opened.map(one => one.cpuMs))
    return { wallMs, loadShare: cpuMs / wallMs, position: opened[0]?.position ?? '' }
  }

  /**
   * Opens streams that must each bring, without another publish, what the last part of one publisher published
   * before. Throws like `run`.
   */
  async replay(
    port: number,
    streams: number,
    requests: readonly string[],
    expected: { readonly messages: number; readonly payloadBytes: number },
    around: Around,
    opening: Opening = {},
  ): Promise<PartResult> {
    const { messages, payloadBytes } = expected
    const tally = { part: this.#part, publishers: 1, payloadBytes, timed: false, whole: false, channels: 1 }
    around.before()
    const startUs = Math.round(Number(process.hrtime.bigint()) / 1_000) - this.#originUs
    await this.#each(at => ({
      type: 'replay',
      plan: { ...this.#plan(at, port, streams, requests), ...opening },
      tally,
    }))
    const totals = [messages]
    const settled = (await this.#all({ type: 'settle', totals })) as Settled[] // the answers to this order
    around.after()
    return join([{ startUs, endUs: startUs, totals: [[0, messages]] }], settled, totals, 1)
  }

  disconnect(): Promise<unknown> {
    return this.#all({ type: 'disconnect' })
  }

  /** Publishes and waits until all is delivered; throws on a loss, a duplicate or disorder. */
  async run(
    plan: PublisherPlan,
    part: Part,
    around: Around = { before() {}, after() {} },
  ): Promise<PartResult> {
    this.#part = (this.#part + 1) % 32
    const number = this.#part
    const { publishers, ms, rate, timed, exact = false, whole = false } = part
    const [payloadBytes, channels] = [plan.template.length, plan.names?.channels ?? 1]
    const tally: TallyPlan = { part: number, publishers, payloadBytes, timed, whole, channels }
    await this.#all({ type: 'prepare', plan: tally })
    around.before()
    const published = (await this.#each(at => {
      const own = Array.from({ length: publishers }, (_, index) => index)
      const mine = own.filter(index => index % this.#processes.length === at)
      return { type: 'publish', plan, part: number, publishers: mine, ms, rate, exact }
    })) as Published[] // the answers to this order
    const totals = Array.from({ length: publishers }, () => 0)
    for (const one of published) for (const [publisher, count] of one.totals) totals[publisher] = count
    const settled = (await this.#all({ type: 'settle', totals })) as Settled[] // the answers to this order
    around.after()
    return join(published, settled, totals, channels)
  }

  async stop(): Promise<void> {
    const ended = this.#processes.map(one => once(one, 'exit'))
    for (const one of this.#processes) one.disconnect()
    await Promise.all(ended)
  }

  #plan(at: number, port: number, streams: number, requests: readonly string[]) {
    const counts = shares(streams, this.#processes.length)
    const first = counts.slice(0, at).reduce((sum, count) => sum + count, 0)
    return { host: '127.0.0.1', port, count: counts[at] ?? 0, first, requests }
  }

  #all(order: Order): Promise<unknown[]> {
    return this.#each(() => order)
  }

  #each(orderFor: (at: number) => Order): Promise<unknown[]> {
    return Promise.all(
      this.#processes.map(async (one, at) => {
        const answered = once(one, 'message')
        one.send(orderFor(at))
        const [answer] = (await answered) as [Answer] // client.ts sends nothing else
        if ('failure' in answer) throw new Error(answer.failure)
        return answer.result
      }),
    )
  }
}

function join(
  published: readonly Published[],
  settled: readonly Settled[],
  totals: readonly number[],
  channels: number,
): PartResult {
  const held = settled.filter(one => one.streams > 0)
  const [first] = held
  if (held.some(one => one.order !== first?.order)) throw new Error('the load processes saw different orders')
  const startUs = Math.min(...published.map(one => one.startUs))
  const ends = held.length > 0 ? held.map(one => one.lastAtUs) : published.map(one => one.endUs)
  const wallMs = (Math.max(...ends) - startUs) / 1_000
  const contents = held.map(one => one.content)
  const latencies = new Map<number, number>()
  for (const [step, count] of settled.flatMap(one => one.latencies))
    latencies.set(step, (latencies.get(step) ?? 0) + count)
  return {
    published: totals.reduce((sum, total) => sum + total, 0),
    deliveries: settled.reduce((sum, one) => sum + one.deliveries, 0),
    reads: settled.reduce((sum, one) => sum + one.reads, 0),
    wallMs,
    p50Ms: quantileMs(latencies, 0.5),
    p99Ms: quantileMs(latencies, 0.99),
    maxMs: quantileMs(latencies, 1),
    wholesMs: settled.flatMap(one => one.wholesUs.map(us => us / 1_000)),
    loadShare: Math.max(...settled.map(one => one.cpuMs)) / wallMs,
    content: channels === 1 ? (contents[0] ?? 0) : contents.reduce((sum, one) => (sum + one) | 0, 0),
  }
}

/** The upper edge of the step that holds the quantile; 0 where nothing was timed. */
function quantileMs(latencies: ReadonlyMap<number, number>, quantile: number): number {
  const steps = [...latencies].sort(([one], [other]) => one - other)
  const wanted = steps.reduce((sum, [, count]) => sum + count, 0) * quantile
  let seen = 0
  for (const [step, count] of steps) {
    seen += count
    if (seen >= wanted) return ((step + 1) * latencyStepUs) / 1_000
  }
  return 0
}

function shares(total: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, at) => Math.floor((total + at) / parts))
}
