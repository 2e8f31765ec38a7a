// What all passages of a worker share: the way to origins, the pages under way, clocks, and who is held.
import type { ChannelName } from '../../../engine/words/publication.ts'
import { parseChannelName } from '../../../engine/words/publication.ts'
import type { BodyIntake } from '../../../net/intake.ts'
import type { DialRequest } from '../../../net/outgoing/dial.ts'
import type { Cancel } from '../../../std/clock.ts'
import type { Connections } from '../control/connections.ts'
import type { Observer } from '../control/observer.ts'
import { Filters } from '../filter/filters.ts'
import type { FilterOrigin } from '../filter/party.ts'
import type { Frames } from '../format.ts'
import type { Channels, Held, HoldContext } from '../hold/hold.ts'
import { Pace } from '../hold/pace.ts'
import { Pages } from '../hold/pages.ts'
import type { DeliveryRate } from '../hold/rate.ts'
import { StoredBytes } from '../hold/stored-bytes.ts'
import type { Stream } from '../hold/stream.ts'
import { Timers } from '../hold/timers.ts'
import { readHeaderInstruct } from '../instruct/from-headers.ts'
import { readJsonInstruct } from '../instruct/from-json.ts'
import type { Hold, HoldChannel } from '../instruct/instruct.ts'
import type { Lines } from '../lines.ts'
import type { Rule } from '../routes/rule.ts'
import type { Target } from '../routes/target.ts'
import { EventCalls, type EventCallsContext, type EventSettings } from '../socket/event-calls.ts'
import type { AnswerOptions } from './answer.ts'
import { Attempt, type AttemptHandlers } from './attempt.ts'
import { type Choice, uriOf } from './choice.ts'
import { withCors } from './cors.ts'
import type { Failure } from './failures.ts'
import { LinkCalls, lastIdsOf } from './link-calls.ts'
import { dialTo, requestTo } from './origin-request.ts'
import { PageFetch } from './page-fetch.ts'
import { PageKeys } from './page-key.ts'
import type { RequestBody } from './request-body.ts'
import { saysPeer } from './request-headers.ts'

export interface GatewaySettings extends EventSettings {
  readonly autoCrossOrigin: boolean
  readonly channelsMax: number
  readonly storedBytesMax: number
  /** To one URL. */
  readonly filterRequestsPerSecond: number
}

export interface GatewayContext extends EventCallsContext {
  readonly connections: Connections
  readonly holds: Omit<HoldContext, 'format'>
  readonly frames: Frames
  readonly lines: Pick<Lines, 'refused' | 'originFailed' | 'filterFailed'>
  /** Undefined: deliveries are made as items come. */
  readonly rate?: DeliveryRate | undefined
  /** For bodies of requests that are not complete. */
  readonly intake: BodyIntake
  settings(): GatewaySettings
  /** Whether links may lead there. */
  isLinkPlace(host: string, port: number): boolean
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
  /** For WebSockets over HTTP. */
  readonly eventCalls: EventCalls
  readonly filters: Filters
  readonly connections: Connections
  readonly observer: Observer
  readonly rate: DeliveryRate | undefined
  readonly #pages = new Pages()
  readonly #pageKeys = new PageKeys()
  readonly #links: LinkCalls
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
    this.connections = context.connections
    this.observer = this.connections.observer
    this.rate = context.rate
    this.holds = { ...holds, format: frames.format, observer: this.observer }
    this.timers = new Timers(clock)
    this.pace = new Pace(clock)
    this.eventCalls = new EventCalls(context)
    this.filters = new Filters({
      clock,
      lines: context.lines,
      perSecond: () => this.settings.filterRequestsPerSecond,
    })
    this.#links = new LinkCalls(context)
  }

  get settings(): GatewaySettings {
    return this.#context.settings()
  }

  get intake(): GatewayContext['intake'] {
    return this.#context.intake
  }

  get held(): number {
    return this.connections.size
  }

  recover(): void {
    this.connections.recover()
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

  /** What a target is asked that speaks WebSocket itself. */
  dialRequest(choice: Choice, target: Target): DialRequest {
    const { rule, exchange, isTls, isTrusted } = choice
    const { settings } = this
    this.counters.originCalls++
    return dialTo(target, {
      rule,
      method: 'GET',
      target: choice.target,
      rawHeaders: exchange.rawHeaders,
      settings,
      peer: saysPeer(settings, isTrusted) ? exchange.remoteAddress : '',
      isTls,
      isTrusted,
      signature: this.#context.signers.of(rule)?.(),
    })
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
    return this.isCrossOrigin(rule) ? withCors(request, answer) : answer
  }

  /** Pages of all origins may ask, by scripts, too. */
  isCrossOrigin(rule: Rule): boolean {
    return rule.aco || this.settings.autoCrossOrigin
  }

  /** Undefined: nobody may go there, and the stream has ended. */
  fetchPage(uri: string, choice: Choice, held: readonly Held[], stream: Stream): PageFetch | undefined {
    const link = this.#links.to(uri, choice)
    if (link === undefined) {
      stream.fail('origin-failed', 'Failed to retrieve next link.')
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
        ask: handlers => this.#links.ask(choice, { method: 'GET', link, lastIds }, handlers),
        failed: why => this.#context.lines.originFailed(why, choice.rule),
      },
      stream,
    )
  }

  /** Where the filters of a client's items ask; `uri`: of the page that it had last, where that was not its own request. */
  filterOrigin(choice: Choice, uri = uriOf(choice)): FilterOrigin {
    return {
      uri,
      rule: choice.rule,
      post: (url, { rawHeaders, body, channels }, handlers) => {
        const link = this.#links.to(url, choice)
        const lastIds = lastIdsOf(channels)
        return link && this.#links.ask(choice, { method: 'POST', link, rawHeaders, body, lastIds }, handlers)
      },
    }
  }

  /** The filters of a hold cannot be applied to its first body. */
  bodyUnfit(cause: string, rule: Rule): void {
    this.filters.counters.filtersFailed++
    this.#context.lines.filterFailed(cause, rule)
  }

  /** Once, and nobody waits for an answer (contract §5.7). */
  tellGone(uri: string, choice: Choice): void {
    const link = this.#links.to(uri, choice)
    if (link === undefined) return
    this.counters.goneTold++
    const told = () => cancel()
    const nobody = { onHead: () => {}, onBody: () => true, onEnd: told, onFailure: told }
    const attempt = this.#links.ask(choice, { method: 'POST', link }, nobody)
    const cancel = this.#context.clock.after(goneMs, () => attempt.abort())
  }
}
