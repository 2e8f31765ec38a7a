// What all passages of a worker share: the way to origins, the pages under way, clocks, and who is held.
import type { ChannelName } from '../../../engine/words/publication.ts'
import { parseChannelName } from '../../../engine/words/publication.ts'
import type { Intake } from '../../../net/intake.ts'
import type { Call, CallHandlers } from '../../../net/outgoing/call.ts'
import type { Cancel, Clock } from '../../../std/clock.ts'
import type { Frames } from '../format.ts'
import type { Channels, Held, HoldContext } from '../hold/hold.ts'
import { Pace } from '../hold/pace.ts'
import { Pages } from '../hold/pages.ts'
import { StoredBytes } from '../hold/stored-bytes.ts'
import type { Stream } from '../hold/stream.ts'
import { Timers } from '../hold/timers.ts'
import { readHeaderInstruct } from '../instruct/from-headers.ts'
import { readJsonInstruct } from '../instruct/from-json.ts'
import type { Hold, HoldChannel } from '../instruct/instruct.ts'
import type { Lines } from '../lines.ts'
import type { Rule } from '../routes/rule.ts'
import type { AnswerOptions } from './answer.ts'
import { Attempt, type AttemptHandlers } from './attempt.ts'
import { type Choice, uriOf } from './choice.ts'
import { withCors } from './cors.ts'
import type { Failure } from './failures.ts'
import { type Link, linkTo } from './links.ts'
import { type OriginRequest, requestTo } from './origin-request.ts'
import { PageFetch } from './page-fetch.ts'
import { PageKeys } from './page-key.ts'
import type { RequestBody } from './request-body.ts'
import { type HeaderSettings, type LastId, saysPeer } from './request-headers.ts'
import type { Signers } from './signature.ts'

export interface GatewaySettings extends HeaderSettings {
  readonly debug: boolean
  readonly autoCrossOrigin: boolean
  readonly channelsMax: number
  readonly storedBytesMax: number
}

export interface GatewayContext {
  readonly clock: Clock
  readonly holds: Omit<HoldContext, 'format'>
  readonly frames: Frames
  readonly signers: Signers
  readonly lines: Pick<Lines, 'refused' | 'originFailed'>
  /** For bodies of requests that are not complete. */
  readonly intake: Pick<Intake, 'hold' | 'release'>
  settings(): GatewaySettings
  /** Whether links may lead there. */
  isLinkPlace(host: string, port: number): boolean
  dispatch(request: OriginRequest, handlers: CallHandlers): Call
}

/** A passage that holds something. */
interface Recoverable {
  recover(): void
}

/** Nobody waits for what an origin says to the end of a hold, but its connection is taken until it says something. */
const goneMs = 30_000

/** A long poll that is made again more often than that waits a second for the next time, then twice as long each time. */
const againFreely = 3
const againMsMax = 16_000

export class Gateway {
  readonly #context: GatewayContext
  readonly frames: Frames
  readonly holds: HoldContext
  readonly timers: Timers
  readonly pace: Pace
  readonly stored = new StoredBytes(() => this.settings.storedBytesMax)
  readonly #pages = new Pages()
  readonly #held = new Set<Recoverable>()
  readonly #pageKeys = new PageKeys()
  readonly counters = {
    asking: 0,
    originCalls: 0,
    originFailures: 0,
    askedAgain: 0,
    pagesFetched: 0,
    goneTold: 0,
    ignoredChannels: 0,
  }

  constructor(context: GatewayContext) {
    const { clock, frames, holds } = context
    this.#context = context
    this.frames = frames
    this.holds = { ...holds, format: frames.format }
    this.timers = new Timers(clock)
    this.pace = new Pace(clock)
  }

  get settings(): GatewaySettings {
    return this.#context.settings()
  }

  get intake(): GatewayContext['intake'] {
    return this.#context.intake
  }

  get held(): number {
    return this.#held.size
  }

  holding(passage: Recoverable, ignoredChannels: number): void {
    this.#held.add(passage)
    this.counters.ignoredChannels += ignoredChannels
  }

  released(passage: Recoverable): void {
    this.#held.delete(passage)
  }

  recover(): void {
    for (const passage of this.#held) passage.recover()
  }

  /** A client gets no answer of its origin. */
  failed({ code, status, cause }: Failure, rule: Rule): void {
    if (cause === undefined) return this.#context.lines.refused(code, status)
    this.counters.originFailures++
    this.#context.lines.originFailed(cause, rule)
  }

  /** In its turn, and later where it is not the first time; the returned function takes it back. */
  later(times: number, run: () => void): Cancel {
    if (times <= againFreely) return this.pace.add(run)
    const pauseMs = Math.min(againMsMax, 1_000 * 2 ** (times - againFreely - 1))
    return this.#context.clock.after(pauseMs, run)
  }

  /** The client's request, perhaps again: then with where its channels are. */
  ask(choice: Choice, body: RequestBody, held: readonly Held[], handlers: AttemptHandlers): Attempt {
    const { rule, exchange, target, isTls, isTrusted } = choice
    const { method, rawHeaders } = exchange
    const { settings } = this
    const asked = {
      rule,
      method,
      target,
      rawHeaders,
      settings,
      // Asking costs a call of the kernel's, and the socket remembers the answer.
      peer: saysPeer(settings, isTrusted) ? exchange.remoteAddress : '',
      isTls,
      isTrusted,
      signature: this.#context.signers.of(rule)?.(),
      lastIds: lastIdsOf(held),
    }
    this.counters.originCalls++
    return new Attempt(
      (request, own) => this.#context.dispatch(request, own),
      {
        targets: rule.targets,
        method,
        request: to => requestTo(to, { ...asked, body: body.source() }),
        isWhole: () => body.isKept,
        test: { path: choice.path, query: choice.query, pathBeg: rule.pathBeg },
      },
      handlers,
    )
  }

  /** `uri`: of a page that is asked for by a link. */
  answerOptions(choice: Choice, uri?: string): AnswerOptions {
    const { rule, isTrusted } = choice
    const limits = { channelsMax: this.settings.channelsMax }
    return {
      isPassed: rule.noGrip || isTrusted,
      readHeaders: rawHeaders => readHeaderInstruct(rawHeaders, { ...limits, uri: uri ?? uriOf(choice) }),
      readJson: (status, body) => readJsonInstruct(status, body, limits),
    }
  }

  /** By their full names. Those of the target are behind no prefix. Undefined: one of them no channel can have. */
  channelsOf(hold: Hold, prefix: string, implicit: readonly string[]): Channels | undefined {
    const channels = new Map<ChannelName, HoldChannel>()
    for (const channel of hold.channels) {
      const full = parseChannelName(prefix + channel.name)
      if (full === undefined) return undefined
      channels.set(full, channel)
    }
    for (const name of implicit) {
      const full = parseChannelName(name)
      if (full === undefined) return undefined
      if (!channels.has(full)) channels.set(full, { name, filters: [] })
    }
    return channels
  }

  /** With what browsers of other origins ask for, where the rule adds that. */
  decorated({ rule }: Choice, request: readonly string[], answer: readonly string[]): readonly string[] {
    return rule.aco || this.settings.autoCrossOrigin ? withCors(request, answer) : answer
  }

  /** Undefined: nobody may go there, and the stream has ended. */
  fetchPage(uri: string, choice: Choice, held: readonly Held[], stream: Stream): PageFetch | undefined {
    const link = this.#linkTo(uri, choice)
    if (link === undefined) {
      stream.fail('Failed to retrieve next link.')
      return undefined
    }
    this.counters.pagesFetched++
    const lastIds = lastIdsOf(held)
    return new PageFetch(
      this.#context.clock,
      this.#pages,
      {
        key: this.#pageKeys.of(link, choice.rule, lastIds),
        options: this.answerOptions(choice, uri),
        ask: handlers => this.#askLink('GET', link, choice, lastIds, handlers),
        failed: why => this.#context.lines.originFailed(why, choice.rule),
      },
      stream,
    )
  }

  /** Once, and nobody waits for an answer (contract §5.7). */
  tellGone(uri: string, choice: Choice): void {
    const link = this.#linkTo(uri, choice)
    if (link === undefined) return
    this.counters.goneTold++
    const told = () => cancel()
    const nobody = { onHead: () => {}, onBody: () => true, onEnd: told, onFailure: told }
    const attempt = this.#askLink('POST', link, choice, [], nobody)
    const cancel = this.#context.clock.after(goneMs, () => attempt.abort())
  }

  #linkTo(uri: string, choice: Choice): Link | undefined {
    const base = { rule: choice.rule, uri: uriOf(choice) }
    return linkTo(uri, base, (host, port) => this.#context.isLinkPlace(host, port))
  }

  #askLink(
    method: string,
    link: Link,
    choice: Choice,
    lastIds: readonly LastId[],
    handlers: AttemptHandlers,
  ): Attempt {
    const { rule, targets, target, host, isTls } = link
    const asked = {
      rule,
      method,
      target,
      rawHeaders: ['Host', host],
      settings: this.settings,
      peer: '',
      isTls: isTls && choice.isTls,
      isTrusted: false,
      isInternal: true as const,
      signature: this.#context.signers.of(choice.rule)?.(),
      lastIds,
      ...(method === 'POST' && { body: new Uint8Array(0) }),
    }
    return new Attempt(
      (request, own) => this.#context.dispatch(request, own),
      {
        targets,
        method,
        request: to => requestTo(to, asked),
        isWhole: () => true,
        test: {
          path: target.split('?', 1)[0] ?? '',
          query: target.split('?')[1] ?? '',
          pathBeg: rule.pathBeg,
        },
      },
      handlers,
    )
  }
}

function lastIdsOf(held: readonly Held[]): readonly LastId[] {
  return held.flatMap(({ name, prevId }) => (prevId === undefined ? [] : [{ channel: name, id: prevId }]))
}
