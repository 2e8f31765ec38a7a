// What an origin orders inside its WebSocket, and what comes of it (contract §8.5): channels, messages of ours, what filters know. The
// origin's other messages are for the client.
import type { CloseReason } from '../../../engine/words/refusal.ts'
import type { FilterOrigin } from '../filter/party.ts'
import type { EndCause } from '../hold/ends.ts'
import type { JoinRefusal } from '../hold/hold.ts'
import type { SocketClose } from '../item/item.ts'
import type { Gateway } from '../proxy/gateway.ts'
import { Channels, type ChannelsOwner } from './channels.ts'
import type { Client } from './client.ts'
import { causeOfLoss, closeCodes, codeForClient, codeForLoss } from './close-words.ts'
import { type ControlMessage, parseControlMessage } from './control-messages.ts'
import type { MessageKind } from './origin-end.ts'
import { OriginWords, type OriginWordsOwner } from './origin-words.ts'
import { OwnWords } from './own-words.ts'
import type { SocketCounters } from './surroundings.ts'

export interface OrdersContext {
  readonly gateway: Pick<
    Gateway,
    'counters' | 'filters' | 'frames' | 'holds' | 'observer' | 'rate' | 'settings' | 'stored' | 'timers'
  >
  /** Explicit id of the rule; empty: it has none. */
  readonly route: string
  readonly counters: SocketCounters
  /** Causes are shown to the client. */
  readonly isDebug: boolean
  /** Of the rule, in front of channels. */
  readonly channelPrefix: string
  /** Undefined: GRIP was not negotiated, and all messages are for the client. */
  readonly messagePrefix: string | undefined
}

export interface OrdersOwner {
  /** All channels are live. */
  live(): void
  /** Channels are not to be had; nothing is held any more. */
  notJoined(refusal: JoinRefusal): void
  /** The client is closed. */
  closeWith(code: number, reason: string, why: EndCause): void
  /** It goes on without its origin. */
  leaveOrigin(): void
  refresh(): void
  filterOrigin(): FilterOrigin
  /** As of `ChannelsOwner`. */
  strandedAt(channel: string, id: string): void
  /** The node cannot go on with it. `returnMs`: when it is to come back, where the node stops. */
  dismiss(code: number, why: EndCause, returnMs?: number): void
  /** Without a word. */
  cut(why: EndCause): void
}

/** Names of one subscription's meta, and bytes of all names and values; filters know a few. What is beyond is not remembered. */
const metaMax = 20
const metaBytesMax = 8_192
const noMeta: ReadonlyMap<string, string> = new Map()

export class Orders implements ChannelsOwner, OriginWordsOwner {
  readonly #context: OrdersContext
  readonly #client: Client
  readonly #owner: OrdersOwner
  readonly #words: OriginWords
  #channels: Channels | undefined
  #own: OwnWords | undefined
  #isStopped = false
  /** What filters know of the subscription. */
  #meta: Map<string, string> | undefined

  constructor(context: OrdersContext, client: Client, owner: OrdersOwner) {
    this.#context = context
    this.#client = client
    this.#owner = owner
    this.#words = new OriginWords(context.messagePrefix, this)
  }

  get isLive(): boolean {
    return this.#channels?.isLive ?? true
  }

  get meta(): ReadonlyMap<string, string> {
    return this.#meta ?? noMeta
  }

  /** Of the target. */
  joinImplicit(names: readonly string[]): void {
    if (names.length > 0) this.#joined(this.#joining().joinImplicit(names))
  }

  /** By their full names. */
  get channels(): readonly string[] {
    return this.#channels?.names ?? []
  }

  /** A piece of the origin's. False: the client is behind. */
  message(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): boolean {
    return this.#words.message(kind, piece, isFirst, isLast)
  }

  /** The client takes more, and no message is under way. */
  drained(): void {
    this.#channels?.drained()
  }

  blocked(bytes: Uint8Array): void {
    this.#channels?.blocked(bytes)
  }

  /** Nothing comes of them any more; what the origin says passes still. */
  stop(): void {
    this.#isStopped = true
    this.#channels?.leave()
    this.#own?.stop()
  }

  passed(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): boolean {
    if (isLast) this.#own?.sent()
    return this.#client.pass(kind, piece, isFirst, isLast)
  }

  dropped(): void {
    this.#context.counters.socketWordsDropped++
  }

  controlled(text: string): void {
    const message = parseControlMessage(text)
    if (message === undefined || this.#isStopped) return this.dropped()
    this.#context.counters.socketControls++
    this.#obey(message)
  }

  live(): void {
    this.#owner.live()
  }

  sent(): void {
    this.#own?.sent()
  }

  closedBy({ code, reason }: SocketClose): void {
    this.#owner.closeWith(codeForClient(code), reason ?? '', 'published')
  }

  refresh(): void {
    this.#owner.refresh()
  }

  filterOrigin(): FilterOrigin {
    return this.#owner.filterOrigin()
  }

  /** Contract §7: who debugs is told, and sees nothing behind it. */
  filterFailed(reason: string): void {
    if (this.#context.isDebug) this.#owner.closeWith(closeCodes.failed, reason, 'origin-failed')
  }

  strandedAt(channel: string, id: string): void {
    this.#owner.strandedAt(channel, id)
  }

  /** A hole is never silent (contract §14, fault 6). */
  missed(): void {
    this.letGo('gap')
  }

  letGo(reason: CloseReason, returnMs?: number): void {
    const isPacing = reason === 'slow' && this.#channels?.isPacing === true
    const why = isPacing ? 'rate' : causeOfLoss(reason)
    // What would be said to it waits behind all that it does not read.
    if (reason === 'slow' && this.#client.isBehind) this.#owner.cut(why)
    else this.#owner.dismiss(codeForLoss(reason), why, returnMs)
  }

  overrun(): void {
    this.#owner.dismiss(closeCodes.tryAgain, 'rate')
  }

  #obey(message: ControlMessage): void {
    switch (message.type) {
      case 'subscribe':
        return this.#joined(this.#joining().join(message.channel, message.filters, message.prevId))
      case 'filters-too-many':
        return this.#owner.closeWith(
          closeCodes.failed,
          this.#context.isDebug ? message.text : '',
          'origin-failed',
        )
      case 'unsubscribe':
        return this.#channels?.part(message.channel)
      case 'detach':
        return this.#owner.leaveOrigin()
      case 'set-meta':
        return this.#remember(message.name, message.value)
      case 'keep-alive':
        return this.#speaking().keepAlive(message.keepAlive) ? undefined : this.dropped()
      case 'send-delayed':
        return this.#speaking().sendLater(message.message, message.timeoutMs)
      case 'flush-delayed':
        return this.#own?.sendNow()
      default:
        message satisfies never
    }
  }

  #joining(): Channels {
    const { channelPrefix: prefix, route, gateway } = this.#context
    const { holds, frames, filters, observer, rate, settings } = gateway
    const { channelsMax } = settings
    const context = { holds, frames, filters, observer, rate, prefix, route, channelsMax }
    this.#channels ??= new Channels(context, this.#client, this)
    return this.#channels
  }

  #joined(refusal: JoinRefusal | 'ignored' | undefined): void {
    if (refusal === 'ignored') this.#context.gateway.counters.ignoredChannels++
    else if (refusal !== undefined) this.#owner.notJoined(refusal)
  }

  #speaking(): OwnWords {
    const { timers, stored } = this.#context.gateway
    this.#own ??= new OwnWords(timers, stored, this.#client)
    return this.#own
  }

  #remember(name: string, value: string | undefined): void {
    this.#meta ??= new Map()
    this.#meta.delete(name)
    if (value === undefined) return
    const bytes = [...this.#meta].reduce((sum, [known, its]) => sum + known.length + its.length, 0)
    const hasRoom = this.#meta.size < metaMax && bytes + name.length + value.length <= metaBytesMax
    if (hasRoom) this.#meta.set(name, value)
    else this.dropped()
  }
}
