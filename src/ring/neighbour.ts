// Another node of the ring, as one worker asks it: one request is under way at a time, and what comes meanwhile goes in the
// next one. So the order of what one worker says of a channel is kept, and a busy moment costs few requests.
import type { OriginTarget } from '../net/outgoing/target.ts'
import type { WholeAnswer, WholeLimits, WholeRequest } from '../net/outgoing/whole-call.ts'
import type { Clock } from '../std/clock.ts'
import type { Log } from '../telemetry/log.ts'
import { parseAnswers, type RingAnswer } from './answers.ts'
import { packQuestions, type Question, questionsMax } from './questions.ts'
import type { RingSettings } from './settings.ts'
import { generationIn, questionsPath, requestHeaders } from './wire.ts'

/** How it was when it was asked last. */
export type Condition = 'unknown' | 'well' | Trouble

/** `away`: no answer. `differs`: its list is another one. `refuses`: the secret, or whose address it is. */
export const troubles = ['away', 'differs', 'refuses'] as const

export type Trouble = (typeof troubles)[number]

/** Why a question has no answer. */
export type Unanswered = 'overloaded' | 'owner-lost'

export interface NeighbourDependencies {
  readonly clock: Clock
  readonly log: Log<string>
  readonly calls: {
    call(request: WholeRequest, limits: WholeLimits, done: (answer: WholeAnswer) => void): unknown
  }
  readonly counters: NeighbourCounters
  settings(): Pick<RingSettings, 'bodyBytesMax' | 'secret' | 'timeoutMs' | 'waitingBytesMax'>
  /** Of this node, now. */
  own(): { readonly generation: number; readonly name: string }
}

export interface NeighbourCounters {
  requestsSent: number
  questionsSent: number
  waitingExceeded: number
  'requestsFailed.away': number
  'requestsFailed.differs': number
  'requestsFailed.refuses': number
}

interface Entry {
  readonly question: Question
  readonly bytes: number
  done(answer: RingAnswer | Unanswered): void
}

/** Bytes of a request but for its last question: packing and reading it take no more than a few milliseconds of a turn. */
const requestBytesMax = 1_048_576

export class Neighbour {
  readonly name: string
  readonly target: OriginTarget
  readonly #dependencies: NeighbourDependencies
  #waiting: Entry[] = []
  #waitingBytes = 0
  /** Questions that it was asked and has not answered. */
  #underWay: readonly Entry[] | undefined
  #isScheduled = false
  /** By the clock. */
  #askedMs = Number.NEGATIVE_INFINITY
  condition: Condition = 'unknown'
  /** Its own, as it said last. */
  generation: number | undefined

  constructor(name: string, target: OriginTarget, dependencies: NeighbourDependencies) {
    this.name = name
    this.target = target
    this.#dependencies = dependencies
  }

  get waiting(): number {
    return this.#waiting.length + (this.#underWay?.length ?? 0)
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Publishes among those that are not answered. */
  get publishes(): number {
    return [...this.#waiting, ...(this.#underWay ?? [])].filter(({ question }) => question.kind === 'publish')
      .length
  }

  /** `done` is called once, possibly before this returns. `bytes`: what it takes here, or its answer there. */
  ask(question: Question, bytes: number, done: Entry['done']): void {
    const { counters, settings } = this.#dependencies
    const { bodyBytesMax, waitingBytesMax } = settings()
    const isTooMuch = this.#waiting.length > 0 && this.#waitingBytes + bytes > waitingBytesMax
    if (isTooMuch || bytes > bodyBytesMax) {
      counters.waitingExceeded++
      return done('overloaded')
    }
    this.#waiting.push({ question, bytes, done })
    this.#waitingBytes += bytes
    this.#schedule()
  }

  /** Asks how it is, where nobody asked anything for so long. */
  probe(silentMs: number): void {
    const { clock } = this.#dependencies
    if (this.#underWay === undefined && clock.now() - this.#askedMs >= silentMs) this.#send()
  }

  /** It is no node of the ring any more. */
  leave(): void {
    const all = [...(this.#underWay ?? []), ...this.#waiting]
    this.#waiting = []
    this.#waitingBytes = 0
    this.#underWay = undefined
    for (const { done } of all) done('owner-lost')
  }

  /** Everything that one turn brings goes in one request. */
  #schedule(): void {
    if (this.#isScheduled || this.#underWay !== undefined) return
    this.#isScheduled = true
    this.#dependencies.clock.endOfTurn(() => {
      this.#isScheduled = false
      if (this.#underWay === undefined && this.#waiting.length > 0) this.#send()
    })
  }

  #send(): void {
    const { calls, clock, counters, own, settings } = this.#dependencies
    const { bodyBytesMax: answerBytesMax, secret, timeoutMs } = settings()
    const { generation, name: from } = own()
    const entries = this.#take()
    const questions = entries.map(({ question }) => question)
    this.#underWay = entries
    this.#askedMs = clock.now()
    counters.requestsSent++
    counters.questionsSent += entries.length
    const { host, port } = this.target
    const headers = requestHeaders({ generation, from, to: this.name }, secret[0] ?? '')
    const request = {
      target: this.target,
      method: 'POST',
      path: questionsPath,
      rawHeaders: ['host', host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`, ...headers],
      body: packQuestions(questions),
    }
    calls.call(request, { timeoutMs, answerBytesMax }, answer => {
      if (this.#underWay !== entries) return
      this.#underWay = undefined
      this.#answered(entries, questions, answer)
      if (this.#waiting.length > 0) this.#schedule()
    })
  }

  #take(): readonly Entry[] {
    let [count, bytes] = [0, 0]
    for (const entry of this.#waiting) {
      if (count >= questionsMax || (count > 0 && bytes + entry.bytes > requestBytesMax)) break
      count++
      bytes += entry.bytes
    }
    this.#waitingBytes -= bytes
    return this.#waiting.splice(0, count)
  }

  #answered(entries: readonly Entry[], questions: readonly Question[], answer: WholeAnswer): void {
    this.generation = answer.ok ? (generationIn(answer.rawHeaders) ?? this.generation) : this.generation
    const answers = answer.ok && answer.status === 200 ? parseAnswers(answer.body, questions) : undefined
    if (answers !== undefined) this.#note('well', '')
    else this.#fail(answer)
    const failed = !answer.ok && answer.kind === 'crowded' ? 'overloaded' : 'owner-lost'
    for (const [index, { done }] of entries.entries()) done(answers?.[index] ?? failed)
  }

  #fail(answer: WholeAnswer): void {
    const trouble = troubleOf(answer)
    this.#dependencies.counters[`requestsFailed.${trouble}`]++
    const detail = answer.ok ? `it answers ${answer.status}` : answer.message
    this.#note(trouble, detail)
  }

  /** Told when it changes, not with each request. */
  #note(condition: Trouble | 'well', detail: string): void {
    const before = this.condition
    this.condition = condition
    if (before === condition) return
    const { log, own } = this.#dependencies
    const { generation } = own()
    const place = { node: this.name, generation: this.generation, own: generation }
    if (condition === 'well') {
      if (before !== 'unknown') log.info(place, 'a node of the ring answers again')
    } else if (condition === 'away') {
      log.warn({ code: 'ring-away', ...place, detail }, texts[condition])
    } else if (condition === 'differs') {
      log.warn({ code: 'ring-differs', ...place, detail }, texts[condition])
    } else log.warn({ code: 'ring-refused', ...place, detail }, texts[condition])
  }
}

function troubleOf(answer: WholeAnswer): Trouble {
  if (!answer.ok) return 'away'
  if (answer.status === 421) return 'differs'
  return [401, 404, 409, 508].includes(answer.status) ? 'refuses' : 'away'
}

const texts: Readonly<Record<Trouble, string>> = {
  away: 'a node of the ring does not answer; publishes to its channels are refused',
  differs: 'a node of the ring has another list of nodes; raise the generation on all of them',
  refuses: 'a node of the ring refuses what this one asks; see the secret, and whose address it is',
}
