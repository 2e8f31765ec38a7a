// The gates of one worker: made with its rooms, listening once the node serves, and with certificates that are read again
// with the settings.
import { readFileSync } from 'node:fs'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { GateRoom } from '../frontends/frontend.ts'
import type { DoorAddress } from '../net/gate/door.ts'
import { type Gate, type OpenDoor, openGate } from '../net/gate/gate.ts'
import { gateDefaults } from '../net/gate/limits.ts'
import { loadNativeCalls, type NativeCalls } from '../net/inherited/native-calls.ts'
import type { Clock } from '../std/clock.ts'
import { Fault, faultText } from '../std/fault.ts'
import type { Log } from '../telemetry/log.ts'
import type { Counts } from '../telemetry/statistics.ts'
import { entranceName } from './doors.ts'
import { type Place, sharesOf } from './gate-shares.ts'
import type { GateAddress } from './gates.ts'

interface Entry {
  readonly entrance: string
  readonly address: GateAddress
  /** Of the address, where it is an inherited one. */
  readonly socket: number | undefined
  readonly gate: Gate
  door: OpenDoor | undefined
  isOpening: boolean
}

/** How often a stopping worker looks whether its last requests were answered. */
const lookMs = 20

export class WorkerGates {
  readonly #clock: Clock
  readonly #log: Log<string>
  readonly #addresses: readonly GateAddress[]
  readonly #place: Place
  readonly #gates = new Map<GateRoom, Gate>()
  readonly #entries: Entry[] = []
  #listening: Promise<void> | undefined
  #isListening = false
  /** Where sockets were inherited. */
  #calls: NativeCalls | undefined

  constructor(clock: Clock, log: Log<string>, addresses: readonly GateAddress[], place: Place) {
    this.#clock = clock
    this.#log = log
    this.#addresses = addresses
    this.#place = place
  }

  /** Makes those of one front-end. `rooms`: by the names of its doors. */
  open(protocol: string, rooms: Readonly<Record<string, GateRoom>>): void {
    for (const address of this.#addresses.filter(entry => entry.protocol === protocol)) {
      const room = rooms[address.door.name ?? '']
      if (room === undefined) throw new Error(`${protocol} has no room for its gate ${address.door.setting}`)
      const gate = this.#gates.get(room) ?? this.#openGate(room)
      this.#gates.set(room, gate)
      const entrance = entranceName(protocol, address.door)
      for (const socket of sharesOf(address, this.#place))
        this.#entries.push({ entrance, address, socket, gate, door: undefined, isOpening: false })
    }
  }

  #openGate(room: GateRoom): Gate {
    const limits = { ...gateDefaults, ...room.limits }
    const { refusal } = room
    return openGate({
      clock: this.#clock,
      limits,
      handle: exchange => room.handle(exchange),
      ...(refusal !== undefined && { refusal: fault => refusal.call(room, fault) }),
    })
  }

  /** Once, whoever asks first: the node, or a worker that came while it began. Rejects where an address cannot be had, which the primary holds for us. */
  listen(): Promise<void> {
    this.#listening ??= this.#listen()
    return this.#listening
  }

  async #listen(): Promise<void> {
    if (this.#entries.some(({ socket }) => socket !== undefined)) {
      const calls = await loadNativeCalls()
      if (typeof calls === 'string') throw new Fault('sockets-refused', calls)
      this.#calls = calls
    }
    this.#isListening = true
    for (const entry of this.#entries) await this.#listenAt(entry)
  }

  /** Certificates are read again. What is none is told, and the one before stays in use. */
  reload(): void {
    for (const entry of this.#entries) {
      if (entry.address.certificate === undefined) continue
      const tls = entry.door && tlsOf(entry)
      if (typeof tls === 'string') this.#log.error({ code: 'reload-refused' }, tls)
      else if (tls !== undefined) entry.door?.renew(tls)
      // It could not be opened with what was there before.
      if (entry.door === undefined && this.#isListening) void this.#listenAt(entry)
    }
  }

  async #listenAt(entry: Entry): Promise<void> {
    const { certificate } = entry.address
    if (entry.door !== undefined || entry.isOpening) return
    const tls = certificate && tlsOf(entry)
    // A worker that takes the place of another one serves all else; on this address the others do.
    if (typeof tls === 'string') return this.#log.error({ code: 'certificate-unreadable' }, tls)
    entry.isOpening = true
    const door = await entry.gate.listen(this.#doorAddress(entry), tls)
    entry.isOpening = false
    if (typeof door === 'string') throw new Fault('listen-failed', `${entry.entrance}: ${door}`)
    entry.door = door
  }

  #doorAddress({ address: { address, mode }, socket }: Entry): DoorAddress {
    const calls = this.#calls
    const double = socket !== undefined && calls !== undefined && { double: () => calls.double(socket) }
    return { ...address, ...(mode !== undefined && { mode }), ...double }
  }

  /** Nobody new is let in; those who are there stay. */
  async retire(): Promise<void> {
    await Promise.all([...this.#gates.values()].map(gate => gate.retire()))
  }

  /** Tells when no request waits for its answer or for the rest of it, or after so many milliseconds. */
  whenServed(ms: number, done: () => void): void {
    const isServing = [...this.#gates.values()].some(gate => gate.serving() > 0)
    if (ms <= 0 || !isServing) done()
    else this.#clock.after(lookMs, () => this.whenServed(ms - lookMs, done))
  }

  close(): void {
    for (const gate of this.#gates.values()) gate.close()
  }

  /** By the name of the main door of each gate. */
  statistics(): readonly (readonly [string, Counts])[] {
    return [...this.#gates.values()].map(gate => {
      const entrance = this.#entries.find(entry => entry.gate === gate)?.entrance ?? ''
      return [entrance, { connections: gate.connections(), ...gate.counters }] as const
    })
  }
}

/** A sentence: they are none, or cannot be read. */
function tlsOf({ entrance, address }: Entry): SecureContextOptions | string {
  const { certificate = '', key = '' } = address.certificate ?? {}
  try {
    const tls = { cert: readFileSync(certificate), key: readFileSync(key) }
    createSecureContext(tls)
    return tls
  } catch (error) {
    return `${entrance}: ${certificate}: ${faultText(error)}`
  }
}
