// What becomes of a frame that a client sends, by its channel's handler (contract §16): nothing, a publication for all, one for
// each, one for another channel, or a call to the application.
import type { Engine } from '../../../engine/engine.ts'
import type { Draft } from '../../../engine/words/publication.ts'
import type { Refusal } from '../../../engine/words/refusal.ts'
import { type ChannelPlan, type Plan, targetOf } from '../config/config.ts'
import type { Session } from '../session/session.ts'
import { dataGroup } from '../session/streams.ts'
import { pushwireSection } from '../settings.ts'
import { type ErrorReason, errorOf } from '../wire/endings.ts'
import { sentBy } from '../wire/frames.ts'
import type { ServerOperation } from '../wire/operations.ts'
import type { Backend } from './backend.ts'
import { WebhookHandler, type WebhookHandlerOptions, type WebhookQueue } from './webhook-handler.ts'
import type { Orders } from './webhook-orders.ts'

/** Whose frame it is. */
export interface Sender {
  readonly session: Session
  say(operation: ServerOperation): void
  /** Channels without a handler of which it was told, as the configuration calls them. */
  refused: Set<string> | undefined
  /** Its frames that are posted to applications, by channel. */
  queues: Map<string, WebhookQueue> | undefined
}

export interface HandlersContext extends Omit<WebhookHandlerOptions, 'channel' | 'url'> {
  readonly plan: Plan
  readonly engine: Engine
  readonly backend: Backend
  readonly counters: { framesPublished: number; framesRefused: number; ordersRefused: number }
}

export class Handlers {
  readonly #context: HandlersContext
  /** Of the channels that have one, by the name in the configuration. */
  readonly #webhooks: ReadonlyMap<string, WebhookHandler>

  constructor(context: HandlersContext) {
    this.#context = context
    this.#webhooks = new Map(
      context.plan.channels.flatMap(({ configured, handler }) => {
        if (handler.kind !== 'webhook') return []
        return [[configured, new WebhookHandler({ ...context, channel: configured, url: handler.url })]]
      }),
    )
  }

  /** By the keys of `webhookHandlerMetrics`. */
  statistics(): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {}
    for (const webhook of this.#webhooks.values()) {
      for (const [key, value] of Object.entries(webhook.statistics())) sums[key] = (sums[key] ?? 0) + value
    }
    return sums
  }

  /** `payload`: JSON text. */
  frame(sender: Sender, name: string, payload: string): void {
    const channel = this.#context.plan.find(name)
    if (channel === undefined) return this.#refuse(sender, 'channel-unknown', name)
    if (!sender.session.permission.writes.has(channel.configured)) {
      return this.#refuse(sender, 'channel-not-allowed', name)
    }
    this.#handle(sender, channel, Buffer.from(payload))
  }

  #handle(sender: Sender, channel: ChannelPlan, payload: Uint8Array): void {
    const { handler } = channel
    switch (handler.kind) {
      case 'none':
        return this.#refuseOnce(sender, channel)
      case 'broadcast':
        if (channel.scope === 'channel') return this.#publish(sender, channel, channel.name, payload)
        return this.#publishEach(sender, channel, payload, handler.includeSender)
      case 'publish': {
        const target = targetOf(handler.to, sender.session.clientId)
        if (target === undefined) return this.#refuse(sender, 'handler-failed')
        return this.#publish(sender, channel, target, payload)
      }
      case 'webhook':
        return this.#post(sender, channel, payload)
      default:
        return handler satisfies never
    }
  }

  /** Where its frames go is no business of a client's: it is told of the channel that it named. */
  #publish(sender: Sender, { name }: ChannelPlan, target: Draft['channel'], payload: Uint8Array): void {
    this.#context.engine.publish({ channel: target, ...draftOf(sender, payload) }, outcome => {
      if (typeof outcome === 'string') this.#refuse(sender, outcome, detailOf(outcome, name))
      else this.#context.counters.framesPublished++
    })
  }

  #publishEach(sender: Sender, { name }: ChannelPlan, payload: Uint8Array, includeSender: boolean): void {
    const { counters, engine } = this.#context
    const except = includeSender ? undefined : sender.session.clientId
    const each = { ...draftOf(sender, payload), group: dataGroup(name), ...(except && { except }) }
    engine.publishEach(each, outcome => {
      if (typeof outcome === 'string') return this.#refuse(sender, outcome, detailOf(outcome, name))
      counters.framesPublished++
      // Of some clients it may be lost.
      if (outcome.workersMissed > 0) this.#refuse(sender, 'owner-lost')
    })
  }

  #post(sender: Sender, { configured, name }: ChannelPlan, payload: Uint8Array): void {
    sender.queues ??= new Map()
    const queue = sender.queues.get(name) ?? this.#webhooks.get(configured)?.queueOf(sender.session.clientId)
    if (queue === undefined) throw new RangeError(`${configured} has no webhook`)
    sender.queues.set(name, queue)
    const isTaken = queue.push(payload, outcome => {
      if (outcome.ok) this.#obey(outcome.orders)
      else this.#refuse(sender, 'handler-failed')
    })
    if (isTaken) return
    sender.say({ op: 'slow', window: undefined })
    this.#refuse(sender, 'rate-limited')
  }

  /** What cannot be done of it is counted: the application asks by the admin listener if it wants to know. */
  #obey({ send, broadcast }: Orders): void {
    const { backend, counters } = this.#context
    const note = (sent: object | string) => {
      if (typeof sent === 'string') counters.ordersRefused++
      else counters.framesPublished++
    }
    for (const { to, channel, payload } of send) backend.send(to, channel, payload, note)
    for (const { channel, payload } of broadcast) backend.broadcast(channel, payload, note)
  }

  /** Its connection stays, and may try again. */
  #refuse(sender: Sender, reason: ErrorReason, detail?: string): void {
    this.#context.counters.framesRefused++
    sender.say(errorOf(reason, detail))
  }

  /** Of a pattern's channels once for all: a client could name more of them than anybody wants to remember. */
  #refuseOnce(sender: Sender, { configured, name }: ChannelPlan): void {
    sender.refused ??= new Set()
    if (sender.refused.has(configured)) return void this.#context.counters.framesRefused++
    sender.refused.add(configured)
    this.#refuse(sender, 'no-handler', name)
  }
}

function draftOf(sender: Sender, payload: Uint8Array): Omit<Draft, 'channel'> {
  return {
    content: { kind: 'json', payload },
    renderings: sentBy(sender.session.clientId),
    via: pushwireSection.name,
  }
}

/** Other texts have no room for it. */
function detailOf(refusal: Refusal, channel: string): string | undefined {
  return refusal === 'not-allowed' ? channel : undefined
}
