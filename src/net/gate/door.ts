// One address that a worker listens on. With SO_REUSEPORT the kernel gives each listening socket connections of its own, and
// resets those that nobody accepted when it closes; so a door that closes waits for a turn in which none came.
import { chmodSync, renameSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Address } from '../../std/address.ts'
import type { Clock } from '../../std/clock.ts'
import { codeOf, faultText } from '../../std/fault.ts'
import { nameBeside } from '../socket-path.ts'

/** A proxy in front is put into the daemon's group. */
const modeDefault = 0o660

/** Turns that a door waits for at most: whoever connects without a pause shall not keep it open. */
const turnsMax = 10_000
const quietTurns = 2

/** Beyond so much Node.js stops to read ahead of us, and it is behind a whole read of 64 KiB then. */
const readAheadBytes = 16_384

/** An address of ours: the primary holds its lock (`address-lock.ts`). */
export interface DoorAddress extends Address {
  /** Of the path. */
  readonly mode?: number
  /** Another number for a socket that listens there already, which the door closes. */
  readonly double?: () => number
}

/** What the kernel lets wait; what an inherited one was told before is lost, for Node.js says it again. */
const backlog = 4_096

export class Door {
  readonly #clock: Clock
  readonly #listener: Server
  #address: DoorAddress
  /** Since somebody came. */
  #turnsQuiet = 0
  #isClosing = false

  constructor(clock: Clock, address: DoorAddress, opened: (socket: Socket) => void) {
    this.#clock = clock
    this.#address = address
    this.#listener = createServer(
      // Without the keep-alive of TCP a client that lost its network would be held for ever.
      { allowHalfOpen: true, noDelay: true, keepAlive: true, highWaterMark: readAheadBytes },
      socket => {
        this.#turnsQuiet = 0
        opened(socket)
      },
    )
    // Of accepting: no descriptor is free, for one. The next connection is another attempt.
    this.#listener.on('error', () => {})
  }

  /** With the port that the kernel chose, once it listens. */
  get address(): DoorAddress {
    return this.#address
  }

  get isOpen(): boolean {
    return this.#listener.listening && !this.#isClosing
  }

  /** A reason where the address cannot be had. */
  open(): Promise<string | undefined> {
    this.#isClosing = false
    if (this.#listener.listening) return Promise.resolve(undefined)
    return new Promise(resolve => {
      const failed = (error: Error) => resolve(`the address is in use or not allowed: ${codeOf(error)}`)
      this.#listener.once('error', failed)
      try {
        this.#listen(() => {
          this.#listener.off('error', failed)
          resolve(this.#opened())
          // Somebody closed it meanwhile.
          if (this.#isClosing) this.closeNow()
        })
      } catch (error) {
        this.#listener.off('error', failed)
        resolve(faultText(error))
      }
    })
  }

  /** Closes in a turn in which nobody came, and tells when. */
  close(closed: () => void = () => {}): void {
    if (!this.#listener.listening) return closed()
    if (!this.#isClosing) this.#turnsQuiet = 0
    this.#isClosing = true
    this.#look(turnsMax, closed)
  }

  closeNow(): void {
    this.#isClosing = true
    if (this.#listener.listening) this.#listener.close()
  }

  #look(turnsLeft: number, closed: () => void): void {
    this.#clock.endOfTurn(() => {
      if (!this.#isClosing) return closed()
      if (this.#turnsQuiet++ < quietTurns && turnsLeft > 0) return this.#look(turnsLeft - 1, closed)
      this.closeNow()
      closed()
    })
  }

  #listen(listening: () => void): void {
    const { host, port, path, double } = this.#address
    if (double !== undefined) return void this.#listener.listen({ fd: double(), backlog }, listening)
    if (path === undefined) return void this.#listener.listen({ host, port, reusePort: true }, listening)
    // Left behind by a worker that died in between: whoever holds the lock may take it away.
    rmSync(nameBeside(path), { force: true })
    this.#listener.listen({ path: nameBeside(path) }, listening)
  }

  #opened(): string | undefined {
    const { path, mode = modeDefault, double } = this.#address
    if (double !== undefined) return undefined
    const bound = this.#listener.address()
    try {
      if (path !== undefined) {
        chmodSync(nameBeside(path), mode)
        renameSync(nameBeside(path), path)
      } else if (typeof bound === 'object' && bound !== null)
        this.#address = { ...this.#address, port: bound.port }
    } catch (error) {
      this.closeNow()
      return `its mode cannot be set: ${codeOf(error)}`
    }
    return undefined
  }
}
