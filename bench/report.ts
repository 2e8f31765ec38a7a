// Rounds to medians, medians to the table.
import type { Machine, Versions } from './machine.ts'
import type { Measured, Parameters, Round } from './scenarios/one-channel-many-subscribers.ts'

/** Median, least and greatest of the rounds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

interface PartSummary {
  readonly deliveriesPerSecond: Spread
  readonly cpuUsPerDelivery: Spread
  readonly cpuUsPerPublish: Spread
  /** Zero where latency was not counted. */
  readonly p50Ms: Spread
  readonly p99Ms: Spread
  readonly serverShare: Spread
  readonly loadShare: Spread
  readonly published: Spread
  /** Messages that one read of the load brought: how much the server joined. */
  readonly joined: Spread
}

interface TargetSummary {
  readonly target: string
  readonly paced: PartSummary
  readonly closed: PartSummary
  /** Of the first round: how much the process grew per stream. */
  readonly rssBytesPerStream: number
}

export interface Report {
  readonly date: string
  readonly machine: Machine
  readonly versions: Versions
  readonly rounds: number
  readonly loadProcesses: number
  readonly scenarios: readonly {
    readonly parameters: Parameters
    /** Checksum of what the paced part delivered: the same from every program in every round, or the run fails. */
    readonly content: number
    readonly targets: readonly TargetSummary[]
  }[]
}

export const control = 'control'

export function summarise(done: readonly Round[]): TargetSummary[] {
  return [...Map.groupBy(done, round => round.target)].map(([target, own]) => ({
    target,
    paced: summarisePart(own.map(round => round.paced)),
    closed: summarisePart(own.map(round => round.closed)),
    rssBytesPerStream: Math.round(own[0]?.rssBytesPerStream ?? 0),
  }))
}

function summarisePart(measured: readonly Measured[]): PartSummary {
  const of = (value: (one: Measured) => number) => spreadOf(measured.map(value))
  return {
    deliveriesPerSecond: of(one => (one.deliveries / one.wallMs) * 1_000),
    cpuUsPerDelivery: of(one => one.serverCpuUsPerDelivery),
    cpuUsPerPublish: of(one => one.serverCpuUsPerPublish),
    p50Ms: of(one => one.p50Ms),
    p99Ms: of(one => one.p99Ms),
    serverShare: of(one => one.serverShare),
    loadShare: of(one => one.loadShare),
    published: of(one => one.published),
    joined: of(one => one.deliveries / one.reads),
  }
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.map(value => Number(value.toPrecision(4))).sort((one, other) => one - other)
  const middle = sorted.length / 2
  const low = sorted[Math.ceil(middle) - 1] ?? 0
  const high = sorted[Math.floor(middle)] ?? 0
  return { median: Number(((low + high) / 2).toPrecision(4)), min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 }
}

/** The first two lines are the two numbers to remember: 5,000 streams, or the largest size run, and one worker. */
export function renderReport(report: Report): string {
  const { machine, versions, scenarios } = report
  const largest = scenarios.reduce((one, other) =>
    one.parameters.streams < other.parameters.streams ? other : one,
  )
  const main = largest.targets.find(({ target }) => target !== control)
  const lines = [
    `deliveries per second: ${count(main?.closed.deliveriesPerSecond.median ?? 0)}`,
    `p99 latency: ${(main?.paced.p99Ms.median ?? 0).toFixed(1)} ms`,
    '',
    `${report.date}  ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}`,
    `ringcast ${versions.ringcast} (${versions.commit}), Node.js ${versions.node}, uWebSockets.js ${versions.uWebSockets}`,
    `medians of ${report.rounds} rounds, ${report.loadProcesses} load process(es); ratios are to the control`,
  ]
  for (const scenario of scenarios) lines.push('', ...renderScenario(scenario))
  lines.push('', ...limits(report))
  return `${lines.join('\n')}\n`
}

function renderScenario({ parameters, content, targets }: Report['scenarios'][number]): string[] {
  const { streams, pacedRate, payloadBytes, publishers, seed } = parameters
  const own = targets.find(({ target }) => target === control)
  const ratio = (value: number, base: number | undefined) => (base ? `×${(value / base).toFixed(2)}` : '')
  const rows = targets.map(({ target, paced, closed, rssBytesPerStream }) => [
    target,
    `${paced.cpuUsPerDelivery.median.toFixed(2)} ${range(paced.cpuUsPerDelivery)}`,
    ratio(paced.cpuUsPerDelivery.median, own?.paced.cpuUsPerDelivery.median),
    paced.p50Ms.median.toFixed(1),
    paced.p99Ms.median.toFixed(1),
    ratio(paced.p99Ms.median, own?.paced.p99Ms.median),
    `${paced.serverShare.median.toFixed(2)} / ${paced.loadShare.median.toFixed(2)}`,
    `${millions(closed.deliveriesPerSecond.median)} ${range(closed.deliveriesPerSecond, millions)}`,
    ratio(closed.deliveriesPerSecond.median, own?.closed.deliveriesPerSecond.median),
    closed.cpuUsPerDelivery.median.toFixed(3),
    closed.joined.median.toFixed(0),
    `${closed.serverShare.median.toFixed(2)} / ${closed.loadShare.median.toFixed(2)}`,
    count(rssBytesPerStream),
  ])
  const heads = [
    [
      `${count(streams)} streams`,
      'paced: µs CPU',
      '',
      'p50',
      'p99',
      '',
      'share',
      'closed: M',
      '',
      'µs CPU',
      'joined',
      'share',
      'RSS per',
    ],
    [
      '',
      'per delivery',
      '',
      'ms',
      'ms',
      '',
      'srv/load',
      'deliveries/s',
      '',
      'per d.',
      '',
      'srv/load',
      'stream B',
    ],
  ]
  return [
    `one channel, ${count(streams)} streams, ${payloadBytes} B: paced ${pacedRate} messages/s, closed loop ${publishers} publishers; seed ${seed}, checksum ${(content >>> 0).toString(16).padStart(8, '0')}`,
    ...align([...heads, ...rows]),
  ]
}

/** Says where a figure is the load's or the machine's rather than the server's. */
function limits({ machine, scenarios }: Report): string[] {
  const loadFull: string[] = []
  const coresFull: string[] = []
  for (const { parameters, targets } of scenarios) {
    for (const { target, paced, closed } of targets) {
      for (const [part, { loadShare, serverShare }] of Object.entries({ paced, closed })) {
        const where = `${count(parameters.streams)} ${part} ${target}`
        if (loadShare.median > 0.9) loadFull.push(where)
        if (serverShare.median + loadShare.median > machine.cores * 0.95) coresFull.push(where)
      }
    }
  }
  const lines: string[] = []
  if (loadFull.length > 0)
    lines.push(`a load process is full, the server may do better: ${loadFull.join('; ')}`)
  if (coresFull.length > 0) lines.push(`all ${machine.cores} cores are full: ${coresFull.join('; ')}`)
  return lines
}

export function align(rows: readonly (readonly string[])[]): string[] {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map(row => [...(row[column] ?? '')].length))) ?? []
  return rows.map(row =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
}

export function range(
  { min, max }: Spread,
  show: (value: number) => string = value => value.toFixed(2),
): string {
  return `(${show(min)}–${show(max)})`
}

function millions(value: number): string {
  return (value / 1e6).toFixed(2)
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}
