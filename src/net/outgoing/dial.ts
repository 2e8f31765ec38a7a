// The handshake of a WebSocket to an origin (RFC 6455 section 4.1): a connection of its own, which is handed over bare when the
// origin accepts, or the origin's own answer. Node's client reads the answer; it is loaded with the first dial.
import { createHash } from 'node:crypto'
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Cancel, Clock } from '../../std/clock.ts'
import { Fault } from '../../std/fault.ts'
import type { Random } from '../../std/random.ts'
import type { BareConnection } from '../bare-connection.ts'
import { guard } from '../guard.ts'
import type { Connector } from './connect.ts'
import { type CallFailure, type CallPhase, failureCode, failureText, isBlocked } from './failures.ts'
import { dialHeaders, hasKnownFraming, requestFault } from './raw-headers.ts'
import type { OriginTarget } from './target.ts'

export interface DialRequest {
  readonly target: OriginTarget
  /** As it is sent, in Latin-1; begins with a slash. */
  readonly path: string
  /**
   * Name, value, and so on, in Latin-1, as they are sent, `Host` among them. What makes it a handshake is added: key, version,
   * `Upgrade` and `Connection`; those names are left out here, and so are lengths, for it has no body.
   */
  readonly rawHeaders: readonly string[]
}

/** Exactly one of the three is called, never before the dial was returned, and none after `abort`. */
export interface DialHandlers {
  /** What the origin's head said, and the connection, which is its new owner's to end; errors of it are ignored already. */
  onAccepted(rawHeaders: readonly string[], connection: BareConnection): void
  /** The whole answer, without its framing, whatever the headers say of that. */
  onRefused(status: number, reason: string, rawHeaders: readonly string[], body: Buffer): void
  onFailure(failure: CallFailure): void
}

export interface Dial {
  /** Closes the connection at once. Harmless behind an end. */
  abort(): void
}

export interface DialRoom {
  readonly clock: Clock
  readonly random: Random
  /** From the connection on until the origin has answered, a refusal with its body. */
  readonly handshakeMs: number
}

/** As the original's: such an answer is kept whole before it is passed on. */
const refusalBytesMax = 100_000
/** Of its head; as for calls. */
const headBytesMax = 32_768
const keyBytes = 16
/** RFC 6455 section 1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

export class OutgoingDial implements Dial {
  readonly #room: DialRoom
  /** Undefined once it is over, so that what listens to the socket for ever holds none of it. */
  #request: DialRequest | undefined
  #handlers: DialHandlers | undefined
  #phase: CallPhase = 'connecting'
  #client: ClientRequest | undefined
  #giveUp: () => void = () => {}
  #late: Cancel = () => {}
  #over: (dial: OutgoingDial) => void

  constructor(
    room: DialRoom,
    request: DialRequest,
    handlers: DialHandlers,
    over: (dial: OutgoingDial) => void,
  ) {
    this.#room = room
    this.#request = request
    this.#handlers = handlers
    this.#over = over
  }

  start(connector: Connector): void {
    const { rawHeaders } = this.#request ?? { rawHeaders: [] }
    const fault = requestFault('GET', rawHeaders)
    if (fault !== undefined) return queueMicrotask(() => this.#fail(fault, 'sending'))
    this.#giveUp = connector.connect(
      (error, socket) => {
        if (socket === null) this.#fail(error ?? new Fault('unknown', 'no connection'))
        else void this.#ask(socket)
      },
      () => {},
    )
  }

  abort(): void {
    if (this.#end() === undefined) return
    this.#giveUp()
    this.#client?.destroy()
  }

  /** Instead of what else would happen. */
  fail(error: Error): void {
    this.#fail(error)
  }

  async #ask(socket: Socket): Promise<void> {
    this.#phase = 'sending'
    this.#giveUp = () => void socket.destroy()
    const { clock, handshakeMs } = this.#room
    this.#late = clock.after(handshakeMs, () => this.#expire())
    try {
      const { request } = await import('node:http')
      if (this.#request !== undefined) this.#send(request, this.#request, socket)
    } catch (error) {
      // What Node.js finds wrong with names, values or the path.
      const message = error instanceof Error ? error.message : String(error)
      this.#fail(new Fault('request-invalid', message))
    }
  }

  #send(begin: typeof import('node:http').request, { path, rawHeaders }: DialRequest, socket: Socket): void {
    const key = Buffer.from(this.#room.random.hex(keyBytes), 'hex').toString('base64')
    const client = begin({
      createConnection: () => socket,
      path,
      // A list is sent as it is; the types know it not.
      headers: dialHeaders(rawHeaders, key) as unknown as Record<string, string>,
      maxHeaderSize: headBytesMax,
    })
    this.#client = client
    client
      .on('finish', () => {
        if (this.#phase === 'sending') this.#phase = 'waiting'
      })
      .on('error', error => this.#fail(ownError(error)))
      .on('upgrade', (response, opened, early) => this.#switched(response, key, { socket, early }, opened))
      .on('response', response => this.#refused(response))
      .end()
  }

  #switched(response: IncomingMessage, key: string, connection: BareConnection, opened: unknown): void {
    const accept = createHash('sha1')
      .update(key + acceptSuffix)
      .digest('base64')
    const { upgrade, 'sec-websocket-accept': accepted } = response.headers
    if (opened !== connection.socket) return this.#fail(noHandshake('another connection'))
    if (upgrade?.toLowerCase() !== 'websocket')
      return this.#fail(noHandshake('it switches to something else'))
    if (accepted !== accept) return this.#fail(noHandshake('its Sec-WebSocket-Accept is not that of the key'))
    connection.socket.pause()
    const handlers = this.#end()
    this.#guarded(() => handlers?.onAccepted(response.rawHeaders, connection))
  }

  #refused(response: IncomingMessage): void {
    this.#phase = 'receiving'
    const { statusCode = 0, statusMessage = '', rawHeaders } = response
    // A 101 that says not to what is such an answer to Node.js.
    if (statusCode < 200) return this.#fail(noHandshake('it switches to nothing'))
    if (!hasKnownFraming(rawHeaders)) return this.#fail(unknownCoding())
    const pieces: Buffer[] = []
    let bytes = 0
    response
      .on('data', (piece: Buffer) => {
        bytes += piece.length
        if (bytes > refusalBytesMax) return this.#fail(tooLarge())
        pieces.push(piece)
      })
      .on('error', error => this.#fail(ownError(error)))
      .on('end', () => {
        const handlers = this.#end()
        this.#giveUp()
        this.#guarded(() => handlers?.onRefused(statusCode, statusMessage, rawHeaders, Buffer.concat(pieces)))
      })
  }

  #expire(): void {
    const { handshakeMs } = this.#room
    const code = this.#phase === 'receiving' ? 'body-timeout' : 'head-timeout'
    this.#fail(new Fault(code, `no answer to a handshake within ${handshakeMs} ms`))
  }

  #fail(error: Error, phase: CallPhase = this.#phase): void {
    const handlers = this.#end()
    if (handlers === undefined) return
    this.#giveUp()
    const code = failureCode(error)
    const told = { phase, code, message: failureText(error), wasReused: false, isBlocked: isBlocked(code) }
    this.#guarded(() => handlers.onFailure(told))
  }

  /** Who is to be told, once. */
  #end(): DialHandlers | undefined {
    const handlers = this.#handlers
    this.#late()
    if (handlers !== undefined) this.#over(this)
    this.#handlers = undefined
    this.#request = undefined
    this.#client = undefined
    return handlers
  }

  #guarded(run: () => void): void {
    guard(this.#room.clock, () => this.#giveUp(), run)
  }
}

function noHandshake(why: string): Fault {
  return new Fault('handshake-invalid', `the origin accepts no WebSocket as it should: ${why}`)
}

const unknownCoding = () => new Fault('response-invalid', 'a transfer coding that is not known')
const tooLarge = () => new Fault('answer-too-large', `a refusal of more than ${refusalBytesMax} bytes`)

/** Its parser has codes of its own, and an end before the answer is a reset to it. */
function ownError(error: NodeJS.ErrnoException): Error {
  const code = error.code ?? ''
  if (code === 'HPE_HEADER_OVERFLOW') return new Fault('head-too-large', error.message)
  if (code.startsWith('HPE_')) return new Fault('response-invalid', error.message)
  return code === 'ECONNRESET' ? new Fault('origin-closed', error.message) : error
}
