// Does a broadcast to very many hold up another channel? One channel with almost all streams and a broadcast now and
// then, one with a single stream and a small message every few milliseconds; the latter's latency beside the
// broadcasts, and without them while the many streams are held all the same.
import { readFileSync } from 'node:fs'
import type { Crew, Part, PartResult } from '../load/crew.ts'
import { payloadTemplate } from '../load/payload.ts'
import { processCpuMs } from '../machine.ts'
import { publishRequest, streamRequest, type Target } from '../targets.ts'

export interface Parameters {
  readonly streams: number
  readonly seed: number
  readonly broadcastBytes: number
  /** Broadcasts a second. */
  readonly broadcastRate: number
  readonly smallBytes: number
  /** Messages a second on the small channel. */
  readonly smallRate: number
  readonly ms: number
  readonly warmMs: number
}

export interface Measured {
  readonly small: PartResult
  /** Undefined where the large channel was idle. */
  readonly large: PartResult | undefined
  /** Processor time of the daemon per wall time; 1 is one core. */
  readonly serverShare: number
}

export interface Round {
  readonly target: string
  readonly beside: Measured
  readonly idle: Measured
}

/** Descriptors that a program needs for itself: listeners, its threads, publishers. */
const descriptorsSpare = 200

/** As many as wanted, or as many as one process may hold here: Node.js raises its own soft limit to the hard one. */
export function streamsWithin(wanted: number): number {
  const limits = readFileSync('/proc/self/limits', 'utf8')
  const hard = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY)
  return Math.min(wanted, hard - descriptorsSpare)
}

/** Each channel has load processes of its own. `order` says which part comes first. */
export async function runRound(
  target: Target,
  crews: { readonly large: Crew; readonly small: Crew },
  parameters: Parameters,
  order: 'beside first' | 'idle first',
): Promise<Round> {
  const { streams, seed, broadcastBytes, broadcastRate, smallBytes, smallRate, ms, warmMs } = parameters
  const { name, pid, port } = target
  const host = '127.0.0.1'
  const planFor = (channel: string, bytes: number) => {
    const template = payloadTemplate(bytes, seed)
    return { host, port, template, ...publishRequest(channel, port, bytes) }
  }
  const plans = { large: planFor('large', broadcastBytes), small: planFor('small', smallBytes) }
  await crews.large.connect(host, port, streams, streamRequest('large', port))
  await crews.small.connect(host, port, 1, streamRequest('small', port))
  const around = { before() {}, after() {} }
  const largePart: Part = { publishers: 1, rate: broadcastRate, ms, timed: true, whole: true }
  const smallPart: Part = { publishers: 1, rate: smallRate, ms, timed: true, exact: true }
  const measure = async (beside: boolean): Promise<Measured> => {
    const parts = async (length: number) => {
      const cpuMs = processCpuMs(pid)
      const [small, large] = await Promise.all([
        crews.small.run(plans.small, { ...smallPart, ms: length }, around),
        beside ? crews.large.run(plans.large, { ...largePart, ms: length }, around) : undefined,
      ])
      const wallMs = Math.max(small.wallMs, large?.wallMs ?? 0)
      return { small, large, serverShare: (processCpuMs(pid) - cpuMs) / wallMs }
    }
    await parts(warmMs)
    return await parts(ms)
  }
  const idleFirst = order === 'idle first' ? await measure(false) : undefined
  const beside = await measure(true)
  const idle = idleFirst ?? (await measure(false))
  await Promise.all([crews.large.disconnect(), crews.small.disconnect()])
  return { target: name, beside, idle }
}
