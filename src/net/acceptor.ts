// Listens in the primary and hands every accepted connection, unread, to the child App of a worker, in turn. Reads
// no client byte while any worker is there.
import { type Address, formatAddress } from '../std/address.ts'
import { faultText } from '../std/fault.ts'
import { cut } from './cut.ts'
import type { InheritedSocket } from './inherited/inherited-sockets.ts'
import { descriptorOf } from './inherited/listening.ts'
import { type Reply, writeReply } from './reply.ts'
import { type Claim, claimInheritedPath, claimPath } from './socket-path.ts'
import type { App, ListenSocket, Response, Uws } from './uws.ts'

export interface Acceptor {
  /** The address listened on, with the real port where it has one. */
  readonly address: Address
  /** Refuses connections until `listen`. Where the kernel chose the port nobody knows it yet, and it stays ours. */
  pause(): void
  /** A reason where somebody took the address meanwhile. Harmless where it listens already. */
  listen(): string | undefined
  /** Hands connections to this child App too, from now on. */
  add(descriptor: number): void
  /** Hands nothing more to it. Sockets already handed over still arrive there. */
  remove(descriptor: number): void
  /** Requests that wait for a child now, and all that were cut because too many waited. */
  readonly counters: { readonly waiting: number; readonly waitingExceeded: number }
  /** Stops listening. Calling it twice is harmless. */
  close(): void
  /** As `close`, where another process has the socket and goes on with it: a path stays. */
  leave(): void
}

export interface AcceptorOptions {
  /** What is answered to a request for that path while there is no child; undefined: it waits. */
  readonly unserved?: (path: string) => Reply | undefined
  readonly waitingMax?: number
  /** In place of a new one; it is the acceptor's from now on. */
  readonly inherited?: InheritedSocket | undefined
}

/** Where the library listens until an inherited socket takes the place of that one, within the same call. */
const placeholder: Address = { host: '127.0.0.1', port: 0 }

/**
 * So many requests wait for a child, each for a descriptor and a kilobyte; one more is cut at once. Its client comes again
 * in no time, so this saves the primary from those that would come ten times a second each.
 */
const waitingMaxDefault = 10_000

/** A reason where the address cannot be had. Otherwise it listens. */
export function openAcceptor(
  uws: Uws,
  wanted: Address,
  { unserved = () => undefined, waitingMax = waitingMaxDefault, inherited }: AcceptorOptions = {},
): Acceptor | string {
  const claim = claimOf(wanted, inherited)
  if (typeof claim === 'string') return claim
  const app = uws.App()
  const waiting = openWaitingRoom(waitingMax)
  const children = new Set<number>()
  app.any('/*', (response, request) => {
    // Accepted while there was no child, its connection stays here. Its client's next one is served.
    if (children.size > 0) return cut(response)
    const reply = unserved(request.getUrl())
    if (reply === undefined) return waiting.take(response)
    response.onAborted(() => {})
    writeReply(response, request.getCaseSensitiveMethod(), reply, true)
  })
  const place = openPlace(uws, app, { wanted, inherited, opened: () => claim?.opened() })
  const failure = place.listen()
  if (failure !== undefined) {
    claim?.release()
    return failure
  }
  const leave = () => {
    place.leave()
    waiting.empty()
    inherited?.close()
  }
  return {
    address:
      wanted.path === undefined && inherited === undefined
        ? { host: wanted.host, port: place.port() }
        : wanted,
    pause() {
      if (wanted.path !== undefined || wanted.port !== 0) place.leave()
    },
    listen: place.listen,
    add(descriptor) {
      if (!children.has(descriptor)) app.addChildAppDescriptor(descriptor)
      children.add(descriptor)
      waiting.empty()
    },
    remove(descriptor) {
      if (children.delete(descriptor)) app.removeChildAppDescriptor(descriptor)
    },
    counters: waiting.counters,
    close() {
      leave()
      claim?.release()
    },
    leave,
  }
}

function claimOf({ path }: Address, inherited: InheritedSocket | undefined): Claim | string | undefined {
  if (path === undefined) return undefined
  return inherited === undefined ? claimPath(path) : claimInheritedPath(path)
}

interface Place {
  readonly wanted: Address
  readonly inherited: InheritedSocket | undefined
  readonly opened: () => void
}

/** Where the App listens, or does not. */
function openPlace(uws: Uws, app: App, { wanted, inherited, opened }: Place) {
  const { host, port: wantedPort, path } = inherited === undefined ? wanted : placeholder
  let port = wantedPort
  let socket: ListenSocket | undefined
  // The library calls back before it returns.
  const listened = (listening: ListenSocket | false) => {
    if (listening !== false) socket = listening
  }
  const leave = () => {
    if (socket !== undefined) uws.us_listen_socket_close(socket)
    socket = undefined
  }
  return {
    port: () => port,
    listen(): string | undefined {
      if (socket !== undefined) return undefined
      if (path !== undefined) app.listen_unix(listened, path)
      // Exclusive, so that a second daemon on the port fails loudly instead of taking half of the clients.
      else app.listen(host, port, uws.LIBUS_LISTEN_EXCLUSIVE_PORT, listened)
      if (socket === undefined) return 'the address is in use or not allowed'
      const failure = inherited && putUnder(inherited, uws.us_socket_local_port(socket))
      if (failure !== undefined) {
        leave()
        return failure
      }
      if (path === undefined && inherited === undefined) port = uws.us_socket_local_port(socket)
      opened()
      return undefined
    },
    leave,
  }
}

/** The library listens on no descriptor that it is given; but one that it has may become another socket before its loop looks. */
function putUnder(inherited: InheritedSocket, port: number): string | undefined {
  const number = descriptorOf({ ...placeholder, port })
  if (number === undefined) return 'its own socket is not found in /proc'
  try {
    inherited.replace(number)
    return undefined
  } catch (error) {
    return faultText(error)
  }
}

/**
 * Requests that nobody can serve now. None can be handed on any more: once somebody serves, each is closed without an
 * answer, and its client comes again. A 503 would be final for some of them, a browser's EventSource above all.
 */
function openWaitingRoom(max: number) {
  const waiting = new Set<Response>()
  let exceeded = 0
  return {
    counters: {
      get waiting() {
        return waiting.size
      },
      get waitingExceeded() {
        return exceeded
      },
    },
    take(response: Response): void {
      response.onAborted(() => void waiting.delete(response))
      waiting.add(response)
      if (waiting.size <= max) return
      exceeded++
      response.close()
    },
    empty(): void {
      // Closing one takes it out.
      for (const response of [...waiting]) response.close()
    },
  }
}

/** For messages: what a listener that could not be opened should say. */
export function describeListenFailure(
  protocol: string,
  address: Address,
  reason: string,
  setting: string,
): string {
  return `${protocol} cannot listen on ${formatAddress(address)}: ${reason}; set ${setting} to another`
}
