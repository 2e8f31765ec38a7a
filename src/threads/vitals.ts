// What primary and worker know of each other's life, in memory that both see: it leaves a worker in the middle of a turn
// that does not end, when no timer of its own runs and no message to it is read.

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
