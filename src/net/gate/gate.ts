// HTTP/1.x for a proxy, on Node's own sockets: listens in this worker, on addresses that the primary holds, and gives each
// request to one handler. `door.ts` is one address, `inlet.ts` one connection, `gate-exchange.ts` one request.
import type { Socket } from 'node:net'
import type { SecureContext, SecureContextOptions } from 'node:tls'
import { Cadence } from '../../std/cadence.ts'
import type { Clock } from '../../std/clock.ts'
import { createGateCounters, type GateCounters } from './counters.ts'
import { Door, type DoorAddress } from './door.ts'
import type { GateExchange } from './gate-exchange.ts'
import type { GateRoom, Ticking } from './gate-room.ts'
import { Inlet } from './inlet.ts'
import { crowdMax, type GateLimits } from './limits.ts'
import { readSecureContext, shakeHands } from './tls-socket.ts'

export interface GateOptions {
  readonly clock: Clock
  readonly limits: GateLimits
  /** What throws here is answered 500, or cut, and thrown again at the end of the turn. */
  handle(exchange: GateExchange): void
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

export function openGate({ clock, limits, handle }: GateOptions): Gate {
  return new OpenGate(clock, limits, handle)
}

class OpenGate implements Gate {
  readonly counters = createGateCounters()
  readonly #clock: Clock
  readonly #room: GateRoom & { isRetiring: boolean }
  readonly #doors: Door[] = []
  readonly #inlets = new Set<Inlet>()
  /** Accepted beyond the limit, and not read: each waits for somebody to leave. */
  readonly #crowd: { readonly socket: Socket; readonly enter: () => void }[] = []

  constructor(clock: Clock, limits: GateLimits, handle: (exchange: GateExchange) => void) {
    this.#clock = clock
    const idle = new Cadence<Ticking>(clock, limits.idleMs, entry => entry.tick())
    this.#room = { clock, limits, counters: this.counters, idle, isRetiring: false, handle }
  }

  connections(): number {
    return this.#inlets.size
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
    for (const inlet of this.#inlets) inlet.retire()
  }

  close(): void {
    this.#room.isRetiring = true
    for (const door of this.#doors) door.closeNow()
    for (const { socket } of this.#crowd.splice(0)) socket.destroy()
    for (const inlet of this.#inlets) inlet.close()
  }

  get #isFull(): boolean {
    return this.#inlets.size >= this.#room.limits.connectionsMax
  }

  #accept(socket: Socket, context: SecureContext | undefined): void {
    this.counters.accepted++
    // What went wrong is told by `close`, too.
    socket.on('error', ignore)
    if (!this.#isFull) return this.#enter(socket, context)
    if (this.#crowd.length < crowdMax) {
      this.#crowd.push({ socket, enter: () => this.#enter(socket, context) })
      return
    }
    this.counters.crowded++
    socket.destroy()
  }

  #enter(raw: Socket, context: SecureContext | undefined): void {
    const failed = () => void this.counters.handshakesFailed++
    const socket = context === undefined ? raw : shakeHands(raw, context, failed)
    if (socket !== raw) socket.on('error', ignore)
    const inlet = new Inlet(this.#room, socket, socket !== raw)
    this.#inlets.add(inlet)
    attach(socket, inlet, () => this.#left(inlet))
    if (this.#isFull) for (const door of this.#doors) door.close()
  }

  #left(inlet: Inlet): void {
    this.#inlets.delete(inlet)
    while (!this.#isFull && this.#crowd.length > 0) {
      const next = this.#crowd.shift()
      if (next?.socket.destroyed === false) next.enter()
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

function attach(socket: Socket, inlet: Inlet, left: () => void): void {
  socket.on('data', (bytes: Buffer) => inlet.came(bytes))
  socket.on('end', () => inlet.finished())
  socket.on('drain', () => inlet.drained())
  socket.on('close', () => {
    inlet.close()
    left()
  })
}
