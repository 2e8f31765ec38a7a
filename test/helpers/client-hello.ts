// The first bytes of a TLS client, as OpenSSL writes them, for whoever wants to send them in an odd way.
import { Duplex } from 'node:stream'
import { connect } from 'node:tls'

export function clientHello(): Buffer {
  const pieces: Buffer[] = []
  const nowhere = new Duplex({
    read() {},
    write(bytes, _encoding, done) {
      pieces.push(bytes)
      done()
    },
  })
  const socket = connect({ socket: nowhere })
  socket.on('error', () => {})
  socket.destroy()
  return Buffer.concat(pieces)
}
