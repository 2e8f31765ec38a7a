// Notices to the service manager that started us, in the form of sd_notify(3): ready, stopping, reloading, alive. A
// datagram on a unix socket is beyond Node.js, so systemd's own systemd-notify sends it. Without NOTIFY_SOCKET nobody
// listens and nothing runs.
import { execFile } from 'node:child_process'
import type { Environment } from '../settings/settings.ts'
import type { Clock } from '../std/clock.ts'
import type { Log } from '../telemetry/log.ts'

export interface NoticesDependencies {
  /** Says whether anybody listens (NOTIFY_SOCKET) and how often a sign of life is wanted (WATCHDOG_USEC). */
  readonly environment: Environment
  readonly clock: Clock
  readonly log: Log
  /** Workers that the node is to have. */
  readonly workers: number
}

const program = 'systemd-notify'
/** It waits itself until the manager has read the notice, 5 s at most: a manager that is slower has other troubles. */
const sendMsMax = 6_000
/** Notices that wait for the one under way. The next one says the state anew, so that a lost one harms little. */
const waitingMax = 8

export class Notices {
  readonly #dependencies: NoticesDependencies
  /** Undefined: nobody listens. */
  readonly #variables: Readonly<Record<string, string>> | undefined
  #serving = 0
  #ready = false
  #failed = false
  #isSucceeded = false
  /** The one under way first. Sent one after the other: they mean something in their order alone. */
  readonly #queue: (readonly string[])[] = []

  constructor(dependencies: NoticesDependencies) {
    this.#dependencies = dependencies
    const { NOTIFY_SOCKET, WATCHDOG_USEC, PATH } = dependencies.environment
    if (NOTIFY_SOCKET === undefined || NOTIFY_SOCKET === '') return
    this.#variables = { NOTIFY_SOCKET, ...(PATH !== undefined && { PATH }) }
    const watchdogMs = parseWatchdog(WATCHDOG_USEC)
    // A queue that is not empty proves nothing, so a sign of life never adds to it.
    if (watchdogMs !== undefined)
      dependencies.clock.every(watchdogMs / 2, () => this.#queue.length === 0 && this.#send(['WATCHDOG=1']))
  }

  /** All workers serve; also after `reloading`. */
  ready(): void {
    this.#ready = true
    this.#send(['READY=1', this.#status()])
  }

  reloading(): void {
    if (this.#ready) this.#send(['RELOADING=1', 'STATUS=reading the settings again'])
  }

  stopping(): void {
    this.#ready = false
    this.#send(['STOPPING=1', 'STATUS=stopping'])
  }

  /** The unit's main process is another one from now on; it says everything else itself. */
  succeededBy(pid: number): void {
    this.#send([`MAINPID=${pid}`])
    this.#isSucceeded = true
  }

  /** How many workers serve has changed by `change`. */
  serving(change: 1 | -1): void {
    this.#serving += change
    if (this.#ready) this.#send([this.#status()])
  }

  #status(): string {
    return `STATUS=${this.#serving} of ${this.#dependencies.workers} workers serve`
  }

  #send(notice: readonly string[]): void {
    if (this.#variables === undefined || this.#isSucceeded || this.#queue.length > waitingMax) return
    this.#queue.push(notice)
    if (this.#queue.length === 1) this.#run(notice)
  }

  /**
   * Without --no-block: the manager finds our unit by the sender's process, which must live until the notice was read.
   * Only that process waits, not this one.
   */
  #run(notice: readonly string[]): void {
    const options = { env: this.#variables, timeout: sendMsMax, killSignal: 'SIGKILL' } as const
    execFile(program, notice, options, error => {
      if (error !== null) this.#fail(error)
      this.#queue.shift()
      const next = this.#queue[0]
      if (next !== undefined) this.#run(next)
    })
  }

  /** Once: what fails now fails for ever, and the manager acts on missing notices by itself. */
  #fail(error: Error): void {
    if (this.#failed) return
    this.#failed = true
    this.#dependencies.log.error(
      { code: 'notice-failed', err: error },
      `${program} could not tell the service manager; further failures are not logged`,
    )
  }
}

/** Milliseconds; undefined where no sign of life is wanted. */
function parseWatchdog(text: string | undefined): number | undefined {
  return /^[1-9]\d{0,15}$/.test(text ?? '') ? Number(text) / 1_000 : undefined
}
