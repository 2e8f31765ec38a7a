// A WebSocket, from its acceptance to its end: who it is, then a session. Its client speaks first, and is answered in the
// dialect in which it spoke (contract §1.5, §1.6). The socket is accepted at once, so a refusal is an operation and a code.
import type { Batch, Format } from '../../../engine/reader/subscriber.ts'
import { Wire } from '../../../engine/reader/wire.ts'
import type { Exchange } from '../../../net/exchange.ts'
import type { PayloadKind, SocketConsumer } from '../../../net/socket.ts'
import { closeReason } from '../../session/coming-back.ts'
import type { SocketEnd } from '../../session/interest.ts'
import { canonical, type Dialect, readMessage, writeOperation } from '../wire/dialect.ts'
import { type Ending, lastWords } from '../wire/endings.ts'
import type { Formats } from '../wire/frames.ts'
import type { Auth, ServerOperation } from '../wire/operations.ts'
import { type Arrivals, channelsOf, placesOf, positionsOf } from './arrival.ts'
import type { Face } from './face.ts'
import type { Feed } from './feed.ts'
import { Session } from './session.ts'
import type { Silent, SilentClient } from './silent.ts'
import { Uplink, type UplinkKind } from './uplink.ts'

/** What all WebSockets of a worker share. */
export interface ClientKind extends Arrivals {
  readonly silent: Silent<Client>
  readonly uplink: UplinkKind
  readonly formats: Formats
  readonly counters: Arrivals['counters'] & {
    sockets: number
    socketsOpened: number
    authTimeouts: number
    silentMaxExceeded: number
    messagesSent: number
    messages: number
  }
}

/** Of a first message: a client that is nobody yet cannot make us read more (contract §1.6). */
const firstBytesMax = 32_768
/** What may wait for the answer to `auth` (contract §1.6). */
const waitingMax = 16
const waitingBytesMax = 65_536

/** What is kept of a client until it is in. */
interface Beginning {
  /** For the validator. */
  readonly ip: string
  /** What came behind `auth`, in its order. */
  readonly waiting: string[]
  waitingBytes: number
}

export class Client implements SocketConsumer, Face, SilentClient {
  readonly #kind: ClientKind
  /** Undefined once it is in. */
  #beginning: Beginning | undefined
  readonly #wire = new Wire({ copies: true })
  #socket: SocketEnd | undefined
  #dialect: Dialect = canonical
  #session: Session | undefined
  /** Made with the first message behind `auth`: many clients only listen. */
  #uplink: Uplink | undefined
  /** The last thing that was sent has not left. */
  #isBehind = false
  #state: 'silent' | 'judged' | 'in' | 'over' = 'silent'

  constructor(kind: ClientKind, exchange: Exchange) {
    this.#kind = kind
    this.#beginning = { ip: exchange.remoteAddress, waiting: [], waitingBytes: 0 }
  }

  /** It has taken a place, and gives it back. */
  open(exchange: Exchange): void {
    const { admission, counters, silent } = this.#kind
    this.#socket = exchange.upgrade(this)
    if (this.#socket === undefined) return admission.leave()
    counters.sockets++
    counters.socketsOpened++
    silent.add(this)
  }

  expire(): void {
    this.#kind.counters.authTimeouts++
    this.end('auth-timeout')
  }

  giveWay(): void {
    this.#kind.counters.silentMaxExceeded++
    this.end('auth-timeout')
  }

  message(bytes: Uint8Array, kind: PayloadKind): void {
    if (this.#state === 'over') return
    this.#kind.counters.messages++
    if (kind === 'binary') return this.end('binary')
    if (this.#state === 'silent' && bytes.length > firstBytesMax) return this.end('message-too-large')
    const text = textOf(bytes)
    if (this.#state === 'silent') return this.#first(text)
    if (this.#state === 'judged') return this.#wait(text, bytes.length)
    this.#receive(text)
  }

  #receive(text: string): void {
    if (this.#session === undefined || this.#state !== 'in') return
    this.#uplink ??= new Uplink(this.#kind.uplink, this.#session, this)
    this.#uplink.receive(text)
  }

  #first(text: string): void {
    const { plan, silent } = this.#kind
    const message = readMessage(text, plan.system.name)
    if (message.kind === 'fault') {
      this.#dialect = message.dialect ?? canonical
      if (message.reason === 'field-invalid') return this.end('auth-invalid', message.detail)
    }
    if (message.kind !== 'operation') return this.end('auth-expected')
    this.#dialect = message.dialect
    if (message.operation.op !== 'auth') return this.end('auth-expected')
    this.#state = 'judged'
    silent.remove(this)
    this.#judge(message.operation)
  }

  #judge(auth: Auth): void {
    const { clientId, token, capabilities } = auth
    if (clientId === undefined) return this.end('unauthorized')
    const question = {
      clientId,
      token,
      capabilities,
      transport: 'websocket',
      ip: this.#beginning?.ip ?? '',
    } as const
    this.#kind.judge(question, verdict => {
      if (this.#state !== 'judged') return
      if (!verdict.ok) {
        return this.end(verdict.reason === 'refused' ? 'unauthorized' : 'unavailable', verdict.message)
      }
      const { permission } = verdict
      const { channels, missed } = channelsOf(this.#kind, permission, capabilities)
      const arrival = {
        clientId,
        permission,
        places: placesOf(this.#kind, auth),
        resumeCursor: auth.resumeCursor,
      }
      this.#session = new Session(this.#kind, this, this.#wire, arrival)
      this.#session.open(channels, missed)
    })
  }

  #wait(text: string, bytes: number): void {
    const beginning = this.#beginning
    if (beginning === undefined) return
    beginning.waiting.push(text)
    beginning.waitingBytes += bytes
    if (beginning.waiting.length > waitingMax || beginning.waitingBytes > waitingBytesMax)
      this.end('auth-pending')
  }

  formatOf(feed: Feed): Format {
    return this.#kind.formats.socket[feed.lap]
  }

  began(): void {
    this.#state = 'in'
    if (this.#session !== undefined) this.say(positionsOf(this.#session))
  }

  /** What waited for the answer comes next, in its order. */
  settled(): void {
    const waiting = this.#beginning?.waiting ?? []
    this.#beginning = undefined
    for (const text of waiting) this.#receive(text)
  }

  get isBehind(): boolean {
    return this.#isBehind
  }

  say(operation: ServerOperation): void {
    const text = writeOperation(this.#dialect, this.#kind.plan.system.name, operation)
    this.#sent({ length: text.length }, this.#socket?.send(text, 'text') ?? true)
  }

  #sent(bytes: { readonly length: number }, taken: boolean): void {
    if (!taken) this.#isBehind = true
    this.#wire.offered(bytes, taken, this.#kind.clock)
  }

  write(_feed: Feed, { frames }: Batch): boolean {
    this.#kind.counters.messagesSent += frames.length
    const [only] = frames
    const socket = this.#socket
    const taken =
      (frames.length === 1 && only !== undefined
        ? socket?.send(only, 'text')
        : socket?.sendAll(frames, 'text')) ?? true
    if (!taken) this.#isBehind = true
    return taken
  }

  drained(): void {
    this.#isBehind = false
    this.#session?.drained()
  }

  progressed(): void {
    this.#wire.progressed(this.#kind.clock)
  }

  /** Ends the connection; the first reason counts. */
  end(ending: Ending, detail?: string, returnMs?: number): void {
    if (this.#state === 'over') return
    this.#leave()
    this.#kind.ended(ending)
    const { code, operation } = lastWords(ending, detail)
    // One that is behind gets it behind all else, or is cut by what may wait.
    if (operation !== undefined) this.say(operation)
    this.#socket?.close(code, closeReason(returnMs))
  }

  closed(): void {
    this.#kind.counters.sockets--
    this.#socket = undefined
    this.#kind.admission.leave()
    this.#leave()
  }

  #leave(): void {
    this.#state = 'over'
    this.#kind.silent.remove(this)
    this.#beginning = undefined
    this.#session?.leave()
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
}
