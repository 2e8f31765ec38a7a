// One connection of a client. One request is served at a time; the next head is looked at when the answer before it has
// left, and what comes meanwhile waits.

import type { Socket } from 'node:net'
import type { CadenceEntry } from '../../std/cadence.ts'
import type { BareConnection } from '../bare-connection.ts'
import { guard } from '../guard.ts'
import { Ahead } from './ahead.ts'
import type { GateRoom, Ticking } from './gate-room.ts'
import { turnRequestsMax } from './limits.ts'
import type { Client, Line } from './line.ts'
import { Outflow } from './outflow.ts'
import { Parting } from './parting.ts'
import type { RequestFault, RequestHead } from './request-head.ts'
import { Served } from './served.ts'
import { isShaking } from './tls-socket.ts'

/** `heads`: the next one is awaited. `leaving`: only what was answered leaves. `over`: no business of ours any more. */
type Phase = 'heads' | 'serving' | 'leaving' | 'over'

export class Inlet implements Line {
  readonly outflow: Outflow
  readonly isTls: boolean
  readonly #room: GateRoom
  readonly #socket: Socket
  readonly #ahead = new Ahead()
  #phase: Phase = 'heads'
  #served: Client | undefined
  /** Of the request that is served, until all of it was handed on. */
  #body: Served['body'] | undefined
  /** While no request is served. */
  #idle: CadenceEntry<Ticking> | undefined
  #parting: Parting | undefined
  #isProceeding = false
  #isSoon = false
  #hasAsked = false
  #isLast = false
  #isTurnNoted = false
  #turnRequests = 0

  constructor(room: GateRoom, socket: Socket, isTls: boolean) {
    this.#room = room
    this.#socket = socket
    this.outflow = new Outflow(socket)
    this.isTls = isTls
    this.#idle = room.idle.add(this)
  }

  /** IPv4 as such, whatever the address that is listened on. */
  get remoteAddress(): string {
    return this.#socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '') ?? ''
  }

  get behindBytesMax(): number {
    return this.#room.limits.behindBytesMax
  }

  came(bytes: Buffer): void {
    if (this.#parting !== undefined) return this.#parting.came(bytes)
    if (this.#phase === 'over') return
    this.#ahead.add(bytes)
    this.#proceed()
  }

  /** The client sent its FIN: it is gone, but for an answer that is on its way already (contract §4.1). */
  finished(): void {
    if (this.#phase === 'heads' && this.outflow.waitingBytes > 0) this.#leave()
    if (this.#parting !== undefined) this.#parting.finished()
    else if (this.#phase !== 'over') this.close()
  }

  /** The socket took what it was given. */
  drained(): void {
    this.outflow.flush()
    // It takes what it is given: that is a sign of life.
    if (this.#idle !== undefined) this.#await()
    if (this.#parting !== undefined) return this.#parting.drained()
    if (this.outflow.isBehind || this.#phase === 'over') return
    this.#served?.drained()
    this.#proceed()
  }

  /** No head came in time, or the client takes nothing of what was answered. */
  tick(): void {
    if (this.#phase === 'leaving' || this.outflow.waitingBytes > 0) return this.close()
    this.#room.counters.idle++
    if (isShaking(this.#socket)) this.close()
    else this.#leave()
  }

  /** No further request is wanted. One that has asked for nothing yet may have its first one under way. */
  retire(): void {
    if (this.#phase === 'heads' && this.#hasAsked && this.#ahead.bytes.length === 0) this.#leave()
  }

  /** The client is gone, or goes now: whoever is served is told. */
  close(): void {
    const served = this.#served
    this.#forget()
    this.#socket.destroy()
    if (served === undefined) return
    this.#room.counters.aborted++
    served.lost()
  }

  /** A request has not been answered to its end. */
  get isServing(): boolean {
    return this.#served !== undefined
  }

  mayStay(): boolean {
    const body = this.#body
    const isThere = body?.length !== undefined && body.length <= this.#ahead.bytes.length
    if (body !== undefined && !body.isWanted && isThere) this.#feed(body)
    return (body === undefined || body.isWhole) && !this.#isLast && !this.#room.isRetiring
  }

  begin(answer: Client): void {
    this.#served = answer
    this.outflow.hold()
    this.#noteTurn()
  }

  ended(closes: boolean): void {
    const isTorn = this.#body !== undefined && !this.#body.isWhole
    this.#served = undefined
    this.#body?.drop()
    this.#body = undefined
    this.#phase = 'heads'
    if (closes || isTorn || this.#isLast || this.#room.isRetiring) return this.#leave()
    this.#await()
    // What pipelines is answered in one write.
    if (this.#isProceeding) return
    this.outflow.flush()
    this.soon()
  }

  cut(reset: boolean): void {
    this.#forget()
    // Neither a unix socket nor TLS can be reset; TLS has an end of its own to miss.
    if (reset && !this.isTls && this.#socket.remoteAddress !== undefined) this.#socket.resetAndDestroy()
    else this.#socket.destroy()
  }

  cutBehind(): void {
    this.#room.counters.behind++
    this.close()
  }

  soon(): void {
    if (this.#isProceeding || this.#isSoon) return
    this.#isSoon = true
    queueMicrotask(() => {
      this.#isSoon = false
      this.#proceed()
    })
  }

  guarded(run: () => void): void {
    guard(this.#room.clock, () => this.#failed(), run)
  }

  handOver(): BareConnection {
    const socket = this.#socket
    const early = this.#ahead.bytes
    this.outflow.flushAll()
    if (!this.#ahead.isReading) socket.resume()
    this.#forget()
    this.#room.handedOver(socket)
    socket.pause()
    return { socket, early }
  }

  /** Does with what came whatever can be done with it now. */
  #proceed(): void {
    if (this.#isProceeding || this.#phase === 'over') return
    this.#isProceeding = true
    while (this.#step());
    this.#isProceeding = false
    if (this.#isOver()) return
    if (this.#served === undefined) this.outflow.flush()
    this.#ahead.pace(this.#socket)
  }

  /** False: something else must happen first. */
  #step(): boolean {
    if (this.#phase !== 'heads' && this.#phase !== 'serving') return false
    if (this.#body !== undefined) return this.#stepBody(this.#body)
    if (this.#phase === 'serving' || this.#ahead.bytes.length === 0) return false
    if (this.outflow.isBehind) this.outflow.flush()
    if (this.outflow.isBehind || this.#turnRequests >= turnRequestsMax) return false
    const found = this.#ahead.takeHead(this.#room.limits)
    if (found.kind === 'fault') this.#refuse(found.fault)
    if (found.kind !== 'head') return false
    this.#serve(found.head)
    return true
  }

  #stepBody(body: Served['body']): boolean {
    if (!body.isFlowing) return false
    if (body.isWhole) {
      this.#body = undefined
      body.finish()
      return true
    }
    const hasSome = this.#ahead.bytes.length > 0
    body.begin(hasSome)
    return hasSome && this.#feed(body)
  }

  /** False: it is broken, and nobody can tell where the next request begins. */
  #feed(body: Served['body']): boolean {
    const taken = body.take(this.#ahead.bytes, bytes => this.#ahead.consume(bytes))
    if (taken) return true
    this.#room.counters.refused++
    this.close()
    return false
  }

  #serve(head: RequestHead): void {
    this.#room.counters.requests++
    this.#turnRequests++
    this.#noteTurn()
    this.#stopIdle()
    this.#hasAsked = true
    this.#phase = 'serving'
    const served = new Served(this, head)
    this.#served = served
    if (!served.body.isWhole) this.#body = served.body
    if (!served.refusesHandshake()) this.guarded(() => this.#room.handle(served))
  }

  #refuse(fault: RequestFault): void {
    this.#room.counters.refused++
    this.outflow.write(this.#room.refusal(fault))
    this.#leave()
  }

  /** At its end heads leave, and whoever pipelines has his next turn. */
  #noteTurn(): void {
    if (this.#isTurnNoted) return
    this.#isTurnNoted = true
    this.#room.clock.endOfTurn(() => {
      this.#isTurnNoted = false
      this.#turnRequests = 0
      if (this.#phase === 'over') return
      this.outflow.flush()
      if (!this.outflow.isBehind) this.#served?.drained()
      this.#proceed()
    })
  }

  /** Begins the time in which the next head must come, or what waits must leave. */
  #await(): void {
    this.#stopIdle()
    this.#idle = this.#room.idle.add(this)
  }

  #stopIdle(): void {
    if (this.#idle !== undefined) this.#room.idle.remove(this.#idle)
    this.#idle = undefined
  }

  #leave(): void {
    const { clock, limits } = this.#room
    this.#phase = 'leaving'
    this.#ahead.drop()
    this.#parting = new Parting(clock, limits, this.#socket, this.outflow)
    this.#await()
    this.#ahead.pace(this.#socket)
  }

  #failed(): void {
    this.#room.counters.failures++
    this.#isLast = true
    if (this.#served instanceof Served) this.#served.reply(500, 'Internal Server Error', [], '')
    else if (this.#phase === 'serving') this.close()
  }

  /** A callback may have made it so. */
  #isOver(): boolean {
    return this.#phase === 'over'
  }

  #forget(): void {
    this.#phase = 'over'
    this.#served = undefined
    this.#body?.drop()
    this.#body = undefined
    this.#ahead.drop()
    this.#stopIdle()
    this.#parting?.cancel()
    this.#parting = undefined
  }
}
