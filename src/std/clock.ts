// Time as an argument. Only this room touches timers and clocks, so that everything else can be driven by a
// test's own clock.

/** Stops what `after` or `every` started. Calling it twice is harmless. */
export type Cancel = () => void

export interface Clock {
  /** Monotonic milliseconds with a fraction; the zero point means nothing. */
  now(): number
  /** Monotonic milliseconds whose zero point all threads of the process share: two of them tell which was earlier. */
  sharedMs(): number
  /** Milliseconds since 1970; may step. */
  unixMs(): number
  /**
   * Milliseconds of processor time that this thread took so far. A thread that waits for a processor takes none, so a
   * budget in them holds on a busy machine, too. Where Node.js cannot tell (before 22.19), it is `now`.
   */
  cpuMs(): number
  after(ms: number, run: () => void): Cancel
  every(ms: number, run: () => void): Cancel
  /** Runs once the event loop has handled what this turn's poll brought, before it waits again. */
  endOfTurn(run: () => void): void
}

/** Timers of this clock never keep a thread alive: listeners and ports do. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sharedMs: () => Number(process.hrtime.bigint()) / 1_000_000,
  unixMs: () => Date.now(),
  cpuMs() {
    const used = process.threadCpuUsage?.()
    return used === undefined ? performance.now() : (used.user + used.system) / 1_000
  },
  after(ms, run) {
    const timer = setTimeout(run, ms).unref()
    return () => clearTimeout(timer)
  },
  every(ms, run) {
    const timer = setInterval(run, ms).unref()
    return () => clearInterval(timer)
  },
  endOfTurn(run) {
    setImmediate(run)
  },
}
