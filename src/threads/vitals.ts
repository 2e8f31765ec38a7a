// What primary and worker know of each other's life, in memory that both see: it leaves a worker in the middle of a turn
// that does not end, when no timer of its own runs and no message to it is read.

/** A worker silent for so many of the primary's own beats hangs. Counting beats, not time, forgives a paused machine. */
const missedMax = 10
/** A new thread reads its code first; on a busy machine that takes seconds. */
const missedMaxStarting = 60

const words = { ended: 0, beats: 1 } as const

export class Vitals {
  /** For the other side. */
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array

  constructor(memory = new SharedArrayBuffer(Object.keys(words).length * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#words = new Int32Array(memory)
  }

  /** The worker runs. Costs nanoseconds. */
  beat(): void {
    Atomics.add(this.#words, words.beats, 1)
  }

  /** Goes round after four thousand million: only whether it changed tells anything. */
  get beats(): number {
    return Atomics.load(this.#words, words.beats)
  }

  /** The worker ended, with all sockets closed. */
  end(): void {
    Atomics.store(this.#words, words.ended, 1)
    Atomics.notify(this.#words, words.ended)
  }

  get ended(): boolean {
    return Atomics.load(this.#words, words.ended) !== 0
  }

  /** Waits, blocking. False: it did not end within that time. */
  waitForEnd(ms: number): boolean {
    return Atomics.wait(this.#words, words.ended, 0, ms) !== 'timed-out'
  }
}

/** The primary's finger on it, once in each beat of its own. */
export class Pulse {
  readonly vitals = new Vitals()
  #seen = 0
  #missed = 0

  /** Beats without a sign, where they are too many; undefined: it lives, or ended in order. */
  look(isStarting: boolean): number | undefined {
    const { beats, ended } = this.vitals
    this.#missed = beats === this.#seen ? this.#missed + 1 : 0
    this.#seen = beats
    // What is left of one that ended is Node.js's to take apart.
    return ended || this.#missed <= (isStarting ? missedMaxStarting : missedMax) ? undefined : this.#missed
  }
}
