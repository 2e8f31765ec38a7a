// Clients that do not read, or not fast: what waits for them is bounded, and whoever writes is told.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { GateResponse } from '../../../src/net/gate/gate-exchange.ts'
import { pieceBytes } from '../../../src/net/gate/limits.ts'
import { serveGate } from '../../helpers/gate.ts'
import { heldOutside } from '../../helpers/heap.ts'
import { until } from '../../helpers/until.ts'

const get = 'GET / HTTP/1.1\r\nHost: t\r\n\r\n'

describe('a client that is behind', () => {
  test('is waited for: false from 64 KiB on, told once when it took what waits, and nothing is lost (row 66)', async t => {
    const bytes = 50_000_000
    const { connect, exchange } = await serveGate(t)
    const client = connect()
    client.pause()
    client.send(get)
    const response = (await exchange(0)).respond(200, 'OK', [], { kind: 'length', bytes })
    const piece = Buffer.alloc(50_000, 'x')
    let [written, stops, mostWaiting] = [0, 0, 0]
    const write = () => {
      while (written < bytes) {
        written += piece.length
        const isTaken = response.write(piece)
        mostWaiting = Math.max(mostWaiting, response.waitingBytes)
        equal(isTaken, response.waitingBytes < pieceBytes)
        if (isTaken) continue
        stops++
        response.onDrained(write)
        return
      }
      response.end()
    }
    write()
    await until('a client that is behind', () => stops > 0 && response.waitingBytes >= pieceBytes)
    client.resume()
    equal((await client.answer()).body.length, bytes)
    ok(stops > 1)
    ok(mostWaiting < pieceBytes + 2 * piece.length, `${mostWaiting} waited`)
  })

  test('holds up no more than its share, whoever writes on all the same', async t => {
    let lost = 0
    const { connect, exchange, gate } = await serveGate(t, { limits: { behindBytesMax: 1_000_000 } })
    const client = connect()
    client.pause()
    client.send(get)
    const asked = await exchange(0)
    asked.onAborted(() => lost++)
    const response = asked.respond(200, 'OK', [], { kind: 'chunked' })
    // One write may be larger.
    response.write(Buffer.alloc(20_000_000))
    equal(lost, 0)
    await until('the end of the turn', () => response.waitingBytes < 20_000_000)
    response.write(Buffer.alloc(10))
    deepEqual([lost, gate.counters.behind, gate.counters.aborted], [1, 1, 1])
    equal(response.write(Buffer.alloc(10)), true)
    await until('its end', () => gate.connections() === 0)
  })

  test('keeps a reference to shared bytes and no copy', async t => {
    const count = 20
    const { connect, exchange } = await serveGate(t)
    const responses: GateResponse[] = []
    for (let at = 0; at < count; at++) {
      const client = connect()
      client.pause()
      client.send(get)
      responses.push((await exchange(at)).respond(200, 'OK', [], { kind: 'chunked' }))
    }
    const shared = Buffer.alloc(16_000_000, 'x')
    const chunk = Buffer.concat([
      Buffer.from(`${shared.length.toString(16)}\r\n`),
      shared,
      Buffer.from('\r\n'),
    ])
    const before = heldOutside()
    for (const response of responses) equal(response.writeRaw(chunk), false)
    await until('all that the kernel takes', () =>
      responses.every(({ waitingBytes }) => waitingBytes < chunk.length),
    )
    ok(heldOutside() - before < chunk.length)
  })

  test('that is not behind is told soon', async t => {
    const { connect, exchange } = await serveGate(t)
    connect().send(get)
    const response = (await exchange(0)).respond(200, 'OK', [], { kind: 'chunked' })
    await new Promise<void>(resolve => response.onDrained(resolve))
    // The head has not left: much that waits for it is taken with it.
    const { promise, resolve } = Promise.withResolvers<void>()
    equal(response.write(Buffer.alloc(100_000)), false)
    response.onDrained(resolve)
    await promise
  })
})
