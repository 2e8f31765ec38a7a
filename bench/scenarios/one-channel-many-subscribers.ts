// What does one publication cost per subscriber, and how fast can one channel go? Streams are opened, then one
// publisher keeps a pace (cost and latency), then many publish as fast as they are answered (deliveries a second).
import type { Crew, Part, PartResult } from '../load/crew.ts'
import { payloadTemplate } from '../load/payload.ts'
import { processCpuMs, processRssBytes } from '../machine.ts'
import { publishRequest, streamRequest, type Target } from '../targets.ts'

export interface Parameters {
  readonly streams: number
  readonly payloadBytes: number
  readonly seed: number
  readonly pacedRate: number
  readonly pacedMs: number
  readonly publishers: number
  readonly closedMs: number
  /** Before each measured part, the same for a while, thrown away. */
  readonly warmMs: number
}

/** One part as measured: the load's figures and the server's. */
export interface Measured extends PartResult {
  readonly serverCpuUsPerDelivery: number
  readonly serverCpuUsPerPublish: number
  /** Processor time per wall time; 1 is one core. */
  readonly serverShare: number
}

export interface Round {
  readonly target: string
  readonly paced: Measured
  readonly closed: Measured
  /** What the process grew by per stream while they were opened; only the first round of a process says much. */
  readonly rssBytesPerStream: number
}

export async function runRound(target: Target, crew: Crew, parameters: Parameters): Promise<Round> {
  const { streams, payloadBytes, seed, pacedRate, pacedMs, publishers, closedMs, warmMs } = parameters
  const [host, channel] = ['127.0.0.1', 'bench']
  const template = payloadTemplate(payloadBytes, seed)
  const plan = { host, port: target.port, template, ...publishRequest(channel, target.port, payloadBytes) }
  const rssBefore = processRssBytes(target.pid)
  await crew.connect(host, target.port, streams, streamRequest(channel, target.port))
  const rssBytesPerStream = (processRssBytes(target.pid) - rssBefore) / streams
  const measure = async (part: Part): Promise<Measured> => {
    await crew.run(plan, { ...part, ms: warmMs }, { before() {}, after() {} })
    let cpuMs = 0
    const result = await crew.run(plan, part, {
      before: () => {
        cpuMs = -processCpuMs(target.pid)
      },
      after: () => {
        cpuMs += processCpuMs(target.pid)
      },
    })
    return {
      ...result,
      serverCpuUsPerDelivery: (cpuMs * 1_000) / result.deliveries,
      serverCpuUsPerPublish: (cpuMs * 1_000) / result.published,
      serverShare: cpuMs / result.wallMs,
    }
  }
  const paced = await measure({ publishers: 1, rate: pacedRate, ms: pacedMs, timed: true })
  const closed = await measure({ publishers, rate: 0, ms: closedMs, timed: false })
  await crew.disconnect()
  return { target: target.name, paced, closed, rssBytesPerStream }
}
