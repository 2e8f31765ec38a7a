// What a client may send once it is in: frames and operations, each within a budget (contract §1.4, §1.7, §4).

import { RateLimiter } from '../../../std/rate-limiter.ts'
import type { ChannelPlan } from '../config/config.ts'
import type { Handlers, Sender } from '../handlers/handlers.ts'
import { type Message, type MessageFault, readMessage } from '../wire/dialect.ts'
import { type Ending, type ErrorReason, errorOf } from '../wire/endings.ts'
import type { ClientOperation, ServerOperation } from '../wire/operations.ts'
import type { SessionKind } from './face.ts'
import type { Session } from './session.ts'

/** What all connections of a worker share. */
export interface UplinkKind extends Pick<SessionKind, 'plan' | 'clock'> {
  readonly handlers: Handlers
  /** As set now. */
  limits(): { readonly rate: number; readonly burst: number }
  readonly counters: { framesReceived: number; framesDropped: number; faults: number; acks: number }
}

/** The connection. */
export interface UplinkFace {
  say(operation: ServerOperation): void
  end(ending: Ending, detail?: string): void
}

/** Acks and pongs come in answer to what was sent. */
const answersFactor = 10
/** A longer message is neither: they have the name of a channel and a number. */
const answerUnitsMax = 512
/** Excess without a pause of this length is continuous; for so long it may be. */
const pauseMs = 1_000
const excessMs = 5_000
/** Faulty messages in that time end the connection. */
const faultsMax = 10
const faultsMs = 10_000
/** A client may ask for one replay of a channel in that time. */
const replayMs = 1_000
/** What this version can do beyond the original's wire. */
const supported = ['assets'] as const

export class Uplink {
  readonly #kind: UplinkKind
  readonly #session: Session
  readonly #face: UplinkFace
  readonly #sender: Sender
  #frames: RateLimiter | undefined
  #answers: RateLimiter | undefined
  /** Since when, and when last, there was more than the limiter gives. */
  #excess: { readonly since: number; last: number } | undefined
  /** When the last faults came, the oldest first. */
  #faults: number[] | undefined
  #replays: Map<string, number> | undefined

  constructor(kind: UplinkKind, session: Session, face: UplinkFace) {
    this.#kind = kind
    this.#session = session
    this.#face = face
    this.#sender = { session, say: operation => face.say(operation), refused: undefined, queues: undefined }
  }

  receive(text: string): void {
    const { clock, plan } = this.#kind
    const now = clock.now()
    // What is too long for an answer need not be read to know what it counts as: beyond the rate it costs nothing more.
    const isLong = text.length > answerUnitsMax
    if (isLong && !this.#takes(false, now)) return this.#drop(now)
    const message = readMessage(text, plan.system.name)
    if (!isLong && !this.#takes(isAnswer(message), now)) return this.#drop(now)
    if (message.kind === 'fault') return this.#fault(message, now)
    if (message.kind === 'operation') return this.#operate(message.operation, now)
    this.#kind.counters.framesReceived++
    this.#kind.handlers.frame(this.#sender, message.channel, message.payload)
  }

  /** `count`: what it costs. */
  #takes(isAnswer: boolean, now: number, count = 1): boolean {
    const { rate, burst } = this.#kind.limits()
    if (isAnswer) {
      this.#answers ??= new RateLimiter({ rate: rate * answersFactor, burst: burst * answersFactor }, now)
      return this.#answers.take(now)
    }
    this.#frames ??= new RateLimiter({ rate, burst }, now)
    return this.#frames.take(now, count)
  }

  #drop(now: number): void {
    this.#kind.counters.framesDropped++
    if (this.#excess === undefined || now - this.#excess.last > pauseMs) {
      this.#excess = { since: now, last: now }
      this.#face.say({ op: 'slow', window: this.#kind.limits().rate })
    }
    this.#excess.last = now
    if (now - this.#excess.since > excessMs) return this.#face.end('flooding')
    this.#face.say(errorOf('rate-limited'))
  }

  #fault(fault: MessageFault, now: number): void {
    this.#kind.counters.faults++
    this.#faults = [...(this.#faults ?? []), now].filter(at => now - at < faultsMs)
    this.#face.say(errorOf(fault.reason, fault.detail))
    if (this.#faults.length >= faultsMax) this.#face.end('violations')
  }

  #operate(operation: ClientOperation, now: number): void {
    const face = this.#face
    switch (operation.op) {
      case 'auth':
        return face.say(errorOf('auth-repeated'))
      case 'ping':
        return face.say({ op: 'pong' })
      case 'pong':
        return
      case 'slow':
        return this.#session.limit(operation.window)
      case 'ack':
        return this.#ack(operation.channel, operation.cursor)
      case 'resume_required':
        return this.#replay(operation.channel, operation.fromCursor, now)
      case 'subscribe':
        return this.#subscribe(operation.channels, now)
      case 'unsubscribe':
        return this.#unsubscribe(operation.channels, now)
      case 'health':
        return face.say({ op: 'health', status: 'ok', detail: undefined })
      case 'features':
        return face.say({ op: 'features', supported, requested: [] })
      case 'goodbye':
        return face.end('left')
      default:
        return operation satisfies never
    }
  }

  #subscribe(names: readonly string[], now: number): void {
    if (!this.#takesAll(names, now)) return this.#drop(now)
    const refused = new Map<ErrorReason, string[]>()
    for (const name of this.#others(names)) {
      const channel = this.#kind.plan.find(name)
      const reason = this.#refusalOf(channel, name)
      if (reason !== undefined) refused.set(reason, [...(refused.get(reason) ?? []), name])
      else if (channel !== undefined) this.#session.subscribe(channel)
    }
    this.#sayOf(refused)
  }

  /** Each name costs as much as a message, for an owner is told of each; all of them at most what may come at once. */
  #takesAll(names: readonly string[], now: number): boolean {
    const count = Math.min(names.length, this.#kind.limits().burst)
    return count <= 1 || this.#takes(false, now, count - 1)
  }

  #refusalOf(channel: ChannelPlan | undefined, name: string): ErrorReason | undefined {
    const { permission } = this.#session
    if (channel === undefined) return 'channel-unknown'
    if (!permission.reads.has(channel.configured)) return 'channel-not-allowed'
    const isNew = this.#session.feed(name) === undefined
    return isNew && this.#session.isFull ? 'channels-too-many' : undefined
  }

  #unsubscribe(names: readonly string[], now: number): void {
    if (!this.#takesAll(names, now)) return this.#drop(now)
    const unknown: string[] = []
    for (const name of this.#others(names)) {
      if (this.#kind.plan.find(name) === undefined) unknown.push(name)
      else this.#session.feed(name)?.unsubscribe()
    }
    if (unknown.length > 0) this.#sayOf(new Map([['channel-unknown', unknown]]))
  }

  /** Each once, and not the system channel, which is always there. */
  #others(names: readonly string[]): readonly string[] {
    return [...new Set(names)].filter(name => name !== this.#kind.plan.system.name)
  }

  /** One message for all that fail alike, whose text is bounded. */
  #sayOf(refused: ReadonlyMap<ErrorReason, readonly string[]>): void {
    for (const [reason, names] of refused) this.#face.say(errorOf(reason, names.join(', ')))
  }

  #ack(name: string, cursor: number): void {
    const { counters, plan } = this.#kind
    if (name === plan.system.name) return
    const channel = plan.find(name)
    if (channel === undefined) return this.#face.say(errorOf('channel-unknown', name))
    if (!this.#session.permission.reads.has(channel.configured)) {
      return this.#face.say(errorOf('channel-not-allowed', name))
    }
    counters.acks++
    this.#session.acked(channel, cursor)
  }

  #replay(name: string, fromCursor: number, now: number): void {
    const feed = this.#session.feed(name)
    if (feed?.isOn !== true) {
      return this.#face.say(errorOf('not-subscribed', name))
    }
    this.#replays ??= new Map()
    if (now - (this.#replays.get(name) ?? Number.NEGATIVE_INFINITY) < replayMs) {
      return this.#face.say(errorOf('rate-limited'))
    }
    if (!this.#session.replay(feed, fromCursor)) return this.#face.say(errorOf('rate-limited'))
    this.#replays.set(name, now)
  }
}

function isAnswer(message: Message | MessageFault): boolean {
  return message.kind === 'operation' && (message.operation.op === 'ack' || message.operation.op === 'pong')
}
