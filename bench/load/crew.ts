// The load processes as one: orders go to all of them, answers come back joined.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Answer, Order, Published, Settled } from './orders.ts'
import type { PublisherPlan } from './publisher.ts'
import { latencyStepUs, type TallyPlan } from './tally.ts'

export interface Part {
  readonly publishers: number
  readonly ms: number
  /** Messages a second, for a single publisher; 0: closed loop. */
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
  /** From the first publish to the last delivery. */
  readonly wallMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Of each publication, where the part asked for it. */
  readonly wholesMs: readonly number[]
  /** The busiest load process: its processor time per wall time. */
  readonly loadShare: number
  readonly order: number
  readonly content: number
}

/** Runs between publishing and settling, for figures of the server that must fit the part. */
type Around = { before(): void; after(): void }

export class Crew {
  readonly #processes: readonly ChildProcess[]
  #part = 0

  private constructor(processes: readonly ChildProcess[]) {
    this.#processes = processes
  }

  static async start(processes: number): Promise<Crew> {
    const entry = new URL('./client.ts', import.meta.url)
    const crew = new Crew(Array.from({ length: processes }, () => fork(entry, { execArgv: [] })))
    await crew.#all({ type: 'begin', originUs: Math.round(Number(process.hrtime.bigint()) / 1_000) })
    return crew
  }

  async connect(host: string, port: number, streams: number, request: string): Promise<void> {
    const counts = shares(streams, this.#processes.length)
    await this.#each(at => ({ type: 'connect', plan: { host, port, count: counts[at] ?? 0, request } }))
  }

  disconnect(): Promise<unknown> {
    return this.#all({ type: 'disconnect' })
  }

  /** Publishes and waits until all is delivered; throws on a loss, a duplicate or disorder. */
  async run(plan: PublisherPlan, part: Part, around: Around): Promise<PartResult> {
    this.#part = (this.#part + 1) % 32
    const number = this.#part
    const { publishers, ms, rate, timed, exact = false, whole = false } = part
    const tally: TallyPlan = { part: number, publishers, payloadBytes: plan.template.length, timed, whole }
    await this.#all({ type: 'prepare', plan: tally })
    around.before()
    const published = (await this.#each(at => {
      const own = Array.from({ length: publishers }, (_, index) => index)
      const mine = own.filter(index => index % this.#processes.length === at)
      const ownRate = mine.length > 0 ? rate : 0
      return { type: 'publish', plan, part: number, publishers: mine, ms, rate: ownRate, exact }
    })) as Published[]
    const totals = Array.from({ length: publishers }, () => 0)
    for (const one of published) for (const [publisher, count] of one.totals) totals[publisher] = count
    const settled = (await this.#all({ type: 'settle', totals })) as Settled[]
    around.after()
    return join(published, settled, totals)
  }

  async stop(): Promise<void> {
    const ended = this.#processes.map(one => once(one, 'exit'))
    for (const one of this.#processes) one.disconnect()
    await Promise.all(ended)
  }

  #all(order: Order): Promise<unknown[]> {
    return this.#each(() => order)
  }

  #each(orderFor: (at: number) => Order): Promise<unknown[]> {
    return Promise.all(
      this.#processes.map(async (one, at) => {
        const answered = once(one, 'message')
        one.send(orderFor(at))
        const [answer] = (await answered) as [Answer]
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
): PartResult {
  const [first] = settled
  const held = settled.filter(one => one.streams > 0)
  if (first === undefined || held.some(one => one.order !== first.order))
    throw new Error('the load processes saw different orders')
  const startUs = Math.min(...published.map(one => one.startUs))
  const wallMs = (Math.max(...settled.map(one => one.lastAtUs)) - startUs) / 1_000
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
    order: first.order,
    content: first.content,
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
