// One client of the proxy, with an engine and an origin that do what a test says, in the order that it says: for what may be
// lost or told twice while an origin is asked.
import type { Engine } from '../../src/engine/engine.ts'
import type { Subscriber, Subscription } from '../../src/engine/reader/subscriber.ts'
import { parseEpoch } from '../../src/engine/words/position.ts'
import type { ChannelName, Draft, Publication } from '../../src/engine/words/publication.ts'
import { Connections } from '../../src/frontends/grip/control/connections.ts'
import { Tally } from '../../src/frontends/grip/control/tally.ts'
import { Frames } from '../../src/frontends/grip/format.ts'
import { draftOf } from '../../src/frontends/grip/item/draft.ts'
import { readItemsBody } from '../../src/frontends/grip/item/from-json.ts'
import { choose } from '../../src/frontends/grip/proxy/choice.ts'
import { Gateway } from '../../src/frontends/grip/proxy/gateway.ts'
import { Passage } from '../../src/frontends/grip/proxy/passage.ts'
import { gatewaySettingsOf } from '../../src/frontends/grip/proxy/settings.ts'
import { Signers } from '../../src/frontends/grip/proxy/signature.ts'
import { readRoutes } from '../../src/frontends/grip/routes/source.ts'
import { type GripSettings, gripSection } from '../../src/frontends/grip/settings.ts'
import type { GateExchange, GateResponse } from '../../src/net/gate/gate-exchange.ts'
import type { CallHandlers, CallRequest } from '../../src/net/outgoing/call.ts'
import { countedRandom } from './counted-random.ts'
import { defaultsOf } from './defaults.ts'
import { FakeClock } from './fake-clock.ts'
import { intakeWith } from './intake.ts'

/** A request that the origin has not answered. */
export interface Pending {
  readonly request: CallRequest
  readonly handlers: CallHandlers
}

export class AskedClient {
  readonly time = new FakeClock()
  readonly #frames = new Frames()
  /** Not answered yet, in order. */
  readonly pending: Pending[] = []
  calls = 0
  /** What the client has of its answer. */
  text = ''
  end: 'whole' | 'cut' | undefined
  /** Who subscribes is live when `attach` says so. */
  attachesLate = false
  /** Id of the channel as its owner knows it. */
  lastId: string | undefined
  #subscriber: Subscriber | undefined
  #subscription: Subscription | undefined
  #attach: (() => void) | undefined

  constructor(query = '') {
    const settings = { ...defaultsOf<GripSettings>(gripSection.fields), listen: '', controlListen: '' }
    const reading = readRoutes('* 127.0.0.1:1')
    if (!reading.ok) throw new Error(reading.mistake)
    const own = gatewaySettingsOf(settings)
    const gateway = new Gateway({
      clock: this.time,
      frames: this.#frames,
      connections: new Connections({
        random: countedRandom(),
        cut() {},
        observerFor: () => new Tally(this.time),
      }),
      holds: { engine: this.#engine(), clock: this.time, via: 'grip', lingerMs: 0, resumes: () => false },
      signers: new Signers(this.time, () => 'nothing'),
      intake: intakeWith(this.time),
      settings: () => own,
      lines: { refused() {}, originFailed() {}, filterFailed() {} },
      isLinkPlace: () => true,
      random: { hex: bytes => '0'.repeat(2 * bytes) },
      owns: () => true,
      dispatch: (request, handlers) => this.#call(request, handlers),
    })
    const exchange = this.#exchange(`/a${query}`)
    const choice = choose(exchange, {
      table: reading.table,
      settings,
      isTrusted: () => false,
    })
    if (choice === undefined) throw new Error('no route')
    new Passage(gateway, exchange, choice).serve()
  }

  get isLive(): boolean {
    return this.#subscriber !== undefined && this.#attach === undefined
  }

  attach(): void {
    const attach = this.#attach
    this.#attach = undefined
    attach?.()
  }

  /** What a turn brings. */
  offer(items: readonly object[]): void {
    if (this.#subscription === undefined || !this.isLive) return
    const reading = readItemsBody(Buffer.from(JSON.stringify({ items })))
    if (!reading.ok) throw new Error(reading.message)
    const drafts = reading.items.flatMap(item => draftOf(item) ?? [])
    const frames = drafts.map(draft => this.#frames.format.encode(publicationOf(draft), epoch) ?? nothing)
    const bytes = Buffer.concat(frames)
    this.#subscriber?.offer(
      { frames, bytes, size: bytes.length, from: 0, next: 0 } as never,
      this.#subscription,
    )
  }

  gap(): void {
    if (this.isLive) this.#subscriber?.gap({ epoch, offset: 0 } as never, 'c')
  }

  /** The oldest request gets its answer. */
  answer(
    make: (request: CallRequest) => { readonly rawHeaders: readonly string[]; readonly body: string },
  ): void {
    const next = this.pending.shift()
    if (next === undefined) return
    const { rawHeaders, body } = make(next.request)
    next.handlers.onHead(200, 'OK', rawHeaders)
    if (body !== '') next.handlers.onBody(Buffer.from(body))
    next.handlers.onEnd()
  }

  #engine(): Engine {
    const engine = {
      subscribe: (name: ChannelName, subscriber: Subscriber) => {
        this.#subscriber = subscriber
        this.#subscription = { name }
        const attach = () => subscriber.attached({ epoch, offset: 0 } as never, false, name, this.lastId)
        if (this.attachesLate) this.#attach = attach
        else attach()
        return this.#subscription
      },
      unsubscribe: () => {
        this.#subscriber = undefined
        this.#subscription = undefined
        this.#attach = undefined
      },
      drained: () => {},
    }
    return engine as unknown as Engine // no more of it is used by a hold
  }

  #call(request: CallRequest, handlers: CallHandlers) {
    this.calls++
    const pending = { request, handlers }
    this.pending.push(pending)
    return {
      abort: () => {
        const at = this.pending.indexOf(pending)
        if (at >= 0) this.pending.splice(at, 1)
      },
      pause: () => {},
      resume: () => {},
    }
  }

  #exchange(target: string): GateExchange {
    const response: GateResponse = {
      isChunked: false,
      waitingBytes: 0,
      write: bytes => this.#wrote(bytes),
      writeRaw: () => true,
      onDrained: () => {},
      end: () => this.#ended('whole'),
      abort: () => this.#ended('cut'),
    }
    const [path = '', query = ''] = target.split('?')
    return {
      method: 'GET',
      target,
      path,
      query,
      version: '1.1',
      rawHeaders: ['Host', 't'],
      host: 't',
      remoteAddress: '127.0.0.1',
      isTls: false,
      wantsSocket: false,
      body: { length: 0, read: () => {}, pause: () => {}, resume: () => {} },
      header: () => undefined,
      onAborted: () => {},
      respond: () => response,
      reply: (_status, _reason, _headers, body) => {
        this.#wrote(Buffer.from(body))
        this.#ended('whole')
      },
      takeSocket: () => undefined,
      abort: () => this.#ended('cut'),
    }
  }

  #wrote(bytes: Uint8Array): true {
    this.text += Buffer.from(bytes).toString()
    return true
  }

  #ended(how: 'whole' | 'cut'): void {
    if (this.end !== undefined) throw new Error(`ended ${how} behind ${this.end}`)
    this.end = how
  }
}

const epoch = parseEpoch('1') as never
const nothing = new Uint8Array(0)

function publicationOf({ via: _via, ...draft }: Draft): Publication {
  return { ...draft, offset: 0 } as unknown as Publication // no frame says where it is
}
