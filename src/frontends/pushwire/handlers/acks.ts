// Acknowledgements of clients that have nothing to say them by (contract §3.4, §6.3): one POST each, good while its client is
// connected, or with a token that the validator takes.
import type { Engine } from '../../../engine/engine.ts'
import { parseOffset } from '../../../engine/words/position.ts'
import type { Call } from '../call.ts'
import type { Plan } from '../config/config.ts'
import { controlChannel } from '../session/control.ts'
import { bearerOf } from '../session/query.ts'
import { streamOf } from '../session/streams.ts'
import type { Question, Verdict } from '../validators/validator.ts'
import { type AckBody, readAckBody } from '../wire/ack-body.ts'
import { offsetOf } from '../wire/cursors.ts'

export interface AcksContext {
  readonly plan: Plan
  readonly engine: Engine
  judge(question: Question, done: (verdict: Verdict) => void): void
  /** Whoever knows an id may move its cursors, as in the original. */
  isOpen(): boolean
  readonly counters: { acks: number }
}

const bodyBytesMax = 4_096

export class Acks {
  readonly #context: AcksContext

  constructor(context: AcksContext) {
    this.#context = context
  }

  take(call: Call): void {
    const { exchange } = call
    if (!/^application\/json *(?:;|$)/i.test(exchange.header('content-type') ?? '')) {
      return call.refuse('content-type')
    }
    exchange.readBody(bodyBytesMax, body => {
      if (body === undefined) return call.refuse('body-too-large')
      const reading = readAckBody(Buffer.from(body).toString())
      if (!reading.ok) return call.refuse(reading.reason, reading.detail)
      this.#judge(call, reading)
    })
  }

  /** Who may is asked before what there is, so that a stranger learns nothing of ids. */
  #judge(call: Call, ack: AckBody): void {
    const { engine, isOpen, judge } = this.#context
    const { exchange } = call
    const token = bearerOf(exchange)
    if (isOpen()) return this.#apply(call, ack)
    if (token === undefined) {
      return engine.presence(controlChannel(ack.clientId), connections =>
        exchange.guarded(() => {
          if (connections === undefined) return call.refuse('owner-lost')
          if (connections === 0) return call.refuse('ack-unauthorized')
          this.#apply(call, ack)
        }),
      )
    }
    const question = {
      clientId: ack.clientId,
      token,
      capabilities: [],
      transport: 'ack',
      ip: exchange.remoteAddress,
    } as const
    judge(question, verdict =>
      exchange.guarded(() => {
        if (!verdict.ok) return call.refuse(verdict.reason === 'refused' ? 'ack-unauthorized' : 'unavailable')
        this.#apply(call, ack)
      }),
    )
  }

  #apply(call: Call, { clientId, channel: name, cursor }: AckBody): void {
    const { engine, plan, counters } = this.#context
    const channel = plan.find(name)
    if (channel === undefined) return call.refuse('channel-unknown')
    const control = controlChannel(clientId)
    engine.inspect(control, { limit: 0 }, outcome =>
      call.exchange.guarded(() => {
        if (typeof outcome === 'string') return call.refuse(outcome)
        if (outcome.position === undefined) return call.refuse('client-unknown')
        counters.acks++
        if (channel.scope === 'client') {
          engine.trim(streamOf(channel, clientId), parseOffset(offsetOf(cursor)))
        }
        call.reply({ status: 204 })
      }),
    )
  }
}
