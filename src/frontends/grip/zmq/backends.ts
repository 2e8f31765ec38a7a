// The sockets of zhttpreq targets (contract §2.7): one for each target of the routes in force, bound here, and a backend connects.
// A request is one message and its answer another; they find each other by an id.
import type { Dealer } from 'zeromq'
import type { Cancel, Clock } from '../../../std/clock.ts'
import { codeOf, faultText } from '../../../std/fault.ts'
import type { Log } from '../../../telemetry/log.ts'
import { answerBytesMax, formatRequest, readAnswer } from './backend-wire.ts'
import { receiveAll, sending, type Zeromq } from './library.ts'
import { isLocal, parsePlace } from './places.ts'
import { bindAt } from './sockets.ts'
import type { BackendFailure, BackendRequest, ToRoom } from './wire.ts'

export interface BackendsDependencies {
  readonly zeromq: Zeromq
  readonly clock: Clock
  readonly log: Log<string>
  /** Nothing is bound that other machines reach. */
  readonly isDevelopment: boolean
  /** As of `bindAt`. */
  readonly ipcMode: string
  /** Who asks. */
  readonly from: string
  /** How long a backend may take. */
  readonly answerMs: number
  tell(slot: number, message: ToRoom): void
}

interface Backend {
  readonly spec: string
  socket: Dealer | undefined
  /** It has ended. */
  loop: Promise<void>
}

interface Request {
  readonly slot: number
  readonly number: number
  readonly backend: Backend
  readonly bytes: Buffer
  readonly sinceMs: number
  cancel: Cancel
}

/** As long as a connection to an origin may take to come about: nobody is connected who could take the request. */
const connectMs = 10_000
/** How often those are tried again. */
const againMs = 20
/** An answer's headers beside its body. */
const headBytesMax = 200_000

export class Backends {
  readonly #dependencies: BackendsDependencies
  readonly #backends = new Map<string, Backend>()
  /** By slot: the targets of its routes. */
  readonly #wanted = new Map<number, readonly string[]>()
  readonly #requests = new Map<string, Request>()
  /** Of them, by who asked: a worker's numbers begin anew with its successor, ids do not. */
  readonly #ids = new Map<string, string>()
  /** Nobody was there to take them. */
  readonly #waiting = new Map<Request, string>()
  #trying: Cancel | undefined
  #count = 0
  #isClosed = false

  constructor(dependencies: BackendsDependencies) {
    this.#dependencies = dependencies
  }

  want(slot: number, specs: readonly string[]): void {
    if (this.#isClosed) return
    this.#wanted.set(slot, specs)
    const wanted = new Set([...this.#wanted.values()].flat())
    for (const backend of this.#backends.values()) {
      if (wanted.has(backend.spec)) continue
      this.#backends.delete(backend.spec)
      backend.socket?.close()
    }
    for (const spec of wanted) if (!this.#backends.has(spec)) this.#open(spec)
  }

  request(slot: number, number: number, asked: BackendRequest): void {
    const { clock, from, answerMs } = this.#dependencies
    const backend = this.#backends.get(asked.spec)
    if (backend === undefined || this.#isClosed) {
      return this.#dependencies.tell(slot, ['failure', number, unbound(asked.spec)])
    }
    const id = `${slot}_${number}_${++this.#count}`
    const request: Request = {
      slot,
      number,
      backend,
      bytes: formatRequest(id, from, asked),
      sinceMs: clock.now(),
      cancel: clock.after(answerMs, () =>
        this.#fail(id, 'waiting', 'backend-timeout', 'the backend gave no answer'),
      ),
    }
    this.#requests.set(id, request)
    this.#ids.set(`${slot} ${number}`, id)
    this.#waiting.set(request, id)
    this.#send(id, request)
  }

  abort(slot: number, number: number): void {
    const id = this.#ids.get(`${slot} ${number}`)
    if (id !== undefined) this.#take(id)
  }

  /** The worker is gone, and with it whoever asked. */
  left(slot: number): void {
    for (const [id, request] of this.#requests) if (request.slot === slot) this.#take(id)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#trying?.()
    for (const id of [...this.#requests.keys()]) this.#take(id)
    const backends = [...this.#backends.values()]
    for (const { socket } of backends) socket?.close()
    await Promise.all(backends.map(({ loop }) => loop))
  }

  #open(spec: string): void {
    const backend: Backend = { spec, socket: undefined, loop: Promise.resolve() }
    this.#backends.set(spec, backend)
    backend.loop = this.#run(backend)
  }

  async #run(backend: Backend): Promise<void> {
    const { zeromq, log, isDevelopment } = this.#dependencies
    const { spec } = backend
    const place = parsePlace(spec)
    if (place === undefined) return
    if (!isLocal(place)) {
      if (isDevelopment) return this.#cannot(backend, 'development listens on loopback addresses only')
      log.warn(
        { code: 'zmq-exposed', target: spec },
        `${spec} asks nobody who he is: let only backends reach it`,
      )
    }
    const socket = new zeromq.Dealer({ ...sending, maxMessageSize: answerBytesMax + headBytesMax })
    try {
      await bindAt(socket, place, this.#dependencies.ipcMode)
    } catch (error) {
      socket.close()
      return this.#cannot(backend, faultText(error))
    }
    // It may be wanted no more.
    if (this.#isClosed || this.#backends.get(spec) !== backend) return socket.close()
    backend.socket = socket
    log.info({ target: spec }, 'a ZeroMQ target is bound')
    await receiveAll(
      socket,
      () => undefined,
      frames => this.#answered(frames),
    )
  }

  #cannot(backend: Backend, why: string): void {
    const { spec } = backend
    if (this.#backends.get(spec) === backend) this.#backends.delete(spec)
    this.#dependencies.log.error(
      { code: 'zmq-target-failed', target: spec },
      `a ZeroMQ target cannot be bound: ${why}`,
    )
  }

  #send(id: string, request: Request): void {
    const { socket } = request.backend
    if (socket === undefined) return this.#tryAgain()
    this.#waiting.delete(request)
    socket.send(['', request.bytes]).then(
      () => this.#sendNext(request.backend),
      (error: unknown) => {
        if (!this.#requests.has(id)) return
        if (codeOf(error) !== 'EAGAIN')
          return this.#fail(id, 'connecting', 'backend-closed', faultText(error))
        this.#waiting.set(request, id)
        this.#tryAgain()
      },
    )
  }

  #sendNext(backend: Backend): void {
    for (const [request, id] of this.#waiting) if (request.backend === backend) return this.#send(id, request)
  }

  /** Whoever waits for a backend to come: one asks for all. */
  #tryAgain(): void {
    if (this.#trying !== undefined || this.#isClosed) return
    const { clock } = this.#dependencies
    this.#trying = clock.after(againMs, () => {
      this.#trying = undefined
      const asking = new Map<Backend, readonly [id: string, request: Request]>()
      for (const [request, id] of this.#waiting) {
        const { backend } = request
        if (clock.now() - request.sinceMs >= connectMs)
          this.#fail(id, 'connecting', 'backend-missing', 'no backend is connected')
        else if (this.#backends.get(backend.spec) !== backend)
          this.#fail(id, 'connecting', 'backend-unbound', 'the target is not bound')
        else if (!asking.has(backend)) asking.set(backend, [id, request])
      }
      for (const first of asking.values()) this.#send(...first)
      if (this.#waiting.size > 0) this.#tryAgain()
    })
  }

  #answered(frames: readonly Buffer[]): void {
    const reading = readAnswer(frames.at(-1) ?? Buffer.alloc(0))
    if (reading.kind === 'fault') {
      if (reading.id !== undefined) this.#fail(reading.id, 'waiting', 'response-invalid', reading.message)
      return
    }
    const request = this.#take(reading.id)
    if (request !== undefined)
      this.#dependencies.tell(request.slot, ['answer', request.number, reading.answer])
  }

  #fail(id: string, phase: BackendFailure['phase'], code: string, message: string): void {
    const request = this.#take(id)
    if (request === undefined) return
    this.#dependencies.tell(request.slot, ['failure', request.number, { phase, code, message }])
  }

  #take(id: string): Request | undefined {
    const request = this.#requests.get(id)
    if (request === undefined) return undefined
    this.#requests.delete(id)
    this.#ids.delete(`${request.slot} ${request.number}`)
    this.#waiting.delete(request)
    request.cancel()
    return request
  }
}

function unbound(spec: string): BackendFailure {
  return { phase: 'connecting', code: 'backend-unbound', message: `${spec} is not bound` }
}
