// One publisher, one request under way at a time, on a connection that stays for as long as the server says.
import { connect, type Socket } from 'node:net'
import { stamp } from './payload.ts'

export interface PublisherPlan {
  readonly host: string
  readonly port: number
  /** Everything before the message, and the message itself with its digits still zero. */
  readonly head: string
  readonly template: string
  readonly tail: string
  /** `comes back`: the first streams send it over their WebSockets, and hear it themselves; `is heard`: it is pushed over ZeroMQ. */
  readonly answer: PublishAnswer | 'comes back' | 'is heard'
  /** For many channels: each message names the next one. Without it the channel stands in `head`. */
  readonly names?: ChannelDigits
  /** Several messages in one request. */
  readonly burst?: Burst
}

export interface Burst {
  readonly messages: number
  /** What stands between two of them. */
  readonly between: string
}

/** How a publish is answered that went through. */
export interface PublishAnswer {
  readonly status: number
  readonly body: string
  /** The body only ends so: what stands in front of it differs. */
  readonly isEnd?: boolean
}

/** Names of equal length that end in digits: message k of publisher p goes to channel k × `publishers` + p. */
export interface ChannelDigits {
  readonly channels: number
  /** Divides `channels`, so that each channel has one publisher and one order. */
  readonly publishers: number
  /** Where the digits begin in `head`. */
  readonly at: number
  readonly digits: number
}

/** The answer after which the server closes. */
const lastAnswer = /^connection: close\r$/im

/** Who sends, one message at a time. */
export interface Sender {
  /** Acknowledged. */
  readonly published: number
  /** Sends the next message, or burst of them. `acknowledged` is called on its answer, `refused` once if anything goes wrong. */
  send(timeUs: number, acknowledged: () => void, refused: (error: Error) => void): void
  close(): void
}

export class Publisher implements Sender {
  published = 0
  failure = ''
  readonly #plan: PublisherPlan
  #socket: Socket
  readonly #request: Buffer
  /** Where each message begins in the request. */
  readonly #payloadsAt: readonly number[]
  readonly #names: ChannelDigits | undefined
  readonly #part: number
  readonly #index: number
  readonly #accepted: { readonly begin: string; readonly end: string }
  #answer = ''
  #acknowledged: () => void = () => {}
  #refused: (error: Error) => void = () => {}
  #closing = false

  constructor(plan: PublisherPlan, answer: PublishAnswer, part: number, index: number) {
    this.#plan = plan
    this.#part = part
    this.#index = index
    const { messages, between } = plan.burst ?? { messages: 1, between: '' }
    const from = Buffer.byteLength(plan.head)
    const step = Buffer.byteLength(plan.template + between)
    this.#payloadsAt = Array.from({ length: messages }, (_, at) => from + at * step)
    this.#names = plan.names
    const { status, body, isEnd = false } = answer
    this.#accepted = { begin: `HTTP/1.1 ${status} `, end: isEnd ? body : `\r\n\r\n${body}` }
    const content = Array(messages).fill(plan.template).join(between)
    this.#request = Buffer.from(plan.head + content + plan.tail)
    this.#socket = this.#connect()
  }

  #connect(): Socket {
    const { host, port } = this.#plan
    const callback = (length: number, bytes: Uint8Array) => {
      this.#read(bytes, length)
      return true
    }
    const socket = connect({ host, port, noDelay: true, onread: { buffer: Buffer.alloc(1_024), callback } })
    const failed = (reason: string) => {
      if (socket === this.#socket) this.#fail(reason)
    }
    socket.on('error', error => failed(error.message))
    socket.on('close', () => failed('the server closed the connection'))
    return socket
  }

  send(timeUs: number, acknowledged: () => void, refused: (error: Error) => void): void {
    this.#acknowledged = acknowledged
    this.#refused = refused
    if (this.failure !== '') return refused(new Error(this.failure))
    // The last request was answered, so its bytes have left and the buffer is free again.
    for (let at = 0; at < this.#payloadsAt.length; at++)
      stamp(this.#request, this.#payloadsAt[at] ?? 0, this.#part, this.#index, this.published + at, timeUs)
    if (this.#names !== undefined) this.#name(this.#names)
    this.#socket.write(this.#request)
  }

  #name({ channels, publishers, at, digits }: ChannelDigits): void {
    let rest = (this.published * publishers + this.#index) % channels
    for (let place = at + digits - 1; place >= at; place--) {
      this.#request[place] = 48 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
  }

  close(): void {
    this.#closing = true
    this.#socket.resetAndDestroy()
  }

  #read(bytes: Uint8Array, length: number): void {
    this.#answer += Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1')
    const { begin, end } = this.#accepted
    if (!this.#answer.startsWith(begin) && this.#answer.includes('\r\n'))
      return this.#fail(`refused: ${this.#answer.slice(0, 100)}`)
    if (!this.#answer.endsWith(end)) return
    const isLast = lastAnswer.test(this.#answer)
    this.#answer = ''
    if (isLast) this.#reconnect()
    this.published += this.#payloadsAt.length
    this.#acknowledged()
  }

  /** The server takes no other request on this one. */
  #reconnect(): void {
    const last = this.#socket
    this.#socket = this.#connect()
    last.resetAndDestroy()
  }

  #fail(reason: string): void {
    if (this.#closing) return
    this.failure ||= `publisher ${this.#index}: ${reason}`
    this.#refused(new Error(this.failure))
  }
}

/** Everybody sends again as soon as the last message was acknowledged, for `ms`. */
export async function publishClosedLoop(
  publishers: readonly Sender[],
  ms: number,
  nowUs: () => number,
): Promise<void> {
  const endUs = nowUs() + ms * 1_000
  const loop = (publisher: Sender) =>
    new Promise<void>((resolve, reject) => {
      const again = () => {
        const now = nowUs()
        if (now < endUs) publisher.send(now, again, reject)
        else resolve()
      }
      again()
    })
  await Promise.all(publishers.map(loop))
}

interface Pace {
  /** Messages a second of each publisher. */
  readonly rate: number
  readonly ms: number
  readonly exact: boolean
}

/**
 * Message number n of the first publisher is due at n / rate whatever happened before, those of the others a part of a
 * period later, and latency counts from then: a server that stalls cannot hide the wait of those that queued behind. A timer is up to a millisecond off; `exact` polls for that
 * last millisecond, which costs the load time and is worth it where a delivery takes less.
 */
export async function publishPaced(
  publishers: readonly Sender[],
  pace: Pace,
  nowUs: () => number,
): Promise<void> {
  const startUs = nowUs()
  const periodUs = 1_000_000 / pace.rate
  await Promise.all(
    publishers.map((one, at) => keepPace(one, pace, startUs + (periodUs * at) / publishers.length, nowUs)),
  )
}

async function keepPace(
  publisher: Sender,
  { rate, ms, exact }: Pace,
  startUs: number,
  nowUs: () => number,
): Promise<void> {
  const count = Math.round((rate * ms) / 1_000)
  for (let sent = 0; sent < count; sent++) {
    const dueUs = startUs + (sent * 1_000_000) / rate
    const waitMs = (dueUs - nowUs()) / 1_000
    if (waitMs > (exact ? 1 : 0)) await new Promise(resolve => setTimeout(resolve, waitMs - (exact ? 1 : 0)))
    while (exact && nowUs() < dueUs) await new Promise(resolve => setImmediate(resolve))
    await new Promise<void>((resolve, reject) => publisher.send(Math.round(dueUs), resolve, reject))
  }
}
