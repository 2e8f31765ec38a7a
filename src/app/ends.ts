// How the process ends where it cannot go on.
import { visibleLine } from '../std/visible.ts'
import { type Log, lastWords } from '../telemetry/log.ts'
import type { Supervisor } from '../threads/supervisor.ts'

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
