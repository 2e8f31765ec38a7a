// One connection to an origin, and the one call that it serves at a time. The library connects it anew where an idle one
// closed before its next request was written, so such a race is nobody's failure.
import type { Connector } from './connect.ts'
import type { Client, ClientClass, ClientOptions, Connected, DispatchOptions, Handler } from './undici.ts'

/** What a connection serves: one call. */
export interface Served extends DispatchOptions, Handler {
  readonly isOver: boolean
  /** Its request is being written, or was. */
  readonly hasBegun: boolean
  runOn(connection: Connection): void
  /** Nothing more will come from the origin, and all that came was read. */
  atEnd(wasReset: boolean): void
  /** Instead of what the library would say. */
  fail(error: Error): void
}

export interface ConnectionOwner {
  /** It may take another call. */
  free(connection: Connection): void
  gone(connection: Connection): void
}

/** The library wants a URL; where a connection goes, and whether by TLS, is the connector's to say. */
const placeholder = 'http://origin.invalid'

export class Connection {
  readonly #client: Client
  readonly #owner: ConnectionOwner
  #call: Served | undefined
  #giveUp: () => void = () => {}
  /** Requests that were begun on it since it was connected. */
  #uses = 0
  #isConnected = false
  #isGone = false

  constructor(
    Client: ClientClass,
    options: Omit<ClientOptions, 'connect' | 'pipelining'>,
    connector: Connector,
    owner: ConnectionOwner,
  ) {
    this.#owner = owner
    this.#client = new Client(placeholder, {
      ...options,
      pipelining: 1,
      connect: (_options, done) => {
        this.#uses = 0
        const connected: Connected = (error, socket) => {
          this.#isConnected = error === null
          done(error, socket)
        }
        this.#giveUp = connector.connect(connected, wasReset => this.#call?.atEnd(wasReset))
      },
    })
    this.#client
      .on('drain', () => this.#drained())
      .on('disconnect', () => this.#disconnected())
      .on('connectionError', () => this.#leave())
  }

  run(call: Served): void {
    this.#call = call
    const { method, path, headers, body } = call
    this.#client.dispatch({ method, path, headers, body }, call)
    // What the library refuses before it takes it leaves no trace there, and no `drain` follows.
    if (call.isOver && this.#call === call) this.#drained()
  }

  /** For the call, when its request is about to be written: whether the connection has served before. */
  begin(): boolean {
    return this.#uses++ > 0
  }

  /** Closes it. What runs on it fails. */
  destroy(): void {
    this.#leave()
  }

  #drained(): void {
    if (this.#isGone || this.#call?.isOver !== true) return
    this.#call = undefined
    if (this.#isConnected) this.#owner.free(this)
    else this.#leave()
  }

  #disconnected(): void {
    this.#isConnected = false
    // A request that was not begun stays with the library, which connects again.
    if (this.#call?.isOver === false && !this.#call.hasBegun) return
    this.#leave()
  }

  #leave(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#client.destroy(null, () => {})
    this.#giveUp()
    this.#owner.gone(this)
  }
}
