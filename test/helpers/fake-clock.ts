// Clocks that a test moves. Turns end when the test says so; timers run when time is moved past them.
import type { Cancel, Clock } from '../../src/std/clock.ts'

interface Timer {
  due: number
  readonly periodMs: number | undefined
  readonly run: () => void
}

export class FakeClock implements Clock {
  #now = 0
  readonly #timers = new Set<Timer>()
  #turn: (() => void)[] = []
  /** What `unixMs` adds to the fake time. */
  epochMs = 1_700_000_000_000

  now(): number {
    return this.#now
  }

  sharedMs(): number {
    return this.#now
  }

  unixMs(): number {
    return this.epochMs + this.#now
  }

  /** Processor time passes with the other. */
  cpuMs(): number {
    return this.#now
  }

  after(ms: number, run: () => void): Cancel {
    return this.#add({ due: this.#now + ms, periodMs: undefined, run })
  }

  every(ms: number, run: () => void): Cancel {
    return this.#add({ due: this.#now + ms, periodMs: ms, run })
  }

  endOfTurn(run: () => void): void {
    this.#turn.push(run)
  }

  /** Ends one turn. False: nothing was waiting for it. */
  turn(): boolean {
    const waiting = this.#turn
    this.#turn = []
    for (const run of waiting) run()
    return waiting.length > 0
  }

  /** Moves time on and runs what became due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.due - b.due)[0]
      if (next === undefined || next.due > end) break
      this.#now = Math.max(this.#now, next.due)
      if (next.periodMs === undefined) this.#timers.delete(next)
      else next.due += next.periodMs
      next.run()
    }
    this.#now = end
  }

  /** Time passes while no timer runs, as when the thread is busy. */
  stall(ms: number): void {
    this.#now += ms
  }

  #add(timer: Timer): Cancel {
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }
}

/** The common time with turns of its own, as each worker has them. Once ended, nothing that waits for it runs. */
export class TurnClock implements Clock {
  readonly #time: FakeClock
  readonly #cancels = new Set<Cancel>()
  #turn: (() => void)[] = []
  #ended = false

  constructor(time: FakeClock) {
    this.#time = time
  }

  now(): number {
    return this.#time.now()
  }

  sharedMs(): number {
    return this.now()
  }

  unixMs(): number {
    return this.#time.unixMs()
  }

  cpuMs(): number {
    return this.#time.cpuMs()
  }

  after(ms: number, run: () => void): Cancel {
    return this.#note(this.#time.after(ms, run))
  }

  every(ms: number, run: () => void): Cancel {
    return this.#note(this.#time.every(ms, run))
  }

  endOfTurn(run: () => void): void {
    if (!this.#ended) this.#turn.push(run)
  }

  /** Ends one turn. False: nothing was waiting for it. */
  turn(): boolean {
    const waiting = this.#turn
    this.#turn = []
    for (const run of waiting) run()
    return waiting.length > 0
  }

  end(): void {
    this.#ended = true
    this.#turn = []
    for (const cancel of this.#cancels) cancel()
  }

  #note(cancel: Cancel): Cancel {
    this.#cancels.add(cancel)
    return cancel
  }
}
