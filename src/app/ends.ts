// How the process ends: in order, or where it cannot go on.
import type { Slot } from '../engine/link.ts'
import { systemClock } from '../std/clock.ts'
import { visibleLine } from '../std/visible.ts'
import { type Log, lastWords } from '../telemetry/log.ts'
import type { Supervisor } from '../threads/supervisor.ts'
import type { Listeners } from './listeners.ts'
import type { Notices } from './notify.ts'
import type { Reload } from './reload.ts'

/** A node that serves, or is about to. */
export interface Running {
  readonly supervisor: Supervisor
  readonly listeners: Listeners
  /** Writes what the workers left. Throws where the disk refuses. */
  readonly keep: (left: ReadonlyMap<Slot, Uint8Array>) => void
  readonly reload: Reload
  readonly notices: Notices
  readonly log: Log
}

/** Time for workers to close their sockets when the primary itself met a bug. */
const stopNowMs = 1_000

/** Nothing but a listener may be open yet. */
export function refuseToStart(mistakes: readonly string[]): void {
  for (const mistake of mistakes) lastWords(visibleLine(mistake))
  process.exit(1)
}

/** A thread hangs or is about to break the process: an orderly end is not to be had (src/net/README.md, rule 10). */
export function kill(log: Log, line: string): void {
  log.fatal({ code: 'process-lost' }, line)
  lastWords(line)
  process.kill(process.pid, 'SIGKILL')
}

/** A bug in the primary: the workers close their sockets first, or the process would abort. */
export function crash(supervisor: Supervisor, log: Log, error: unknown): void {
  log.fatal({ code: 'primary-failed', err: error }, 'the primary met a bug')
  lastWords(`the primary met a bug: ${error instanceof Error ? error.stack : error}`)
  if (!supervisor.stopNow(stopNowMs)) process.kill(process.pid, 'SIGKILL')
  process.exit(1)
}

/** `signal`: the one that asked for it. The process ends with `status`, or with 1 where nothing could be left. */
export async function stop(running: Running, signal: NodeJS.Signals | undefined, status = 0): Promise<void> {
  const { supervisor, listeners, keep, reload, notices, log } = running
  log.info({ signal }, 'stopping')
  notices.stopping()
  listeners.close()
  const { drainTimeoutMs } = reload.node
  systemClock.after(drainTimeoutMs, () =>
    kill(log, `the graceful stop took longer than ${drainTimeoutMs} ms`),
  )
  let code = status
  await supervisor.stop(left => {
    try {
      keep(left)
    } catch (error) {
      code = 1
      log.error(
        { code: 'state-unwritable', err: error },
        'numbering and history could not be left for the next start',
      )
    }
  })
  log.info('stopped')
  process.exit(code)
}
