// A WebSocket over HTTP with an origin, a clock and chances of a test's own. What the session hears is kept as lines.

import { gatewaySettingsOf } from '../../../../src/frontends/grip/proxy/settings.ts'
import { Signers } from '../../../../src/frontends/grip/proxy/signature.ts'
import { type GripSettings, gripSection } from '../../../../src/frontends/grip/settings.ts'
import { EventCalls, type EventCallsContext } from '../../../../src/frontends/grip/socket/event-calls.ts'
import { eventsType } from '../../../../src/frontends/grip/socket/events.ts'
import type { Acceptance, OriginEndOwner } from '../../../../src/frontends/grip/socket/origin-end.ts'
import { OverHttp } from '../../../../src/frontends/grip/socket/over-http.ts'
import type { Random } from '../../../../src/std/random.ts'
import { defaultsOf } from '../../../helpers/defaults.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { choiceOf, FakeExchange, FakeOrigin } from '../proxy/given-origin.ts'

const gripDefaults = defaultsOf<GripSettings>(gripSection.fields)

/** Bytes as tests write them: one character each. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

export interface Given {
  readonly line?: string
  readonly target?: string
  readonly rawHeaders?: readonly string[]
  readonly isTrusted?: boolean
  readonly settings?: Partial<GripSettings>
  readonly owns?: (key: string) => boolean
  /** In place of the fake ones. */
  readonly real?: Pick<EventCallsContext, 'clock' | 'random' | 'dispatch'>
}

/** What sockets of one worker share. */
export class Worker {
  readonly clock = new FakeClock()
  readonly origin = new FakeOrigin()
  readonly calls: EventCalls
  #ids = 0
  readonly random: Random = {
    hex: bytes => (bytes === 16 ? `${++this.#ids}`.padStart(32, '0') : '0'.repeat(2 * bytes)),
  }

  constructor({ settings = {}, owns = () => true, real }: Given = {}) {
    const { clock, random, origin } = this
    const gateway = gatewaySettingsOf({ ...gripDefaults, ...settings })
    const signers = new Signers(real?.clock ?? clock, () => 'no file')
    this.calls = new EventCalls({
      clock,
      random,
      owns,
      signers,
      settings: () => gateway,
      dispatch: origin.dispatch,
      ...real,
    })
  }
}

export class Socket implements OriginEndOwner {
  readonly worker: Worker
  readonly end: OverHttp
  /** What the session heard. */
  readonly told: string[] = []
  acceptance: Acceptance | undefined
  /** What a test does where it hears something. */
  on: (told: string) => void = () => {}

  constructor(given: Given = {}, worker = new Worker(given)) {
    this.worker = worker
    const { line = '* o:80,over_http', target = '/w?a=1', rawHeaders = [], isTrusted = false } = given
    const exchange = new FakeExchange(target, { rawHeaders })
    this.end = new OverHttp(worker.calls, choiceOf(exchange, line, { isTrusted }), this)
    this.end.open()
  }

  get clock(): FakeClock {
    return this.worker.clock
  }

  /** The request that the origin got last, unless it is over. */
  get last(): FakeOrigin['last'] {
    return this.worker.origin.last
  }

  /** Bodies of all requests so far. */
  get posts(): readonly string[] {
    return this.worker.origin.calls.map(({ request: { body } }) =>
      body instanceof Uint8Array ? Buffer.from(body).toString('latin1') : '?',
    )
  }

  header(name: string): string | undefined {
    const { rawHeaders } = this.last.request
    return rawHeaders.find((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)
  }

  /** An answer with events. */
  answer(events: string, ...rawHeaders: readonly string[]): void {
    this.last.head(200, 'Content-Type', eventsType, ...rawHeaders)
    if (events !== '') this.last.body(bytesOf(events))
    this.last.end()
  }

  /** The origin accepts, and what was told until then is forgotten. */
  accepted(...rawHeaders: readonly string[]): this {
    this.answer('OPEN\r\n', ...rawHeaders)
    this.told.length = 0
    this.worker.origin.calls.length = 0
    return this
  }

  text(message: string): boolean {
    return this.end.message('text', bytesOf(message), true, true)
  }

  opened(acceptance: Acceptance): void {
    this.acceptance = acceptance
    this.#tell('opened')
  }

  refused({ status, rawHeaders }: { status: number; rawHeaders: readonly string[] }, body: Uint8Array): void {
    this.#tell(`refused ${status} ${rawHeaders.join('|')} ${Buffer.from(body)}`)
  }

  failed({ status, body }: { status: number; body: string }): void {
    this.#tell(`failed ${status} ${body.trimEnd()}`)
  }

  message(kind: string, piece: Buffer, isFirst: boolean, isLast: boolean): void {
    this.#tell(`${kind} ${piece.toString('latin1')}${isFirst && isLast ? '' : ' in pieces'}`)
  }

  ping(payload: Buffer): void {
    this.#tell(`ping ${payload.toString('latin1')}`)
  }

  pong(payload: Buffer): void {
    this.#tell(`pong ${payload.toString('latin1')}`)
  }

  closed(code: number | undefined, reason: Buffer): void {
    this.#tell(`closed ${code} ${reason.toString('latin1')}`)
  }

  ended(): void {
    this.#tell('ended')
  }

  disconnected(): void {
    this.#tell('disconnected')
  }

  lost(cause: string): void {
    this.#tell(`lost ${cause}`)
  }

  drained(): void {
    this.#tell('drained')
  }

  #tell(text: string): void {
    this.told.push(text)
    this.on(text)
  }
}
