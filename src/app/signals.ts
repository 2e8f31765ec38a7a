// What signals do to a node. They are caught from the first moment on: one that comes while the node starts waits
// until there is something to stop, so that what the last run left is not lost on the way.
import { lastWords } from '../telemetry/log.ts'
import { namedCounts } from '../telemetry/statistics.ts'
import { type Running, stop } from './ends.ts'

export class Signals {
  #running: Running | undefined
  /** How it stops, once somebody asked for it. */
  #stopping: ((running: Running) => Promise<void>) | undefined

  constructor() {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => this.#stop(running => stop(running, signal)))
    process.on('SIGHUP', () => this.#reload())
    process.on('SIGUSR2', () => void this.#logStatistics())
  }

  /** From now on signals are obeyed, and one that asked for a stop before. */
  obey(running: Running): void {
    this.#running = running
    void this.#stopping?.(running)
  }

  get stopping(): boolean {
    return this.#stopping !== undefined
  }

  /** A node that may not serve after all says why, and stops in the same order, but with 1. */
  giveUp(why: string): void {
    lastWords(why)
    this.#stop(running => stop(running, undefined, 1))
  }

  #stop(how: (running: Running) => Promise<void>): void {
    if (this.#stopping !== undefined) return
    this.#stopping = how
    if (this.#running !== undefined) void how(this.#running)
  }

  #reload(): void {
    if (this.#running === undefined || this.#stopping !== undefined) return
    const { notices, reload, supervisor } = this.#running
    notices.reloading()
    if (reload.run()) supervisor.update(reload.values)
    notices.ready()
  }

  async #logStatistics(): Promise<void> {
    if (this.#running === undefined) return
    const { log, supervisor } = this.#running
    const named = [...(await supervisor.reports.statistics())].map(
      ([slot, statistics]) => [slot, namedCounts(statistics)] as const,
    )
    log.info({ primary: supervisor.counters(), workers: Object.fromEntries(named) }, 'statistics')
  }
}
