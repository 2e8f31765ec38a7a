// What signals do to a node. They are caught from the first moment on: one that comes while the node starts waits
// until there is something to stop, so that what the last run left is not lost on the way.
import { type Running, stop } from './ends.ts'

export class Signals {
  #running: Running | undefined
  #stopping: NodeJS.Signals | undefined

  constructor() {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#stop(signal))
    process.on('SIGHUP', () => this.#reload())
    process.on('SIGUSR2', () => void this.#logStatistics())
  }

  /** From now on signals are obeyed, and one that asked for a stop before. */
  obey(running: Running): void {
    this.#running = running
    if (this.#stopping !== undefined) void stop(running, this.#stopping)
  }

  #stop(signal: NodeJS.Signals): void {
    if (this.#stopping !== undefined) return
    this.#stopping = signal
    if (this.#running !== undefined) void stop(this.#running, signal)
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
    const workers = Object.fromEntries(await supervisor.statistics())
    log.info({ primary: supervisor.counters, workers }, 'statistics')
  }
}
