// Listens in the primary and hands every accepted connection, unread, to the child App of a worker, in turn. Reads
// no client byte while any worker is there; without one it answers 503 itself.
import { type Address, formatAddress } from '../std/address.ts'
import { claimPath } from './socket-path.ts'
import { answerUnavailable } from './unavailable.ts'
import type { ListenSocket, Uws } from './uws.ts'

export interface Acceptor {
  /** The address listened on, with the real port where it has one. */
  readonly address: Address
  /** Hands connections to this child App too, from now on. */
  add(descriptor: number): void
  /** Hands nothing more to it. Sockets already handed over still arrive there. */
  remove(descriptor: number): void
  /** Stops listening. Calling it twice is harmless. */
  close(): void
}

/** A reason where the address cannot be had. */
export function openAcceptor(uws: Uws, wanted: Address): Acceptor | string {
  const { path } = wanted
  const claim = path === undefined ? undefined : claimPath(path)
  if (typeof claim === 'string') return claim
  const app = uws.App()
  app.any('/*', answerUnavailable)
  const children = new Set<number>()
  let socket: ListenSocket | undefined
  // The library calls back before it returns.
  const listened = (listening: ListenSocket | false) => {
    if (listening !== false) socket = listening
  }
  if (path !== undefined) app.listen_unix(listened, path)
  // Exclusive, so that a second daemon on the port fails loudly instead of taking half of the clients.
  else app.listen(wanted.host, wanted.port, uws.LIBUS_LISTEN_EXCLUSIVE_PORT, listened)
  if (socket === undefined) {
    claim?.release()
    return 'the address is in use or not allowed'
  }
  claim?.opened()
  const address = path === undefined ? { host: wanted.host, port: uws.us_socket_local_port(socket) } : wanted
  return {
    address,
    add(descriptor) {
      if (!children.has(descriptor)) app.addChildAppDescriptor(descriptor)
      children.add(descriptor)
    },
    remove(descriptor) {
      if (children.delete(descriptor)) app.removeChildAppDescriptor(descriptor)
    },
    close() {
      if (socket !== undefined) uws.us_listen_socket_close(socket)
      socket = undefined
      claim?.release()
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
