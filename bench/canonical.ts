// `npm run bench`: all questions, the built daemon beside frozen controls. Prints two numbers first, then the table of
// targets, then every figure; progress goes to standard error. README.md tells how to read it.
import { spawnSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { describeMachine, describeVersions } from './machine.ts'
import type { Question } from './question.ts'
import { questions } from './questions.ts'
import { type Answered, type Report, renderReport } from './report.ts'
import { findDrift, storeReport } from './results.ts'
import { ask } from './rounds.ts'

const help = `npm run bench -- [flags]
Measures the built daemon beside frozen controls on bare uWebSockets.js, on loopback, and GRIP beside Pushpin where that is installed, in at most 40 minutes.

  --quick          about six minutes, to see that all works; figures are rough and nothing is stored
  --scenario NAME  this question alone; may be repeated
  --list           the questions
  --rounds N       rounds of each program; 5, and 1 with --quick
  --seed N         of what is published; 1
  --load N         load processes: more than one only where cores are to spare; 1
  --daemon FILE    measure this main.js in place of a fresh build, to compare two versions
  --no-store       store nothing
  --help           this page

Examples:
  npm run bench
  npm run bench -- --quick
  npm run bench -- --scenario nobody-reads --rounds 9 --no-store

Exit codes: 0 measured (a missed target is a figure, not a failure), 1 something was lost, came twice or out of order,
or could not be run, 2 a question stayed void: the machine was busy. bench/README.md tells how to read the table.
`

/** A run takes no longer: then what is answered is reported, and the rest is named. */
const runMsMax = 40 * 60_000
const repeatsMax = 2
/** A repetition may take that much longer. */
const slack = 1.3

/** Wrong usage: told in one line. */
class Mistake extends Error {}

function complain(error: unknown): never {
  const text = error instanceof Mistake ? error.message : error instanceof Error ? error.stack : error
  process.stderr.write(`bench: ${text}\n`)
  process.exit(1)
}

function readFlags() {
  try {
    return parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        scenario: { type: 'string', multiple: true, default: [] },
        list: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        seed: { type: 'string', default: '1' },
        load: { type: 'string', default: '1' },
        daemon: { type: 'string' },
        store: { type: 'boolean', default: true },
        help: { type: 'boolean', default: false },
      },
      allowNegative: true,
    }).values
  } catch (error) {
    return complain(new Mistake(`${error instanceof Error ? error.message : error} (--help lists the flags)`))
  }
}

const values = readFlags()

function numberOf(flag: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 1 && value <= 1_000) return value
  throw new Mistake(`--${flag} takes a whole number from 1 to 1,000, not ${text}`)
}

/** The daemon's program. */
function build(): URL {
  if (values.daemon !== undefined) return pathToFileURL(values.daemon)
  const compiler = new URL('../node_modules/typescript/bin/tsc', import.meta.url).pathname
  const project = new URL('../tsconfig.build.json', import.meta.url).pathname
  const { status } = spawnSync(process.execPath, [compiler, '-p', project], { stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Mistake('the build failed')
  return new URL('../dist/src/main.js', import.meta.url)
}

/** Those whose programs are here; the others are told. */
function possible(all: readonly Question[]): readonly Question[] {
  return all.filter(({ name, missing = false }) => {
    if (missing !== false) process.stderr.write(`${name} is not asked: ${missing}\n`)
    return missing === false
  })
}

function chosen(all: readonly Question[]): readonly Question[] {
  const unknown = values.scenario.filter(name => !all.some(question => question.name === name))
  const names = all.map(({ name }) => name).join(', ')
  if (unknown.length > 0) throw new Mistake(`there is no question ${unknown.join(', ')}; there are ${names}`)
  const { scenario } = values
  return all.filter(({ name, byName }) => (scenario.length === 0 ? byName !== true : scenario.includes(name)))
}

/** Asks again where the answer does not count, at most `repeatsMax` times and while there is time. */
async function answer(question: Question, main: URL): Promise<Answered> {
  const rounds = numberOf('rounds', values.rounds ?? (values.quick ? '1' : '5'))
  const loadProcesses = numberOf('load', values.load)
  const tell = (line: string) => process.stderr.write(`${line}\n`)
  for (let repeats = 0; ; repeats++) {
    const startMs = performance.now()
    const summary = await ask(question, { main, rounds, loadProcesses, tell })
    const takenMs = performance.now() - startMs
    tell(`${question.name} took ${(takenMs / 1_000).toFixed(0)} s`)
    if (values.quick) return { question, summary, doubt: undefined }
    const doubt = question.doubt?.(summary) ?? findDrift(question, summary, describeMachine())
    const again = repeats < repeatsMax && performance.now() + takenMs * slack < runMsMax
    if (doubt === undefined || !again) return { question, summary, doubt }
    tell(`${question.name} is void and asked again: ${doubt}`)
  }
}

async function run(): Promise<void> {
  const date = new Date().toISOString()
  const seed = numberOf('seed', values.seed)
  const asked = possible(chosen(questions.map(make => make(values.quick ? 'quick' : 'full', seed))))
  const main = build()
  const answers: Answered[] = []
  const finish = () =>
    report(answers, {
      date,
      machine: describeMachine(),
      versions: describeVersions(),
      seed,
      loadProcesses: numberOf('load', values.load),
      summaries: answers.map(({ summary }) => summary),
    })
  const watch = setTimeout(() => {
    finish()
    const left = asked.slice(answers.length).map(({ name }) => name)
    process.stderr.write(
      `ended after ${runMsMax / 60_000} minutes, without an answer to ${left.join(', ')}\n`,
    )
    process.exit(1)
  }, runMsMax)
  try {
    for (const question of asked) answers.push(await answer(question, main))
  } finally {
    clearTimeout(watch)
  }
  finish()
}

function report(answers: readonly Answered[], whole: Report): void {
  process.stdout.write(renderReport(whole, answers))
  const counted = answers.filter(({ doubt }) => doubt === undefined)
  if (counted.length < answers.length) process.exitCode = 2
  if (values.quick || !values.store || counted.length === 0) return
  const name = values.scenario.length === 0 ? 'all' : values.scenario.join('-and-')
  const file = storeReport({ ...whole, summaries: counted.map(({ summary }) => summary) }, name)
  process.stdout.write(`\nstored as bench/results/${file}\n`)
}

function list(): void {
  const all = questions.map(make => make('full', 1))
  const width = Math.max(...all.map(({ name }) => name.length))
  for (const { name, asks } of all) process.stdout.write(`${name.padEnd(width)}  ${asks}\n`)
}

if (values.help) process.stdout.write(help)
else if (values.list) list()
else {
  // What was started ends when this process exits, but not when a signal ends it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  await run().catch(complain)
}
