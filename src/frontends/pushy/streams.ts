// Opening streams: by a token, or by a ticket that a token was changed for. Who may have what is asked of the authority;
// what a stream does once it is open is in stream.ts.

import type { Format } from '../../engine/reader/subscriber.ts'
import type { ChannelName } from '../../engine/words/publication.ts'
import type { Exchange } from '../../net/exchange.ts'
import { Cadence } from '../../std/cadence.ts'
import { Expiries } from '../../std/expiries.ts'
import type { Random } from '../../std/random.ts'
import type { FrontendContext } from '../frontend.ts'
import { Admission } from '../session/admission.ts'
import { type StreamKind, StreamSession } from '../session/stream-session.ts'
import type { Authority, Bearer } from './authority.ts'
import type { Call } from './call.ts'
import { isPattern } from './channel-grants.ts'
import { createFormats, type Formats } from './format.ts'
import { need, type Parameters, textsOf } from './parameters.ts'
import { channelOf } from './publication.ts'
import { atHead, readStart, type Start } from './resume.ts'
import type { PushySettings } from './settings.ts'
import { type Client, createStreamKind, expiredText, type Stream } from './stream.ts'
import { type TicketGrant, Tickets, ticketSeconds } from './tickets.ts'

type Context = FrontendContext<PushySettings>

/** What a client is to get, but for where it begins. */
interface Plan extends Pick<Client, 'hasPositions' | 'knowsEvents' | 'expires'> {
  /** A pattern stands alone. */
  readonly channels: readonly ChannelName[]
  readonly arePatterns: boolean
  readonly format: Format
}

export class Streams {
  readonly #context: Context
  readonly #authority: Authority
  readonly #tickets: Tickets
  readonly #admission: Admission
  readonly #kind: StreamKind<Client, Call>
  readonly #formats: Formats
  #settings: PushySettings
  readonly #counters = {
    streams: 0,
    streamsOpened: 0,
    streamsExpired: 0,
    ticketsIssued: 0,
    ticketsRedeemed: 0,
  }

  constructor(context: Context, random: Random, authority: Authority) {
    const { clock, engine, settings } = context
    this.#context = context
    this.#authority = authority
    this.#settings = settings
    this.#tickets = new Tickets(clock, random, settings.secret, number => context.owns(number))
    this.#formats = createFormats(settings.retryMs)
    this.#admission = new Admission(() => this.#settings.streamsMax)
    this.#kind = createStreamKind({
      engine,
      clock,
      cadence: new Cadence<Stream>(clock, settings.heartbeatMs, stream => stream.beat()),
      admission: this.#admission,
      expiries: new Expiries<Stream>(clock, stream => this.#expire(stream)),
      counters: this.#counters,
      retryMs: settings.retryMs,
    })
  }

  statistics(): Readonly<Record<string, number>> {
    const { places, refused } = this.#admission
    return { ...this.#counters, places, streamsMaxExceeded: refused }
  }

  reload(settings: PushySettings): void {
    this.#settings = settings
    this.#tickets.replaceSecrets(settings.secret)
  }

  /** The grant of a ticket that another worker asks for: it is gone here then. */
  answer(number: string): TicketGrant | undefined {
    return this.#tickets.redeem(number)
  }

  /** Several channels, as the first generation asks for them. */
  openChannels(call: Call, bearer: Bearer, parameters: Parameters): void {
    const { channelsMax, nameBytesMax, positionIds } = this.#settings
    const given = need(parameters, 'channels')
    if (!given.ok) return call.refuse(given.reason, 'channels')
    const names = textsOf(given.text, channelsMax)
    if (names === undefined) return call.refuse('parameter-invalid', 'channels')
    const channels = names.map(name => channelOf(name, nameBytesMax)).filter(name => name !== undefined)
    if (channels.length !== names.length) return call.refuse('parameter-invalid', 'channels')
    if (!names.every(name => this.#authority.mayUse(bearer, name))) return call.refuse('forbidden')
    const hasPositions = positionIds && channels.length === 1
    const start = hasPositions ? readStart(call.exchange) : atHead
    const format = hasPositions ? this.#formats.positions : this.#formats.plain
    const { expires } = bearer
    const plan = { channels, arePatterns: false, format, hasPositions, knowsEvents: false, expires }
    this.#open(call, plan, start)
  }

  /** The channel of the address, as the second generation asks for it; the bearer may use it. */
  openChannel(call: Call, bearer: Bearer): void {
    this.#openChannel(call, bearer.expires)
  }

  /** Likewise. */
  issue(call: Call, bearer: Bearer): void {
    const { exchange } = call
    const channel = call.channelName(this.#settings.nameBytesMax)
    if (channel === undefined) return call.refuse('parameter-invalid', 'channel')
    const ticket = this.#tickets.issue({ channel, agent: agentOf(exchange), tokenExpires: bearer.expires })
    this.#counters.ticketsIssued++
    call.secret({ ticket, expires_in: ticketSeconds })
  }

  /** Whoever handed it out is the only one who can take it back, so it is good for one stream on the whole node. */
  redeem(call: Call, ticket: string): void {
    const number = this.#tickets.numberOf(ticket)
    if (number === undefined) return this.#redeemed(call, undefined)
    this.#context.ask(
      number,
      'ticket',
      grant => call.exchange.guarded(() => this.#redeemed(call, grant as TicketGrant | undefined)), // `answer` of this build
    )
  }

  #redeemed(call: Call, grant: TicketGrant | undefined): void {
    const seconds = Math.floor(this.#context.clock.unixMs() / 1_000)
    const isValid =
      grant !== undefined &&
      grant.channel === call.channel &&
      grant.agent === agentOf(call.exchange) &&
      (grant.tokenExpires === undefined || seconds < grant.tokenExpires)
    if (!isValid) return call.refuse('ticket-wrong')
    this.#counters.ticketsRedeemed++
    this.#openChannel(call, grant.tokenExpires)
  }

  #openChannel(call: Call, expires: number | undefined): void {
    const channel = call.channelName(this.#settings.nameBytesMax)
    if (channel === undefined) return call.refuse('parameter-invalid', 'channel')
    const isWild = isPattern(channel)
    if (!isWild) this.#context.routed(call.exchange, channel)
    const format = isWild
      ? this.#formats.ofPattern(channel, this.#settings.wildcards)
      : this.#formats.positions
    const plan = {
      channels: [channel],
      arePatterns: isWild,
      format,
      hasPositions: !isWild,
      knowsEvents: true,
    }
    this.#open(call, { ...plan, expires }, readStart(call.exchange))
  }

  #open(call: Call, plan: Plan, { since, came }: Start): void {
    if (!this.#admission.enter()) return call.refuse('too-many-streams')
    const { channels, arePatterns, format, hasPositions, knowsEvents, expires } = plan
    const client = { hasPositions, knowsEvents, came, expires, expiresAt: undefined }
    new StreamSession(this.#kind, call, format, client).open({
      channels,
      arePatterns,
      since,
      rest: hasPositions,
    })
  }

  #expire(stream: Stream): void {
    this.#counters.streamsExpired++
    stream.client.expiresAt = undefined
    stream.end(expiredText(stream.client))
  }
}

function agentOf(exchange: Exchange): string {
  return exchange.header('user-agent') ?? ''
}
