// SockJS in one worker (contract §12.3): what is asked for below the base of a rule. Requests of sessions are asked of the worker that
// owns the session, this one perhaps, and their clients wait here.

import type { GateExchange } from '../../../../net/gate/gate-exchange.ts'
import type { Clock } from '../../../../std/clock.ts'
import type { Random } from '../../../../std/random.ts'
import type { FrontendContext } from '../../../frontend.ts'
import type { Timer } from '../../hold/timers.ts'
import type { Choice } from '../../proxy/choice.ts'
import type { Gateway } from '../../proxy/gateway.ts'
import { rewritePath } from '../../routes/path.ts'
import type { Rule } from '../../routes/rule.ts'
import type { Sockets } from '../../socket/sockets.ts'
import { isCallback } from '../callback.ts'
import { Query, textOf } from '../query.ts'
import type { Asking } from './asking.ts'
import { collectText } from './body.ts'
import { carriedOf } from './carried.ts'
import { openFramed } from './framed.ts'
import { Home } from './home.ts'
import { iframeFor } from './iframe.ts'
import { type Question, Questions } from './questions.ts'
import { isOpening, partOf, readRequest } from './request.ts'
import { empty, plain, refusals, reply, type Said } from './words.ts'

export interface SockjsContext {
  readonly clock: Pick<Clock, 'endOfTurn'>
  readonly gateway: Pick<Gateway, 'timers' | 'stored' | 'intake'>
  readonly random: Random
  settings(): { readonly sockjsUrl: string; readonly sockjsSessionsMax: number }
  readonly workers: Pick<FrontendContext<unknown>, 'ask' | 'owns'>
  choose(exchange: GateExchange): Choice | undefined
  /** Its WebSockets, and those that are none on the wire. */
  readonly sockets: Pick<Sockets, 'accept' | 'serve'>
}

/** How many names are tried until one is found that this worker owns: a node has up to 256. */
const triesMax = 10_000

/** Enough for one never to be another's, whichever worker made it. */
const ticketBytes = 12

/** It is asked for below the base of a rule. */
export function isSockjs({ rule, path }: Choice): boolean {
  return Boolean(rule.sockjs) && path.startsWith(rule.sockjs ?? '')
}

/** How often the owner of a session is asked whether it still has a request: it may have ended. Heartbeats come more often. */
const checkMs = 30_000

interface Waiting {
  readonly exchange: GateExchange
  check: Timer | undefined
}

export class Sockjs {
  readonly #context: SockjsContext
  readonly #home: Home
  readonly #questions: Questions
  /** Requests whose answer is to come, by their tickets. */
  readonly #waiting = new Map<string, Waiting>()
  /** A key that this worker owns: what is asked about it comes here. */
  #name = ''

  constructor(context: SockjsContext) {
    this.#context = context
    this.#questions = new Questions((key, question, done) => context.workers.ask(key, question, done))
    this.#home = new Home({
      clock: context.clock,
      timers: context.gateway.timers,
      stored: context.gateway.stored,
      sessionsMax: () => context.settings().sockjsSessionsMax,
      deliver: (asking, said, done) => this.#deliver(asking, said, done),
      choose(exchange) {
        const choice = context.choose(exchange)
        return choice && isSockjs(choice) ? insideOf(choice, '') : undefined
      },
      openSocket: (choice, accept) => context.sockets.serve(choice, (_, __, handlers) => accept(handlers)),
    })
  }

  get counters(): Readonly<Record<string, number>> {
    return { ...this.#home.counters, sockjsSessions: this.#home.count, sockjsWaiting: this.#waiting.size }
  }

  serve(choice: Choice): void {
    const { exchange, rule, path } = choice
    const rest = path.slice(rule.sockjs?.length)
    if (exchange.wantsSocket) return this.#serveSocket(choice, rest)
    collectText(exchange, this.#context.gateway.intake, text => {
      const said = this.#answerTo(choice, rest, text)
      if (said !== undefined) reply(exchange, said)
    })
  }

  /** What another worker asks this one. */
  answer(question: string): unknown {
    const asked: Question = JSON.parse(question)
    switch (asked.kind) {
      case 'part':
        return this.#home.answer(asked) ?? 'later'
      case 'left':
        return this.#home.forget(asked.name, asked.ticket)
      case 'tell': {
        const client = this.#take(asked.ticket)
        if (client !== undefined) reply(client, asked.said)
        return client !== undefined
      }
      case 'waits':
        return this.#home.awaits(asked.name, asked.ticket)
    }
  }

  /** Undefined: the owner of the session answers. `text`: of the body. */
  #answerTo(choice: Choice, rest: string, text: string): Said | undefined {
    const { exchange } = choice
    const request = readRequest(exchange.method, rest)
    switch (request.kind) {
      case 'options':
        return empty
      case 'info':
        return plain(this.#info())
      case 'iframe':
        return iframeFor(this.#context.settings().sockjsUrl, exchange.header('if-none-match'))
      case 'part':
        return this.#answerPart(choice, request, text)
      case 'nothing':
        return refusals.nothing
    }
  }

  #info(): string {
    const entropy = Number.parseInt(this.#context.random.hex(4), 16)
    return `{"cookie_needed":false,"entropy":${entropy},"origins":["*:*"],"websocket":true}\n`
  }

  #answerPart(
    { exchange, rule }: Choice,
    { session, part }: { readonly session: string; readonly part: string },
    body: string,
  ): Said | undefined {
    const query = new Query(exchange.query)
    const callback = part.startsWith('jsonp') ? (query.get('callback') ?? query.get('c') ?? '') : ''
    if (callback !== '' && !isCallback(callback)) return refusals.callback
    const opens = isOpening(exchange.method, part)
    if (opens && part === 'jsonp' && callback === '') return refusals.callback
    this.#ask(exchange, {
      kind: 'part',
      name: nameOf(rule, session),
      part,
      asking: { worker: this.#ownName(), ticket: this.#context.random.hex(ticketBytes), callback },
      text: exchange.method === 'POST' ? sentIn(part, body) : textOf(query.get('d') ?? ''),
      ...(opens && { opening: carriedOf(exchange) }),
    })
    return undefined
  }

  #ask(exchange: GateExchange, question: Extract<Question, { kind: 'part' }>): void {
    const { name, asking } = question
    const { ticket } = asking
    this.#waiting.set(ticket, { exchange, check: undefined })
    exchange.onAborted(() => {
      if (this.#take(ticket) !== undefined) this.#put(name, { kind: 'left', name, ticket }, () => {})
    })
    this.#put(name, question, answer => {
      if (answer === 'later') return this.#wait(name, ticket)
      const client = this.#take(ticket)
      // Its client left in the meantime, and the owner of the session is told.
      if (client !== undefined) reply(client, answer === undefined ? refusals.full : (answer as Said)) // as `answer` says
    })
  }

  /** What the owner of a session promised is lost with it. */
  #wait(name: string, ticket: string): void {
    const waiting = this.#waiting.get(ticket)
    if (waiting === undefined || this.#context.workers.owns(name)) return
    waiting.check = this.#context.gateway.timers.every(checkMs, () =>
      this.#put(name, { kind: 'waits', name, ticket }, answer => {
        const client = answer === true ? undefined : this.#take(ticket)
        if (client !== undefined) reply(client, refusals.over)
      }),
    )
  }

  /** Whoever waits under it; undefined: nobody any more. */
  #take(ticket: string): GateExchange | undefined {
    const waiting = this.#waiting.get(ticket)
    this.#waiting.delete(ticket)
    waiting?.check?.cancel()
    return waiting?.exchange
  }

  #put(key: string, question: Question, done: (answer: unknown) => void): void {
    this.#questions.ask(key, JSON.stringify(question), done)
  }

  #deliver({ worker, ticket }: Asking, said: Said, done: (isTaken: boolean) => void): void {
    this.#put(worker, { kind: 'tell', ticket, said }, answer => done(answer === true))
  }

  /** Owners change when a worker ends. */
  #ownName(): string {
    const { workers, random } = this.#context
    for (let tries = 0; !workers.owns(this.#name) && tries < triesMax; tries++)
      this.#name = `sockjs ${random.hex(8)}`
    return this.#name
  }

  #serveSocket(choice: Choice, rest: string): void {
    const { exchange } = choice
    const inside = insideOf(choice, '/websocket')
    const isRaw = rest === '/websocket'
    if (inside === undefined || (!isRaw && partOf(rest) === undefined)) {
      return exchange.reply(404, 'Not Found', ['Content-Type', 'text/plain'], 'Not Found\n')
    }
    const { sockets, gateway, clock } = this.#context
    if (isRaw) return sockets.serve(inside)
    sockets.serve(inside, (client, rawHeaders, handlers) =>
      openFramed(own => sockets.accept(client, rawHeaders, own), handlers, { clock, timers: gateway.timers }),
    )
  }
}

/** A name alone is chosen by clients: those of other rules have sessions of their own. */
function nameOf({ host, id, sockjs }: Rule, session: string): string {
  return JSON.stringify(['sockjs', host, id, sockjs, session])
}

/** What of a body are messages: browsers send forms, in which a blank is a plus. */
function sentIn(part: string, body: string): string {
  if (part !== 'jsonp_send') return body
  const form = body.replaceAll('+', ' ')
  return textOf(new Query(Buffer.from(form).toString('latin1')).get('d') ?? '')
}

/** As the origin is asked: by the path that the rule says, or the base and `tail`. */
function insideOf(choice: Choice, tail: string): Choice | undefined {
  const { rule, target } = choice
  const path = rule.sockjsAsPath || `${rule.sockjs ?? ''}${tail}`
  const rewritten = rewritePath(path, rule)
  const at = target.indexOf('?')
  return rewritten === undefined
    ? undefined
    : { ...choice, path, target: rewritten + (at < 0 ? '' : target.slice(at)) }
}
