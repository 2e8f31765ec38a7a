// How the process ends: in order, or where it cannot go on.
import type { Slot } from '../engine/words/link.ts'
import type { Estate } from '../state/estate.ts'
import { systemClock } from '../std/clock.ts'
import { faultText } from '../std/fault.ts'
import { visibleLine } from '../std/visible.ts'
import { type Log, lastWords } from '../telemetry/log.ts'
import type { Supervisor } from '../threads/supervisor.ts'
import type { Gates } from './gates.ts'
import type { Listeners } from './listeners.ts'
import type { Notices } from './notify.ts'
import type { Reload } from './reload.ts'
import type { Sides } from './sides.ts'

/** A node that serves, or is about to. */
export interface Running {
  readonly supervisor: Supervisor
  readonly listeners: Listeners
  readonly gates: Gates
  readonly estate: Estate
  readonly reload: Reload
  readonly notices: Notices
  readonly sides: Sides
  readonly log: Log
  /** Resolves when no new process is about to take this one's place any more. */
  giveUpUpgrade?: () => Promise<void>
}

/** Time for workers to say what they leave, where one of them is lost: a pack of many channels takes part of it. */
const salvageMs = 2_000
/** Time for workers to close their sockets when the primary itself met a bug. */
const stopNowMs = 1_000

/** Nothing but a listener may be open yet. */
export function refuseToStart(mistakes: readonly string[]): void {
  for (const mistake of mistakes) lastWords(visibleLine(mistake))
  process.exit(1)
}

/**
 * A thread hangs or is about to break the process: an orderly end is not to be had (src/net/README.md, rule 10). What the
 * other workers have is written first.
 */
export async function lose(
  { supervisor, listeners, estate, log }: Pick<Running, 'supervisor' | 'listeners' | 'estate' | 'log'>,
  line: string,
  lost?: Slot,
): Promise<void> {
  const salvaged = estate.isWanted ? supervisor.salvage(lost, salvageMs) : new Map()
  // Another end is under way.
  if (salvaged === undefined) return
  log.fatal({ code: 'process-lost' }, line)
  // Now, for a worker that is out of memory may end the process any moment.
  lastWords(line)
  listeners.close()
  if (estate.isWanted) estate.salvage(await salvaged, lost)
  else estate.giveBackUnused()
  process.kill(process.pid, 'SIGKILL')
}

/** A bug in the primary: the workers close their sockets first, or the process would abort. */
export function crash(
  { supervisor, sides, estate, log }: Pick<Running, 'supervisor' | 'sides' | 'estate' | 'log'>,
  error: unknown,
): void {
  estate.giveBackUnused()
  log.fatal({ code: 'primary-failed', err: error }, 'the primary met a bug')
  lastWords(`the primary met a bug: ${error instanceof Error ? error.stack : error}`)
  endNow({ supervisor, sides })
}

/** The process that was given the channels is gone, and nobody here has them any more: what was given is left for the next start. */
export function abandon(
  { supervisor, sides, estate, log }: Running,
  channels: ReadonlyMap<Slot, Uint8Array>,
  why: unknown,
): void {
  log.fatal({ code: 'upgrade-lost', err: why }, 'the process that took the channels is gone')
  lastWords(`the process that took the channels is gone: ${faultText(why)}`)
  estate.keep(channels)
  endNow({ supervisor, sides })
}

function endNow({ supervisor, sides }: Pick<Running, 'supervisor' | 'sides'>): void {
  const areEnded = [sides.stopNow(stopNowMs), supervisor.stopNow(stopNowMs)]
  if (areEnded.includes(false)) process.kill(process.pid, 'SIGKILL')
  process.exit(1)
}

/** Another process has the channels and accepts connections: clients that are here are sent there, and this one ends. */
export async function leave({ supervisor, listeners, log }: Running, successor: number): Promise<void> {
  log.info({ successor }, 'another process serves in place of this one')
  listeners.leave()
  await supervisor.leave()
  log.info('stopped')
  process.exit(0)
}

/** `signal`: the one that asked for it. The process ends with `status`, or with 1 where nothing could be left. */
export async function stop(running: Running, signal: NodeJS.Signals | undefined, status = 0): Promise<void> {
  const { supervisor, sides, listeners, gates, estate, reload, notices, log } = running
  await running.giveUpUpgrade?.()
  log.info({ signal }, 'stopping')
  notices.stopping()
  listeners.close()
  const { drainTimeoutMs } = reload.node
  systemClock.after(
    drainTimeoutMs,
    () => void lose(running, `the graceful stop took longer than ${drainTimeoutMs} ms`),
  )
  let isKept = true
  await sides.retire()
  await supervisor.stop(left => {
    isKept = estate.keep(left)
  })
  await sides.stop()
  gates.release()
  log.info('stopped')
  process.exit(isKept ? status : 1)
}
