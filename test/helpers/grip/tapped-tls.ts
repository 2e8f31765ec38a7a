// One request over TLS 1.2 by a client that looks at the records beneath: their kinds stand in the clear.
import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { Place } from '../raw-client.ts'

const alertRecord = 21

export interface Tapped {
  /** Of the answer. */
  readonly bytes: number
  readonly lastRecord: 'alert' | 'other'
}

/** Resolves when the far end has closed. */
export async function tappedTls(place: Place, request: string): Promise<Tapped> {
  if (typeof place === 'string' || !('ca' in place)) throw new Error('no door over TLS')
  const { host, port, ca } = place
  const raw = connect({ host, port, noDelay: true, allowHalfOpen: true })
  let records: Buffer<ArrayBufferLike> = Buffer.alloc(0)
  let last = 0
  const tap = new Duplex({
    read() {},
    write: (bytes, _encoding, done) => void raw.write(bytes, done),
    final: done => void raw.end(done),
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  raw.on('data', piece => {
    records = Buffer.concat([records, piece])
    while (records.length >= 5 && records.length >= 5 + records.readUInt16BE(3)) {
      last = records[0] ?? 0
      records = records.subarray(5 + records.readUInt16BE(3))
    }
    tap.push(piece)
  })
  raw.on('end', resolve).on('close', resolve).on('error', resolve)
  let bytes = 0
  const socket = connectTls({ socket: tap, ca, host, servername: '', maxVersion: 'TLSv1.2' })
  socket.on('data', piece => {
    bytes += piece.length
  })
  socket.on('error', () => {})
  socket.write(request)
  await promise
  // What came in front of the end is read by then.
  await new Promise(done => setImmediate(done))
  raw.destroy()
  socket.destroy()
  return { bytes, lastRecord: last === alertRecord ? 'alert' : 'other' }
}
