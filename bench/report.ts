// Rounds to medians, medians to verdicts, verdicts to the table.
import type { Machine, Versions } from './machine.ts'
import type { Aim, Question } from './question.ts'
import type { Turn } from './rounds.ts'

/** Median, least and greatest of the rounds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** One question, answered. */
export interface Summary {
  readonly question: string
  readonly parameters: Readonly<Record<string, number>>
  readonly rounds: number
  /** In hexadecimal; 0 where nothing is delivered. */
  readonly checksum: string
  readonly programs: readonly {
    readonly program: string
    readonly figures: Readonly<Record<string, Spread>>
  }[]
}

/** A question with its answer; `doubt` says why the answer does not count. */
export interface Answered {
  readonly question: Question
  readonly summary: Summary
  readonly doubt: string | undefined
}

export interface Report {
  readonly date: string
  readonly machine: Machine
  readonly versions: Versions
  readonly seed: number
  readonly loadProcesses: number
  readonly summaries: readonly Summary[]
}

export function summarise(question: Question, rounds: number, turns: readonly Turn[]): Summary {
  const byProgram = Map.groupBy(turns, ({ program }) => program)
  const checksum = (turns[0]?.measured.checksum ?? 0) >>> 0
  return {
    question: question.name,
    parameters: question.parameters,
    rounds,
    checksum: checksum === 0 ? '0' : checksum.toString(16).padStart(8, '0'),
    programs: [...byProgram].map(([program, own]) => ({
      program,
      figures: Object.fromEntries(
        question.columns.map(({ figure }) => [
          figure,
          spreadOf(own.map(({ measured }) => measured.figures[figure] ?? 0)),
        ]),
      ),
    })),
  }
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.map(value => Number(value.toPrecision(4))).sort((one, other) => one - other)
  return { median: medianOf(sorted), min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 }
}

/** Of no values it is 0. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length / 2
  const low = sorted[Math.ceil(middle) - 1] ?? 0
  const high = sorted[Math.floor(middle)] ?? 0
  return Number(((low + high) / 2).toPrecision(4))
}

export function figureOf({ programs }: Summary, program: string, figure: string): Spread | undefined {
  return programs.find(one => one.program === program)?.figures[figure]
}

/** The two numbers to remember come first; they need the question of many subscribers. */
export function renderReport(report: Report, answers: readonly Answered[]): string {
  const { machine, versions, seed, loadProcesses } = report
  const lines = [
    ...headline(report.summaries),
    `${report.date}  ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}`,
    `ringcast ${versions.ringcast} (${versions.commit}), Node.js ${versions.node}, uWebSockets.js ${versions.uWebSockets}`,
    `seed ${seed}, ${loadProcesses} load process(es) in a crew; nothing was lost, came twice or out of order`,
    '',
    ...align([
      ['', 'daemon', 'beside', 'ratio', 'target', 'verdict'],
      ...answers.flatMap(answer => answer.question.aims.map(aim => verdictRow(answer, aim))),
    ]),
    ...answers.flatMap(answer => ['', ...details(answer)]),
  ]
  return `${lines.join('\n')}\n`
}

function headline(summaries: readonly Summary[]): string[] {
  const main = summaries.find(({ question }) => question === 'one-channel-many-subscribers')
  if (main === undefined) return []
  const deliveries = figureOf(main, 'daemon, 1 worker', 'closedDeliveries')?.median ?? 0
  const p99Ms = figureOf(main, 'daemon, 1 worker', 'p99Ms')?.median ?? 0
  return [
    `deliveries per second: ${Math.round(deliveries * 1e6).toLocaleString('en')}`,
    `p99 latency: ${p99Ms.toFixed(1)} ms`,
    '',
  ]
}

function verdictRow({ question, summary, doubt }: Answered, aim: Aim): string[] {
  const digitsOf = (name: string) => question.columns.find(({ figure }) => figure === name)?.digits ?? 2
  const show = (program: string, name: string) =>
    (figureOf(summary, program, name)?.median ?? Number.NaN).toFixed(digitsOf(name))
  const { base } = aim
  const own = figureOf(summary, aim.program, aim.figure)?.median ?? Number.NaN
  const ratio =
    base === undefined ? undefined : own / (figureOf(summary, base.program, base.figure)?.median ?? 0)
  const judged = ratio ?? own
  const [sign, bound] = 'atMost' in aim.bound ? ['≤', aim.bound.atMost] : ['≥', aim.bound.atLeast]
  const met = sign === '≤' ? judged <= bound : judged >= bound
  // A part can be so short that no processor time is counted in it.
  const measured = Number.isFinite(judged)
  const number = ratio === undefined ? show(aim.program, aim.figure) : showRatio(ratio)
  return [
    aim.says,
    show(aim.program, aim.figure),
    base === undefined ? '' : show(base.program, base.figure),
    ratio === undefined || !measured ? '' : showRatio(ratio),
    `${sign} ${bound.toLocaleString('en')}`,
    doubt !== undefined ? 'VOID' : !measured ? 'too short to tell' : met ? 'met' : `MISSED: ${number}`,
  ]
}

/** A small one has its digits farther behind. */
function showRatio(ratio: number): string {
  return ratio.toFixed(ratio < 0.3 ? 3 : 2)
}

/** All figures of a question: median (least–greatest). */
function details({ question, summary, doubt }: Answered): string[] {
  const parameters = Object.entries(summary.parameters).map(([key, value]) => `${key} ${value}`)
  const rows = summary.programs.map(({ program, figures }) => [
    program,
    ...question.columns.map(({ figure, digits }) => {
      const { median, min, max } = figures[figure] ?? { median: 0, min: 0, max: 0 }
      const range = summary.rounds > 1 ? ` (${min.toFixed(digits)}–${max.toFixed(digits)})` : ''
      return `${median.toFixed(digits)}${range}`
    }),
  ])
  return [
    question.name,
    question.asks,
    `${parameters.join(', ')}; medians of ${summary.rounds} round(s), checksum ${summary.checksum}`,
    ...align([['', ...question.columns.map(({ head }) => head)], ...rows]),
    ...(doubt === undefined ? [] : [`VOID: ${doubt}`]),
  ]
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map(row => [...(row[column] ?? '')].length))) ?? []
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)
  return rows.map(row => row.map(pad).join('  ').trimEnd())
}
