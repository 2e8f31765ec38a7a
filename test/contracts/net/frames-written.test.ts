// What is written to a WebSocket, and how much of it may wait there.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { serverFrame } from '../../../src/net/gate/frame-writer.ts'
import { pieceBytes } from '../../../src/net/gate/limits.ts'
import { roles, serveFrames } from '../../helpers/frames/frame-peers.ts'
import { closePayload, opcode } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'

const { continuation, text, binary, close, ping, pong } = opcode

for (const role of roles)
  describe(`what is written as a ${role}`, () => {
    test('is what was said, frame by frame', async t => {
      const { peer, far } = await (await serveFrames(t, { role })).connect()
      peer.message('text', Buffer.from('a'), true, false)
      peer.ping(Buffer.alloc(126, 'p'))
      peer.message('text', Buffer.from('b'), false, false)
      peer.pong(Buffer.from('q'))
      peer.message('text', Buffer.alloc(0), false, true)
      peer.message('binary', Buffer.alloc(300_000, 'c'))
      peer.close(4000, 'é'.repeat(70))
      peer.message('text', Buffer.from('late'))
      peer.close()
      await far.frame(6)
      const isMasked = role === 'client'
      const of = (code: number, payload: string, fin = true) => ({
        code,
        fin,
        reserved: 0,
        isMasked,
        payload: Buffer.from(payload),
      })
      deepEqual(far.frames, [
        of(text, 'a', false),
        of(ping, 'p'.repeat(125)),
        of(continuation, 'b', false),
        of(pong, 'q'),
        of(continuation, ''),
        of(binary, 'c'.repeat(300_000)),
        { ...of(close, ''), payload: closePayload(4000, 'é'.repeat(61)) },
      ])
      peer.end()
      await far.client.ended()
      deepEqual(far.read(), [])
    })

    test('in one go leaves in one write', async t => {
      const { peer, far } = await (await serveFrames(t, { role })).connect()
      const { reads } = far.client
      for (let count = 0; count < 200; count++) peer.message('text', Buffer.from('small'))
      await far.frame(199)
      equal(far.client.reads - reads, 1)
    })

    test('is told to be behind from 64 KiB on, and told once when that was taken', async t => {
      const { peer, far, heard } = await (await serveFrames(t, { role })).connect()
      far.client.pause()
      const piece = Buffer.alloc(50_000, 'x')
      const bytes = 50_000_000
      let [written, stops, mostWaiting] = [0, 0, 0]
      const write = () => {
        while (written < bytes) {
          written += piece.length
          const isTaken = peer.message('binary', piece)
          mostWaiting = Math.max(mostWaiting, peer.waitingBytes)
          equal(isTaken, peer.waitingBytes < pieceBytes)
          if (isTaken) continue
          stops++
          return
        }
      }
      heard.onEvent = write
      write()
      // What the kernel takes is told at once, so that it is behind when no more of that comes.
      await until('a far end that is behind', () => peer.waitingBytes >= pieceBytes)
      far.client.resume()
      let came = 0
      await until('all of it', () => {
        for (const { payload } of far.read()) came += payload.length
        far.frames.length = 0
        return came === bytes
      })
      ok(stops > 1)
      // None is owed behind the last word.
      ok(heard.drains === stops || heard.drains === stops - 1, `${heard.drains} of ${stops}`)
      ok(mostWaiting < pieceBytes + 2 * piece.length, `${mostWaiting} waited`)
    })

    test('is cut where too much waits', async t => {
      const scene = await serveFrames(t, { role, limits: { behindBytesMax: 1_000_000 } })
      const { peer, far, heard } = await scene.connect()
      far.client.pause()
      // One write may be larger.
      peer.message('binary', Buffer.alloc(20_000_000))
      await until('what the kernel takes', () => peer.waitingBytes < 20_000_000)
      deepEqual(heard.events, [])
      equal(peer.message('text', Buffer.from('a')), true)
      deepEqual(heard.events, ['gone '])
      equal(peer.message('text', Buffer.from('b')), true)
      equal(scene.counters.behind, 1)
      await until('its end', () => scene.gate.connections() === 0)
    })
  })

test('frames that many share leave as they are, in their place', async t => {
  const scene = await serveFrames(t)
  const shared = Buffer.concat([
    serverFrame('text', Buffer.from('1')),
    serverFrame('binary', Buffer.from('2')),
  ])
  for (let count = 0; count < 2; count++) {
    const { peer, far } = await scene.connect()
    peer.message('text', Buffer.from('0'))
    peer.raw(shared)
    peer.ping(Buffer.from('3'))
    await far.frame(3)
    deepEqual(
      far.frames.map(({ code, payload }) => [code, payload.toString()]),
      [
        [text, '0'],
        [text, '1'],
        [binary, '2'],
        [ping, '3'],
      ],
    )
    peer.close()
    equal(peer.raw(shared), true)
    peer.end()
    await far.client.ended()
    deepEqual(
      far.read().map(({ code }) => code),
      [close],
    )
  }
})
