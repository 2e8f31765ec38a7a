// Events of a socket find whom they are for by a property of the socket: functions of its own for each would take 400 bytes of it.
import type { Socket } from 'node:net'

export interface SocketOwner {
  came(bytes: Buffer): void
  /** The other side sent its FIN. */
  finished(): void
  drained(): void
  closed(): void
}

const owner = Symbol('owner')

interface OwnedSocket extends Socket {
  [owner]?: SocketOwner | undefined
}

/** From now on `to` gets the events of this socket. */
export function own(socket: OwnedSocket, to: SocketOwner): void {
  socket[owner] = to
  socket.on('data', came).on('end', finished).on('drain', drained).on('close', closed)
}

/** Nobody gets them any more. */
export function disown(socket: OwnedSocket): void {
  socket[owner] = undefined
}

function came(this: OwnedSocket, bytes: Buffer): void {
  this[owner]?.came(bytes)
}

function finished(this: OwnedSocket): void {
  this[owner]?.finished()
}

function drained(this: OwnedSocket): void {
  this[owner]?.drained()
}

function closed(this: OwnedSocket): void {
  this[owner]?.closed()
}
