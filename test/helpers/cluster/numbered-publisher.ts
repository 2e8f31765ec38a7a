// A publisher that numbers what it publishes, one after the other, each with a key: what was refused, or not answered, is repeated
// with the same key until it is acknowledged. It keeps the record for the judge.
import { Agent } from 'node:http'
import { adminSecret } from '../admin-client.ts'
import { requestBy, type Streaming } from '../protocols/streaming.ts'
import type { RequestParts } from '../raw-http.ts'
import type { Place, PublisherRecord } from './judge.ts'

/** Where and how publications are handed in. */
export interface Door {
  readonly address: string
  /** The status of a publish that was taken. */
  readonly taken: number
  publication(channel: string, content: string, key: string): RequestParts
  /** From the body of an answer that says it. */
  placeIn?(body: string): Place
}

/** The door of operators, whose answers say where the publication stands. */
export function adminDoor(address: string): Door {
  return {
    address,
    taken: 200,
    publication: (channel, content, key) => ({
      method: 'POST',
      target: '/v1/publications',
      headers: [
        ['authorization', `Bearer ${adminSecret}`],
        ['content-type', 'application/json'],
      ],
      body: `{"channel":${JSON.stringify(channel)},"idempotency_key":"${key}","data":${content}}`,
    }),
    placeIn(body) {
      const { epoch, offset } = JSON.parse(body)
      return { epoch, offset }
    },
  }
}

export function protocolDoor(address: string, protocol: Streaming): Door {
  return { address, taken: protocol.taken, publication: protocol.publication }
}

export interface PublisherOptions {
  readonly name: string
  readonly channel: string
  /** One after the other: what one refused, the next is asked for. */
  readonly doors: readonly Door[]
  readonly count: number
  /** From one publication to the next, at least. */
  readonly everyMs: number
}

/** Between an answer that refuses and the repeat. */
const retryMs = 50
/** No answer, refused for now, and what a proxy says of a node that went away: whether it was published the key decides. */
const repeated: ReadonlySet<number> = new Set([0, 502, 503, 504])
/** Longer than any node takes to answer, for it refuses what it cannot do. */
const answerMsMax = 20_000

export class NumberedPublisher implements PublisherRecord {
  readonly name: string
  readonly channel: string
  readonly count: number
  readonly acknowledged = new Map<number, Place | undefined>()
  /** Answers that refused, by status and code. */
  readonly refusals = new Map<string, number>()
  /** All of them. */
  refusedCount = 0
  /** The longest time from one acknowledgement to the next. */
  pauseMs = 0
  readonly #options: PublisherOptions
  readonly #agent = new Agent({ keepAlive: true })
  #turn = 0
  #stopped = false
  #finishing = false

  constructor(options: PublisherOptions) {
    this.name = options.name
    this.channel = options.channel
    this.count = options.count
    this.#options = options
  }

  /** Resolves when all are acknowledged, or it was stopped. */
  async run(): Promise<void> {
    let lastMs = performance.now()
    for (let number = 1; number <= this.count && !this.#stopped && !this.#finishing; number++) {
      const place = await this.#publish(number)
      if (place === 'stopped') break
      this.acknowledged.set(number, place)
      const now = performance.now()
      this.pauseMs = Math.max(this.pauseMs, now - lastMs)
      lastMs = now
      await pass(this.#options.everyMs)
    }
    this.#agent.destroy()
  }

  /** Ends with the number that is under way. */
  finish(): void {
    this.#finishing = true
  }

  stop(): void {
    this.#stopped = true
    this.#agent.destroy()
  }

  async #publish(number: number): Promise<Place | undefined | 'stopped'> {
    const content = JSON.stringify({ n: number, by: this.name })
    for (;;) {
      const door = this.#options.doors[this.#turn % this.#options.doors.length]
      if (door === undefined) throw new Error('a publisher without a door')
      const { status, body } = await this.#ask(
        door,
        door.publication(this.channel, content, `${this.name}-${number}`),
      )
      if (this.#stopped) return 'stopped'
      if (status === door.taken) return door.placeIn?.(body)
      if (!repeated.has(status)) throw new Error(`${this.name} #${number}: ${status} ${body}`)
      const code = /"code":"([\w-]+)"/.exec(body)?.[1]
      const refusal =
        status === 0 ? 'no answer' : `${status} ${code ?? (body.startsWith('<html>') ? '' : body)}`.trim()
      this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1)
      this.refusedCount++
      this.#turn++
      await pass(retryMs)
    }
  }

  /** Status 0: the connection ended without an answer. */
  #ask(door: Door, parts: RequestParts): Promise<{ readonly status: number; readonly body: string }> {
    return new Promise((resolve, reject) => {
      const sent = requestBy(door.address, parts, { agent: this.#agent })
      const timer = setTimeout(
        () => sent.destroy(new Error(`${this.name}: no answer in ${answerMsMax} ms`)),
        answerMsMax,
      )
      sent.on('response', answer => {
        let body = ''
        answer.setEncoding('utf8')
        answer.on('data', piece => {
          body += piece
        })
        answer.on('close', () => resolve({ status: answer.complete ? (answer.statusCode ?? 0) : 0, body }))
        answer.on('error', () => {}) // the close says that it is not complete
      })
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === undefined && !this.#stopped) reject(error)
        else resolve({ status: 0, body: '' })
      })
      sent.on('close', () => clearTimeout(timer))
      sent.end(parts.body)
    })
  }
}

function pass(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
