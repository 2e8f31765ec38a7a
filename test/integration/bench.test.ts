// The benches at their smallest: every question with every program for one round, on the sources. No time is judged;
// that nothing is lost, doubled or out of order is, and that each question brings what its table promises.
import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, test } from 'node:test'
import { payloadTemplate, stamp } from '../../bench/load/payload.ts'
import { Tally } from '../../bench/load/tally.ts'
import { describeMachine, describeVersions } from '../../bench/machine.ts'
import type { Question } from '../../bench/question.ts'
import { questions } from '../../bench/questions.ts'
import { renderReport, type Summary } from '../../bench/report.ts'
import { ask } from '../../bench/rounds.ts'

const main = new URL('../../src/main.ts', import.meta.url)
const smallest = questions.map(make => make('smallest', 1))

function answer(question: Question): Promise<Summary> {
  return ask(question, { main, rounds: 1, loadProcesses: 1, tell() {} })
}

test('each file of scenarios is a question of its name', () => {
  const files = readdirSync(new URL('../../bench/scenarios/', import.meta.url))
  deepEqual(smallest.map(({ name }) => `${name}.ts`).toSorted(), files.toSorted())
})

describe('the smallest round', { concurrency: 3 }, () => {
  for (const question of smallest) {
    test(`of ${question.name} has every figure`, async () => {
      const summary = await answer(question)
      equal(summary.programs.length, question.programs.length)
      for (const { program, figures } of summary.programs)
        for (const { figure } of question.columns)
          ok(Number.isFinite(figures[figure]?.median), `${figure} of ${program}`)
      const { columns, aims, programs } = question
      for (const { program, figure, base } of aims)
        for (const one of [{ program, figure }, base ?? { program, figure }]) {
          ok(columns.some(column => column.figure === one.figure))
          ok(programs.some(({ name }) => name === one.program))
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
      match(text, / (?:met|MISSED: [\d.]+|too short to tell)$/m)
      doesNotMatch(text, /NaN|undefined/)
    })
  }
})

describe('the judge of deliveries', () => {
  const template = payloadTemplate(40, 1)
  const plan = { part: 1, payloadBytes: template.length, timed: false, whole: false }

  /** Deliveries are stream, publisher and sequence number; what is wrong is told, nothing else. */
  function judge(
    publishers: number,
    channels: number,
    deliveries: readonly (readonly [number, number, number])[],
  ): boolean {
    const tally = new Tally({ ...plan, publishers, channels }, 4, 0)
    const bytes = Buffer.from(template)
    for (const [stream, publisher, sequence] of deliveries) {
      stamp(bytes, 0, 1, publisher, sequence, 0)
      tally.message(stream, bytes, 0, bytes.length)
    }
    const totals = Array.from({ length: publishers }, () => 2)
    return tally.complete(totals) && tally.failure === ''
  }

  const streams = [0, 1, 2, 3]
  const shared = streams.flatMap(stream => [0, 1].map(sequence => [stream, 0, sequence] as const))
  // Message k of publisher p is for channel 2k + p.
  const spread = streams.map(stream => [stream, stream % 2, Math.floor(stream / 2)] as const)

  test('accepts each message once and in order, on one channel and on many', () => {
    ok(judge(1, 1, shared))
    ok(judge(2, 4, spread))
  })

  test('refuses a loss, a duplicate, disorder and a message for another channel', () => {
    for (const [publishers, channels, sound] of [
      [1, 1, shared],
      [2, 4, spread],
    ] as const) {
      ok(!judge(publishers, channels, sound.slice(1)))
      ok(!judge(publishers, channels, [...sound, sound.at(-1) ?? [0, 0, 0]]))
    }
    ok(!judge(1, 1, shared.toReversed()))
    ok(!judge(2, 4, [[1, 0, 0], ...spread.slice(1)]))
  })

  test('refuses two streams of one channel that see different orders', () => {
    const one = [0, 1].flatMap(sequence => [0, 1].map(publisher => [0, publisher, sequence] as const))
    const other = streams
      .slice(1)
      .flatMap(stream =>
        [0, 1].flatMap(publisher => [0, 1].map(sequence => [stream, publisher, sequence] as const)),
      )
    ok(!judge(2, 1, [...one, ...other]))
  })
})

test('two programs that deliver different bytes fail the run', async () => {
  const [question] = smallest
  ok(question)
  let turns = 0
  const lying: Question = {
    ...question,
    programs: question.programs.slice(0, 2),
    round: async () => ({ figures: {}, checksum: turns++ }),
  }
  const failed = await answer(lying).then(
    () => '',
    error => String(error),
  )
  match(failed, /delivered differently/)
})
