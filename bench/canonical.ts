// `npm run bench`: the canonical workload, the built daemon beside a frozen control, interleaved in one run. Prints
// two numbers first, then the table; progress goes to standard error. `--scenario` runs another workload instead.
// README.md tells how to read it.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { findBusy, renderLargeBroadcast, runLargeBroadcast } from './large-broadcast.ts'
import { Crew } from './load/crew.ts'
import { describeMachine, describeVersions } from './machine.ts'
import { type Report, renderReport, summarise } from './report.ts'
import { findVoid, storeReport } from './results.ts'
import { type Parameters, type Round, runRound } from './scenarios/one-channel-many-subscribers.ts'
import { startBuilt, startControl, type Target } from './targets.ts'

const { values } = parseArgs({
  options: {
    /** Two short rounds, to see that all works; nothing is stored. */
    quick: { type: 'boolean', default: false },
    /** Another workload than the canonical one: `largeBroadcast` below. */
    scenario: { type: 'string' },
    rounds: { type: 'string' },
    streams: { type: 'string' },
    /** Load processes: more than one only where cores are to spare. */
    load: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    /** Also where `--quick` would not. */
    store: { type: 'boolean', default: false },
  },
})

const largeBroadcast = 'large-broadcast-beside-a-small-channel'
const loadProcesses = Number(values.load)

function parametersFor(streams: number): Parameters {
  const durations = values.quick
    ? { pacedMs: 2_000, closedMs: 1_000, warmMs: 300 }
    : { pacedMs: 5_000, closedMs: 3_000, warmMs: 500 }
  return {
    streams,
    payloadBytes: 100,
    seed: Number(values.seed),
    pacedRate: 20,
    publishers: 32,
    ...durations,
  }
}

function build(): void {
  const compiler = new URL('../node_modules/typescript/bin/tsc', import.meta.url).pathname
  const project = new URL('../tsconfig.build.json', import.meta.url).pathname
  const { status } = spawnSync(process.execPath, [compiler, '-p', project], { stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('the build failed')
}

async function runSize(parameters: Parameters, rounds: number): Promise<Round[]> {
  const targets: Target[] = []
  const crew = await Crew.start(loadProcesses)
  const done: Round[] = []
  try {
    targets.push(await startBuilt(1), await startControl('fanout'), await startBuilt(2))
    for (let round = 0; round < rounds; round++) {
      // There and back again, so that a machine that slowly warms up or tires favours nobody.
      for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
        const result = await runRound(target, crew, parameters)
        done.push(result)
        const [paced, closed] = [result.paced, result.closed]
        process.stderr.write(
          `${parameters.streams} streams, round ${round + 1}, ${target.name}: ` +
            `${paced.serverCpuUsPerDelivery.toFixed(2)} µs per delivery, p99 ${paced.p99Ms.toFixed(1)} ms, ` +
            `${((closed.deliveries / closed.wallMs) * 1e-3).toFixed(2)} M deliveries/s\n`,
        )
      }
    }
  } finally {
    await crew.stop()
    for (const target of targets) await target.stop()
  }
  return done
}

/** Equal parameters must deliver equal content: from every program, in every round. */
function checkContent(done: readonly Round[]): number {
  const contents = new Set(done.map(({ paced }) => paced.content))
  const [content] = contents
  if (contents.size !== 1 || content === undefined)
    throw new Error('equal publishes were delivered differently')
  return content
}

async function runCanonical(): Promise<void> {
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 5))
  const sizes = (values.streams ?? '5000,500').split(',').map(Number)
  const date = new Date()
  const scenarios: Report['scenarios'][number][] = []
  for (const streams of sizes) {
    const parameters = parametersFor(streams)
    const done = await runSize(parameters, rounds)
    scenarios.push({ parameters, content: checkContent(done), targets: summarise(done) })
  }
  const report: Report = {
    date: date.toISOString(),
    machine: describeMachine(),
    versions: describeVersions(),
    rounds,
    loadProcesses,
    scenarios,
  }
  process.stdout.write(renderReport(report))
  store(report, 'canonical', values.quick ? undefined : findVoid(report))
}

function store(report: { readonly date: string }, run: string, reason: string | undefined): void {
  if (reason !== undefined) process.stdout.write(`\nVOID, repeat it: ${reason}\n`)
  if (reason !== undefined) process.exitCode = 2
  else if (!values.quick || values.store)
    process.stdout.write(`\nstored as bench/results/${storeReport(report, run)}\n`)
}

if (values.scenario !== undefined && values.scenario !== largeBroadcast)
  throw new Error(`--scenario knows only ${largeBroadcast}`)
build()
if (values.scenario === undefined) await runCanonical()
else {
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
  const streams = Number(values.streams ?? 20_000)
  const report = await runLargeBroadcast(rounds, streams, Number(values.seed), values.quick)
  process.stdout.write(renderLargeBroadcast(report))
  store(report, largeBroadcast, values.quick ? undefined : findBusy(report))
}
