// Parcels between two processes: whole and in order, however the bytes come, and none before somebody listens.
import { deepEqual, equal } from 'node:assert/strict'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { describe, test } from 'node:test'
import { type Parcel, packForPort, unpackFromPort } from '../../../src/std/msgpack.ts'
import { SocketPort } from '../../../src/threads/socket-port.ts'
import { until } from '../../helpers/until.ts'

/** What is written to it comes back in pieces of so many bytes. */
function echo(pieceBytes: number): SocketPort {
  const stream = new Duplex({
    read() {},
    write(bytes: Buffer, _, done) {
      for (let at = 0; at < bytes.length; at += pieceBytes) this.push(bytes.subarray(at, at + pieceBytes))
      done()
    },
    final(done) {
      this.push(null)
      done()
    },
  })
  return new SocketPort(stream as Socket) // all that it uses is a stream's
}

/** Bytes may come as a Buffer. */
const ofOneKind = (value: unknown) => (value instanceof Uint8Array ? new Uint8Array(value) : value)

const values = [[1, 'ä'], 'x'.repeat(100), new Uint8Array(40_000).fill(7), [], { a: [null] }]

describe('parcels over a socket', () => {
  for (const pieceBytes of [1, 3, 5, 4_096, 1_000_000]) {
    test(`come whole and in order in pieces of ${pieceBytes} bytes`, async () => {
      const port = echo(pieceBytes)
      const came: unknown[] = []
      port.on('message', parcel => came.push(unpackFromPort(parcel)))
      for (const value of values) port.postMessage(packForPort(value))
      await until('all of them', () => came.length === values.length)
      deepEqual(came.map(ofOneKind), values)
    })
  }

  test('the first is for one, and what follows waits for whoever listens then', async () => {
    const port = echo(1_000_000)
    const heard: string[] = []
    const text = (parcel: Parcel) => String(unpackFromPort(parcel))
    for (const value of ['one', 'two', 'three']) port.postMessage(packForPort(value))
    port.first(parcel => heard.push(text(parcel)))
    await until('the first', () => heard.length > 0)
    deepEqual(heard, ['one'])
    port.on('message', parcel => heard.push(text(parcel)))
    equal(heard.length, 1, 'not before whoever listens is made')
    await until('the others', () => heard.length === 3)
    deepEqual(heard, ['one', 'two', 'three'])
  })

  test('what was posted arrives before the end is heard', async () => {
    const port = echo(2)
    const heard: string[] = []
    port.on('message', () => heard.push('a parcel'))
    port.on('close', () => heard.push('the end'))
    port.postMessage(packForPort('last'))
    port.close()
    port.postMessage(packForPort('too late'))
    await until('the end', () => heard.includes('the end'))
    deepEqual(heard, ['a parcel', 'the end'])
  })
})
