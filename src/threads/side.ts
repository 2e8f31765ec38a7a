// What the primary and a thread beside the workers say to each other, and the only ways in which such a thread ends: with
// everything closed that its room opened, for the process aborts where a library still waits for something.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { Slot } from '../engine/words/link.ts'
import type { Clock } from '../std/clock.ts'
import { Vitals } from './vitals.ts'

export type ToSide =
  /** A worker serves in the slot; the port leads to it. */
  | { readonly type: 'join'; readonly slot: Slot; readonly port: MessagePort }
  | { readonly type: 'gathered'; readonly request: number; readonly reports: readonly unknown[] }
  | { readonly type: 'retire' }
  | { readonly type: 'stop' }

export type FromSide =
  | { readonly type: 'open' }
  /** It ends: what it is for cannot be had. */
  | { readonly type: 'refused'; readonly why: string }
  /** It ends, because of a bug. */
  | { readonly type: 'failed'; readonly error: string }
  | { readonly type: 'gather'; readonly request: number; readonly topic: string }
  /** Nothing more is taken in. */
  | { readonly type: 'retired' }

export interface SideData<App> {
  /** Of the front-end whose thread it is. */
  readonly name: string
  readonly vitals: SharedArrayBuffer
  /** What the app room wants it to know. */
  readonly app: App
}

export function readSideData<App>(): SideData<App> {
  return workerData as SideData<App> // written by `spawnSide` in the same build
}

/** What runs in the thread. */
export interface Sided {
  join(slot: Slot, port: MessagePort): void
  retire(): Promise<void>
  close(): Promise<void>
}

/** The thread's end of the line to the primary. */
export class SideStation {
  readonly #clock: Clock
  readonly #vitals: Vitals
  readonly #gathering = new Map<number, (reports: readonly unknown[]) => void>()
  #gathered = 0
  #sided: Sided | undefined
  #isEnding = false

  constructor(clock: Clock) {
    this.#clock = clock
    this.#vitals = new Vitals(readSideData().vitals)
    parentPort?.on('message', (message: ToSide) => this.#hear(message))
    process.on('uncaughtException', error => this.#bug(error))
    process.on('unhandledRejection', reason => this.#bug(reason))
    // Only now the primary may end the process.
    process.on('exit', () => this.#vitals.end())
  }

  open(sided: Sided): void {
    this.#sided = sided
    // It was stopped while it was being opened.
    if (this.#isEnding) this.#close(0)
    else this.#tell({ type: 'open' })
  }

  refuse(why: string): void {
    this.#tell({ type: 'refused', why })
    this.#isEnding = true
    this.#close(0)
  }

  gather(topic: string): Promise<readonly unknown[]> {
    const request = ++this.#gathered
    return new Promise(resolve => {
      this.#gathering.set(request, resolve)
      this.#tell({ type: 'gather', request, topic })
    })
  }

  #hear(message: ToSide): void {
    switch (message.type) {
      case 'join':
        return this.#sided?.join(message.slot, message.port)
      case 'gathered': {
        const done = this.#gathering.get(message.request)
        this.#gathering.delete(message.request)
        return done?.(message.reports)
      }
      case 'retire':
        return void this.#retire()
      case 'stop':
        return this.#stop()
      default:
        message satisfies never
    }
  }

  async #retire(): Promise<void> {
    await this.#sided?.retire()
    this.#tell({ type: 'retired' })
  }

  /** What is being opened is closed when it is open: nothing of it may be pending at the end. */
  #stop(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    if (this.#sided !== undefined) this.#close(0)
  }

  #bug(error: unknown): void {
    // What is closed already ends by that.
    if (this.#isEnding && this.#sided !== undefined) return
    this.#isEnding = true
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.#tell({ type: 'failed', error: text })
    this.#close(1)
  }

  #close(code: number): void {
    const closed = this.#sided?.close() ?? Promise.resolve()
    // A turn later, when what was closed has let go of the loop. One that cannot be closed has no better end than another.
    const exit = () => this.#clock.endOfTurn(() => process.exit(code))
    closed.then(exit, exit)
  }

  #tell(message: FromSide): void {
    parentPort?.postMessage(message)
  }
}
