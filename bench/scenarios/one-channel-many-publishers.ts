// How fast can one channel go? 500 streams, and 32 publishers that each send again as soon as they were answered.
import { meterCpu } from '../machine.ts'
import { type MakeQuestion, type Question, requestsFor, type Size, type Variant } from '../question.ts'
import { holdStreams, publisherPlan, rpushd } from '../requests.ts'
import { control, daemon } from '../targets.ts'

interface Lengths {
  readonly streams: number
  readonly ms: number
  readonly warmMs: number
}

const sizes = {
  full: { streams: 500, ms: 3_000, warmMs: 500 },
  quick: { streams: 500, ms: 1_000, warmMs: 200 },
  smallest: { streams: 10, ms: 20, warmMs: 20 },
} as const satisfies Record<Size, Lengths>

const payloadBytes = 100

export const manyPublishers: MakeQuestion = (size, seed) =>
  askOfPublishers(sizes[size], seed, {
    name: 'one-channel-many-publishers',
    asks: 'How many deliveries a second does one channel make of publishers that wait for their answers?',
    says: '1 channel, 500 subscribers, 32 publishers: M deliveries/s',
    requests: rpushd,
    programs: [daemon(1), control('fanout')],
  })

export function askOfPublishers(lengths: Lengths, seed: number, variant: Variant): Question {
  const { name, asks, says, programs, publishers = 32, missing = false } = variant
  const { streams, ms, warmMs } = lengths
  return {
    name,
    asks,
    parameters: { streams, payloadBytes, publishers, ms },
    programs,
    missing,
    crews: 1,
    columns: [
      { figure: 'deliveries', head: 'M deliveries/s', digits: 2, steady: true },
      { figure: 'publishes', head: 'publishes/s', digits: 0 },
      { figure: 'joined', head: 'joined', digits: 0 },
      { figure: 'cpuUs', head: 'µs CPU per delivery', digits: 3 },
      { figure: 'server', head: 'server', digits: 2 },
      { figure: 'load', head: 'load', digits: 2 },
    ],
    aims: variant.aims ?? [
      {
        says,
        program: 'daemon, 1 worker',
        figure: 'deliveries',
        base: { program: 'control', figure: 'deliveries' },
        bound: { atLeast: 0.7 },
      },
    ],
    async round(target, [crew]) {
      const channel = 'bench'
      const requests = requestsFor(variant, target)
      const plan = publisherPlan(requests, target, channel, { bytes: payloadBytes, seed })
      await holdStreams(crew, requests, target, channel, streams)
      // How many messages fit into the time is chance, so a short paced part makes the checksum.
      const { content } = await crew.run(plan, { publishers: 1, rate: 50, ms: 200, timed: false })
      await crew.run(plan, { publishers, rate: 0, ms: warmMs, timed: false })
      const meter = meterCpu(target.pid)
      const result = await crew.run(plan, { publishers, rate: 0, ms, timed: false }, meter)
      await crew.disconnect()
      return {
        figures: {
          deliveries: result.deliveries / result.wallMs / 1_000,
          publishes: (result.published / result.wallMs) * 1_000,
          joined: result.deliveries / result.reads,
          cpuUs: (meter.ms * 1_000) / result.deliveries,
          server: meter.ms / result.wallMs,
          load: result.loadShare,
        },
        checksum: content,
      }
    },
  }
}
