// What becomes of a frame that a client sends, by its channel's handler (contract §16): nothing, a publication for all, one for
// each, one for another channel, or a call to the application.
import type { Engine } from '../../engine/engine.ts'
import type { Draft } from '../../engine/words/publication.ts'
import { type ChannelPlan, type Plan, targetOf } from './config.ts'
import { type ErrorReason, errorOf } from './endings.ts'
import { sentBy } from './frames.ts'
import type { ServerOperation } from './operations.ts'
import type { Session } from './session.ts'
import { pushwireSection } from './settings.ts'

/** Whose frame it is. */
export interface Sender {
  readonly session: Session
  say(operation: ServerOperation): void
  /** Channels without a handler of which it was told. */
  refused: Set<string> | undefined
  /** Calls under way, by channel. */
  queues: Map<string, unknown> | undefined
}

export interface HandlersContext {
  readonly plan: Plan
  readonly engine: Engine
  readonly counters: { framesPublished: number; framesRefused: number }
}

export class Handlers {
  readonly #context: HandlersContext

  constructor(context: HandlersContext) {
    this.#context = context
  }

  /** `payload`: JSON text. */
  frame(sender: Sender, name: string, payload: string): void {
    const channel = this.#context.plan.find(name)
    if (channel === undefined) return this.#refuse(sender, 'channel-unknown', name)
    if (!sender.session.arrival.permission.writes.has(channel.configured)) {
      return this.#refuse(sender, 'channel-not-allowed', name)
    }
    this.#handle(sender, channel, Buffer.from(payload))
  }

  #handle(sender: Sender, channel: ChannelPlan, payload: Uint8Array): void {
    const { handler, name } = channel
    switch (handler.kind) {
      case 'none':
        return this.#refuseOnce(sender, name)
      case 'broadcast':
        if (channel.scope === 'channel') return this.#publish(sender, channel.name, payload)
        return this.#refuse(sender, 'handler-failed')
      case 'publish': {
        const target = targetOf(handler.to, sender.session.clientId)
        if (target === undefined) return this.#refuse(sender, 'handler-failed')
        return this.#publish(sender, target, payload)
      }
      case 'webhook':
        return this.#refuseOnce(sender, name)
      default:
        return handler satisfies never
    }
  }

  #publish(sender: Sender, channel: Draft['channel'], payload: Uint8Array): void {
    this.#context.engine.publish({ channel, ...draftOf(sender, payload) }, outcome => {
      if (typeof outcome === 'string') this.#refuse(sender, outcome, channel)
      else this.#context.counters.framesPublished++
    })
  }

  /** Its connection stays, and may try again. */
  #refuse(sender: Sender, reason: ErrorReason, detail?: string): void {
    this.#context.counters.framesRefused++
    sender.say(errorOf(reason, detail))
  }

  #refuseOnce(sender: Sender, name: string): void {
    sender.refused ??= new Set()
    if (sender.refused.has(name)) return void this.#context.counters.framesRefused++
    sender.refused.add(name)
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
