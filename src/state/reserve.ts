// Offsets never run backwards, even when the clock did (law 8): how far they may have got is on disk, ahead of them.
import { join } from 'node:path'
import type { Clock } from '../std/clock.ts'
import type { Log } from '../telemetry/log.ts'
import { readLine, writeWhole } from './state-files.ts'

/** Offsets that a millisecond has room for. */
const offsetsPerMs = 64
/** How far ahead offsets are reserved on disk, how often, and how soon again where the disk refused. */
const reserveMs = 3_600_000
const refreshMs = 1_800_000
const retryMs = 60_000

/**
 * The offset below which all that were given lie, and the Unix milliseconds that the node had reached. Fifteen digits
 * reach to the year 2465 in offsets, and leave room above them in a safe integer.
 */
const highWaterForm = /^(\d{1,15})(?: (\d{1,15}))?$/

export class Reserve {
  /** Undefined: nothing is kept. */
  readonly #path: string | undefined
  readonly #clock: Clock
  readonly #log: Log
  /** The latest time of this run and those before it, whatever the clock says now. */
  #reachedUnixMs = 0
  #isStopped = false
  /** First offset of an epoch that begins now. */
  readonly seed: () => number

  /** `folder` empty: nothing is read or written, and the clock alone counts. */
  constructor(folder: string, clock: Clock, log: Log) {
    this.#path = folder === '' ? undefined : join(folder, 'high-water')
    this.#clock = clock
    this.#log = log
    const unixMs = Math.floor(clock.unixMs())
    const reserved = this.#read()
    // That the reserve is ahead of the clock says nothing: a run that was killed leaves it, and each soon after adds one.
    if (this.#reachedUnixMs > unixMs) {
      log.warn(
        { code: 'clock-backwards', behindMs: this.#reachedUnixMs - unixMs },
        'the clock is behind what an earlier run reached; offsets go on above its own',
      )
    }
    this.seed = createSeed(Math.max(unixMs * offsetsPerMs, reserved), clock, Number)
    if (this.#path === undefined) return
    this.#write(this.#path, reserveMs)
    clock.every(refreshMs, () => this.#refresh())
  }

  /** Another process reserves from now on. */
  stop(): void {
    this.#isStopped = true
  }

  /** Nothing beyond now was given, and nothing will be. Throws where the disk refuses. */
  settle(): void {
    if (this.#path !== undefined) this.#write(this.#path, 0)
  }

  /** Zero where the file is damaged: then only the clock keeps numbers from running backwards. */
  #read(): number {
    const line = this.#path === undefined ? undefined : readLine(this.#path)
    const parts = highWaterForm.exec(line ?? '0')
    if (parts === null) {
      this.#log.error({ code: 'snapshot-unreadable' }, 'the offsets of the last run cannot be read')
      return 0
    }
    const [, reserved, reached = 0] = parts
    this.#reachedUnixMs = Number(reached)
    return Number(reserved)
  }

  /** A disk that refuses harms nothing until the reserve is used up. */
  #refresh(): void {
    if (this.#path === undefined || this.#isStopped) return
    try {
      this.#write(this.#path, reserveMs)
    } catch (error) {
      this.#log.error(
        { code: 'state-unwritable', err: error },
        'the state directory cannot be written; tried again soon',
      )
      this.#clock.after(retryMs, () => this.#refresh())
    }
  }

  #write(path: string, aheadMs: number): void {
    this.#reachedUnixMs = Math.max(this.#reachedUnixMs, Math.floor(this.#clock.unixMs()))
    const text = `${this.seed() + aheadMs * offsetsPerMs} ${this.#reachedUnixMs}`
    writeWhole(path, Buffer.from(text))
  }
}

/** From `base` on, advanced by the monotonic clock, whatever the other one does. */
export function createSeed<Offset>(
  base: number,
  clock: Clock,
  parse: (value: number) => Offset,
): () => Offset {
  const since = clock.now()
  return () => parse(base + Math.ceil(clock.now() - since) * offsetsPerMs)
}
