// A worker's end of the line to the primary, and the only ways in which a worker ends. A worker must never end with
// an open socket (the process would abort), and a socket that the acceptor already handed over still arrives after
// the child App was removed, so retiring takes steps (src/net/README.md, rule 10).
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'
import { type MessagePort, parentPort, resourceLimits, workerData } from 'node:worker_threads'
import type { Clock } from '../std/clock.ts'
import type {
  Answer,
  Children,
  LinkEnd,
  NodeQuestion,
  Question,
  ToPrimary,
  ToWorker,
  WorkerData,
} from './control.ts'
import { Vitals } from './vitals.ts'

export interface StationDependencies {
  readonly clock: Clock
  /** Of `untilBegun`. */
  readonly early?: readonly ToWorker[]
  open(links: readonly LinkEnd[]): void
  link(link: LinkEnd): void
  /** Calls `done` once, when the answer is there or the step done. */
  answer(question: Exclude<Question, 'salvage'>, done: (answer: Answer) => void): void
  /** The port leads to the thread that the front-end of that name has beside the workers; undefined: it cannot be had now. */
  side(room: string, port: MessagePort | undefined): void
  /** What the app room of the primary sent by `Supervisor.update`. */
  update(update: unknown): void
  /**
   * Last words to the other workers; returns what the next worker in the slot should know. Must not rely on anything
   * but memory. Nothing is served after it.
   */
  retire(): Uint8Array | undefined
  /** Closes every socket, synchronously, and from then on serves nothing. Called again for sockets that came late. */
  closeSockets(): void
}

/** A handed-over socket is adopted on the next turn of a loop that may be busy with its last broadcast. */
const adoptMs = 5

/**
 * Room that a worker must leave in its heap, or the process ends in good order rather than inside V8: a tenth, and in
 * a small heap a young generation and a half, which V8 may move into the old one at once.
 */
const heapShareFree = 0.1
const heapBytesFree = 25_165_824

/** What this worker was started with. The supervisor wrote it. */
export function readWorkerData<App>(): WorkerData<App> {
  return workerData as WorkerData<App> // written by `spawnWorker` in the same build
}

/**
 * Of a thread that was started before there is anything to serve: resolves when it has what the others are started with. What is
 * told it before there is a station is added to the list.
 */
export async function untilBegun(): Promise<readonly ToWorker[]> {
  const early: ToWorker[] = []
  const data = readWorkerData()
  if (data.app !== undefined) return early
  const port = parentPort
  if (port === null) throw new Error('a station stands in a worker thread')
  await new Promise<void>(resolve => {
    port.on('message', (message: ToWorker) => {
      if (message.type === 'stop') endWaiting(data.vitals)
      if (message.type !== 'begin') return void early.push(message)
      data.app = message.app
      resolve()
    })
    tellPrimary({ type: 'waiting' })
  })
  return early
}

/** It has no socket. */
function endWaiting(vitals: SharedArrayBuffer): never {
  new Vitals(vitals).end()
  process.exit(0)
}

function tellPrimary(message: ToPrimary): void {
  parentPort?.postMessage(message)
}

export class Station {
  readonly #dependencies: StationDependencies
  readonly #vitals: Vitals
  readonly #heapMs: number
  #heapReadAt = Number.NEGATIVE_INFINITY
  #ending = false
  /** What it leaves is said. */
  #left = false
  readonly #gathering = new Map<number, (answer: unknown) => void>()
  #gathered = 0

  constructor(dependencies: StationDependencies) {
    this.#dependencies = dependencies
    if (parentPort === null) throw new Error('a station stands in a worker thread')
    const { vitals, beatMs } = readWorkerData()
    this.#vitals = new Vitals(vitals)
    this.#heapMs = beatMs / 2
    parentPort.removeAllListeners('message')
    parentPort.on('message', (message: ToWorker) => this.#hear(message))
    // Behind this turn, when whoever made it knows it.
    dependencies.clock.endOfTurn(() => dependencies.early?.forEach(message => void this.#hear(message)))
    process.on('uncaughtException', error => this.#bug(error))
    process.on('unhandledRejection', reason => this.#bug(reason))
    process.on('exit', () => this.#ended())
    dependencies.clock.every(beatMs, () => this.alive())
  }

  booted(children: Children): void {
    this.#tell({ type: 'booted', children })
    this.alive()
  }

  ready(): void {
    this.#tell({ type: 'ready' })
  }

  /**
   * A sign of life. A thread that works in one turn for long, since the library or a port calls it again and again, gives
   * it from there: no timer runs meanwhile, and it is busy, not hung. Cheap enough for every few milliseconds of work.
   */
  alive(): void {
    this.#vitals.beat()
    const now = this.#dependencies.clock.now()
    if (now - this.#heapReadAt < this.#heapMs) return
    this.#heapReadAt = now
    const { heapBytes, heapBytesMax } = readHeap()
    if (heapBytesMax - heapBytes <= Math.max(heapBytesMax * heapShareFree, heapBytesFree))
      this.#tell({ type: 'full', heapBytes, heapBytesMax })
  }

  /** Asks the primary. `done` is called once, unless the process ends first. */
  gather(question: NodeQuestion, done: (answer: unknown) => void): void {
    const request = ++this.#gathered
    this.#gathering.set(request, done)
    this.#tell({ type: 'gather', request, question })
  }

  wantSide(room: string): void {
    this.#tell({ type: 'want-side', room })
  }

  /** The app room of the primary hears it: see `Supervisor`. */
  tell(what: unknown): void {
    this.#tell({ type: 'tell', what })
  }

  #hear(message: ToWorker): void {
    this.alive()
    switch (message.type) {
      case 'begin':
        return
      case 'open':
        return this.#dependencies.open(message.links)
      case 'link':
        return this.#dependencies.link(message.link)
      case 'removed':
        return void this.#dependencies.clock.after(adoptMs, () => this.#end(1))
      case 'ask': {
        const { request, question } = message
        if (question === 'salvage') return this.#salvage(request)
        return this.#dependencies.answer(question, answer => this.#tell({ type: 'answer', request, answer }))
      }
      case 'gathered':
        return this.#hearGathered(message.request, message.answer)
      case 'side':
        return this.#dependencies.side(message.room, message.port)
      case 'update':
        return this.#dependencies.update(message.update)
      case 'stop':
        this.#ending = true
        return this.#end(0)
      default:
        message satisfies never
    }
  }

  #hearGathered(request: number, answer: unknown): void {
    const done = this.#gathering.get(request)
    this.#gathering.delete(request)
    done?.(answer)
  }

  /** As it retires, and in one turn: what is acknowledged after the answer would be lost without a trace. */
  #salvage(request: number): void {
    // One that retired has said already what it leaves.
    const answer = this.#leave()
    this.#ending = true
    this.#tell({ type: 'answer', request, answer })
    this.#dependencies.closeSockets()
  }

  /** A bug was met: perhaps inside a native callback, where no socket may be closed, hence the wait for the turn. */
  #bug(error: unknown): void {
    if (this.#ending) return
    this.#ending = true
    this.#dependencies.clock.endOfTurn(() => this.#retire(error))
  }

  /** Whatever fails from here on must not stop the sequence. */
  #retire(error: unknown): void {
    let legacy: Uint8Array | undefined
    try {
      legacy = this.#leave()
    } catch {
      // Without a farewell the other workers tell a gap: safe, only less kind.
    }
    // At once: a publication acknowledged after the farewell would be lost without a trace.
    this.#dependencies.closeSockets()
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.#tell({ type: 'retiring', error: text, legacy })
  }

  /** Once. */
  #leave(): Uint8Array | undefined {
    if (this.#left) return undefined
    this.#left = true
    return this.#dependencies.retire()
  }

  #end(code: number): void {
    this.#dependencies.closeSockets()
    // On the next turn, so that the loop has let go of the closed sockets and took in those that were on their way.
    this.#dependencies.clock.endOfTurn(() => process.exit(code))
  }

  /** The last net: whatever ends the thread, no socket outlives it. Only now the primary may end the process. */
  #ended(): void {
    this.#dependencies.closeSockets()
    this.#vitals.end()
  }

  #tell(message: ToPrimary): void {
    tellPrimary(message)
  }
}

/** V8 gives up when its old generation is full, whatever room the young one has left. */
function readHeap(): { heapBytes: number; heapBytesMax: number } {
  let heapBytes = 0
  for (const { space_name, space_used_size } of getHeapSpaceStatistics()) {
    if (!space_name.startsWith('new_')) heapBytes += space_used_size
  }
  const youngBytesMax = (resourceLimits.maxYoungGenerationSizeMb ?? 0) * 1_048_576
  return { heapBytes, heapBytesMax: getHeapStatistics().heap_size_limit - youngBytesMax }
}
