// An origin that speaks WebSocket itself (contract §4.10): frames pass both ways as they are. It is connected to before the client
// gets its 101, the targets of the rule one after the other until one connects.
//
//   dialling ─► open ─┬─► closing ─► over    we closed: its answer is awaited
//                     └─► closed ──► over    it closed: ours is

import type { BareConnection } from '../../../net/bare-connection.ts'
import type { FrameFault, FrameHandlers, FramePeer } from '../../../net/gate/frame-peer.ts'
import type { Dial, DialHandlers } from '../../../net/outgoing/dial.ts'
import type { CallFailure } from '../../../net/outgoing/failures.ts'
import type { Cancel, Clock } from '../../../std/clock.ts'
import type { Choice } from '../proxy/choice.ts'
import { causeOf, originFailed } from '../proxy/failures.ts'
import { membersOf, valuesOf } from '../proxy/raw-headers.ts'
import { type Target, targetName } from '../routes/target.ts'
import { closeCodes } from './close-words.ts'
import { extensionsHeader, gripExtensions, messagePrefix } from './extensions.ts'
import { acceptedHeaders, type ClientSees, refusedHeaders } from './origin-answer.ts'
import type { MessageKind, OriginEnd, OriginEndOwner } from './origin-end.ts'

export interface NativeContext {
  readonly clock: Clock
  /** Asks one of the targets. */
  dial(choice: Choice, target: Target, handlers: DialHandlers): Dial
  openPeer(connection: BareConnection, handlers: FrameHandlers): FramePeer
  /** Causes are shown to the client. */
  isDebug(choice: Choice): boolean
}

/** How long an origin may take to answer a close of ours; its client waits no longer than that either. */
const closeMs = 5_000

type State = 'dialling' | 'open' | 'closing' | 'closed' | 'over'

export class Native implements OriginEnd {
  readonly #context: NativeContext
  readonly #choice: Choice
  readonly #owner: OriginEndOwner
  /** Names of those that did not connect. */
  readonly #tried: string[] = []
  #state: State = 'dialling'
  #dial: Dial | undefined
  #peer: FramePeer | undefined
  /** Nothing is told any more. */
  #isSilent = false
  #timer: Cancel | undefined

  constructor(context: NativeContext, choice: Choice, owner: OriginEndOwner) {
    this.#context = context
    this.#choice = choice
    this.#owner = owner
  }

  /** Once. Its owner hears nothing before this has returned. */
  open(): void {
    const target = this.#choice.rule.targets[this.#tried.length]
    if (target === undefined) return
    this.#dial = this.#context.dial(this.#choice, target, {
      onAccepted: (rawHeaders, connection) => this.#accepted(target, rawHeaders, connection),
      onRefused: (status, reason, rawHeaders, body) => {
        this.#state = 'over'
        this.#owner.refused({ status, reason, rawHeaders: refusedHeaders(rawHeaders, this.#sees) }, body)
      },
      onFailure: failure => this.#failed(target, failure),
    })
  }

  message(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): boolean {
    return this.#state !== 'open' || (this.#peer?.message(kind, piece, isFirst, isLast) ?? true)
  }

  ping(payload: Buffer): boolean {
    return this.#state !== 'open' || (this.#peer?.ping(payload) ?? true)
  }

  pong(payload: Buffer): boolean {
    return this.#state !== 'open' || (this.#peer?.pong(payload) ?? true)
  }

  close(code: number | undefined, reason: Buffer): void {
    if (this.#state === 'open') return this.#close(code, reason)
    if (this.#state !== 'closed') return
    this.#peer?.close(code, reason)
    this.#end()
  }

  gone(): void {
    this.#isSilent = true
    if (this.#state !== 'closing') this.#end()
  }

  refresh(): void {}

  leave(): void {
    this.#isSilent = true
    if (this.#state === 'open') this.#close(closeCodes.normal, '')
    else if (this.#state === 'dialling') this.#end()
  }

  pause(): void {
    if (this.#state === 'open') this.#peer?.pause()
  }

  resume(): void {
    this.#peer?.resume()
  }

  // What it says.

  /** Undefined: nobody listens. */
  get listener(): OriginEndOwner | undefined {
    return this.#state === 'open' && !this.#isSilent ? this.#owner : undefined
  }

  closedBy(code: number | undefined, reason: Buffer): void {
    const isAnswer = this.#state === 'closing'
    const isSilent = this.#isSilent
    if (isAnswer) this.#end()
    else this.#state = 'closed'
    if (!isSilent) this.#owner.closed(code, reason)
  }

  lost(fault: FrameFault | undefined): void {
    const isSilent = this.#isSilent || this.#state === 'closed'
    this.#end()
    const why = fault === undefined ? 'was lost' : `broke a rule of WebSocket (${fault})`
    if (!isSilent) this.#owner.lost(`the connection to the origin ${why}`)
  }

  get #sees(): ClientSees {
    const { rule, isTrusted } = this.#choice
    return { isPassed: rule.noGrip || isTrusted, isTrusted }
  }

  #accepted(target: Target, rawHeaders: readonly string[], connection: BareConnection): void {
    this.#dial = undefined
    const chosen = membersOf(valuesOf(rawHeaders, extensionsHeader)).join(', ')
    // Its frames would mean something else to us than to it.
    if (chosen !== gripExtensions(rawHeaders) || (chosen !== '' && this.#choice.rule.noGrip)) {
      connection.socket.destroy()
      return this.#fail(`an extension that was not offered: ${chosen}`)
    }
    this.#state = 'open'
    this.#peer = this.#context.openPeer(connection, new FromOrigin(this))
    this.#owner.opened({
      rawHeaders: acceptedHeaders(rawHeaders, this.#sees),
      messagePrefix: this.#sees.isPassed ? undefined : messagePrefix(rawHeaders),
      subscriptions: target.subscriptions,
    })
  }

  #failed(target: Target, failure: CallFailure): void {
    if (failure.phase === 'connecting') {
      this.#tried.push(targetName(target))
      if (this.#tried.length < this.#choice.rule.targets.length) return this.open()
    }
    this.#fail(causeOf({ ...failure, tried: this.#tried }))
  }

  #fail(cause: string): void {
    this.#state = 'over'
    this.#owner.failed(originFailed(cause, this.#context.isDebug(this.#choice)))
  }

  #close(code: number | undefined, reason: string | Uint8Array): void {
    this.#state = 'closing'
    this.#timer = this.#context.clock.after(closeMs, () => this.#end())
    this.#peer?.close(code, reason)
    // Its answer is awaited.
    this.#peer?.resume()
  }

  /** Calling it twice is harmless. */
  #end(): void {
    this.#state = 'over'
    this.#timer?.()
    this.#dial?.abort()
    this.#dial = undefined
    this.#peer?.end()
    this.#peer = undefined
  }
}

/** Both ends have a `message` and a `ping` of their own. */
class FromOrigin implements FrameHandlers {
  readonly #native: Native

  constructor(native: Native) {
    this.#native = native
  }

  message(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): void {
    this.#native.listener?.message(kind, piece, isFirst, isLast)
  }

  ping(payload: Buffer): void {
    this.#native.listener?.ping(payload)
  }

  pong(payload: Buffer): void {
    this.#native.listener?.pong(payload)
  }

  closing(code: number | undefined, reason: Buffer): void {
    this.#native.closedBy(code, reason)
  }

  drained(): void {
    this.#native.listener?.drained()
  }

  gone(fault?: FrameFault): void {
    this.#native.lost(fault)
  }
}
