// What does one publication cost per subscriber? 5,000 streams of one channel are opened, then one publisher keeps a
// pace (cost and latency), then many publish as fast as they are answered (the deliveries a second to remember).
import { meterCpu } from '../machine.ts'
import {
  type Column,
  type MakeQuestion,
  type Question,
  requestsFor,
  type Size,
  type Variant,
} from '../question.ts'
import { figureOf } from '../report.ts'
import { holdStreams, publisherPlan, rpushd } from '../requests.ts'
import { control, daemon } from '../targets.ts'

interface Lengths {
  readonly streams: number
  readonly pacedMs: number
  /** 0: there is no such part. */
  readonly closedMs: number
  readonly warmMs: number
}

const sizes = {
  full: { streams: 5_000, pacedMs: 5_000, closedMs: 2_000, warmMs: 500 },
  quick: { streams: 5_000, pacedMs: 1_500, closedMs: 500, warmMs: 200 },
  smallest: { streams: 20, pacedMs: 100, closedMs: 20, warmMs: 50 },
} as const satisfies Record<Size, Lengths>

const payloadBytes = 100

/** Messages a write in the paced part: above it a program could not keep the pace, and its costs are of another load. */
const joinedMax = 1.2

const pacedColumns: readonly Column[] = [
  { figure: 'cpuUs', head: 'µs CPU per delivery', digits: 2, steady: true },
  { figure: 'p50Ms', head: 'p50 ms', digits: 1 },
  { figure: 'p99Ms', head: 'p99 ms', digits: 1 },
  { figure: 'joined', head: 'joined', digits: 2 },
  { figure: 'server', head: 'server', digits: 2 },
  { figure: 'load', head: 'load', digits: 2 },
]

const closedColumns: readonly Column[] = [
  { figure: 'closedDeliveries', head: 'closed: M deliveries/s', digits: 2 },
  { figure: 'closedJoined', head: 'closed: joined', digits: 0 },
]

export const manySubscribers: MakeQuestion = (size, seed) =>
  askOfSubscribers(sizes[size], seed, {
    name: 'one-channel-many-subscribers',
    asks: 'What does a publication cost per subscriber of one channel?',
    says: '1 channel, 5,000 streams, 20 messages/s: µs CPU per delivery',
    requests: rpushd,
    programs: [daemon(1), control('fanout'), daemon(2)],
  })

export function askOfSubscribers(lengths: Lengths, seed: number, variant: Variant): Question {
  const { name, asks, says, programs, missing = false } = variant
  const { streams, pacedMs, closedMs, warmMs } = lengths
  const parameters = { streams, payloadBytes, rate: 20, pacedMs, publishers: 32, closedMs }
  return {
    name,
    asks,
    parameters,
    programs,
    missing,
    crews: 1,
    columns: closedMs === 0 ? pacedColumns : [...pacedColumns, ...closedColumns],
    aims: variant.aims ?? [
      {
        says,
        program: 'daemon, 1 worker',
        figure: 'cpuUs',
        base: { program: 'control', figure: 'cpuUs' },
        bound: { atMost: 1.25 },
      },
    ],
    async round(target, [crew]) {
      const channel = 'bench'
      const requests = requestsFor(variant, target)
      const plan = publisherPlan(requests, target, channel, { bytes: payloadBytes, seed })
      await holdStreams(crew, requests, target, channel, streams)
      const meter = meterCpu(target.pid)
      const paced = { publishers: 1, rate: parameters.rate, timed: true }
      await crew.run(plan, { ...paced, ms: warmMs })
      const result = await crew.run(plan, { ...paced, ms: pacedMs }, meter)
      const closed = { publishers: parameters.publishers, rate: 0, timed: false }
      const runClosed = async (ms: number) =>
        closedMs === 0 ? undefined : await crew.run(plan, { ...closed, ms })
      await runClosed(warmMs)
      const fast = await runClosed(closedMs)
      await crew.disconnect()
      return {
        figures: {
          cpuUs: (meter.ms * 1_000) / result.deliveries,
          p50Ms: result.p50Ms,
          p99Ms: result.p99Ms,
          joined: result.deliveries / result.reads,
          server: meter.ms / result.wallMs,
          load: result.loadShare,
          ...(fast !== undefined && {
            closedDeliveries: fast.deliveries / fast.wallMs / 1_000,
            closedJoined: fast.deliveries / fast.reads,
          }),
        },
        checksum: result.content,
      }
    },
    doubt(summary) {
      const late = summary.programs.find(
        ({ program }) => (figureOf(summary, program, 'joined')?.median ?? 0) > joinedMax,
      )
      return late === undefined ? undefined : `the ${late.program} could not keep the pace`
    },
  }
}
