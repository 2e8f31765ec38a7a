// Publishes to a real daemon for the model and remembers what is known of each publication: acknowledged, on its way,
// or in doubt because its worker or its owner died meanwhile.
import { equal, fail, ok } from 'node:assert/strict'
import type { Place } from './daemon-model-stream.ts'
import type { OwnerModel } from './model.ts'
import { requestBy } from './protocols/streaming.ts'

interface Trial {
  readonly text: string
  readonly channel: string
  /** How many of the channel were acknowledged before it was sent. */
  readonly after: number
  status: Answer | undefined
}

/** What was taken, another status, or `lost` where the connection ended without one. */
type Answer = number | 'taken' | 'lost'

interface PublishOptions {
  readonly size?: number
  readonly allowed?: readonly Answer[]
  readonly begun?: Promise<unknown>
}

export class DaemonPublisher {
  readonly #model: OwnerModel
  readonly #trials = new Map<string, Trial>()
  /** By channel, in the order of the answers. */
  readonly #acknowledged = new Map<string, string[]>()
  /** Whether they were taken nobody said; by channel. */
  readonly #doubtful = new Map<string, Set<string>>()

  constructor(model: OwnerModel) {
    this.#model = model
  }

  acknowledged(channel: string): readonly string[] {
    return this.#acknowledged.get(channel) ?? []
  }

  doubts(channel: string): boolean {
    return (this.#doubtful.get(channel)?.size ?? 0) > 0
  }

  /** The model knows the place of everything that was taken. */
  settled(channel: string): boolean {
    for (const trial of this.#trials.values()) {
      if (trial.channel === channel && trial.status === undefined) return false
    }
    return !this.doubts(channel) && this.learned(channel, this.acknowledged(channel).length)
  }

  /** The model knows the places of the first `count` that were acknowledged. */
  learned(channel: string, count: number): boolean {
    return this.acknowledged(channel)
      .slice(0, count)
      .every(text => this.#model.find(channel, text) !== undefined)
  }

  /** The offset that whoever asks after so many answers must be told, or a later one. */
  floor(channel: string, count: number): number {
    const texts = this.acknowledged(channel).slice(0, count)
    return Math.max(-1, ...texts.map(text => this.#model.find(channel, text)?.offset ?? -1))
  }

  /** `allowed`: answers that what happens meanwhile can explain; `begun`: see `post`. */
  async publish(place: Place, channel: string, options: PublishOptions = {}): Promise<void> {
    const { size = 0, allowed = ['taken'], begun } = options
    const text = `m${this.#trials.size}${'x'.repeat(size)}`
    const trial: Trial = { text, channel, after: this.acknowledged(channel).length, status: undefined }
    this.#trials.set(text, trial)
    const status = await post(place, channel, JSON.stringify({ text }), begun)
    trial.status = status
    ok(allowed.includes(status), `${channel}: the answer to ${text.slice(0, 9)} is ${status}`)
    if (status === 'taken') {
      this.#acknowledged.set(channel, [...this.acknowledged(channel), text])
      return
    }
    if (this.#model.find(channel, text) === undefined) {
      this.#doubtful.set(channel, (this.#doubtful.get(channel) ?? new Set()).add(text))
    }
  }

  /** Something sent later has its place: what was in doubt has one too, or was never taken. */
  clear(channel: string): void {
    this.#doubtful.delete(channel)
  }

  /** A stream saw it first: its place is one that the model can accept. */
  learn(channel: string, epoch: string, offset: number, text: string): void {
    const trial = this.#trials.get(text) ?? fail(`${channel}: nobody published ${text.slice(0, 9)}`)
    equal(trial.channel, channel, `${text.slice(0, 9)} belongs elsewhere`)
    this.#model.append(channel, epoch, offset, text, '')
    this.#doubtful.get(channel)?.delete(text)
  }

  /** Whatever was sent after an answer stands behind what was answered. */
  checkOrder(): void {
    for (const { text, channel, after } of this.#trials.values()) {
      const place = this.#model.find(channel, text)?.offset
      if (place === undefined) continue
      const short = text.slice(0, 9)
      ok(place > this.floor(channel, after), `${channel}: ${short} overtook one acknowledged before it`)
    }
  }
}

const deadlineMs = 60_000

/** The head is sent at once, the body when it has begun. */
function post(
  { address, protocol }: Place,
  channel: string,
  content: string,
  begun: Promise<unknown> = Promise.resolve(),
): Promise<Answer> {
  const { headers = [], body = '', ...parts } = protocol.publication(channel, content)
  const all = [...headers, ['content-length', `${Buffer.byteLength(body)}`] as const]
  return new Promise((resolve, reject) => {
    const sent = requestBy(address, { ...parts, headers: all }, { agent: false, timeout: deadlineMs })
    sent.on('response', answer => {
      answer.on('error', () => {}) // its status is known
      answer.resume()
      resolve(answer.statusCode === protocol.taken ? 'taken' : (answer.statusCode ?? 'lost'))
    })
    sent.on('timeout', () => reject(new Error(`a publish was not answered in ${deadlineMs} ms`)))
    sent.on('error', () => resolve('lost'))
    sent.flushHeaders()
    begun.then(() => sent.end(body), reject)
  })
}
