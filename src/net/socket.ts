// One WebSocket, from its acceptance to its end. The library frames, assembles and checks; what may be sent when, how
// much may wait, and how long an end may take is decided here.
import type { CadenceEntry } from '../std/cadence.ts'
import type { Cancel } from '../std/clock.ts'
import { countClose, readClose, sendableCode, sendableReason } from './close-code.ts'
import type { NetCounters, SocketCounters } from './counters.ts'
import { guard } from './guard.ts'
import type { Net } from './net.ts'
import type { NativeSocket, SocketBehavior } from './uws.ts'

export type PayloadKind = 'text' | 'binary'

/** What the owner of a socket wants to hear. */
export interface SocketConsumer {
  /** A whole message, put together from its fragments. Text is valid UTF-8. `bytes` are the consumer's own. */
  message(bytes: Uint8Array, kind: PayloadKind): void
  /** Everything sent so far has left, and the socket takes more. Follows every `false`. */
  drained(): void
  /** Some of what was sent has left, and some still waits. */
  progressed?(): void
  /**
   * The connection is gone, whoever ended it. Called once; nothing can be sent after it. `code`: what either end sent,
   * 1005 for a frame without one, 1006 where the connection was lost, or what a client was dropped for.
   */
  closed(code: number, reason: string): void
  /** An answer to `ping`, or to the pings that find the dead. */
  pong?(): void
}

export interface SocketSettings {
  /** A larger message is answered with close code 1009. From 1 byte to 64 MiB. */
  readonly messageBytesMax: number
  /** Period of pings: a client without a sign of life from one to the next is cut. From 1 ms to 2 minutes. */
  readonly pingMs: number
  /** What may be sent after a `false` and before `drained`, answers to pings included; more cuts the connection. */
  readonly behindBytesMax: number
  /**
   * Faulty handshakes come as exchanges, too, and the handler refuses them with answers of its own: all that
   * `mistakeOf` finds must be among what it refuses.
   */
  readonly judgesHandshakes?: true
}

/** Where a socket lives. */
export interface SocketHome {
  readonly net: Net
  readonly settings: SocketSettings
  readonly counters: SocketCounters & NetCounters
  /** Pings and pongs of one client from one of its beats to the next. */
  readonly controlFramesMax: number
  /** From now on it gets its beats. */
  joined(socket: Socket): void
  left(socket: Socket): void
}

/** The record that the library keeps for a connection. */
export interface SocketData {
  readonly socket: Socket
}

type Native = NativeSocket<SocketData>

/** What the library answers where nothing waits; all else means that something does. */
const taken = 1

/** What waits in front of a close frame has this long to leave, unless its owner says otherwise. */
const closeMs = 10_000

/** The largest header of a frame that we send (RFC 6455 section 5.2, unmasked). */
const headBytes = 10

export class Socket implements CadenceEntry<Socket> {
  readonly #home: SocketHome
  readonly #consumer: SocketConsumer
  /** Undefined before the library opened it, and once it is gone. */
  #native: Native | undefined
  /** Its place among those that get their beats. */
  due = 0
  before: CadenceEntry<Socket> | undefined
  after: CadenceEntry<Socket> | undefined
  /** A send was answered with false. */
  #behind = false
  /** Given to the library since then: an upper bound of what it holds beyond the message that was too much. */
  #behindBytes = 0
  /** Something came from the client, or left for it, since the last beat. */
  #alive = true
  /** Pings and pongs since the last beat. */
  #controlFrames = 0
  #closing: { readonly code: number; readonly reason: string; readonly cancel: Cancel } | undefined

  constructor(home: SocketHome, consumer: SocketConsumer) {
    this.#home = home
    this.#consumer = consumer
  }

  get item(): this {
    return this
  }

  get open(): boolean {
    return this.#native !== undefined && this.#closing === undefined
  }

  /**
   * Sends one message. False: it was taken, but the client is behind; send nothing more until `drained`. A string is
   * sent in UTF-8 whatever the kind.
   */
  send(message: Uint8Array | string, kind: PayloadKind): boolean {
    const native = this.#native
    if (native === undefined || this.#closing !== undefined) return true
    if (this.#behind && !this.#mayTake(Buffer.byteLength(message))) return true
    if (native.send(message, kind === 'binary', false) !== taken) this.#behind = true
    return !this.#behind
  }

  /** Sends several messages, up to 16 KB of them in one packet. Answers as `send` does, once for all. */
  sendAll(messages: readonly (Uint8Array | string)[], kind: PayloadKind): boolean {
    const native = this.#native
    if (native === undefined || this.#closing !== undefined) return true
    const bytes = this.#behind ? messages.reduce((sum, message) => sum + Buffer.byteLength(message), 0) : 0
    if (this.#behind && !this.#mayTake(bytes)) return true
    native.cork(() => {
      for (const message of messages) native.send(message, kind === 'binary', false)
    })
    // Only with the end of the cork it shows whether the kernel took the packet.
    if (native.getBufferedAmount() > 0) this.#behind = true
    return !this.#behind
  }

  /** Asks the client for a sign of life. One that is behind would not see it. */
  ping(): void {
    if (this.#behind || this.#closing !== undefined) return
    if (this.#native !== undefined && this.#native.ping() !== taken) this.#behind = true
  }

  /**
   * Ends the connection in an orderly way: what was sent still leaves, then the close frame, each within its time.
   * 1005 sends a frame without a code. Codes that cannot be sent become ones that can; reasons are cut to 123 bytes.
   */
  close(code: number, reason = '', withinMs = closeMs): void {
    const native = this.#native
    if (native === undefined || this.#closing !== undefined) return
    if (native.getBufferedAmount() === 0) return this.#end(code, reason)
    // The library would wait for a slow client as long as it takes anything.
    const cancel = this.#home.net.clock.after(withinMs, () => this.terminate())
    this.#closing = { code, reason, cancel }
  }

  /** Cuts the connection; what was not sent yet is dropped. */
  terminate(): void {
    // The library reports it before it returns.
    this.#native?.close()
  }

  /** Once a period: cuts a dead client, and asks a quiet one. For the home of the socket. */
  beat(): void {
    this.#controlFrames = 0
    if (this.#alive) {
      this.#alive = false
      this.ping()
      return
    }
    // Signs that came while the thread was busy are read within this turn.
    this.#home.net.clock.endOfTurn(() => {
      if (this.#alive || this.#native === undefined) return
      this.#home.counters.pingsMissed++
      this.terminate()
    })
  }

  /** The library's callbacks, each guarded (README, rule 2). */
  static readonly handlers: SocketBehavior<SocketData> = {
    open(native) {
      const { socket } = native.getUserData()
      socket.#native = native
      socket.#home.counters.socketsOpened++
      socket.#home.joined(socket)
    },
    message(native, message, isBinary) {
      native.getUserData().socket.#received(message, isBinary)
    },
    drain(native) {
      native.getUserData().socket.#drained()
    },
    ping(native, message) {
      native.getUserData().socket.#pinged(message.byteLength)
    },
    pong(native) {
      const { socket } = native.getUserData()
      if (socket.#controlled(0)) socket.#guarded(() => socket.#consumer.pong?.())
    },
    close(native, code, message) {
      native.getUserData().socket.#ended(code, Buffer.from(message).toString())
    },
  }

  #received(message: ArrayBuffer, isBinary: boolean): void {
    this.#alive = true
    if (!this.#home.net.turn.admits(this, message.byteLength)) return this.#refuse('floods')
    if (this.#closing !== undefined) return
    const { counters, settings } = this.#home
    counters.messages++
    if (message.byteLength > settings.messageBytesMax) {
      counters.messagesTooLarge++
      return this.close(1009)
    }
    // The library takes the memory back when this returns, hence the copy.
    const bytes = Buffer.from(new Uint8Array(message))
    this.#guarded(() => this.#consumer.message(bytes, isBinary ? 'binary' : 'text'))
  }

  /** The library drained something of what it holds, and goes on by itself. */
  #drained(): void {
    this.#alive = true
    if (this.#native === undefined) return
    if (this.#native.getBufferedAmount() > 0) {
      if (this.open) this.#guarded(() => this.#consumer.progressed?.())
      return
    }
    if (this.#closing !== undefined) return this.#end(this.#closing.code, this.#closing.reason)
    // A large message that is sent in this callback and does not fit would be stuck (README, rule 15).
    if (this.#behind) this.#home.net.clock.endOfTurn(() => this.#caughtUp())
  }

  #caughtUp(): void {
    const native = this.#native
    if (!this.#behind || !this.open || native === undefined || native.getBufferedAmount() > 0) return
    this.#behind = false
    this.#behindBytes = 0
    this.#guarded(() => this.#consumer.drained())
  }

  /** The library has answered it already, and would hold any number of answers for a client that reads none. */
  #pinged(bytes: number): void {
    if (!this.#controlled(bytes) || this.#native === undefined) return
    if (this.#native.getBufferedAmount() > 0) this.#mayTake(bytes)
    else if (!this.#behind) this.#behindBytes = 0
  }

  /** A ping or a pong. False: it was one too many. */
  #controlled(bytes: number): boolean {
    this.#alive = true
    const { net, controlFramesMax } = this.#home
    if (!net.turn.admits(this, bytes)) this.#refuse('floods')
    else if (++this.#controlFrames <= controlFramesMax) return true
    else this.#refuse('socketsChattering')
    return false
  }

  /**
   * The close frame leaves at once or never: as long as something waits in front of it, the library would go on to call
   * for what it has read of this client.
   */
  #refuse(why: 'floods' | 'socketsChattering'): void {
    const native = this.#native
    if (native === undefined) return
    this.#home.counters[why]++
    if (native.getBufferedAmount() > 0 || this.#home.net.turn.isLate) this.terminate()
    else this.#end(1008, why === 'floods' ? 'too much at once' : 'too many pings')
  }

  /** Counts what is added while the client is behind. False: that was too much, and the connection is cut. */
  #mayTake(bytes: number): boolean {
    this.#behindBytes += bytes + headBytes
    if (this.#behindBytes <= this.#home.settings.behindBytesMax) return true
    this.#home.counters.socketsBehind++
    this.terminate()
    return false
  }

  /** Sends the close frame. The library forgets the socket at once, and cuts a client that does not answer in time. */
  #end(code: number, reason: string): void {
    this.#native?.end(sendableCode(code), sendableReason(reason))
  }

  #ended(code: number, text: string): void {
    if (this.#native === undefined) return
    this.#native = undefined
    this.#closing?.cancel()
    this.#home.left(this)
    const close = readClose(code, text)
    countClose(this.#home.counters, close.code)
    if (code === 1006 && close.code === 1009) this.#home.counters.messagesTooLarge++
    guard(
      this.#home.net.clock,
      () => this.#home.counters.failures++,
      () => this.#consumer.closed(close.code, close.reason),
    )
  }

  #guarded(body: () => void): void {
    const failed = () => {
      this.#home.counters.failures++
      this.close(1011)
    }
    guard(this.#home.net.clock, failed, body)
  }
}
