// What the primary says of its node: whoever asks, it asks all workers first, so that everything is in the answer which
// happened in them before the question.
import type { Slot } from '../engine/words/link.ts'
import type { Clock } from '../std/clock.ts'
import type { Counts, WorkerStatistics } from '../telemetry/statistics.ts'
import type { Answer, NodeQuestion, NodeReport, Question } from './control.ts'

export interface ReportsDependencies {
  readonly clock: Clock
  /** Workers that the node is to have. */
  readonly workers: number
  /** Of the primary. */
  counters(): Counts
  ask(question: Question, deadlineMs: number): Promise<ReadonlyMap<Slot, Answer>>
  /** What the worker in the slot answers; undefined where it does not in time, or is gone. */
  askOne(slot: Slot, question: Question, deadlineMs: number): Promise<Answer>
  /** Slots whose worker takes connections. */
  serving(): readonly Slot[]
  isStopping(): boolean
  /** See `NodeReport`. */
  cluster(): unknown
}

/** A worker that does not answer within this time is left out. */
const answerMs = 250

/**
 * As long as a subscriber waits for the owner of its channel: a client waits for it, and only a worker that is as good as
 * hung takes longer.
 */
const oneAnswerMs = 5_000

export class Reports {
  readonly #dependencies: ReportsDependencies
  readonly #startedUnixMs: number
  readonly #startedAt: number

  constructor(dependencies: ReportsDependencies) {
    this.#dependencies = dependencies
    this.#startedUnixMs = dependencies.clock.unixMs()
    this.#startedAt = dependencies.clock.now()
  }

  /** What the workers count, by slot. */
  async statistics(): Promise<ReadonlyMap<Slot, WorkerStatistics>> {
    const answers = await this.#dependencies.ask('statistics', answerMs)
    return answers as ReadonlyMap<Slot, WorkerStatistics> // what that question gets
  }

  /** The node as a whole, or what one room of it says in every worker, or in one. */
  async answer(question: NodeQuestion): Promise<unknown> {
    if (question === 'node') return await this.#node()
    if ('key' in question) return await this.#dependencies.askOne(question.slot, question, oneAnswerMs)
    return [...(await this.#dependencies.ask(question, answerMs)).values()]
  }

  async #node(): Promise<NodeReport> {
    const { clock, workers: workersWanted, counters, serving, isStopping, cluster } = this.#dependencies
    const workers = await this.statistics()
    return {
      startedUnixMs: this.#startedUnixMs,
      uptimeMs: clock.now() - this.#startedAt,
      workersWanted,
      serving: serving(),
      draining: isStopping(),
      primary: counters(),
      workers,
      cluster: cluster(),
    }
  }
}
