// The scenario of the large broadcast from rounds to its table: the daemon with one worker beside the control, which
// writes to all streams in one go and so shows what the slices are worth.
import { Crew } from './load/crew.ts'
import { describeMachine, describeVersions, type Machine, type Versions } from './machine.ts'
import { align, control, count, range, type Spread, spreadOf } from './report.ts'
import {
  type Parameters,
  type Round,
  runRound,
  streamsWithin,
} from './scenarios/large-broadcast-beside-a-small-channel.ts'
import { startBuilt, startControl, type Target } from './targets.ts'

/** What a large broadcast may cost another channel at the 99th percentile. */
const aimMs = 20

/** The control's p99 without broadcasts, on a machine with nothing else to do, is below a millisecond. */
const quietP99MsMax = 5

interface Latency {
  readonly p50Ms: Spread
  readonly p99Ms: Spread
  readonly maxMs: Spread
}

interface TargetSummary {
  readonly target: string
  /** The small channel beside broadcasts, and while the large channel was idle. */
  readonly beside: Latency
  readonly idle: Latency
  readonly broadcasts: number
  /** From when a broadcast was due to its last delivery; the spread is of the rounds' medians. */
  readonly wholeMs: Spread
  readonly wholeMaxMs: Spread
  /** While broadcasts went out. */
  readonly serverShare: Spread
  readonly loadShare: Spread
}

export interface LargeBroadcastReport {
  readonly date: string
  readonly machine: Machine
  readonly versions: Versions
  readonly rounds: number
  readonly parameters: Parameters
  readonly targets: readonly TargetSummary[]
}

export async function runLargeBroadcast(
  rounds: number,
  streamsWanted: number,
  seed: number,
  quick: boolean,
): Promise<LargeBroadcastReport> {
  const date = new Date().toISOString()
  const parameters: Parameters = {
    streams: streamsWithin(streamsWanted),
    seed,
    broadcastBytes: 200,
    broadcastRate: 2,
    smallBytes: 50,
    smallRate: 100,
    ms: quick ? 3_000 : 15_000,
    warmMs: 1_000,
  }
  const done = await runRounds(rounds, parameters)
  return {
    date,
    machine: describeMachine(),
    versions: describeVersions(),
    rounds,
    parameters,
    targets: [...Map.groupBy(done, round => round.target)].map(([target, own]) => summarise(target, own)),
  }
}

async function runRounds(rounds: number, parameters: Parameters): Promise<Round[]> {
  const crews = { large: await Crew.start(1), small: await Crew.start(1) }
  const targets: Target[] = []
  const done: Round[] = []
  try {
    targets.push(await startBuilt(1), await startControl('fanout'))
    for (let round = 0; round < rounds; round++) {
      const even = round % 2 === 0
      for (const target of even ? targets : targets.toReversed()) {
        const result = await runRound(target, crews, parameters, even ? 'beside first' : 'idle first')
        done.push(result)
        process.stderr.write(
          `${count(parameters.streams)} streams, round ${round + 1}, ${target.name}: p99 ` +
            `${result.beside.small.p99Ms.toFixed(2)} ms beside broadcasts, ` +
            `${result.idle.small.p99Ms.toFixed(2)} ms without\n`,
        )
      }
    }
  } finally {
    await Promise.all([crews.large.stop(), crews.small.stop()])
    for (const target of targets) await target.stop()
  }
  return done
}

function summarise(target: string, own: readonly Round[]): TargetSummary {
  const of = (value: (one: Round) => number) => spreadOf(own.map(value))
  const latency = (part: 'beside' | 'idle'): Latency => ({
    p50Ms: of(one => one[part].small.p50Ms),
    p99Ms: of(one => one[part].small.p99Ms),
    maxMs: of(one => one[part].small.maxMs),
  })
  const wholesOf = (one: Round) => one.beside.large?.wholesMs ?? []
  return {
    target,
    beside: latency('beside'),
    idle: latency('idle'),
    broadcasts: own.reduce((sum, one) => sum + wholesOf(one).length, 0),
    wholeMs: of(one => spreadOf(wholesOf(one)).median),
    wholeMaxMs: of(one => spreadOf(wholesOf(one)).max),
    serverShare: of(one => one.beside.serverShare),
    loadShare: of(one => one.beside.large?.loadShare ?? 0),
  }
}

/** Why the run does not count: judged by the control alone, without broadcasts, so never by what is to be shown. */
export function findBusy({ targets }: LargeBroadcastReport): string | undefined {
  const p99Ms = targets.find(({ target }) => target === control)?.idle.p99Ms.median ?? 0
  if (p99Ms <= quietP99MsMax) return undefined
  return `without broadcasts the control's p99 is ${p99Ms} ms, above ${quietP99MsMax}: the machine was busy`
}

export function renderLargeBroadcast(report: LargeBroadcastReport): string {
  const { machine, versions, parameters, rounds, targets } = report
  const { streams, broadcastBytes, broadcastRate, smallBytes, smallRate, ms, seed } = parameters
  const [daemon] = targets
  const [beside, idle] = [daemon?.beside.p99Ms.median ?? 0, daemon?.idle.p99Ms.median ?? 0]
  const show = ({ median, ...rest }: Spread) =>
    `${median.toFixed(2)} ${range({ median, ...rest }, value => value.toFixed(value < 10 ? 2 : 1))}`
  const rows = targets.flatMap(one =>
    (['beside', 'idle'] as const).map(part => [
      `${one.target}, ${part === 'beside' ? 'broadcasts' : 'none'}`,
      show(one[part].p50Ms),
      show(one[part].p99Ms),
      show(one[part].maxMs),
      part === 'beside' ? show(one.wholeMs) : '',
      part === 'beside' ? one.wholeMaxMs.max.toFixed(0) : '',
      part === 'beside' ? `${one.serverShare.median.toFixed(2)} / ${one.loadShare.median.toFixed(2)}` : '',
    ]),
  )
  const lines = [
    `p99 of the small channel: ${beside.toFixed(2)} ms beside broadcasts (the aim is ${aimMs} ms)`,
    `and without them: ${idle.toFixed(2)} ms`,
    '',
    `${report.date}  ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}`,
    `ringcast ${versions.ringcast} (${versions.commit}), Node.js ${versions.node}, uWebSockets.js ${versions.uWebSockets}`,
    `medians of ${rounds} rounds (least–greatest); nothing was lost, twice or out of order on either channel`,
    '',
    `${count(streams)} streams with ${broadcastRate} broadcasts/s of ${broadcastBytes} B, one stream with ${smallRate} messages/s of ${smallBytes} B; parts of ${ms / 1_000} s; seed ${seed}`,
    ...align([
      [
        'latency of the small channel',
        'p50 ms',
        'p99 ms',
        'max ms',
        'whole broadcast ms',
        'slowest',
        'share',
      ],
      ['', '', '', '', '', '', 'srv/load'],
      ...rows,
    ]),
  ]
  return `${lines.join('\n')}\n`
}
