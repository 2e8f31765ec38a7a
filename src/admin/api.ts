// The native HTTP API: publish, ask about a channel, follow one. README.md is its page, openapi.json its contract.
import type { Engine } from '../engine/engine.ts'
import type { Inspection, InspectOptions } from '../engine/owner/inspection.ts'
import type { PublishOutcome } from '../engine/router.ts'
import type { Position } from '../engine/words/position.ts'
import type { ChannelName, Draft } from '../engine/words/publication.ts'
import { type StreamKind, StreamSession } from '../frontends/session/stream-session.ts'
import { Cadence } from '../std/cadence.ts'
import type { Clock } from '../std/clock.ts'
import type { Call } from './call.ts'
import { historyJson, infoJson, parsePage, parseStart, presenceJson } from './channels.ts'
import { createFollowerKind, type Follower, followerFormat } from './follower.ts'
import { parsePublications, publishedJson } from './publications.ts'

/** Proxies and browsers give up on a silent stream after 30 to 60 s. */
const heartbeatMs = 15_000

export class Api {
  readonly #engine: Engine
  readonly #following: StreamKind<undefined, Call>
  readonly counters = { publications: 0, publishedBytes: 0, streams: 0, streamsOpened: 0 }

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine
    const cadence = new Cadence<Follower>(clock, heartbeatMs, follower => follower.beat())
    this.#following = createFollowerKind({ engine, clock, cadence, counters: this.counters })
  }

  publish(call: Call, bodyBytesMax: number): void {
    const isJson = isJsonContentType(call.exchange.header('content-type'))
    call.exchange.readBody(bodyBytesMax, body => {
      if (!isJson) return call.refuse('content-type', 'Send Content-Type: application/json.')
      if (body === undefined) return call.refuseTooLarge(bodyBytesMax)
      const parsed = parsePublications(body)
      if (!parsed.ok && parsed.code === 'json-syntax') return call.refuse(parsed.code, parsed.detail)
      if (!parsed.ok) return call.refuse(parsed.code, undefined, { faults: [parsed.fault] })
      const { drafts, isBatch } = parsed
      this.#engine.publishBatch(drafts, outcomes => this.#answer(call, drafts, outcomes, isBatch))
    })
  }

  info(call: Call, channel: ChannelName): void {
    this.#inspect(call, channel, { limit: 0 }, (position, inspection) =>
      call.json(infoJson(channel, position, inspection)),
    )
  }

  presence(call: Call, channel: ChannelName): void {
    this.#inspect(call, channel, { limit: 0 }, (_, inspection) =>
      call.json(presenceJson(channel, inspection)),
    )
  }

  history(call: Call, channel: ChannelName): void {
    const page = parsePage(call.exchange.query)
    if ('fault' in page) return call.refuse('query-invalid', page.fault)
    this.#inspect(call, channel, page, (position, inspection) =>
      call.json(historyJson(channel, position, inspection)),
    )
  }

  stream(call: Call, channel: ChannelName): void {
    const since = parseStart(call.exchange.query, call.exchange.header('last-event-id'))
    if (since !== undefined && 'fault' in since) return call.refuse('query-invalid', since.fault)
    new StreamSession(this.#following, call, followerFormat, undefined).open({
      channels: [channel],
      since,
      rest: true,
    })
  }

  /** A single publication is answered by its outcome, a list by all of theirs. */
  #answer(call: Call, drafts: readonly Draft[], outcomes: readonly PublishOutcome[], isBatch: boolean): void {
    const results = drafts.map(({ channel, content }, index) => {
      const outcome = outcomes[index] ?? 'owner-lost'
      if (typeof outcome !== 'string') {
        this.counters.publications++
        this.counters.publishedBytes += content.payload.length
      }
      return publishedJson(channel, outcome)
    })
    const [only] = outcomes
    if (isBatch) call.json(JSON.stringify({ results }))
    else if (typeof only === 'string') call.refuse(only)
    else call.json(JSON.stringify(results[0]))
  }

  #inspect(
    call: Call,
    channel: ChannelName,
    options: InspectOptions,
    done: (position: Position, inspection: Inspection) => void,
  ): void {
    this.#engine.inspect(channel, options, outcome => {
      if (typeof outcome === 'string') call.refuse(outcome)
      else if (outcome.position === undefined) call.refuse('channel-unknown')
      else done(outcome.position, outcome)
    })
  }
}

/** `application/json` or `application/….+json`, with any parameters. */
function isJsonContentType(value = ''): boolean {
  return /^[\t ]*application\/(?:[!#$%&'*+.^_`|~0-9a-z-]+\+)?json[\t ]*(?:;|$)/i.test(value)
}
