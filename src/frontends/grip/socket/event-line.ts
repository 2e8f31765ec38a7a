// A WebSocket over HTTP as its origin knows it: its name, what it has us remember, the target that accepted it, how often it
// wants to be asked, and the one request that is under way (contract §8.2, §8.3).
import type { Timer } from '../hold/timers.ts'
import type { Choice } from '../proxy/choice.ts'
import type { LastId } from '../proxy/request-headers.ts'
import type { Target } from '../routes/target.ts'
import type { EventCalls } from './event-calls.ts'
import { type EventAnswer, EventRequest, type EventRequestOwner } from './event-request.ts'
import { eventsType } from './events.ts'
import { Metas } from './metas.ts'
import { keepAliveIntervalMs } from './origin-answer.ts'

export interface EventPost {
  readonly body: Buffer
  readonly replayedBytes?: number
  /** Where the client is in channels that could not be resumed. */
  readonly lastIds?: readonly LastId[]
  /** Where it can do nothing twice. */
  mayRepeat(): boolean
}

export class EventLine {
  readonly #calls: EventCalls
  readonly #choice: Choice
  readonly #owner: EventRequestOwner
  readonly connectionId: string
  readonly #peer: string
  /** The one that accepted comes first. */
  #targets: readonly Target[]
  #metas: Metas | undefined
  #request: EventRequest | undefined
  #isPaused = false
  #timer: Timer | undefined
  /** 0: no requests but those that have a reason. */
  intervalMs = 0

  constructor(calls: EventCalls, choice: Choice, owner: EventRequestOwner) {
    this.#calls = calls
    this.#choice = choice
    this.#owner = owner
    this.connectionId = calls.connectionId()
    this.#peer = calls.peerOf(choice)
    this.#targets = choice.rule.targets.filter(({ overHttp }) => overHttp)
  }

  get isBusy(): boolean {
    return this.#request !== undefined
  }

  /** Of the answer that comes. */
  get heldBytes(): number {
    return this.#request?.heldBytes ?? 0
  }

  get wantsOneEvent(): boolean {
    return this.#targets[0]?.oneEvent === true
  }

  /** Where it is not busy. Its owner hears nothing before this has returned. */
  post({ body, replayedBytes = 0, lastIds = [], mayRepeat }: EventPost): void {
    const { clock, random, counters } = this.#calls
    this.#stopTimer()
    const asked = {
      targets: this.#targets,
      peer: this.#peer,
      headers: this.#headers(replayedBytes),
      lastIds,
      body,
    }
    const order = {
      clock,
      random,
      mayRepeat,
      ask: (handlers: Parameters<EventCalls['ask']>[2]) => this.#calls.ask(this.#choice, asked, handlers),
      repeated: () => void counters.eventRetries++,
    }
    this.#request = new EventRequest(order, {
      bytesMaxOf: head => this.#owner.bytesMaxOf(head),
      grew: () => this.#owner.grew(),
      answered: answer => this.#answered(answer),
      failed: cause => {
        this.#request = undefined
        this.#owner.failed(cause)
      },
    })
    if (this.#isPaused) this.#request.pause()
    this.#request.start()
  }

  /** Unless something is posted before, once the origin's interval has passed; it is counted from the first time. */
  later(run: () => void): void {
    if (this.intervalMs === 0 || this.#timer !== undefined) return
    this.#timer = this.#calls.timers.once(this.intervalMs, () => {
      this.#timer = undefined
      run()
    })
  }

  accepted(target: Target): void {
    this.#targets = [target, ...this.#targets.filter(other => other !== target)]
  }

  pause(): void {
    this.#isPaused = true
    this.#request?.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#request?.resume()
  }

  /** What is under way, or waits for its time. */
  abort(): void {
    this.#stopTimer()
    this.#request?.abort()
    this.#request = undefined
  }

  #answered(answer: EventAnswer): void {
    const { rawHeaders } = answer.head
    const { settings, counters } = this.#calls
    this.#request = undefined
    this.intervalMs = keepAliveIntervalMs(rawHeaders, settings.keepAliveIntervalMinMs) ?? this.intervalMs
    if (rawHeaders.some((name, at) => at % 2 === 0 && /^set-meta-/i.test(name))) {
      this.#metas ??= new Metas()
      counters.metasIgnored += this.#metas.take(rawHeaders)
    }
    this.#owner.answered(answer)
  }

  #headers(replayedBytes: number): readonly string[] {
    const replayed = replayedBytes > 0 ? ['Content-Bytes-Replayed', String(replayedBytes)] : []
    const own = ['Accept', eventsType, 'Connection-Id', this.connectionId, 'Content-Type', eventsType]
    return [...own, ...replayed, ...(this.#metas?.headers() ?? [])]
  }

  #stopTimer(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
