// What signals do to a node. They are caught from the first moment on: one that comes while the node starts waits
// until there is something to stop, so that what the last run left is not lost on the way.
import type { Slot } from '../engine/link.ts'
import { systemClock } from '../std/clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { Supervisor } from '../threads/supervisor.ts'
import { kill } from './ends.ts'
import type { Listeners } from './listeners.ts'
import type { Notices } from './notify.ts'
import type { Reload } from './reload.ts'

export interface Running {
  readonly supervisor: Supervisor
  readonly listeners: Listeners
  /** Writes what the workers left. Throws where the disk refuses. */
  readonly keep: (left: ReadonlyMap<Slot, Uint8Array>) => void
  readonly reload: Reload
  readonly notices: Notices
  readonly log: Log
}

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

async function stop(running: Running, signal: NodeJS.Signals): Promise<void> {
  const { supervisor, listeners, keep, reload, notices, log } = running
  log.info({ signal }, 'stopping')
  notices.stopping()
  listeners.close()
  const { drainTimeoutMs } = reload.node
  systemClock.after(drainTimeoutMs, () =>
    kill(log, `the graceful stop took longer than ${drainTimeoutMs} ms`),
  )
  let status = 0
  await supervisor.stop(left => {
    try {
      keep(left)
    } catch (error) {
      status = 1
      log.error(
        { code: 'state-unwritable', err: error },
        'numbering and history could not be left for the next start',
      )
    }
  })
  log.info('stopped')
  process.exit(status)
}
