// Questions of the benches at their smallest, as tests: that each brings every figure that its table promises.
import { doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { describeMachine, describeVersions } from '../../bench/machine.ts'
import type { Question } from '../../bench/question.ts'
import { questions } from '../../bench/questions.ts'
import { renderReport, type Summary } from '../../bench/report.ts'
import { ask } from '../../bench/rounds.ts'
import { program } from './program.ts'

export const smallest: readonly Question[] = questions.map(make => make('smallest', 1))

export function playSmallest(name: string, played: readonly Question[]): void {
  describe(name, { concurrency: 3 }, () => {
    for (const question of played) {
      test(`of ${question.name} has every figure`, { skip: question.missing ?? false }, async () => {
        judge(question, await answer(question))
      })
    }
  })
}

export function answer(question: Question): Promise<Summary> {
  return ask(question, { main: program, rounds: 1, loadProcesses: 1, tell() {} })
}

function judge(question: Question, summary: Summary): void {
  equal(summary.programs.length, question.programs.length)
  for (const { program: name, figures } of summary.programs)
    for (const { figure } of question.columns)
      ok(Number.isFinite(figures[figure]?.median), `${figure} of ${name}`)
  const { columns, aims, programs } = question
  for (const { program: one, figure, base } of aims) {
    for (const said of [{ program: one, figure }, base ?? { program: one, figure }]) {
      ok(columns.some(column => column.figure === said.figure))
      ok(programs.some(each => each.name === said.program))
    }
  }
  const report = {
    date: '2026-01-01T00:00:00.000Z',
    machine: describeMachine(),
    versions: describeVersions(),
    seed: 1,
    loadProcesses: 1,
    summaries: [summary],
  }
  const text = renderReport(report, [{ question, summary, doubt: undefined }])
  // A question may promise nothing.
  if (aims.length > 0) match(text, / (?:met|MISSED: [\d.]+|too short to tell)$/m)
  doesNotMatch(text, /NaN|undefined/)
}
