// Asks one question: starts its programs and its load, lets the programs take turns, and joins the rounds.
import { Crew } from './load/crew.ts'
import type { Measured, Question } from './question.ts'
import { type Summary, summarise } from './report.ts'
import type { Program, Target } from './targets.ts'

export interface RoundOptions {
  /** The daemon's program: of a build, or of the sources. */
  readonly main: URL
  readonly rounds: number
  /** Processes in each crew: more than one only where cores are to spare. */
  readonly loadProcesses: number
  /** One line for each round. */
  readonly tell: (line: string) => void
}

export interface Turn {
  readonly program: string
  readonly measured: Measured
}

/** Throws where anything was lost, came twice or out of order, or was delivered differently by two programs. */
export async function ask(question: Question, options: RoundOptions): Promise<Summary> {
  const { main, rounds, loadProcesses, tell } = options
  const first = await Crew.start(loadProcesses)
  const crews: [Crew, ...Crew[]] = [first]
  const running = new Map<Program, Target>()
  const turns: Turn[] = []
  try {
    while (crews.length < question.crews) crews.push(await Crew.start(loadProcesses))
    if (question.fresh !== true)
      for (const program of question.programs) running.set(program, await program.start(main))
    for (let round = 0; round < rounds; round++) {
      // There and back again, so that a machine that slowly warms up or tires favours nobody.
      for (const program of round % 2 === 0 ? question.programs : question.programs.toReversed()) {
        const target = running.get(program) ?? (await program.start(main))
        running.set(program, target)
        const measured = await question.round(target, crews, turns.length)
        turns.push({ program: program.name, measured })
        tell(`${question.name}, round ${round + 1}, ${program.name}: ${shortly(question, measured)}`)
        if (question.fresh !== true) continue
        running.delete(program)
        await target.stop()
      }
    }
  } finally {
    await Promise.all(crews.map(crew => crew.stop()))
    await Promise.all([...running.values()].map(target => target.stop()))
  }
  checkContent(turns)
  return summarise(question, rounds, turns)
}

/** Equal parameters must deliver equal content: from every program, in every round. */
function checkContent(turns: readonly Turn[]): void {
  const checksums = new Set(turns.map(({ measured }) => measured.checksum))
  if (checksums.size !== 1) throw new Error('equal publishes were delivered differently')
}

function shortly({ columns }: Question, { figures }: Measured): string {
  const shown = columns.slice(0, 3)
  return shown
    .map(({ figure, head, digits }) => `${(figures[figure] ?? 0).toFixed(digits)} ${head}`)
    .join(', ')
}
