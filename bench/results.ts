// Stored runs: one small file each, named by date. A later run on the same machine is judged by their controls.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Machine } from './machine.ts'
import type { Question } from './question.ts'
import { medianOf, type Report, type Summary } from './report.ts'

const folder = new URL('./results/', import.meta.url)

/** How far a control may be from its own stored figure before the run says more of the machine than of the daemon. */
const driftMax = 0.3

/** `run` is `all`, or the name of a question. Returns the name of the file. */
export function storeReport(report: Report, run: string): string {
  const name = `${report.date.slice(0, 19).replaceAll(':', '')}-${run}.json`
  writeFileSync(new URL(name, folder), `${JSON.stringify(report, undefined, 1)}\n`)
  return name
}

/** Why the answer does not count, as far as the controls of earlier runs can tell; undefined: nothing against it. */
export function findDrift(question: Question, summary: Summary, machine: Machine): string | undefined {
  const earlier = readReports()
    .filter(report => sameMachine(report.machine, machine))
    .flatMap(({ summaries }) => summaries)
    .filter(one => one.question === summary.question && sameLoad(one, summary))
  for (const { figure, head, steady } of question.columns) {
    if (steady !== true) continue
    for (const { program, figures } of summary.programs) {
      if (!program.startsWith('control')) continue
      const own = earlier.flatMap(({ programs }) => programs.filter(one => one.program === program))
      const usual = medianOf(own.flatMap(one => one.figures[figure]?.median ?? []))
      const value = figures[figure]?.median ?? 0
      if (usual > 0 && Math.abs(value / usual - 1) > driftMax)
        return `${head} of the ${program} is ${value}, on this machine usually ${usual}`
    }
  }
  return undefined
}

/** Files of the first form of the benches have no summaries; they are kept to be read by people. */
function readReports(): Report[] {
  const names = readdirSync(folder).filter(name => name.endsWith('.json'))
  const all = names.map(name => JSON.parse(readFileSync(new URL(name, folder), 'utf8')))
  return all.filter(report => Array.isArray(report.summaries))
}

/** The kernel may be updated; its figures should not move by as much as `driftMax`. */
function sameMachine(one: Machine, other: Machine): boolean {
  return one.cpu === other.cpu && one.cores === other.cores && one.memoryGiB === other.memoryGiB
}

function sameLoad(one: Summary, other: Summary): boolean {
  return JSON.stringify(one.parameters) === JSON.stringify(other.parameters)
}
