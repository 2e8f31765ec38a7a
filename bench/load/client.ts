// A load process: holds streams, publishes, judges deliveries. Started by crew.ts and ordered about by it; ends
// when its parent does.
import type { Answer, Opened, Order, Published, PublishOrder, Settled } from './orders.ts'
import { Publisher, publishClosedLoop, publishPaced, type Sender } from './publisher.ts'
import { StreamPublisher } from './stream-publisher.ts'
import { Streams, type StreamsPlan } from './streams.ts'
import { Tally } from './tally.ts'
import { ZmtpPublisher } from './zmtp-publisher.ts'

/** A part that is not complete by then has lost something. */
const settleMsMax = 15_000
/** Streams that are not all held by then never will be. */
const openMsMax = 120_000
/** How long a complete part must stay complete: a delivery too many comes late. */
const quietMs = 50

class LoadClient {
  #originMs = 0
  #streams: Streams | undefined
  #tally: Tally | undefined
  #cpuMsBefore = 0
  /** The whole microseconds since the run began, by the clock that all processes share. */
  readonly #nowUs = () => Math.round((performance.now() - this.#originMs) * 1_000)

  async obey(order: Order): Promise<Opened | Published | Settled | undefined> {
    switch (order.type) {
      case 'begin': {
        const monotonicMs = Number(process.hrtime.bigint()) / 1e6
        this.#originMs = order.originUs / 1_000 - (monotonicMs - performance.now())
        return undefined
      }
      case 'connect':
        this.#streams = new Streams(this.#nowUs)
        return await this.#open(this.#streams, order.plan)
      case 'replay':
        this.#streams = new Streams(this.#nowUs)
        this.#judge(this.#streams, new Tally(order.tally, order.plan.count, order.plan.first))
        return await this.#open(this.#streams, order.plan)
      case 'prepare': {
        const streams = this.#held()
        this.#judge(streams, new Tally(order.plan, streams.count, streams.first))
        return undefined
      }
      case 'publish':
        return await this.#publish(order)
      case 'settle':
        return await this.#settle(order.totals)
      case 'disconnect':
        this.#streams?.close()
        this.#streams = undefined
        return undefined
      default:
        return order satisfies never
    }
  }

  #held(): Streams {
    if (this.#streams === undefined) throw new Error('connect first')
    return this.#streams
  }

  async #open(streams: Streams, plan: StreamsPlan): Promise<Opened> {
    const [startUs, cpuMsBefore] = [this.#nowUs(), cpuMs()]
    await within(openMsMax, streams.open(plan))
    return {
      wallMs: (this.#nowUs() - startUs) / 1_000,
      cpuMs: cpuMs() - cpuMsBefore,
      position: streams.position,
    }
  }

  #judge(streams: Streams, tally: Tally): void {
    this.#tally = tally
    streams.tally = tally
    this.#cpuMsBefore = cpuMs()
  }

  async #publish({ plan, part, publishers, ms, rate, exact }: PublishOrder): Promise<Published> {
    const { answer } = plan
    const crew = publishers.map((index, stream): Sender => {
      if (answer === 'comes back')
        return new StreamPublisher(plan, part, index, { streams: this.#held(), stream })
      if (answer === 'is heard')
        return new ZmtpPublisher(plan, part, index, { streams: this.#held(), stream })
      return new Publisher(plan, answer, part, index)
    })
    const startUs = this.#nowUs()
    const published =
      rate > 0
        ? publishPaced(crew, { rate, ms, exact }, this.#nowUs)
        : publishClosedLoop(crew, ms, this.#nowUs)
    await within(ms + settleMsMax, published)
    const endUs = this.#nowUs()
    for (const publisher of crew) publisher.close()
    return {
      startUs,
      endUs,
      totals: crew.map(({ published }, at) => [publishers[at] ?? 0, published] as const),
    }
  }

  async #settle(totals: readonly number[]): Promise<Settled> {
    const [streams, tally] = [this.#held(), this.#tally]
    if (tally === undefined) throw new Error('prepare first')
    const endMs = performance.now() + settleMsMax
    while (!tally.complete(totals)) {
      const failure = tally.failure || streams.failure
      if (failure !== '') throw new Error(failure)
      if (performance.now() > endMs)
        throw new Error(`lost: ${tally.deliveries} deliveries arrived, no more came`)
      await pause(5)
    }
    const spentMs = cpuMs() - this.#cpuMsBefore
    await pause(quietMs)
    const settled = tally.complete(totals) && streams.failure === ''
    if (!settled) throw new Error(tally.failure || streams.failure)
    streams.tally = undefined
    return {
      streams: streams.count,
      deliveries: tally.deliveries,
      reads: tally.reads,
      lastAtUs: tally.lastAtUs,
      ...tally.checksums(),
      latencies: tally.latencies(),
      wholesUs: tally.wholesUs(),
      cpuMs: spentMs,
    }
  }
}

/** Throws where it takes longer. */
async function within(ms: number, done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`lost: an answer did not come within ${ms} ms`)), ms)
  })
  await Promise.race([done, late]).finally(() => clearTimeout(timer))
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

const client = new LoadClient()
process.on('disconnect', () => process.exit(0))
process.on('message', async (order: Order) => {
  const answer: Answer = await client.obey(order).then(
    result => (result === undefined ? {} : { result }),
    error => ({ failure: error instanceof Error ? error.message : String(error) }),
  )
  process.send?.(answer)
})
