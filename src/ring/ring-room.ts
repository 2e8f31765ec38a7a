// The peer listener: what other nodes ask of channels that this one owns. Until the secret was shown whoever asks is a
// stranger, who is told nothing, and of whose body nothing is kept. A question is answered here or not at all: it is
// never passed on, so that two lists which differ make no loop.
import { createBearerCheck } from '../auth/bearer.ts'
import type { Engine } from '../engine/engine.ts'
import type { Exchange } from '../net/exchange.ts'
import type { Clock } from '../std/clock.ts'
import { Allowance } from '../telemetry/allowance.ts'
import type { Log } from '../telemetry/log.ts'
import { RefusalLog } from '../telemetry/refusals.ts'
import { packAnswers, type RingAnswer } from './answers.ts'
import { parseQuestions, type Question } from './questions.ts'
import { ringSection } from './settings.ts'
import { areApart, contentType, type Envelope, headerNames, questionsPath, readEnvelope } from './wire.ts'
import type { WorkerRing } from './worker-ring.ts'

export interface RingRoomDependencies {
  readonly ring: WorkerRing
  readonly engine: Pick<Engine, 'publish' | 'presence' | 'inspect'>
  readonly clock: Clock
  readonly log: Log<string>
}

/** By the code, as in logs and statistics. */
const refusals = {
  'secret-wrong': 401,
  'route-unknown': 404,
  'node-unknown': 409,
  'body-too-large': 413,
  'ring-differs': 421,
  'question-invalid': 400,
  loop: 508,
  'answer-too-large': 503,
} as const

type Code = keyof typeof refusals

export class RingRoom {
  readonly #dependencies: RingRoomDependencies
  readonly #refusalLog: RefusalLog
  readonly #allowance: Allowance
  readonly #refused = new Map<Code, number>()
  #isNode: (authorization: string | undefined) => boolean
  readonly #counters = { requestsTaken: 0, questionsTaken: 0, questionsElsewhere: 0 }

  constructor(dependencies: RingRoomDependencies) {
    this.#dependencies = dependencies
    const { clock, log, ring } = dependencies
    this.#refusalLog = new RefusalLog(log, clock)
    this.#allowance = new Allowance(clock)
    this.#isNode = createBearerCheck(ring.settings.secret)
  }

  /** By the keys of `ringMetrics`. */
  statistics(): Readonly<Record<string, number>> {
    const codes = Object.keys(refusals) as readonly Code[] // the keys of the table, by definition
    const refused = codes.map(code => [`refused.${code}`, this.#refused.get(code) ?? 0] as const)
    return { ...this.#dependencies.ring.statistics(), ...this.#counters, ...Object.fromEntries(refused) }
  }

  /** Behind a change of the ring itself. */
  reload(): void {
    this.#isNode = createBearerCheck(this.#dependencies.ring.settings.secret)
  }

  handle(exchange: Exchange): void {
    if (!this.#isNode(exchange.header('authorization'))) return this.#refuse(exchange, 'secret-wrong')
    if (exchange.path !== questionsPath || exchange.method !== 'POST')
      return this.#refuse(exchange, 'route-unknown')
    const envelope = readEnvelope(name => exchange.header(name))
    if (envelope === undefined) return this.#refuse(exchange, 'question-invalid')
    const refused = this.#judge(envelope)
    if (refused !== undefined) return this.#refuse(exchange, refused)
    exchange.readBody(this.#dependencies.ring.settings.bodyBytesMax, body => {
      if (body === undefined) return this.#refuse(exchange, 'body-too-large')
      const questions = parseQuestions(body)
      if (questions === undefined) return this.#refuse(exchange, 'question-invalid')
      this.#counters.requestsTaken++
      this.#counters.questionsTaken += questions.length
      this.#answerAll(questions, answers => this.#reply(exchange, questions, answers))
    })
  }

  #judge({ from, to, generation }: Envelope): Code | undefined {
    const { ring, log } = this.#dependencies
    if (from === ring.name) return 'loop'
    if (to !== ring.name) return 'node-unknown'
    ring.heard(from, generation)
    if (!areApart(generation, ring.generation)) return undefined
    const place = { node: from.slice(0, 64), generation, own: ring.generation }
    const text = 'a node of the ring has another list of nodes; raise the generation on all of them'
    this.#allowance.spend(
      'ring-differs',
      left => log.warn({ code: 'ring-differs', ...place, ...left }, text),
      left => log.warn({ code: 'ring-differs', ...place, ...left }, text),
    )
    return 'ring-differs'
  }

  /** `done` gets the answers in the order of the questions. */
  #answerAll(questions: readonly Question[], done: (answers: readonly RingAnswer[]) => void): void {
    const answers: RingAnswer[] = []
    let left = questions.length
    if (left === 0) return done(answers)
    for (const [index, question] of questions.entries()) {
      this.#answer(question, answer => {
        answers[index] = answer
        if (--left === 0) done(answers)
      })
    }
  }

  #answer(question: Question, done: (answer: RingAnswer) => void): void {
    const { engine, ring } = this.#dependencies
    const { kind } = question
    const channel = kind === 'publish' ? question.draft.channel : question.channel
    if (ring.owns(channel)) {
      this.#counters.questionsElsewhere++
      return done(kind === 'presence' ? { kind, subscribers: undefined } : { kind, outcome: 'elsewhere' })
    }
    switch (kind) {
      case 'publish':
        return engine.publish(question.draft, outcome => done({ kind, outcome }))
      case 'presence':
        return engine.presence(channel, subscribers => done({ kind, subscribers }))
      case 'inspect':
        return engine.inspect(channel, question.options, outcome => done({ kind, outcome }))
      default:
        kind satisfies never
    }
  }

  #reply(exchange: Exchange, questions: readonly Question[], answers: readonly RingAnswer[]): void {
    const { ring } = this.#dependencies
    const body = packAnswers(answers, questions)
    if (body.length > ring.settings.bodyBytesMax) return this.#refuse(exchange, 'answer-too-large')
    exchange.reply({ status: 200, headers: { ...this.#headers(), 'content-type': contentType }, body })
  }

  /** Whoever did not show the secret is told nothing of the node. */
  #refuse(exchange: Exchange, code: Code): void {
    const status = refusals[code]
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1)
    this.#refusalLog.refused(code, { protocol: ringSection.name, request: exchange, status })
    if (code === 'secret-wrong') {
      return exchange.reply({ status, headers: { 'www-authenticate': 'Bearer' }, close: true })
    }
    exchange.reply({ status, headers: this.#headers(), body: `${code}\n` })
  }

  #headers(): Readonly<Record<string, string>> {
    return { [headerNames.generation]: String(this.#dependencies.ring.generation) }
  }
}
