// Calls to origins over connections that are kept for the next call. No redirects, no decompression, no cache, and nothing is
// asked twice: each of these is the caller's to decide. Loads the library when it is opened, not before.
import type { LookupFunction } from 'node:net'
import type { Clock } from '../../std/clock.ts'
import { Fault } from '../../std/fault.ts'
import type { Random } from '../../std/random.ts'
import { type Call, type CallHandlers, type CallRequest, OutgoingCall } from './call.ts'
import { type ConnectOptions, Connector } from './connect.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import type { IsForbidden } from './forbidden-addresses.ts'
import { Pool } from './pool.ts'
import { createIsPrivate } from './private-addresses.ts'
import { requestFault } from './raw-headers.ts'
import { keyOf, type OriginTarget } from './target.ts'
import { Turnstile } from './turnstile.ts'
import { type ClientClass, loadClient } from './undici.ts'

export interface OriginsOptions {
  readonly clock: Clock
  /** To one target; calls beyond it wait. */
  readonly connectionsMax: number
  /** Time to connect, TLS included. */
  readonly connectMs?: number
  /** How long a call waits for a connection; as long as connecting may take where nothing is said. */
  readonly waitMs?: number
  /** Where targets that are trusted must not lie; judged with each connection. */
  readonly isForbidden?: IsForbidden
  /** Time from the end of the request to the head of the answer, and between two pieces of a body; 0: for ever. */
  readonly headMs?: number
  readonly idleMs?: number
  /** Time for the handshake of a WebSocket, from the connection on to the end of the answer. */
  readonly handshakeMs?: number
  /** PEM; by default those that Node.js brings. */
  readonly authorities?: readonly string[]
  /** In place of the system's resolver. */
  readonly lookup?: LookupFunction
  /** For keys of WebSockets; by default the system's. */
  readonly random?: Random
}

/** A dead host is found out before a client gives up; the contract's targets are tried one after the other. */
const connectMs = 10_000
/** For each connection that one may have: a burst may wait its turn, more is load that nobody serves. */
const waitingPerConnection = 10
/** Shorter than most origins keep a connection (5 s), so that few close under a request; an origin may ask for longer. */
const keptMs = 4_000
const keptMsMax = 60_000
/** Connections that nobody uses, over all targets: each is a descriptor here and a process or thread there. */
const idleMax = 256
/** Names and values of an answer's head; twice what Node.js takes, as some origins set many cookies. */
const headBytesMax = 32_768

export class Origins {
  readonly #Client: ClientClass
  readonly #options: OriginsOptions
  readonly #turnstile: Turnstile
  readonly #isPrivate = createIsPrivate()
  readonly #pools = new Map<string, Pool>()
  /** Targets are records of rules, asked again and again. */
  readonly #keys = new WeakMap<OriginTarget, string>()
  /** The one that is idle for longest comes first. */
  readonly #idle = new Set<Connection>()
  #isClosed = false

  constructor(Client: ClientClass, options: OriginsOptions) {
    this.#Client = Client
    this.#options = options
    this.#turnstile = new Turnstile(options.clock)
  }

  /** Targets with a connection. */
  get targets(): number {
    return this.#pools.size
  }

  get connections(): number {
    return [...this.#pools.values()].reduce((sum, pool) => sum + pool.connections, 0)
  }

  call(request: CallRequest, handlers: CallHandlers): Call {
    const key = this.#keyOf(request.target)
    const call = new OutgoingCall(request, handlers, this.#turnstile, waiting =>
      this.#pools.get(key)?.forget(waiting),
    )
    this.#turnstile.outside(() => {
      const fault = this.#isClosed ? closing() : requestFault(request.method, request.rawHeaders)
      if (fault !== undefined) call.fail(fault)
      else if (!call.isOver) this.#poolOf(key, request.target).start(call)
    })
    return call
  }

  /** Ends all calls, each with a failure, and closes all connections. */
  close(): void {
    this.#isClosed = true
    for (const pool of [...this.#pools.values()]) pool.close()
  }

  #keyOf(target: OriginTarget): string {
    const known = this.#keys.get(target)
    if (known !== undefined) return known
    const key = keyOf(target)
    this.#keys.set(target, key)
    return key
  }

  #poolOf(key: string, target: OriginTarget): Pool {
    const known = this.#pools.get(key)
    if (known !== undefined) return known
    const { clock, connectionsMax, waitMs = timeToConnect(this.#options) } = this.#options
    const connector = connectorTo(target, this.#options, this.#isPrivate)
    const pool = new Pool({
      clock,
      connectionsMax,
      waitingMax: connectionsMax * waitingPerConnection,
      waitMs,
      open: owner => this.#open(connector, owner),
      idle: connection => this.#rest(connection),
      busy: connection => void this.#idle.delete(connection),
      empty: () => void this.#pools.delete(key),
    })
    this.#pools.set(key, pool)
    return pool
  }

  #open(connector: Connector, owner: ConnectionOwner): Connection {
    const { headMs = 0, idleMs = 0 } = this.#options
    const options = {
      headersTimeout: headMs,
      bodyTimeout: idleMs,
      keepAliveTimeout: keptMs,
      keepAliveMaxTimeout: keptMsMax,
      maxHeaderSize: headBytesMax,
    }
    return new Connection(this.#Client, options, connector, owner)
  }

  #rest(connection: Connection): void {
    this.#idle.add(connection)
    if (this.#idle.size <= idleMax) return
    const [oldest] = this.#idle
    oldest?.destroy()
  }
}

function timeToConnect(options: OriginsOptions): number {
  return options.connectMs ?? connectMs
}

export function connectorTo(
  target: OriginTarget,
  options: OriginsOptions,
  isPrivate: ConnectOptions['isPrivate'],
): Connector {
  const { clock, authorities, lookup, isForbidden } = options
  return new Connector(target, {
    clock,
    isPrivate,
    isForbidden,
    connectMs: timeToConnect(options),
    authorities,
    lookup,
  })
}

const closing = () => new Fault('node-closing', 'no call is made any more')

export async function openOrigins(options: OriginsOptions): Promise<Origins> {
  return new Origins(await loadClient(), options)
}
