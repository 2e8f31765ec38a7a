// The handler `webhook` (contract §16): each frame of a client is posted to the application, one after the other for each
// connection, and what the answer orders is handed back. Knows no socket; it sends nothing by itself.
import { strict as assert } from 'node:assert'
import { type CallAddress, parseCallUrl } from '../../../net/outgoing/call-url.ts'
import type { WholeAnswer } from '../../../net/outgoing/whole-call.ts'
import type { WholeCalls } from '../../../net/outgoing/whole-calls.ts'
import type { Clock } from '../../../std/clock.ts'
import { Deque } from '../../../std/deque.ts'
import { Allowance } from '../../../telemetry/allowance.ts'
import type { Log } from '../../../telemetry/log.ts'
import type { MetricRow } from '../../../telemetry/metric-row.ts'
import { pushwireSection } from '../settings.ts'
import { type Orders, readOrders } from './webhook-orders.ts'

export type WebhookOutcome =
  | { readonly ok: true; readonly orders: Orders }
  | { readonly ok: false; readonly code: 'handler_failed' }

export interface WebhookHandlerOptions {
  /** Of the configuration, as frames have it. */
  readonly channel: string
  readonly url: string
  readonly clock: Clock
  readonly log: Log<string>
  readonly calls: Pick<WholeCalls, 'call'>
  timeoutMs(): number
  /** For tests. */
  readonly bounds?: Partial<WebhookBounds>
}

interface WebhookBounds {
  /** Frames of one connection behind the one that is posted. */
  readonly waitingMax: number
  /** Bytes of payloads that wait, of all connections: what a client sent is posted even if it has left. */
  readonly waitingBytesMax: number
}

const usual: WebhookBounds = {
  // Contract §16.
  waitingMax: 64,
  // 64 of the largest messages, or 64 short ones of each of many thousand clients.
  waitingBytesMax: 67_108_864,
}

/** As of everything that applications answer. */
const answerBytesMax = 65_536

interface WaitingFrame {
  readonly payload: Uint8Array
  readonly done: (outcome: WebhookOutcome) => void
}

/** One for each channel with this handler, in each worker. */
export class WebhookHandler {
  readonly #options: WebhookHandlerOptions
  readonly #address: CallAddress
  readonly #bounds: WebhookBounds
  readonly #allowance: Allowance
  readonly #counters = { framesPosted: 0, framesFailed: 0, framesTurnedAway: 0 }
  #waitingBytes = 0

  constructor(options: WebhookHandlerOptions) {
    const address = parseCallUrl(options.url)
    assert(typeof address !== 'string', 'a URL that does not read is a mistake')
    this.#address = address
    this.#options = options
    this.#bounds = { ...usual, ...options.bounds }
    this.#allowance = new Allowance(options.clock)
  }

  /** By the keys of `webhookHandlerMetrics`. */
  statistics(): Readonly<Record<string, number>> {
    return { ...this.#counters, framesWaitingBytes: this.#waitingBytes }
  }

  /** For one connection. */
  queueOf(clientId: string): WebhookQueue {
    return new WebhookQueue(this, clientId)
  }

  /** For queues: whether one more may wait behind so many. */
  admit(payload: Uint8Array, waiting: number): boolean {
    const { waitingMax, waitingBytesMax } = this.#bounds
    const fits = waiting < waitingMax && this.#waitingBytes + payload.length <= waitingBytesMax
    if (fits) this.#waitingBytes += payload.length
    else this.#counters.framesTurnedAway++
    return fits
  }

  /** For queues: one that was admitted waits no more. */
  release(payload: Uint8Array): void {
    this.#waitingBytes -= payload.length
  }

  /** For queues. Not repeated where it fails: the client may. */
  post(clientId: string, payload: Uint8Array, done: (outcome: WebhookOutcome) => void): void {
    const { calls, channel, timeoutMs } = this.#options
    const { target, path, host } = this.#address
    this.#counters.framesPosted++
    const rawHeaders = ['Host', host, 'Content-Type', 'application/json', 'Accept', 'application/json']
    const body = bodyOf(clientId, channel, payload)
    const limits = { timeoutMs: timeoutMs(), answerBytesMax }
    calls.call({ target, method: 'POST', path, rawHeaders, body }, limits, answer => done(this.#read(answer)))
  }

  #read(answer: WholeAnswer): WebhookOutcome {
    const { host, port } = this.#address.target
    if (!answer.ok) return this.#failed(answer.code, answer.message)
    const { status, body } = answer
    const orders = status >= 200 && status <= 299 ? readOrders(body) : `status ${status}`
    if (typeof orders !== 'string') return { ok: true, orders }
    return this.#failed('answer-invalid', `${host}:${port} answered with ${orders}`)
  }

  #failed(cause: string, message: string): WebhookOutcome {
    const { log, channel } = this.#options
    this.#counters.framesFailed++
    const fields = { protocol: pushwireSection.name, channel, cause }
    const text = `a client was told that its frame was not handled: ${message}`
    const write = (left: object) => log.warn({ code: 'webhook-failed', ...fields, ...left }, text)
    this.#allowance.spend('webhook-failed', write, write)
    return { ok: false, code: 'handler_failed' }
  }
}

/** The frames of one connection on one channel, in their order, one call at a time. */
export class WebhookQueue {
  readonly #handler: WebhookHandler
  readonly #clientId: string
  readonly #waiting = new Deque<WaitingFrame>()
  #isPosting = false

  constructor(handler: WebhookHandler, clientId: string) {
    this.#handler = handler
    this.#clientId = clientId
  }

  /**
   * The payload is JSON text that must not change any more. `done` is called once, in the order of the frames, also where the
   * connection is gone. False: too many wait already, and `done` is never called; the client is to be told `rate_limited`.
   */
  push(payload: Uint8Array, done: (outcome: WebhookOutcome) => void): boolean {
    if (!this.#isPosting) {
      this.#post({ payload, done })
      return true
    }
    if (!this.#handler.admit(payload, this.#waiting.length)) return false
    this.#waiting.push({ payload, done })
    return true
  }

  #post({ payload, done }: WaitingFrame): void {
    this.#isPosting = true
    this.#handler.post(this.#clientId, payload, outcome => {
      // First, so that a frame that is pushed now comes behind those that wait.
      this.#next()
      done(outcome)
    })
  }

  #next(): void {
    const next = this.#waiting.take()
    if (next === undefined) {
      this.#isPosting = false
      return
    }
    this.#handler.release(next.payload)
    this.#post(next)
  }
}

/** The frame has its members in the order of the contract; the id is the one that the client was let in with. */
function bodyOf(clientId: string, channel: string, payload: Uint8Array): Uint8Array {
  const id = JSON.stringify(clientId)
  return Buffer.concat([
    Buffer.from(`{"client_id":${id},"frame":{"channel":${JSON.stringify(channel)},"payload":`),
    payload,
    Buffer.from(`,"client_id":${id}}}`),
  ])
}

/** For a front-end that has them. */
export const webhookHandlerMetrics: readonly MetricRow[] = [
  ['framesPosted', 'frames_posted_total', 'Frames of clients that were posted to an application.'],
  ['framesFailed', 'frames_failed_total', 'Such frames that were not answered as they should be.'],
  [
    'framesTurnedAway',
    'frames_turned_away_total',
    'Frames that were dropped because too many waited to be posted.',
  ],
  ['framesWaitingBytes', 'frames_waiting_bytes', 'Bytes of payloads that wait now to be posted.'],
]
