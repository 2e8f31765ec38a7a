// Does a broadcast to very many hold up another channel? One channel with almost all streams and a broadcast now and
// then, one with a single stream and a small message every few milliseconds; the latter's latency beside the
// broadcasts, and without them while the many streams are held all the same.
import type { Crew } from '../load/crew.ts'
import { payloadTemplate } from '../load/payload.ts'
import { meterCpu, streamsWithin } from '../machine.ts'
import type { Aim, Column, MakeQuestion, Measured, Size } from '../question.ts'
import { figureOf, medianOf } from '../report.ts'
import { publishRequest, streamRequest } from '../requests.ts'
import { control, daemon, type Target } from '../targets.ts'

const sizes = {
  full: { streams: 20_000, broadcastRate: 2, ms: 3_500, warmMs: 500 },
  quick: { streams: 20_000, broadcastRate: 2, ms: 1_500, warmMs: 500 },
  smallest: { streams: 20, broadcastRate: 10, ms: 200, warmMs: 100 },
} as const satisfies Record<Size, object>

const payload = { broadcastBytes: 200, smallBytes: 50, smallRate: 100 }

/** The control's p99 without broadcasts, on a machine with nothing else to do, is below a millisecond. */
const quietP99MsMax = 5

/** Rates are messages a second. */
type Load = typeof payload & {
  readonly streams: number
  readonly broadcastRate: number
  readonly ms: number
  readonly warmMs: number
}

const columns: readonly Column[] = [
  { figure: 'besideP99Ms', head: 'p99 ms beside broadcasts', digits: 2 },
  { figure: 'idleP99Ms', head: 'p99 ms without', digits: 2 },
  { figure: 'besideP50Ms', head: 'p50 ms beside', digits: 2 },
  { figure: 'idleP50Ms', head: 'without', digits: 2 },
  { figure: 'besideMaxMs', head: 'max ms beside', digits: 1 },
  { figure: 'wholeMs', head: 'whole broadcast ms', digits: 0 },
  { figure: 'server', head: 'server', digits: 2 },
  { figure: 'load', head: 'load', digits: 2 },
]

const aims: readonly Aim[] = [
  {
    says: '20,000 streams, 2 broadcasts/s: p99 ms of a small channel beside them',
    program: 'daemon, 1 worker',
    figure: 'besideP99Ms',
    bound: { atMost: 20 },
  },
]

export const largeBroadcast: MakeQuestion = (size, seed) => {
  const streams = streamsWithin(sizes[size].streams)
  const load: Load = { ...payload, ...sizes[size], streams }
  return {
    name: 'large-broadcast-beside-a-small-channel',
    asks: 'Does a broadcast to very many hold up another channel?',
    parameters: { ...load },
    programs: [daemon(1), control('fanout')],
    crews: 2,
    columns,
    aims,
    // The order of the parts changes with every second turn, as that of the programs does.
    round: (target, [large, small = large], turn) =>
      measure(target, { large, small }, load, seed, turn % 4 > 1 ? 'idle first' : 'beside first'),
    /** Judged by the control alone, without broadcasts, so never by what is to be shown. */
    doubt(summary) {
      const p99Ms = figureOf(summary, 'control', 'idleP99Ms')?.median ?? 0
      if (p99Ms <= quietP99MsMax) return undefined
      return `without broadcasts the p99 of the control is ${p99Ms} ms, above ${quietP99MsMax}: the machine was busy`
    },
  }
}

/** The two channels have crews of their own. */
async function measure(
  { pid, port }: Target,
  crews: { readonly large: Crew; readonly small: Crew },
  load: Load,
  seed: number,
  order: 'beside first' | 'idle first',
): Promise<Measured> {
  const planFor = (channel: string, bytes: number) => ({
    host: '127.0.0.1',
    port,
    template: payloadTemplate(bytes, seed),
    ...publishRequest(channel, port, bytes),
  })
  const plans = { large: planFor('large', load.broadcastBytes), small: planFor('small', load.smallBytes) }
  const one = { publishers: 1, timed: true }
  const meter = meterCpu(pid)
  await crews.large.connect(port, load.streams, [streamRequest('large', port)])
  await crews.small.connect(port, 1, [streamRequest('small', port)])
  const parts = (beside: boolean, ms: number) =>
    Promise.all([
      crews.small.run(plans.small, { ...one, rate: load.smallRate, ms, exact: true }),
      beside
        ? crews.large.run(plans.large, { ...one, rate: load.broadcastRate, ms, whole: true }, meter)
        : undefined,
    ])
  const warmed = async (beside: boolean) => {
    await parts(beside, load.warmMs)
    return await parts(beside, load.ms)
  }
  const idleFirst = order === 'idle first' ? await warmed(false) : undefined
  const [beside, whole] = await warmed(true)
  const [idle] = idleFirst ?? (await warmed(false))
  await Promise.all([crews.large.disconnect(), crews.small.disconnect()])
  return {
    figures: {
      besideP99Ms: beside.p99Ms,
      idleP99Ms: idle.p99Ms,
      besideP50Ms: beside.p50Ms,
      idleP50Ms: idle.p50Ms,
      besideMaxMs: beside.maxMs,
      wholeMs: medianOf(whole?.wholesMs ?? []),
      server: meter.ms / (whole?.wallMs ?? 0),
      load: whole?.loadShare ?? 0,
    },
    checksum: beside.content ^ (whole?.content ?? 0),
  }
}
