// HTTP/1.x for a proxy, on Node's own sockets: listens in this worker, on addresses that the primary holds, and gives each
// request to one handler. `door.ts` is one address, `inlet.ts` one connection, `gate-exchange.ts` one request.
import type { Socket } from 'node:net'
import type { SecureContext, SecureContextOptions } from 'node:tls'
import { Cadence } from '../../std/cadence.ts'
import type { Clock } from '../../std/clock.ts'
import { createGateCounters, type GateCounters } from './counters.ts'
import { Door, type DoorAddress } from './door.ts'
import { faultAnswer } from './faults.ts'
import type { GateExchange } from './gate-exchange.ts'
import type { GateRoom, Ticking } from './gate-room.ts'
import { Inlet } from './inlet.ts'
import { crowdMax, type GateLimits } from './limits.ts'
import type { RequestFault } from './request-head.ts'
import { readSecureContext, shakeHands } from './tls-socket.ts'

export interface GateOptions {
  readonly clock: Clock
  readonly limits: GateLimits
  /** What throws here is answered 500, or cut, and thrown again at the end of the turn. */
  handle(exchange: GateExchange): void
  /** The whole response to a request that cannot be read, where it is not the usual one. */
  refusal?(fault: RequestFault): Buffer
}

export interface OpenDoor {
  /** With the port that the kernel chose. */
  readonly address: DoorAddress
  /** What handshakes use from now on, of a door with TLS. A reason where certificate and key are none. */
  renew(tls: SecureContextOptions): string | undefined
}

export interface Gate {
  readonly counters: GateCounters
  /** Open now, TLS handshakes included. */
  connections(): number
  /** Requests that have not been answered to their end. */
  serving(): number
  /** A reason where the address cannot be had. */
  listen(address: DoorAddress, tls?: SecureContextOptions): Promise<OpenDoor | string>
  /**
   * Accepts what has come and nothing more. Idle connections end, the others when their answer has left; a socket that was
   * handed over is its owner's. Tells when no door is open any more.
   */
  retire(): Promise<void>
  /** Cuts everything at once. */
  close(): void
}

export function openGate(options: GateOptions): Gate {
  return new OpenGate(options)
}

class OpenGate implements Gate {
  readonly counters = createGateCounters()
  readonly #clock: Clock
  readonly #room: GateRoom & { isRetiring: boolean }
  readonly #doors: Door[] = []
  readonly #inlets = new Map<Socket, Inlet>()
  /** Accepted beyond the limit, and not read: each waits for somebody to leave. */
  readonly #crowd = new Map<Socket, SecureContext | undefined>()

  /** WebSockets: their owners listen, and nothing of an inlet is kept for them. */
  readonly #handedOver = new Set<Socket>()
  readonly #listeners = listenersOf(this.#inlets, socket => this.#left(socket))

  constructor({ clock, limits, handle, refusal }: GateOptions) {
    this.#clock = clock
    const idle = new Cadence<Ticking>(clock, limits.idleMs, entry => entry.tick())
    this.#room = {
      clock,
      limits,
      counters: this.counters,
      idle,
      isRetiring: false,
      handle,
      refusal: refusal ?? (fault => faultAnswer(fault, limits)),
      handedOver: socket => this.#handOver(socket),
    }
  }

  connections(): number {
    return this.#inlets.size + this.#handedOver.size
  }

  serving(): number {
    let serving = 0
    for (const inlet of this.#inlets.values()) if (inlet.isServing) serving++
    return serving
  }

  async listen(address: DoorAddress, tls?: SecureContextOptions): Promise<OpenDoor | string> {
    const first = tls === undefined ? undefined : readSecureContext(tls)
    if (typeof first === 'string') return first
    let context = first
    const door = new Door(this.#clock, address, socket => this.#accept(socket, context))
    const reason = await door.open()
    if (reason !== undefined) return reason
    this.#doors.push(door)
    return {
      get address() {
        return door.address
      },
      renew(next) {
        const renewed = readSecureContext(next)
        if (typeof renewed === 'string') return renewed
        context = renewed
        return undefined
      },
    }
  }

  async retire(): Promise<void> {
    this.#room.isRetiring = true
    await Promise.all(this.#doors.map(door => new Promise<void>(closed => door.close(closed))))
    for (const inlet of this.#inlets.values()) inlet.retire()
  }

  close(): void {
    this.#room.isRetiring = true
    for (const door of this.#doors) door.closeNow()
    for (const socket of this.#crowd.keys()) socket.destroy()
    this.#crowd.clear()
    for (const inlet of this.#inlets.values()) inlet.close()
    for (const socket of this.#handedOver) socket.destroy()
  }

  get #isFull(): boolean {
    return this.connections() >= this.#room.limits.connectionsMax
  }

  #accept(socket: Socket, context: SecureContext | undefined): void {
    this.counters.accepted++
    // What went wrong is told by `close`, too.
    socket.on('error', ignore)
    if (!this.#isFull) return this.#enter(socket, context)
    if (this.#crowd.size < crowdMax) return this.#wait(socket, context)
    this.counters.crowded++
    socket.destroy()
  }

  #wait(socket: Socket, context: SecureContext | undefined): void {
    this.#crowd.set(socket, context)
    socket.on('end', leaves)
    socket.on('close', () => this.#crowd.delete(socket))
  }

  #enter(raw: Socket, context: SecureContext | undefined): void {
    const failed = () => void this.counters.handshakesFailed++
    const socket = context === undefined ? raw : shakeHands(raw, context, failed)
    if (socket !== raw) socket.on('error', ignore)
    this.#inlets.set(socket, new Inlet(this.#room, socket, socket !== raw))
    const { came, finished, drained, closed } = this.#listeners
    socket.on('data', came).on('end', finished).on('drain', drained).on('close', closed)
    if (this.#isFull) for (const door of this.#doors) door.close()
  }

  /** `removeAllListeners` would make a dictionary of the socket's own table of them, which takes 400 bytes. */
  #handOver(socket: Socket): void {
    const { came, finished, drained } = this.#listeners
    socket.off('data', came).off('end', finished).off('drain', drained)
    this.#inlets.delete(socket)
    this.#handedOver.add(socket)
  }

  #left(left: Socket): void {
    this.#handedOver.delete(left)
    for (const [socket, context] of this.#crowd) {
      if (this.#isFull) return
      this.#crowd.delete(socket)
      socket.off('end', leaves)
      if (!socket.destroyed) this.#enter(socket, context)
    }
    if (this.#isFull || this.#room.isRetiring) return
    for (const door of this.#doors) if (!door.isOpen) this.#reopen(door)
  }

  /** Its lock is the primary's, so that only the kernel's resources can be missing: the next who leaves makes it try again. */
  #reopen(door: Door): void {
    void door.open()
  }
}

function ignore(): void {}

function leaves(this: Socket): void {
  this.destroy()
}

/** For all sockets alike: functions of its own for each would take 400 bytes of it. */
function listenersOf(inlets: Map<Socket, Inlet>, left: (socket: Socket) => void) {
  return {
    came(this: Socket, bytes: Buffer): void {
      inlets.get(this)?.came(bytes)
    },
    finished(this: Socket): void {
      inlets.get(this)?.finished()
    },
    drained(this: Socket): void {
      inlets.get(this)?.drained()
    },
    closed(this: Socket): void {
      inlets.get(this)?.close()
      inlets.delete(this)
      left(this)
    },
  }
}
