// The control door (contract §6.1): a body of items is checked whole before the first is published, then each goes to the
// owner of its channel, in order. The answer waits for the owners, and not for any client.
import type { PublishOutcome } from '../../../engine/router.ts'
import type { Draft } from '../../../engine/words/publication.ts'
import type { GateExchange } from '../../../net/gate/gate-exchange.ts'
import type { RequestFault } from '../../../net/gate/request-head.ts'
import type { BodyIntake } from '../../../net/intake.ts'
import type { GateRoom } from '../../frontend.ts'
import { draftOf } from '../item/draft.ts'
import { readItemsBody } from '../item/from-json.ts'
import type { Lines } from '../lines.ts'
import type { GripEngine } from '../own-channels.ts'
import {
  type Answer,
  bytesOf,
  forbidden,
  headersOf,
  headTooLarge,
  headUnparsable,
  invalid,
  lengthUnparsable,
  notCollected,
  published,
  unauthorized,
  unavailable,
  updated,
} from './answers.ts'
import { collect } from './collecting.ts'
import { judgeHead } from './judge.ts'

export interface ControlContext {
  readonly engine: Pick<GripEngine, 'publishBatch'>
  readonly counters: { publishes: number; publishesRefused: number }
  readonly lines: Pick<Lines, 'refused'>
  readonly intake: BodyIntake
  /** As it is set now. */
  bodyBytesMax(): number
  /** With a secret: what Authorization says. Without one: nobody but a page, which a browser on this machine has open. */
  mayPublish(exchange: GateExchange): boolean
  /** Forgets where every channel is, and looks at all holds anew. */
  recover(done: () => void): void
  /** So many items were taken. */
  published?(items: number): void
}

export class Control implements GateRoom {
  /** `push_in_http_max_headers_size` of the original. */
  readonly limits = { headBytesMax: 10_000, headersMax: 100, targetBytesMax: 8_192 }
  readonly #context: ControlContext

  constructor(context: ControlContext) {
    this.#context = context
  }

  handle(exchange: GateExchange): void {
    const { bodyBytesMax, intake, mayPublish, recover } = this.#context
    const judgement = judgeHead(exchange, bodyBytesMax())
    if (judgement.ask === 'answer') return this.#answer(exchange, judgement.answer)
    if (!mayPublish(exchange)) return this.#answer(exchange, unauthorized)
    const { ask, form } = judgement
    collect(
      exchange,
      intake,
      body => {
        if (ask === 'recover') recover(() => say(exchange, updated(form)))
        else this.#publish(exchange, body, published(form))
      },
      why => this.#refuse(exchange, notCollected(why)),
    )
  }

  #publish(exchange: GateExchange, body: Uint8Array, success: Answer): void {
    const reading = readItemsBody(body)
    if (!reading.ok) return this.#refuse(exchange, invalid(reading))
    const drafts = reading.items.map(draftOf)
    if (!drafts.every(isDraft)) return this.#refuse(exchange, invalid(tooLong))
    this.#context.engine.publishBatch(drafts, outcomes => this.#told(exchange, outcomes, success))
  }

  /** In the original's words. */
  refusal(fault: RequestFault): Buffer {
    const answer =
      fault === 'invalid-length'
        ? lengthUnparsable
        : fault === 'head-too-large'
          ? headTooLarge
          : headUnparsable
    return Buffer.from(bytesOf(answer, { version: '1.1', method: 'GET', closes: true }))
  }

  #told(exchange: GateExchange, outcomes: readonly PublishOutcome[], success: Answer): void {
    const { counters } = this.#context
    const refusal = outcomes.find(outcome => typeof outcome === 'string')
    if (refusal === 'not-allowed') return this.#refuse(exchange, forbidden)
    if (refusal !== undefined)
      return this.#refuse(exchange, unavailable(`Not published: ${String(refusal)}.`))
    counters.publishes += outcomes.length
    this.#context.published?.(outcomes.length)
    say(exchange, success)
  }

  #refuse(exchange: GateExchange, answer: Answer): void {
    this.#context.counters.publishesRefused++
    this.#answer(exchange, answer)
  }

  #answer(exchange: GateExchange, answer: Answer): void {
    const { status } = answer
    if (status >= 400) this.#context.lines.refused(status === 401 ? 'not-allowed' : 'publish-refused', status)
    say(exchange, answer)
  }
}

function say(exchange: GateExchange, answer: Answer): void {
  exchange.reply(answer.status, answer.reason, headersOf(answer, false), answer.body)
}

const tooLong = {
  ok: false,
  fault: 'format',
  message: "publish item object contains 'channel' with invalid value",
} as const

function isDraft(draft: Draft | undefined): draft is Draft {
  return draft !== undefined
}
