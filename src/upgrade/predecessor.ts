// The old process's side of a succession (law 21). Until the new one has the channels nothing is done that cannot be taken back,
// so that one that does not come up costs its publishers a moment's wait.
import type { ChildProcess } from 'node:child_process'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Slot } from '../engine/words/link.ts'
import type { Clock } from '../std/clock.ts'
import { Fault, faultText } from '../std/fault.ts'
import type { Log } from '../telemetry/log.ts'
import type { Supervisor } from '../threads/supervisor.ts'
import { Line } from './line.ts'
import { listenOver, makeSocketsFolder } from './sockets-folder.ts'
import {
  doorName,
  type FromPredecessor,
  predecessorVariable,
  socketsVariable,
  type ToPredecessor,
  upgradeForm,
} from './words.ts'

type SuccessorLine = Line<FromPredecessor, ToPredecessor>

export interface PredecessorDependencies {
  readonly clock: Clock
  readonly log: Log
  readonly folder: string
  /** A process with these descriptors from 3 on, and these variables besides its own. */
  start(descriptors: readonly number[], variables: Readonly<Record<string, string>>): ChildProcess
  readonly workers: number
  readonly supervisor: Pick<Supervisor, 'ask' | 'serving' | 'cede'>
  /** The channels are this process's own; else others, or a broker, go on with them and nothing is left. */
  readonly hasChannels: boolean
  /** Descriptors of all sockets that this process listens on. */
  sockets(): Promise<readonly number[]>
  /** The state directory, and what only one process can have, is given up. */
  giveUp(): Promise<void>
  /** The new process accepts connections. */
  succeeded(pid: number): void
  /** The channels were given away, and whoever took them is gone. */
  lost(channels: ReadonlyMap<Slot, Uint8Array>, why: unknown): void
}

/** A new process reads its code and settings, and starts its threads. */
const prepareMs = 60_000
const firstMs = 5_000
/** From the end of its line to its own. */
const endMs = 2_000
/** Publishers wait as long at most before the old process goes on. */
const [stepMs, restoreMs] = [5_000, 10_000]
/** The new process has everything, and begins to listen. */
const serveMs = 30_000

export class Predecessor {
  readonly #dependencies: PredecessorDependencies
  readonly #server: Server
  /** The new process that is waited for. */
  #expected: { readonly met: (line: SuccessorLine) => void } | undefined
  /** One at a time. */
  #underWay: Promise<string> | undefined
  #left: ReadonlyMap<Slot, Uint8Array> = new Map()
  /** The new process, the last one if there were several. */
  #child: ChildProcess | undefined
  #isCeded = false
  #isOver = false

  constructor(dependencies: PredecessorDependencies) {
    this.#dependencies = dependencies
    this.#server = createServer(socket => void this.#meet(socket))
    this.#server.on('error', () => {})
  }

  async open(): Promise<void> {
    makeSocketsFolder(this.#dependencies.folder)
    await listenOver(this.#server, this.#path)
    // A node ends when its workers do.
    this.#server.unref()
  }

  /** This process stops: a new one that has not taken over is ended. Resolves when nothing is under way. */
  async giveUp(): Promise<void> {
    // It holds nothing yet that an end in order would have to care for.
    if (!this.#isCeded) this.#child?.kill('SIGKILL')
    await this.#underWay?.catch(() => {})
  }

  get #path(): string {
    return join(this.#dependencies.folder, doorName)
  }

  async #meet(socket: Socket): Promise<void> {
    const line: SuccessorLine = new Line(socket, this.#dependencies.clock)
    const first = await line.first(firstMs)
    if (first === 'begun' && this.#expected !== undefined) return this.#expected.met(line)
    if (first === 'upgrade') return this.#answer(line)
    line.close()
  }

  async #answer(line: SuccessorLine): Promise<void> {
    const why = this.#refusal()
    if (why === undefined) {
      this.#underWay = this.#upgrade(text => line.say(['progress', text]))
      await this.#underWay.then(
        text => line.say(['done', text]),
        error => {
          this.#dependencies.log.error(
            { code: 'upgrade-failed', err: error },
            'no new process took the place of this one',
          )
          line.say(['refused', faultText(error)])
        },
      )
      this.#underWay = undefined
    } else line.say(['refused', why])
    line.close()
  }

  #refusal(): string | undefined {
    if (this.#isOver) return 'another process has taken the place of this one already'
    if (this.#underWay !== undefined) return 'a new process is being started already'
    if (process.pid !== 1) return undefined
    return 'this is process 1 of its container, which ends with it: start another container'
  }

  async #upgrade(tell: (text: string) => void): Promise<string> {
    const { clock, lost, succeeded } = this.#dependencies
    const child = await this.#start()
    this.#child = child
    const ended = endOf(child)
    tell(`process ${child.pid} starts`)
    try {
      const line = await Promise.race([this.#prepared(), ended])
      tell('it is prepared; publishers wait')
      const from = clock.now()
      // Whoever dies from here on ends the line.
      await this.#handOver(line)
      tell(`it has all channels; publishers waited ${Math.round(clock.now() - from)} ms`)
      await line.next('serving', serveMs)
      this.#isOver = true
      succeeded(child.pid ?? 0)
      return `process ${child.pid} serves; clients of process ${process.pid} are sent there in turn`
    } catch (error) {
      // Its line ends a moment before it does.
      const why = isEnd(error) ? await Promise.race([ended.catch(end => end), this.#soon(error)]) : error
      child.kill('SIGTERM')
      if (this.#isCeded) lost(this.#left, why)
      throw why
    }
  }

  async #start(): Promise<ChildProcess> {
    const { sockets, start } = this.#dependencies
    const descriptors = await sockets()
    return start(descriptors, {
      [socketsVariable]: String(descriptors.length),
      [predecessorVariable]: this.#path,
    })
  }

  async #prepared(): Promise<SuccessorLine> {
    const { promise, resolve } = Promise.withResolvers<SuccessorLine>()
    this.#expected = { met: resolve }
    const cancel = this.#dependencies.clock.after(prepareMs, () =>
      resolve(Promise.reject(new Fault('upgrade-late', `it was not prepared within ${prepareMs} ms`))),
    )
    const line = await promise.finally(() => {
      cancel()
      this.#expected = undefined
    })
    await line.next('begun')
    const [, form, version] = await line.next('prepared', prepareMs)
    if (form !== upgradeForm) {
      throw new Fault(
        'upgrade-form',
        `version ${version} cannot take over from a running process of this version (form ${form}, not ${upgradeForm}): restart the node`,
      )
    }
    return line
  }

  async #handOver(line: SuccessorLine): Promise<void> {
    const { supervisor, workers, hasChannels, giveUp } = this.#dependencies
    if (!hasChannels) {
      line.say(['left', [], 0])
      await line.next('restored', restoreMs)
      this.#cede()
      return giveUp().then(() => line.say(['yours']))
    }
    try {
      await this.#all('hold')
      this.#left = await this.#all('yield')
      line.say(['left', [...this.#left.values()], workers])
      const [, ring, paths] = await line.next('restored', restoreMs)
      if (supervisor.serving().length < workers) throw new Fault('upgrade-late', 'a worker ended meanwhile')
      this.#cede()
      await supervisor.ask({ ring, paths }, stepMs)
    } catch (error) {
      if (!this.#isCeded) await supervisor.ask('resume', stepMs)
      throw error
    }
    await giveUp()
    line.say(['yours'])
  }

  #soon<Value>(value: Value): Promise<Value> {
    return new Promise(resolve => this.#dependencies.clock.after(endMs, () => resolve(value)))
  }

  #cede(): void {
    this.#dependencies.supervisor.cede()
    this.#isCeded = true
  }

  /** What each worker answers. Rejects where one does not. */
  async #all(step: 'hold' | 'yield'): Promise<ReadonlyMap<Slot, Uint8Array>> {
    const { supervisor, workers } = this.#dependencies
    const answers = await supervisor.ask(step, stepMs)
    if (answers.size === workers) return answers as ReadonlyMap<Slot, Uint8Array> // of the second step
    throw new Fault(
      'upgrade-late',
      `${workers - answers.size} workers did not come to the end of ${step} within ${stepMs} ms`,
    )
  }
}

function isEnd(error: unknown): boolean {
  return error instanceof Fault && error.code === 'upgrade-ended'
}

/** Rejects when it ends. */
function endOf(child: ChildProcess): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => {}) // it ends some day
  child.once('error', reject)
  child.once('exit', (code, signal) => {
    const how = `process ${child.pid} ended with ${signal ?? code}; its last line says why`
    reject(new Fault('upgrade-ended', how))
  })
  return promise
}
