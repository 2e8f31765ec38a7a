// TLS around an accepted socket, by a context that may be replaced while connections stay.
import type { Socket } from 'node:net'
import { createSecureContext, type SecureContext, type SecureContextOptions, TLSSocket } from 'node:tls'
import { faultText } from '../../std/fault.ts'

/** A reason where certificate and key are none, or do not fit. */
export function readSecureContext(options: SecureContextOptions): SecureContext | string {
  try {
    return createSecureContext(options)
  } catch (error) {
    return faultText(error)
  }
}

/** Usable at once: what is written waits for the handshake, and nothing comes before it. */
export function shakeHands(raw: Socket, secureContext: SecureContext, failed: () => void): Socket {
  const socket = new TLSSocket(raw, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] })
  let isShaken = false
  socket.once('secure', () => {
    isShaken = true
  })
  // Node.js tells what is wrong with a record by this event alone, and would leave the connection open behind a handshake.
  socket.once('_tlsError', () => {
    if (!isShaken) failed()
    socket.destroy()
  })
  return socket
}

/** Its handshake is not over: what ends it would wait for that, too. */
export function isShaking(socket: Socket): boolean {
  return socket instanceof TLSSocket && 'secureConnecting' in socket && socket.secureConnecting === true
}
