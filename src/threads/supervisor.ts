// Starts the workers, links each to all others, puts a new one in the slot of one that died, and ends the process
// where a thread can no longer be saved. Runs in the primary.
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { Slot } from '../engine/words/link.ts'
import type { Answer, Children, Question, ToPrimary } from './control.ts'
import { Crew } from './crew.ts'
import { Questions } from './questions.ts'
import { Reports } from './reports.ts'
import { spawnWorker } from './spawn.ts'
import { type Stationed, tell } from './stationed.ts'
import type { SupervisorDependencies } from './supervisor-dependencies.ts'
import { Pulse } from './vitals.ts'

/** Workers that never served, in a row, before the daemon gives up: its code or settings must be at fault. */
const failedStartsMax = 3
/** A worker that retires is gone in milliseconds, unless it has very many sockets to close. */
const leaveMsMax = 60_000

const mib = (bytes: number) => Math.round(bytes / 1_048_576)

export class Supervisor {
  readonly #dependencies: SupervisorDependencies
  readonly #crew = new Crew()
  readonly #questions: Questions
  /** What workers left that died during the stop, when nobody takes their slot any more. */
  readonly #legacies = new Map<Slot, Uint8Array>()
  #failedStarts = 0
  #stopping = false
  /** Workers were asked for what they leave: whoever is ready now keeps what it was given, unused. */
  #leaving = false
  /** The process cannot go on: what is left is being salvaged. */
  #lost = false
  #ceded = false
  #prepared: (() => void) | undefined
  #waiting = 0
  #started: (() => void) | undefined
  #ended: (() => void) | undefined
  readonly #counters = { started: 0, retired: 0 }
  readonly reports: Reports

  constructor(dependencies: SupervisorDependencies) {
    this.#dependencies = dependencies
    this.#questions = new Questions(dependencies.clock, this.#crew)
    const { clock, workers } = dependencies
    this.reports = new Reports({
      clock,
      workers,
      counters: () => this.counters(),
      ask: (question, ms) => this.ask(question, ms),
      askOne: async (slot, question, ms) => (await this.#questions.ask(question, ms, [slot])).get(slot),
      serving: () => this.serving(),
      isStopping: () => this.#stopping,
      cluster: () => dependencies.cluster?.(),
    })
  }

  /** What the primary counts. */
  counters(): Readonly<Record<string, number>> {
    return { ...this.#counters, ...this.#dependencies.counters?.() }
  }

  /** Threads that have their code and wait for `start`. */
  prepare(): Promise<void> {
    for (let slot = 0; slot < this.#dependencies.workers; slot++) this.#spawn(slot, undefined, true)
    return new Promise(resolve => {
      this.#prepared = resolve
    })
  }

  /** Resolves when every worker serves. */
  start(): Promise<void> {
    const { clock, workers, beatMs } = this.#dependencies
    clock.every(beatMs, () => this.#beat())
    for (let slot = 0; slot < workers; slot++) this.#begin(slot)
    return new Promise(resolve => {
      this.#started = resolve
    })
  }

  /** Another process has the channels from now on: whoever dies leaves nothing, and has no successor here. */
  cede(): void {
    this.#ceded = true
  }

  /** As `stop`, of a node that ceded: its clients leave, and there is nothing to seal or to keep. */
  async leave(): Promise<void> {
    await this.ask('depart')
    this.#stopping = true
    await this.#end()
  }

  /**
   * A graceful stop in steps (law 15): subscribers are told while publishes still flow, then publishes are refused
   * and those under way answered, then each worker leaves what it wants kept. `left` gets that at once, also from
   * workers that died meanwhile, so that a thread that does not end cannot cost it. Resolves once all threads ended.
   */
  async stop(left: (bySlot: ReadonlyMap<Slot, Uint8Array>) => void): Promise<void> {
    this.#stopping = true
    await this.ask('drain')
    await this.ask('seal')
    this.#leaving = true
    left(this.#leftBy(await this.ask('leave')))
    await this.#end()
  }

  async #end(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ended = resolve
    if (this.#crew.isEmpty) resolve()
    this.#crew.broadcast({ type: 'stop' })
    await promise
  }

  /**
   * What the workers leave where the process cannot go on, but for the one in `lost`. Each that answers within `ms`
   * acknowledges nothing after that; a stop under way comes to nothing. Undefined: it was asked before.
   */
  salvage(lost: Slot | undefined, ms: number): Promise<ReadonlyMap<Slot, Uint8Array>> | undefined {
    if (this.#lost) return undefined
    this.#lost = this.#leaving = this.#stopping = true
    this.#questions.forget()
    // A stop that came to its last step has it all.
    if (this.#ended !== undefined) return Promise.resolve(new Map())
    return this.ask('salvage', ms, lost).then(answers => this.#leftBy(answers))
  }

  /**
   * For a dying primary: waits, blocking, until every worker ended. False: some did not within `ms`, and an orderly
   * end of the process is not to be had.
   */
  stopNow(ms: number): boolean {
    this.#stopping = true
    this.#crew.broadcast({ type: 'stop' })
    return this.#crew.waitForEnd(ms, this.#dependencies.clock)
  }

  /** To every worker that serves or starts. */
  update(update: unknown): void {
    this.#crew.broadcast({ type: 'update', update })
  }

  /** The port leads to the front-end's own thread; undefined: that cannot be had now. */
  connect(slot: Slot, room: string, port: MessagePort | undefined): void {
    const station = this.#crew.in(slot)
    if (station?.state === 'serving') tell(station.worker, { type: 'side', room, port })
    else port?.close()
  }

  /** Slots whose worker takes connections. */
  serving(): readonly Slot[] {
    return this.#crew.serving()
  }

  /** What the workers that serve answer, but for `except`; those that do not within the deadline are left out. */
  ask(question: Question, deadlineMs?: number, except?: Slot): Promise<ReadonlyMap<Slot, Answer>> {
    const others = this.serving().filter(slot => slot !== except)
    return this.#questions.ask(question, deadlineMs, others)
  }

  async #gather({ worker }: Stationed, { request, question }: ToPrimary & { type: 'gather' }): Promise<void> {
    tell(worker, { type: 'gathered', request, answer: await this.reports.answer(question) })
  }

  #begin(slot: Slot): void {
    const station = this.#crew.in(slot)
    if (station === undefined) return this.#spawn(slot, undefined)
    station.state = 'starting'
    tell(station.worker, { type: 'begin', app: this.#dependencies.app(slot, undefined) })
  }

  /** `waits`: what it is to know is told later. */
  #spawn(slot: Slot, legacy: Uint8Array | undefined, waits = false): void {
    const { entry, app, log, beatMs } = this.#dependencies
    const pulse = new Pulse()
    const known = waits ? undefined : app(slot, legacy)
    const worker = spawnWorker(entry, { slot, vitals: pulse.vitals.memory, beatMs, app: known })
    const station: Stationed = { slot, worker, pulse, state: waits ? 'waiting' : 'starting', children: {} }
    this.#crew.add(station)
    this.#counters.started++
    worker.on('message', (message: ToPrimary) => this.#hear(station, message))
    worker.on('error', error => log.error({ code: 'worker-error', slot, err: error }, 'a worker failed'))
    worker.on('exit', code => this.#exited(station, code))
  }

  #hear(station: Stationed, message: ToPrimary): void {
    switch (message.type) {
      case 'waiting':
        return ++this.#waiting === this.#dependencies.workers ? this.#prepared?.() : undefined
      // A bug may come between these and the news of it: a worker that leaves never comes back.
      case 'booted':
        return station.state === 'leaving' ? undefined : this.#booted(station, message.children)
      case 'ready':
        return station.state === 'leaving' ? undefined : this.#ready(station)
      case 'full':
        return this.#full(station, message)
      case 'retiring':
        return this.#retiring(station, message.error, message.legacy)
      case 'answer':
        return this.#questions.answered(message.request, station.slot, message.answer)
      case 'gather':
        return void this.#gather(station, message)
      case 'want-side':
        return this.#dependencies.wantsSide?.(message.room)
      case 'tell':
        return station.state === 'leaving' ? undefined : this.#dependencies.told?.(station.slot, message.what)
      default:
        message satisfies never
    }
  }

  #booted(station: Stationed, children: Children): void {
    station.children = children
    station.state = 'booted'
    const links = []
    for (const other of this.#crew.othersOf(station)) {
      const { port1, port2 } = new MessageChannel()
      links.push({ slot: other.slot, port: port1 })
      tell(other.worker, { type: 'link', link: { slot: station.slot, port: port2 } })
    }
    tell(station.worker, { type: 'open', links })
    if (this.#crew.areAll('booted')) this.#dependencies.booted?.()
  }

  #ready(station: Stationed): void {
    if (this.#leaving) return
    station.state = 'serving'
    this.#failedStarts = 0
    this.#dependencies.joined(station.slot, station.children)
    if (!this.#started) this.#dependencies.log.info({ slot: station.slot }, 'a new worker serves')
    if (this.serving().length < this.#dependencies.workers) return
    this.#started?.()
    this.#started = undefined
  }

  #full(station: Stationed, { heapBytes, heapBytesMax }: ToPrimary & { type: 'full' }): void {
    this.#fatal(station, `is out of memory: ${mib(heapBytes)} of ${mib(heapBytesMax)} MiB of heap are in use`)
  }

  #retiring(station: Stationed, error: string, legacy: Uint8Array | undefined): void {
    const { log } = this.#dependencies
    const fate = this.#stopping ? 'a worker met a bug during the stop' : 'a worker met a bug and is replaced'
    log.error({ code: 'worker-retired', slot: station.slot, error }, fate)
    this.#leave(station, legacy)
    tell(station.worker, { type: 'removed' })
  }

  #leave(station: Stationed, legacy?: Uint8Array): void {
    if (station.state === 'leaving') return
    if (station.state === 'waiting') return this.#fatal(station, 'could not be started')
    if (station.state === 'serving') this.#dependencies.left(station.slot, station.children)
    else if (++this.#failedStarts >= failedStartsMax)
      return this.#fatal(station, `failed to start ${this.#failedStarts} times in a row`)
    station.state = 'leaving'
    // Its last answers came before the news of it.
    if (this.#crew.isCurrent(station)) this.#questions.ended(station.slot)
    this.#counters.retired++
    this.#dependencies.clock.after(leaveMsMax, () => {
      if (this.#crew.runs(station) && !this.#stopping)
        this.#fatal(station, `hangs: it retires since ${leaveMsMax / 1_000} s`)
    })
    if (this.#ceded) return
    if (!this.#stopping) this.#spawn(station.slot, legacy)
    else if (legacy !== undefined) this.#legacies.set(station.slot, legacy)
  }

  #exited(station: Stationed, code: number): void {
    this.#crew.ended(station)
    // A slow end of the thread before it must not answer for the one that serves now.
    if (this.#crew.isCurrent(station)) this.#questions.ended(station.slot)
    if (this.#stopping) {
      if (this.#crew.isEmpty) this.#ended?.()
      return
    }
    if (station.state === 'leaving') return
    const { slot } = station
    this.#dependencies.log.error({ code: 'worker-ended', slot, status: code }, 'a worker ended by itself')
    this.#leave(station)
  }

  #beat(): void {
    for (const station of this.#crew.stations()) {
      const missed = station.pulse.look(station.state === 'starting' || station.state === 'booted')
      if (missed === undefined) continue
      this.#fatal(station, `hangs: it gave no sign for ${(missed * this.#dependencies.beatMs) / 1_000} s`)
    }
  }

  #fatal(station: Stationed, what: string): void {
    // The slot of one that leaves is its successor's.
    const lost = this.#crew.isCurrent(station) ? station.slot : undefined
    if (!this.#lost) this.#dependencies.fatal(`worker ${station.slot} ${what}`, lost)
  }

  #leftBy(answers: ReadonlyMap<Slot, Answer>): ReadonlyMap<Slot, Uint8Array> {
    const left = new Map(this.#legacies)
    for (const [slot, answer] of answers) if (answer instanceof Uint8Array) left.set(slot, answer)
    return left
  }
}
