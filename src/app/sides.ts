// The threads that front-ends have beside the workers, seen from the primary: started where settings or a room want one, joined
// to each worker by a port, and started again where one fails, until it failed too often in a row: then a room has to want it anew.
import { MessageChannel, type Worker } from 'node:worker_threads'
import type { Slot } from '../engine/words/link.ts'
import type { Frontend } from '../frontends/frontend.ts'
import type { Clock } from '../std/clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { FromSide, SideData, ToSide } from '../threads/side.ts'
import { spawnSide } from '../threads/spawn.ts'
import type { Supervisor } from '../threads/supervisor.ts'
import { Vitals } from '../threads/vitals.ts'
import type { SideNode } from './side.ts'

export interface SidesDependencies {
  readonly clock: Clock
  readonly log: Log<string>
  readonly frontends: readonly Frontend[]
  node(): SideNode
  readonly supervisor: Pick<Supervisor, 'connect' | 'serving' | 'ask'>
  /** Tests have threads of their own. */
  readonly spawn?: (data: SideData<SideNode>) => Worker
}

interface Side {
  readonly name: string
  readonly worker: Worker
  readonly vitals: Vitals
  state: 'starting' | 'open' | 'ending'
  /** It was refused. */
  why: string | undefined
  /** Who waits for it to be open. A sentence: it cannot be. */
  readonly opened: (why: string | undefined) => void
  readonly ended: Promise<void>
  retired: () => void
}

/** As long as a room waits for those of other workers. */
const gatherMs = 250
/** Before the first try after one that failed; twice as long before each that follows. */
const pauseMs = 1_000
/** Failed ones in a row, none of which lived for so long, before it is given up: after 15 s, where each fails at once. */
const failuresMax = 5
const steadyMs = 60_000
/** What a stop waits for one to hand over what it took. */
const retireMs = 5_000

export class Sides {
  readonly #dependencies: SidesDependencies
  readonly #sides = new Map<string, Side>()
  readonly #failures = new Map<string, number>()
  /** Between two tries. */
  readonly #pausing = new Set<string>()
  /** Nobody tries those again until they are wanted anew, as rooms are told. */
  readonly #absent = new Set<string>()
  #isStopping = false

  constructor(dependencies: SidesDependencies) {
    this.#dependencies = dependencies
  }

  /** Those that settings ask for. A sentence: one cannot be had. */
  async start(): Promise<string | undefined> {
    const { frontends, node } = this.#dependencies
    for (const { name, side } of frontends) {
      const settings = node().values[name] as never // read against its section
      if (side?.isWanted(settings) !== true) continue
      const why = await this.#open(name)
      if (why !== undefined) return why
    }
    return undefined
  }

  /** A room needs it. One that was refused or given up is tried anew. */
  want(name: string): void {
    if (this.#sides.has(name) || this.#pausing.has(name) || this.#isStopping) return
    this.#failures.delete(name)
    void this.#open(name).then(why => {
      if (why === undefined || this.#isStopping) return
      this.#refused(name, why)
      this.#stayAway(name)
    })
  }

  joined(slot: Slot): void {
    for (const side of this.#sides.values()) if (side.state === 'open') this.#join(side, slot)
    for (const name of this.#absent) this.#dependencies.supervisor.connect(slot, name, undefined)
  }

  /** First step of a stop: nothing more is taken in, and what was taken is with the workers. */
  async retire(): Promise<void> {
    this.#isStopping = true
    const sides = [...this.#sides.values()]
    for (const side of sides) if (side.state === 'starting') tell(side, { type: 'stop' })
    const open = sides.filter(({ state }) => state === 'open')
    await Promise.all(open.map(side => this.#retire(side)))
  }

  /** Last one: all have ended. */
  async stop(): Promise<void> {
    this.#isStopping = true
    const sides = [...this.#sides.values()]
    for (const side of sides) tell(side, { type: 'stop' })
    await Promise.all(sides.map(({ ended }) => ended))
  }

  /** For a dying primary: waits, blocking. False: one has not ended within `ms`, and the process would abort. */
  stopNow(ms: number): boolean {
    this.#isStopping = true
    for (const side of this.#sides.values()) tell(side, { type: 'stop' })
    return [...this.#sides.values()].every(({ vitals }) => vitals.waitForEnd(ms))
  }

  #open(name: string): Promise<string | undefined> {
    return new Promise(resolve => {
      const vitals = new Vitals()
      const { clock, log, node, spawn = spawnSide } = this.#dependencies
      const worker = spawn({ name, vitals: vitals.memory, app: node() })
      const ended = new Promise<void>(done => worker.once('exit', () => done()))
      const side: Side = {
        name,
        worker,
        vitals,
        state: 'starting',
        why: undefined,
        opened: resolve,
        ended,
        retired: () => {},
      }
      this.#sides.set(name, side)
      this.#absent.delete(name)
      const startedAt = clock.now()
      worker.on('message', (message: FromSide) => this.#hear(side, message))
      worker.on('error', error =>
        log.error({ code: 'side-failed', side: name, err: error }, 'a thread failed'),
      )
      worker.on('exit', () => this.#exited(side, clock.now() - startedAt))
    })
  }

  #hear(side: Side, message: FromSide): void {
    const { log, supervisor } = this.#dependencies
    switch (message.type) {
      case 'open':
        side.state = 'open'
        for (const slot of supervisor.serving()) this.#join(side, slot)
        return side.opened(undefined)
      case 'refused':
        side.state = 'ending'
        side.why = message.why
        return
      case 'failed':
        log.error({ code: 'side-failed', side: side.name, error: message.error }, 'a thread met a bug')
        return
      case 'gather':
        return void this.#gather(side, message.request, message.topic)
      case 'retired':
        return side.retired()
      default:
        message satisfies never
    }
  }

  async #gather(side: Side, request: number, topic: string): Promise<void> {
    const answers = await this.#dependencies.supervisor.ask({ room: side.name, topic }, gatherMs)
    tell(side, { type: 'gathered', request, reports: [...answers.values()] })
  }

  #join(side: Side, slot: Slot): void {
    const { port1, port2 } = new MessageChannel()
    side.worker.postMessage({ type: 'join', slot, port: port1 } satisfies ToSide, [port1])
    this.#dependencies.supervisor.connect(slot, side.name, port2)
  }

  #retire(side: Side): Promise<void> {
    return new Promise(resolve => {
      side.retired = resolve
      void side.ended.then(resolve)
      this.#dependencies.clock.after(retireMs, resolve)
      tell(side, { type: 'retire' })
    })
  }

  #exited(side: Side, livedMs: number): void {
    const { name, state, why } = side
    side.vitals.end()
    this.#sides.delete(name)
    if (state !== 'open') return side.opened(why ?? `the thread of ${name} ended before it was open`)
    if (this.#isStopping) return
    if (livedMs > steadyMs) this.#failures.delete(name)
    this.#dependencies.log.error({ code: 'side-ended', side: name }, 'a thread ended')
    this.#failed(name)
  }

  #failed(name: string): void {
    const { clock, log } = this.#dependencies
    const failures = (this.#failures.get(name) ?? 0) + 1
    this.#failures.set(name, failures)
    if (failures >= failuresMax) {
      log.error({ code: 'side-given-up', side: name, failures }, 'a thread failed too often: it stays away')
      return this.#stayAway(name)
    }
    this.#pausing.add(name)
    clock.after(pauseMs * 2 ** (failures - 1), () => {
      this.#pausing.delete(name)
      if (!this.#isStopping) void this.#again(name)
    })
  }

  /** What it cannot have now it may have later: an address that the one before it had may not be free yet. */
  async #again(name: string): Promise<void> {
    const why = await this.#open(name)
    if (why === undefined || this.#isStopping) return
    this.#refused(name, why)
    this.#failed(name)
  }

  /** Told when its end is known: who wants it from now on has it tried anew. */
  #stayAway(name: string): void {
    const { supervisor } = this.#dependencies
    this.#absent.add(name)
    for (const slot of supervisor.serving()) supervisor.connect(slot, name, undefined)
  }

  #refused(name: string, why: string): void {
    this.#dependencies.log.error({ code: 'side-refused', side: name }, why)
  }
}

function tell({ worker }: Side, message: ToSide): void {
  worker.postMessage(message)
}
