// The offload pool: the one place for work that would keep a worker's loop for more than some 150 µs, and that needs nothing
// but its argument. One pool for each worker, of one thread, which is there while there is work: see ARCHITECTURE.md, Threads.
import { hash } from 'node:crypto'
import type { Piscina } from 'piscina'
import { codeOf } from '../std/fault.ts'
import type { Log } from '../telemetry/log.ts'
import { offloadEntry } from './spawn.ts'

/** `full`: too much waits already; `ended`: the pool is closed; `failed`: its thread was lost, as the log says. */
export type OffloadRefusal = 'full' | 'ended' | 'failed'

/** Bytes that were handed over come back: whoever waits for the hash wants them afterwards. */
export interface Hashed {
  /** Lower-case hexadecimal. */
  readonly sha256: string
  readonly bytes: Uint8Array
}

export type HashOutcome =
  | (Hashed & { readonly ok: true })
  | { readonly ok: false; readonly reason: OffloadRefusal }

export interface OffloadOptions {
  readonly log: Pick<Log, 'error'>
  /** Tests have a thread entry of their own. */
  readonly entry?: URL
  readonly tasksMax?: number
  readonly idleMs?: number
}

/**
 * So many bytes take 150 µs where the processor helps with SHA-256, and three times as long where it does not. To hand them over
 * and get them back takes 120 µs of the loop (400 µs for 16 MiB), and 80 µs longer until the hash is known.
 */
const hashedHereBytesMax = 262_144

/** One of 16 MiB takes 10 ms, so whoever comes last waits for 160 ms. */
const tasksMax = 16

/** A thread takes 27 MB and 80 ms to start; 13 MB of it come back when it ends. */
const idleMs = 10_000

export class Offload {
  readonly #options: OffloadOptions
  /** From the first task on that needs a thread. */
  #pool: Promise<Piscina> | undefined
  #opened: Piscina | undefined
  #underWay = 0
  #isClosed = false
  readonly counters = { tasks: 0, refused: 0, failed: 0 }

  constructor(options: OffloadOptions) {
    this.#options = options
  }

  /**
   * SHA-256. `done` is called once, before this returns where the bytes are few. Until then they are the pool's: they are
   * moved to its thread and back, as another view, unless they are a part of a larger buffer and must be copied. Where it is
   * refused for `full` or `ended`, they are as they were; where it `failed`, they are lost.
   */
  hash(bytes: Uint8Array, done: (outcome: HashOutcome) => void): void {
    if (bytes.length <= hashedHereBytesMax) return done({ ok: true, sha256: sha256Of(bytes), bytes })
    const reason = this.#refusal()
    if (reason !== undefined) {
      this.counters.refused++
      return done({ ok: false, reason })
    }
    this.#run('hash', ownBytes(bytes)).then(
      // What the task of that name gives back, in the same build.
      result => done({ ok: true, ...(result as Hashed) }),
      (error: unknown) => done({ ok: false, reason: this.#failed(error) }),
    )
  }

  /** Work under way comes to nothing. Resolves when the thread has ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    const pool = await this.#pool
    await pool?.destroy()
  }

  /** `threads`: those that run now, one or none. */
  statistics(): Readonly<Record<'tasks' | 'refused' | 'failed' | 'threads', number>> {
    return { ...this.counters, threads: this.#opened?.threads.length ?? 0 }
  }

  #refusal(): OffloadRefusal | undefined {
    if (this.#isClosed) return 'ended'
    return this.#underWay >= (this.#options.tasksMax ?? tasksMax) ? 'full' : undefined
  }

  async #run(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<unknown> {
    this.#underWay++
    this.counters.tasks++
    try {
      this.#pool ??= this.#open()
      const pool = await this.#pool
      return await pool.run(bytes, { name, transferList: [bytes.buffer] })
    } finally {
      this.#underWay--
    }
  }

  async #open(): Promise<Piscina> {
    const { log, entry, idleMs: idleTimeout = idleMs } = this.#options
    const { Piscina } = await import('piscina')
    const pool = new Piscina({
      filename: (entry ?? offloadEntry).href,
      // Loaded when a thread starts, so that its first task need not wait for it.
      name: 'hash',
      minThreads: 0,
      maxThreads: 1,
      idleTimeout,
      recordTiming: false,
      env: {},
    })
    // A thread that fails at nothing of ours; without a listener it would be a bug of this one's.
    pool.on('error', error => log.error({ code: 'offload-failed', err: error }, 'a pool thread failed'))
    this.#opened = pool
    return pool
  }

  #failed(error: unknown): OffloadRefusal {
    if (this.#isClosed) return 'ended'
    this.counters.failed++
    this.#options.log.error({ code: 'offload-failed', err: error }, `a pool thread failed: ${codeOf(error)}`)
    return 'failed'
  }
}

/** Costs 0.6 ms for a megabyte where the processor helps. */
export function sha256Of(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex')
}

/** Only a whole buffer can be moved. To copy what could be moved would cost as much as to hash it. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length
  return isWhole ? new Uint8Array(buffer) : new Uint8Array(bytes)
}
