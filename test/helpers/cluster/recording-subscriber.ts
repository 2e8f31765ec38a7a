// A subscriber with positions on a raw stream: it resumes where it was whenever its stream ends, and keeps the record for the judge.
import { Agent } from 'node:http'
import { parsePosition } from '../../../src/engine/words/position.ts'
import type { Told } from '../protocols/protocol.ts'
import { requestBy, type Streaming } from '../protocols/streaming.ts'
import type { Place, Seen, SubscriberRecord } from './judge.ts'

export interface SubscriberOptions {
  readonly name: string
  readonly channel: string
  readonly protocol: Streaming
  /** Asked for each connection, the first of which is 0. */
  address(turn: number): string
}

const retryMs = 50

export class RecordingSubscriber implements SubscriberRecord {
  readonly name: string
  readonly channel: string
  readonly seen: Seen[] = []
  /** The highest number of each publisher. */
  readonly reached = new Map<string, number>()
  /** Streams that were told where they begin. */
  connections = 0
  /** Answers in place of a stream. */
  readonly refusals = new Map<number, number>()
  readonly #options: SubscriberOptions
  readonly #agent = new Agent()
  #place: Place | undefined
  #turn = 0
  #stopped = false
  #leave: () => void = () => {}

  constructor(options: SubscriberOptions) {
    this.name = options.name
    this.channel = options.channel
    this.#options = options
    this.#connect()
  }

  count(kind: Seen['kind']): number {
    return this.seen.filter(each => each.kind === kind).length
  }

  /** Its client goes away, and comes back with its position. */
  drop(): void {
    this.#leave()
  }

  stop(): void {
    this.#stopped = true
    this.#leave()
    this.#agent.destroy()
  }

  #connect(): void {
    const { protocol, address } = this.#options
    const since = this.#place === undefined ? '' : `${this.#place.epoch}.${this.#place.offset}`
    const parts = protocol.subscription(this.channel, since)
    const sent = requestBy(address(this.#turn++), parts, { agent: this.#agent })
    let isOver = false
    sent.on('response', answer => {
      const decode = protocol.decoder()
      let isOpen = false
      if (answer.statusCode !== 200) this.#refused(answer.statusCode ?? 0)
      answer.on('data', (bytes: Buffer) => {
        if (answer.statusCode !== 200 || isOver) return
        for (const told of decode(bytes)) {
          if (!isOpen && told.kind === 'position') this.connections++
          isOpen ||= told.kind === 'position'
          this.#take(told)
        }
      })
      answer.on('error', () => {}) // the close that follows says enough
    })
    sent.on('error', () => {}) // likewise
    sent.on('close', () => {
      isOver = true
      this.seen.push({ kind: 'closed' })
      if (!this.#stopped) setTimeout(() => this.#stopped || this.#connect(), retryMs)
    })
    this.#leave = () => {
      // Whatever comes behind this was not taken.
      isOver = true
      sent.destroy()
    }
    sent.end(parts.body)
  }

  #refused(status: number): void {
    this.refusals.set(status, (this.refusals.get(status) ?? 0) + 1)
  }

  #take(told: Told): void {
    if (told.kind === 'retry') return
    if (told.kind === 'position') {
      this.#place = placeIn(told.position)
      this.seen.push({ kind: told.gap ? 'gap' : 'told', ...this.#place })
      return
    }
    const { n, by } = JSON.parse(told.text)
    // A wire that says no place of each publication counts on.
    const next = { epoch: this.#place?.epoch ?? '', offset: (this.#place?.offset ?? 0) + 1 }
    this.#place = told.position === undefined ? next : placeIn(told.position)
    this.seen.push({ kind: 'delivery', publisher: by, number: n, ...this.#place })
    this.reached.set(by, Math.max(n, this.reached.get(by) ?? 0))
  }
}

function placeIn(text: string): Place {
  const position = parsePosition(text)
  if (position?.epoch === undefined) throw new Error(`no position: ${text}`)
  return { epoch: position.epoch, offset: position.offset }
}
