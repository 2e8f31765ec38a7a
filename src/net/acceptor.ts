// Listens in the primary and hands every accepted connection, unread, to the child App of a worker, in turn. Reads
// no client byte while any worker is there; without one it answers 503 itself.
import { type Address, formatAddress } from '../std/address.ts'
import { answerUnavailable } from './unavailable.ts'
import type { ListenSocket, Uws } from './uws.ts'

export interface Acceptor {
  /** The address listened on, with the real port. */
  readonly address: Address
  /** Hands connections to this child App too, from now on. */
  add(descriptor: number): void
  /** Hands nothing more to it. Sockets already handed over still arrive there. */
  remove(descriptor: number): void
  /** Stops listening. Calling it twice is harmless. */
  close(): void
}

/** Undefined: the address cannot be had (in use, not of this machine, or not allowed). */
export function openAcceptor(uws: Uws, wanted: Address): Acceptor | undefined {
  const app = uws.App()
  app.any('/*', answerUnavailable)
  const children = new Set<number>()
  let socket: ListenSocket | undefined
  // Exclusive, so that a second daemon on the port fails loudly instead of taking half of the clients. The library
  // calls back before `listen` returns.
  app.listen(wanted.host, wanted.port, uws.LIBUS_LISTEN_EXCLUSIVE_PORT, listening => {
    if (listening !== false) socket = listening
  })
  if (socket === undefined) return undefined
  const port = uws.us_socket_local_port(socket)
  return {
    address: { host: wanted.host, port },
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
    },
  }
}

/** For messages: what a listener that could not be opened should say. */
export function describeListenFailure(protocol: string, address: Address, setting: string): string {
  return `${protocol} cannot listen on ${formatAddress(address)}: the address is in use or not allowed; set ${setting} to another`
}
