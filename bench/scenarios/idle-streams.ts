// How much memory does a connected client take that just listens? 1,000 streams come first, so that code is compiled
// and buffers have their size; then 10,000 more, and one message to all, so that each has all its state. The figures
// are what the process grew by per stream, after garbage was collected.
import { kernelBytes, processRssBytes } from '../machine.ts'
import { type MakeQuestion, type Question, requestsFor, type Size, type Variant } from '../question.ts'
import { holdStreams, publisherPlan, rpushd } from '../requests.ts'
import { control, daemon, memoryProbe, type Target } from '../targets.ts'

interface Lengths {
  readonly streams: number
  /** Opened first, and not counted. */
  readonly before: number
}

export const sizes = {
  full: { streams: 10_000, before: 1_000 },
  quick: { streams: 10_000, before: 1_000 },
  smallest: { streams: 20, before: 5 },
} as const satisfies Record<Size, Lengths>

const payloadBytes = 100

/** What a stream may take in memory. */
const bytesMax = 2_560

export const idleStreams: MakeQuestion = (size, seed) =>
  askOfIdle(sizes[size], seed, {
    name: 'idle-streams',
    asks: 'How many bytes does a stream take that waits for messages?',
    says: '10,000 idle streams',
    requests: rpushd,
    programs: [daemon(1, { flags: memoryProbe }), control('fanout', { flags: memoryProbe })],
  })

export function askOfIdle(lengths: Lengths, seed: number, variant: Variant): Question {
  const { name, asks, says, programs, missing = false } = variant
  const { streams, before } = lengths
  const aim = { program: 'daemon, 1 worker', bound: { atMost: bytesMax } }
  return {
    name,
    asks,
    parameters: { streams, before, payloadBytes },
    programs,
    missing,
    // A process that held streams before has their memory still.
    fresh: true,
    crews: 2,
    columns: [
      { figure: 'rssBytes', head: 'RSS B per stream', digits: 0, steady: true },
      { figure: 'heapBytes', head: 'heap B per stream', digits: 0 },
      { figure: 'kernelBytes', head: 'kernel B, both ends', digits: 0 },
    ],
    aims: variant.aims ?? [
      { ...aim, says: `${says}: bytes of the process for each`, figure: 'rssBytes' },
      { ...aim, says: `${says}: bytes of the heap for each`, figure: 'heapBytes' },
    ],
    async round(target, [crew, ...others]) {
      const first = others[0] ?? crew
      const requests = requestsFor(variant, target)
      const planFor = (channel: string) =>
        publisherPlan(requests, target, channel, { bytes: payloadBytes, seed })
      const one = { publishers: 1, rate: 10, ms: 100, timed: false }
      await holdStreams(first, requests, target, 'first', before)
      await first.run(planFor('first'), one)
      const small = await memoryOf(target)
      await holdStreams(crew, requests, target, 'idle', streams)
      const { content } = await crew.run(planFor('idle'), one)
      const large = await memoryOf(target)
      await Promise.all([crew.disconnect(), first.disconnect()])
      return {
        figures: {
          rssBytes: (large.rssBytes - small.rssBytes) / streams,
          heapBytes: (large.heapBytes - small.heapBytes) / streams,
          kernelBytes: (large.kernelBytes - small.kernelBytes) / streams,
        },
        checksum: content,
      }
    },
  }
}

interface Memory {
  readonly rssBytes: number
  readonly heapBytes: number
  readonly kernelBytes: number
}

async function memoryOf(target: Target): Promise<Memory> {
  // Asking collects garbage, so it comes first.
  const heapBytes = await target.heapBytes()
  return { rssBytes: processRssBytes(target.pid), heapBytes, kernelBytes: kernelBytes() }
}
