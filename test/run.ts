// Runs the test suites: `node test/run.ts [folder or file …] [--only <pattern>] [--built] [--soak]`.
// Files run four at a time, for each of them also waits; those of a soak one at a time, for they measure. In the end what
// the daemons wrote is searched for secrets. With `--built` daemons and tests run on `dist`. Leaves formatting to node's
// spec reporter and assertions to the files.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { DEFAULTS_VARIABLE } from './helpers/daemon-secrets.ts'
import { OUTPUT_VARIABLE, searchOutputs } from './helpers/outputs.ts'
import { BUILT_VARIABLE, BUNDLE_VARIABLE, COMPILED_VARIABLE, flagsOfBuilt } from './helpers/program.ts'
import { bundle } from './helpers/run/bundle.ts'
import { joinFiles } from './helpers/run/joined.ts'
import { killLeftovers, markEnvironment, signalMarked } from './helpers/run/leftovers.ts'
import { filesOf } from './helpers/run/plan.ts'

const ROOT = resolve(import.meta.dirname, '..')
/** The timeout ends a file that hangs: the longest takes half a minute, many times that on a machine with other work. */
const TEST = { concurrency: 4, timeout: 600_000 }
const SOAK = { concurrency: 1, timeout: 3_600_000 }
const SLOWEST_FILES = 5

type Counts = Record<(typeof COUNT_NAMES)[number], number>
const COUNT_NAMES = ['tests', 'suites', 'passed', 'failed', 'cancelled', 'skipped', 'todo'] as const

interface Outcome {
  readonly counts: Counts
  readonly notRun: string[]
  readonly timedOut: string[]
  readonly withoutTests: string[]
  readonly filesMs: Map<string, number>
}

const interrupted = new AbortController()

process.chdir(ROOT)
process.exitCode = await main()

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      built: { type: 'boolean', default: false },
      only: { type: 'string' },
      soak: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const mistake = mistakeIn(values.only)
  if (mistake !== undefined) {
    console.error(`--only takes a regular expression: ${mistake}`)
    return 1
  }
  const files = filesOf(positionals, values.soak ? '.soak.ts' : '.test.ts', values.only)
  if (files.length === 0) {
    const what = values.only === undefined ? 'file' : `whose name matches /${values.only}/`
    console.error(`No ${values.soak ? 'soak' : 'test'} ${what} in test/{${positionals.join(',') || '**'}}.`)
    return 1
  }
  markEnvironment()
  process.env[BUILT_VARIABLE] = String(values.built)
  const defaults = await readDefaults()
  if (defaults !== undefined) process.env[DEFAULTS_VARIABLE] = JSON.stringify(defaults)
  const outputs = mkdtempSync(join(tmpdir(), 'test-outputs-'))
  process.env[OUTPUT_VARIABLE] = outputs
  const compiled = mkdtempSync(join(tmpdir(), 'test-compiled-'))
  process.env[COMPILED_VARIABLE] = compiled
  const joined = mkdtempSync(join(tmpdir(), 'test-joined-'))
  if (values.built) {
    const { folder, remove } = await bundle(ROOT)
    process.env[BUNDLE_VARIABLE] = folder
    process.on('exit', remove)
  }
  process.on('exit', () => {
    for (const folder of [outputs, compiled, joined]) rmSync(folder, { recursive: true, force: true })
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onInterrupt)

  const { concurrency, timeout } = values.soak ? SOAK : TEST
  const outcome: Outcome = {
    counts: noCounts(),
    notRun: [],
    timedOut: [],
    withoutTests: [],
    filesMs: new Map(),
  }
  const stream = run({
    files: values.soak ? files : joinFiles(files, joined),
    concurrency,
    timeout,
    signal: interrupted.signal,
    execArgv: ['--disable-warning=ExperimentalWarning', ...(values.built ? flagsOfBuilt : [])],
    ...(values.only === undefined ? {} : { testNamePatterns: [new RegExp(values.only)] }),
  })
  await pipeline(Readable.from(noted(stream, outcome)), new spec(), process.stdout, { end: false })
  tellTimes(outcome.filesMs)
  if (interrupted.signal.aborted) signalMarked('SIGTERM')
  return verdict(outcome, timeout, await killLeftovers(), leaks(outputs))
}

/** Here and not by an import: a protocol that does not load shall fail its tests, not the run. */
async function readDefaults(): Promise<Readonly<Record<string, string>> | undefined> {
  return import('./helpers/daemon-defaults.ts').then(
    ({ daemonDefaults }) => daemonDefaults,
    () => undefined,
  )
}

function mistakeIn(only = ''): string | undefined {
  try {
    new RegExp(only)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function* noted(stream: ReturnType<typeof run>, outcome: Outcome) {
  for await (const event of stream) {
    note(event, outcome)
    yield event
  }
}

type RunEvent = ReturnType<typeof run> extends AsyncIterable<infer Event> ? Event : never

function note(event: RunEvent, outcome: Outcome): void {
  const { counts, notRun, timedOut, withoutTests, filesMs } = outcome
  if (event.type === 'test:summary') {
    const { file } = event.data
    if (file !== undefined) filesMs.set(shortName(file), event.data.duration_ms)
    else for (const name of COUNT_NAMES) counts[name] += event.data.counts[name]
  }
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return
  const { name, file, line, skip, todo } = event.data
  if (skip !== undefined || todo !== undefined) {
    const why = skip !== undefined ? `skipped: ${skip}` : `todo: ${todo}`
    notRun.push(`${file?.replace(`${ROOT}/`, '') ?? '?'}:${line ?? 0}  ${name} (${why})`)
  }
  if (event.type === 'test:pass' && isFileName(name)) {
    withoutTests.push(name)
    counts.tests -= 1
    counts.passed -= 1
  }
  if (event.type === 'test:fail' && isFileName(name)) {
    const { error } = event.data.details
    if ('failureType' in error && error.failureType === 'testTimeoutFailure') timedOut.push(name)
  }
}

function shortName(file: string): string {
  return file.startsWith(`${ROOT}/`) ? relative(ROOT, file) : basename(file)
}

/** A file whose tests were reported does not appear itself; one that appears and passes declared no test. */
function isFileName(name: string): boolean {
  return /^(?:test|\/.*\/test)\/.*\.(?:test|soak)\.ts$/.test(name)
}

function noCounts(): Counts {
  return { tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 }
}

/** Where the minutes go. */
function tellTimes(filesMs: ReadonlyMap<string, number>): void {
  const allSeconds = Math.round(performance.now() / 1_000)
  console.log(`\nFiles: ${filesMs.size}, in ${Math.trunc(allSeconds / 60)} min ${allSeconds % 60} s`)
  if (filesMs.size <= SLOWEST_FILES) return
  const slowest = [...filesMs].sort(([, a], [, b]) => b - a).slice(0, SLOWEST_FILES)
  console.log('The slowest:')
  for (const [file, ms] of slowest) console.log(`${(ms / 1_000).toFixed(1).padStart(7)} s  ${file}`)
}

function verdict(
  outcome: Outcome,
  timeoutMs: number,
  left: readonly string[],
  leaked: readonly string[],
): number {
  const { counts, notRun, timedOut, withoutTests } = outcome
  const reasons: string[] = []
  for (const file of timedOut) {
    reasons.push(
      `${file} took longer than ${timeoutMs / 1000} s and was stopped: a test hangs in it or leaves a handle open`,
    )
  }
  for (const entry of left) reasons.push(`left running by a test, now killed: ${entry}`)
  for (const place of leaked) reasons.push(`a daemon's output ${place}`)
  if (process.env['CI'] === 'true') {
    for (const entry of notRun) reasons.push(`every test must run under CI=true: ${entry}`)
  }
  if (counts.tests === 0)
    reasons.push(`no test ran (files without a test: ${withoutTests.join(', ') || 'none'})`)
  if (interrupted.signal.aborted) reasons.push('interrupted')
  if (reasons.length > 0) console.log(`\nThe run fails:\n${reasons.map(reason => `  ${reason}`).join('\n')}`)
  if (interrupted.signal.aborted) return 130
  return reasons.length > 0 || counts.failed > 0 || counts.cancelled > 0 ? 1 : 0
}

/** Places where a daemon wrote a secret that it was given, or a token. */
function leaks(folder: string): readonly string[] {
  const { outputs, secrets, found } = searchOutputs(folder)
  const result = found.length === 0 ? 'none found' : `${found.length} found`
  console.log(`${outputs} outputs searched for ${secrets} secrets: ${result}`)
  return found
}

function onInterrupt(): void {
  if (interrupted.signal.aborted) {
    signalMarked('SIGKILL')
    process.exit(130)
  }
  interrupted.abort()
}
