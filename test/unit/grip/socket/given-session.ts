// A worker's WebSockets with the real engine, and a client and an origin whose every word a test says.
import { draftOf } from '../../../../src/frontends/grip/item/draft.ts'
import type { SocketFormat } from '../../../../src/frontends/grip/item/item.ts'
import type { Choice } from '../../../../src/frontends/grip/proxy/choice.ts'
import type { LastId } from '../../../../src/frontends/grip/proxy/request-headers.ts'
import type {
  Acceptance,
  MessageKind,
  OriginEnd,
  OriginEndOwner,
} from '../../../../src/frontends/grip/socket/origin-end.ts'
import { Sockets } from '../../../../src/frontends/grip/socket/sockets.ts'
import type { BareConnection } from '../../../../src/net/bare-connection.ts'
import { createFrameCounters } from '../../../../src/net/gate/counters.ts'
import type { FrameHandlers, FramePeer } from '../../../../src/net/gate/frame-peer.ts'
import { itemWith } from '../hold/given-hold.ts'
import { Scene } from '../proxy/given-gateway.ts'
import { choiceOf, FakeExchange } from '../proxy/given-origin.ts'

/** What a client is sent, as words in order. */
export class FakePeer implements FramePeer {
  readonly waitingBytes = 0
  readonly got: string[] = []
  /** The answer to every write. */
  isTaking = true
  readonly say: FrameHandlers

  constructor(handlers: FrameHandlers) {
    this.say = handlers
  }

  message(kind: MessageKind, piece: Uint8Array, isFirst = true, isLast = true): boolean {
    const ends = `${isFirst ? '' : '…'}${Buffer.from(piece)}${isLast ? '' : '…'}`
    return this.#sent(`${kind} ${ends}`)
  }

  raw(frames: Uint8Array): boolean {
    return this.#sent(...readFrames(Buffer.from(frames)))
  }

  ping(payload: Uint8Array): boolean {
    return this.#sent(`ping ${Buffer.from(payload)}`)
  }

  pong(payload: Uint8Array): boolean {
    return this.#sent(`pong ${Buffer.from(payload)}`)
  }

  close(code?: number, reason: string | Uint8Array = ''): void {
    this.got.push(`close ${code} ${Buffer.from(reason)}`.trim())
  }

  end(): void {
    this.got.push('FIN')
  }

  cut(): void {
    this.got.push('CUT')
  }

  pause(): void {
    if (this.got.at(-1) !== '(pause)') this.got.push('(pause)')
  }

  resume(): void {
    if (this.got.at(-1) === '(pause)') this.got.pop()
  }

  drain(): void {
    this.isTaking = true
    this.say.drained()
  }

  #sent(...words: readonly string[]): boolean {
    this.got.push(...words)
    return this.isTaking
  }
}

/** As words: whole frames without masks. */
function readFrames(frames: Buffer): readonly string[] {
  const words: string[] = []
  const kinds: Readonly<Record<number, string>> = { 1: 'text', 2: 'binary', 9: 'ping', 10: 'pong' }
  for (let at = 0; at < frames.length; ) {
    const kind = kinds[(frames[at] ?? 0) & 15]
    const short = frames[at + 1] ?? 0
    const length =
      short === 126
        ? frames.readUInt16BE(at + 2)
        : short === 127
          ? Number(frames.readBigUInt64BE(at + 2))
          : short
    const from = at + (short === 126 ? 4 : short === 127 ? 10 : 2)
    words.push(`${kind} ${frames.toString('utf8', from, from + length)}`)
    at = from + length
  }
  return words
}

/** What an origin hears, as words in order, and what it says by `say`. */
class FakeEnd implements OriginEnd {
  readonly heard: string[] = []
  isTaking = true
  readonly say: OriginEndOwner
  readonly connectionId?: string

  constructor(owner: OriginEndOwner, connectionId?: string) {
    this.say = owner
    if (connectionId !== undefined) this.connectionId = connectionId
  }

  /** Accepts, with what follows in the same answer. */
  open(acceptance: Partial<Acceptance> = {}, ...messages: readonly string[]): void {
    this.say.opened({ rawHeaders: [], messagePrefix: undefined, subscriptions: [], ...acceptance })
    for (const message of messages) this.text(message)
  }

  text(message: string): void {
    this.say.message('text', Buffer.from(message), true, true)
  }

  message(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): boolean {
    return this.#hears(`${kind} ${isFirst ? '' : '…'}${piece}${isLast ? '' : '…'}`)
  }

  ping(payload: Buffer): boolean {
    return this.#hears(`ping ${payload}`)
  }

  pong(payload: Buffer): boolean {
    return this.#hears(`pong ${payload}`)
  }

  close(code: number | undefined, reason: Buffer): void {
    this.#hears(`close ${code} ${reason}`.trim())
  }

  gone(): void {
    this.#hears('gone')
  }

  refresh(): void {
    this.#hears('refresh')
  }

  canTell = true

  tellLastId({ channel, id }: LastId): boolean {
    if (this.canTell) this.#hears(`last ${channel} ${id}`)
    return this.canTell
  }

  leave(): void {
    this.#hears('leave')
  }

  pause(): void {
    this.#hears('(pause)')
  }

  resume(): void {
    if (this.heard.at(-1) === '(pause)') this.heard.pop()
  }

  #hears(word: string): boolean {
    this.heard.push(word)
    return this.isTaking
  }
}

export class SocketExchange extends FakeExchange {
  taken: { readonly reason: string; readonly rawHeaders: readonly string[] } | undefined
  isGone = false
  override readonly wantsSocket = true

  override takeSocket(reason: string, rawHeaders: readonly string[]): BareConnection | undefined {
    if (this.isGone) return undefined
    this.taken = { reason, rawHeaders }
    return {} as BareConnection // the peer of this scene needs none
  }
}

/** One client with its origin. */
export interface Pair {
  readonly exchange: SocketExchange
  readonly end: FakeEnd
  readonly peer: FakePeer
}

export class SocketScene extends Scene {
  readonly ends: FakeEnd[] = []
  /** What each of them was asked for. */
  readonly choices: Choice[] = []
  readonly peers: FakePeer[] = []
  readonly sockets: Sockets
  /** By which the next origin knows its client. */
  connectionId: string | undefined

  constructor(more: ConstructorParameters<typeof Scene>[0] = {}) {
    super(more)
    const make = (choice: Choice, owner: OriginEndOwner) => {
      this.choices.push(choice)
      const end = new FakeEnd(owner, this.connectionId)
      this.ends.push(end)
      return end
    }
    this.sockets = new Sockets({
      clock: this.mesh.clock,
      gateway: this.gateway,
      openPeer: (_, handlers) => {
        const peer = new FakePeer(handlers)
        this.peers.push(peer)
        return peer
      },
      ends: { native: make, overHttp: make, test: make, none: make },
      frames: createFrameCounters(),
    })
  }

  /** A handshake that is not answered yet. */
  ask(line = '* o:80'): Omit<Pair, 'peer'> {
    const rawHeaders = ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==']
    const exchange = new SocketExchange('/x', { rawHeaders })
    this.sockets.serve(choiceOf(exchange, line))
    return { exchange, end: this.end }
  }

  /** One that is open; `messages` came with the acceptance. GRIP is negotiated. */
  async open(acceptance: Partial<Acceptance> = {}, ...messages: readonly string[]): Promise<Pair> {
    return this.openBy('* o:80', acceptance, ...messages)
  }

  async openBy(line: string, acceptance: Partial<Acceptance>, ...messages: readonly string[]): Promise<Pair> {
    const { exchange, end } = this.ask(line)
    end.open({ messagePrefix: 'm:', ...acceptance }, ...messages)
    await this.settle()
    return { exchange, end, peer: this.peer }
  }

  async settle(): Promise<void> {
    await Promise.resolve()
    this.mesh.settle()
  }

  get end(): FakeEnd {
    return lastOf(this.ends)
  }

  get peer(): FakePeer {
    return lastOf(this.peers)
  }

  tell(socket: SocketFormat, channel = 'a'): void {
    this.publish({ ...itemWith({}), socket }, channel)
  }

  /** Texts, or other items, that come in one turn. */
  publishAll(...items: readonly (string | SocketFormat)[]): void {
    for (const item of items) {
      const text = (words: string) => ({ action: 'send', type: 'text', content: Buffer.from(words) }) as const
      const socket: SocketFormat = typeof item === 'string' ? text(item) : item
      const draft = draftOf({ ...itemWith({}), socket })
      if (draft !== undefined) this.mesh.engines[1]?.publish(draft, () => {})
    }
    this.mesh.settle()
  }

  /** A text for the clients of a channel. */
  text(content: string, channel = 'a'): void {
    this.tell({ action: 'send', type: 'text', content: Buffer.from(content) }, channel)
  }
}

function lastOf<Item>(items: readonly Item[]): Item {
  const item = items.at(-1)
  if (item === undefined) throw new Error('nobody is there')
  return item
}

export function order(type: string, more: object = {}): string {
  return `c:${JSON.stringify({ type, ...more })}`
}

export function subscribe(channel: string, filters?: readonly string[]): string {
  return order('subscribe', { channel, ...(filters && { filters }) })
}
