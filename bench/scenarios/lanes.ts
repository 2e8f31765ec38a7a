// Does what is urgent overtake what is much? Clients of pushwire that read 1 MB a second, of a channel that has more for them than
// they read, and one urgent frame a second on another channel: how long it takes, where the two have different priorities
// and where they have the same. What waits in the kernel nobody overtakes, and on loopback that is up to 4 MB for each
// client: it is only asked where the kernel keeps as little as on a network (README.md).
import { readFileSync } from 'node:fs'
import type { Crew } from '../load/crew.ts'
import { pushwireDaemon } from '../pushwire/programs.ts'
import { pushwire } from '../pushwire/requests.ts'
import type { Aim, Column, MakeQuestion, Measured, Size } from '../question.ts'
import { holdStreams, publisherPlan } from '../requests.ts'
import type { Target } from '../targets.ts'

const sizes = {
  full: { readers: 20, ms: 8_000, warmMs: 4_000 },
  quick: { readers: 20, ms: 5_000, warmMs: 3_000 },
  smallest: { readers: 4, ms: 300, warmMs: 200 },
} as const satisfies Record<Size, object>

const load = {
  bytesPerSecond: 1_000_000,
  urgentRate: 1,
  urgentBytes: 100,
  bulkBytes: 20_000,
  /** 1.5 MB a second. */
  bulkRate: 75,
} as const

/** A sixth of a second of what a client reads: with more of it the kernel would be measured. */
const kernelBytesMax = 65_536

/** What the kernel keeps at most for a client that is behind. */
function kernelBytes(): number {
  return Number(readFileSync('/proc/sys/net/ipv4/tcp_wmem', 'utf8').trim().split(/\s+/)[2])
}

const urgent = 'urgent'
const bulk = 'bulk'
const lanes = 'daemon, two lanes'
const single = 'daemon, one lane'

const columns: readonly Column[] = [
  { figure: 'p99Ms', head: 'urgent: p99 ms', digits: 1 },
  { figure: 'p50Ms', head: 'p50 ms', digits: 1 },
  { figure: 'maxMs', head: 'max ms', digits: 1 },
  { figure: 'bulkRate', head: 'bulk published/s', digits: 0 },
]

const aims: readonly Aim[] = [
  {
    says: 'urgent frames behind a bulk channel, two lanes: p99 ms',
    program: lanes,
    figure: 'p99Ms',
    bound: { atMost: 150 },
  },
  {
    says: 'the same, beside one lane: p99 ms',
    program: lanes,
    figure: 'p99Ms',
    base: { program: single, figure: 'p99Ms' },
    bound: { atMost: 1 / 5 },
  },
]

export const lanesOfPushwire: MakeQuestion = (size, seed) => {
  const { readers, ms, warmMs } = sizes[size]
  const urgentRate = size === 'smallest' ? 20 : load.urgentRate
  const programWith = (name: string, ofUrgent: number, ofBulk: number) =>
    pushwireDaemon(
      [
        { name: urgent, priority: ofUrgent },
        { name: bulk, priority: ofBulk },
      ],
      { name },
    )
  return {
    name: 'lanes',
    asks: 'How long does an urgent frame take to clients that are behind with others?',
    parameters: { ...load, urgentRate, readers, ms },
    programs: [programWith(lanes, 0, 2), programWith(single, 1, 1)],
    // That all works shows anywhere.
    missing:
      size !== 'smallest' &&
      kernelBytes() > kernelBytesMax &&
      `the kernel keeps ${kernelBytes().toLocaleString('en')} bytes for a client that is behind, and ${kernelBytesMax.toLocaleString('en')} would do: bench/README.md has the line`,
    crews: 2,
    columns,
    aims,
    round: (target, [reading, ...others]) =>
      measure(
        target,
        { reading, publishing: others[0] ?? reading },
        { readers, ms, warmMs, urgentRate, seed },
      ),
  }
}

interface Lengths {
  readonly readers: number
  readonly ms: number
  readonly warmMs: number
  readonly urgentRate: number
  readonly seed: number
}

/** The bulk is published by a crew without streams: it counts as little as it is read. */
async function measure(
  target: Target,
  crews: { readonly reading: Crew; readonly publishing: Crew },
  { readers, ms, warmMs, urgentRate, seed }: Lengths,
): Promise<Measured> {
  const { reading, publishing } = crews
  const requests = pushwire([bulk], { unheard: bulk, bytesPerSecond: load.bytesPerSecond })
  await holdStreams(reading, requests, target, urgent, readers)
  await publishing.connect(target.port, 0, [])
  const planFor = (channel: string, bytes: number) =>
    publisherPlan(requests, target, channel, { bytes, seed })
  const bulkPart = { publishers: 1, rate: load.bulkRate, ms: warmMs + ms, timed: false }
  const publishes = publishing.run(planFor(bulk, load.bulkBytes), bulkPart)
  const urgentPlan = planFor(urgent, load.urgentBytes)
  const part = { publishers: 1, rate: urgentRate, timed: true }
  await reading.run(urgentPlan, { ...part, ms: warmMs })
  const result = await reading.run(urgentPlan, { ...part, ms })
  const published = await publishes
  await Promise.all([reading.disconnect(), publishing.disconnect()])
  return {
    figures: {
      p99Ms: result.p99Ms,
      p50Ms: result.p50Ms,
      maxMs: result.maxMs,
      bulkRate: (published.published / published.wallMs) * 1_000,
    },
    checksum: result.content,
  }
}
