// What comes by a WebSocket, and how much of it may wait here; how it ends, and what a handler does to it that throws.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aheadBytesMax, turnBytesMax, turnFramesMax } from '../../../src/net/gate/limits.ts'
import { serveFrames } from '../../helpers/frames/frame-peers.ts'
import { HeardFrames } from '../../helpers/frames/heard-frames.ts'
import { closePayload, frame, opcode } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'

const { text, binary, close, ping } = opcode

const turn = () => new Promise(resolve => setImmediate(resolve))

describe('what comes', () => {
  test('with the handshake is heard, and not before its reader is there', async t => {
    const scene = await serveFrames(t)
    const behind = Buffer.concat([frame(text, 'a'), frame(close, closePayload(1000))])
    const { heard, far } = await scene.connect(new HeardFrames(), behind)
    await until('what came early', () => heard.isClosing)
    far.client.endSending()
    await until('the end', () => heard.isGone)
    deepEqual(heard.events, ['text a', 'closing 1000 ', 'gone '])
  })

  test('waits while it is paused, and no more than some buffers of it', async t => {
    const { peer, heard, far, socket } = await (await serveFrames(t)).connect()
    const count = 400
    heard.onEvent = () => {
      heard.onEvent = () => {}
      peer.pause()
    }
    const bytes = Buffer.concat(Array.from({ length: count }, () => frame(binary, Buffer.alloc(50_000))))
    far.client.send(bytes)
    await until('a pause', () => heard.events.length > 0)
    const { pieces } = heard
    let before = -1
    await until('a far end that can send no more', async () => {
      const isSame = socket.bytesRead === before
      before = socket.bytesRead
      await turn()
      return isSame && socket.bytesRead > 0
    })
    equal(heard.pieces, pieces)
    ok(socket.bytesRead < 500_000, `${socket.bytesRead} bytes were read`)
    peer.resume()
    await until('all of it', () => heard.events.length === count)
    equal(heard.isGone, false)
  })

  test('is heard before the end that came behind it, whatever is paused', async t => {
    const { peer, heard, far } = await (await serveFrames(t)).connect()
    peer.pause()
    far.client.send(
      Buffer.concat([frame(text, 'a'), frame(ping, 'b'), frame(binary, 'torn', { declared: 9 })]),
    )
    far.client.endSending()
    for (let count = 0; count < 5; count++) await turn()
    deepEqual(heard.events, [])
    peer.resume()
    await until('the end', () => heard.isGone)
    deepEqual(heard.events, ['text a', 'ping b', 'binary… torn', 'gone '])
  })

  test('is the end even while it is paused, where nothing else came', async t => {
    const { peer, heard, far } = await (await serveFrames(t)).connect()
    peer.pause()
    far.client.endSending()
    await until('the end', () => heard.isGone)
    deepEqual(heard.events, ['gone '])
    peer.resume()
    await far.client.ended()
  })

  test('is no more where the far end resets', async t => {
    const { heard, socket } = await (await serveFrames(t)).connect()
    socket.destroy(new Error('as a reset'))
    await until('the end', () => heard.isGone)
  })

  test('in very many small frames lets others have their turn', async t => {
    const scene = await serveFrames(t)
    const { heard, far } = await scene.connect()
    const pings = 20_000
    let [turns, most, before] = [0, 0, 0]
    let isOver = false
    const look = () => {
      most = Math.max(most, heard.events.length - before)
      before = heard.events.length
      turns++
      if (!isOver) setImmediate(look)
    }
    setImmediate(look)
    far.client.send(Buffer.concat(Array.from({ length: pings }, () => frame(ping, ''))))
    await until('all of them', () => heard.events.length === pings)
    isOver = true
    ok(most <= 2 * turnFramesMax, `${most} in a turn`)
    ok(turns >= pings / (2 * turnFramesMax))
  })

  test('as fast as it can be read lets others have their turn', async t => {
    const { heard, far, socket } = await (await serveFrames(t)).connect()
    const count = 100
    let [most, before] = [0, socket.bytesRead]
    const look = () => {
      most = Math.max(most, socket.bytesRead - before)
      before = socket.bytesRead
      if (heard.events.length < count) setImmediate(look)
    }
    setImmediate(look)
    const bytes = Buffer.concat(Array.from({ length: count }, () => frame(binary, Buffer.alloc(200_000))))
    far.client.send(bytes)
    await until('all of it', () => heard.events.length === count)
    ok(most <= turnBytesMax + aheadBytesMax, `${most} bytes in a turn`)
  })
})

describe('an end of ours', () => {
  test('is seen by a far end that is still sending, which is told nothing more', async t => {
    const { peer, heard, far } = await (await serveFrames(t)).connect()
    far.client.send(frame(text, 'a'))
    await until('a message', () => heard.events.length === 1)
    far.client.send(Buffer.concat(Array.from({ length: 200 }, () => frame(binary, Buffer.alloc(50_000)))))
    peer.pause()
    peer.close(1001)
    peer.end()
    deepEqual(await far.closed(), [1001, ''])
    deepEqual(heard.events, ['text a'])
  })

  test('has a deadline where the far end takes nothing, and none of its progress', async t => {
    const scene = await serveFrames(t, { limits: { lingerMsMax: 1_000 } })
    const { peer, far, heard, socket } = await scene.connect()
    far.client.pause()
    peer.message('binary', Buffer.alloc(20_000_000))
    peer.end()
    await turn()
    scene.time.advance(999)
    equal(socket.destroyed, false)
    scene.time.advance(1)
    equal(socket.destroyed, true)
    await until('its end', () => scene.gate.connections() === 0)
    deepEqual(heard.events, [])
  })

  test('leaves what was written, to a far end that is slow', async t => {
    const { peer, far } = await (await serveFrames(t)).connect()
    far.client.pause()
    peer.message('binary', Buffer.alloc(10_000_000))
    peer.close(1000)
    peer.end()
    far.client.resume()
    deepEqual(await far.closed(), [1000, ''])
    equal(far.frames[0]?.payload.length, 10_000_000)
  })

  test('at once takes what waits with it', async t => {
    const { peer, far, heard } = await (await serveFrames(t)).connect()
    peer.message('text', Buffer.from('a'))
    peer.cut()
    peer.cut()
    peer.end()
    peer.resume()
    equal(peer.message('text', Buffer.from('a')), true)
    equal((await far.client.ended()).length, 0)
    deepEqual(heard.events, [])
  })
})

describe('a gate', () => {
  test('counts its WebSockets until they close, leaves them when it retires, and cuts them when it closes', async t => {
    const { gate, connect } = await serveFrames(t)
    const first = await connect()
    const second = await connect()
    deepEqual([gate.connections(), gate.serving()], [2, 0])
    first.far.client.endSending()
    await until('the first end', () => gate.connections() === 1)
    await gate.retire()
    second.far.send(text, 'still')
    await until('what is still said', () => second.heard.events.length === 1)
    gate.close()
    await second.far.client.ended()
    await until('the second end', () => gate.connections() === 0)
    deepEqual(second.heard.events, ['text still', 'gone '])
  })
})

describe('a handler that throws', () => {
  for (const [what, sent] of [
    ['at a message', frame(text, 'a')],
    ['at a close', frame(close, '')],
  ] as const)
    test(`${what} loses its connection, is told so, and the exception surfaces`, async t => {
      const scene = await serveFrames(t)
      const { heard, far } = await scene.connect()
      heard.onEvent = () => {
        heard.onEvent = () => {}
        throw new Error('on purpose')
      }
      far.client.send(Buffer.concat([sent, frame(ping, 'b')]))
      await far.client.ended()
      await until('what was thrown', () => scene.thrown.length > 0)
      equal(heard.events.length, 2)
      equal(heard.events.at(-1), 'gone ')
      deepEqual(scene.thrown, ['Error: on purpose'])
      equal(scene.counters.failures, 1)
      await until('its end', () => scene.gate.connections() === 0)
    })

  test('at its end surfaces, too', async t => {
    const scene = await serveFrames(t)
    const { heard, far } = await scene.connect()
    heard.onEvent = () => {
      throw new Error('on purpose')
    }
    far.client.leave()
    await until('what was thrown', () => scene.thrown.length > 0)
    deepEqual([heard.events, scene.thrown], [['gone '], ['Error: on purpose']])
  })
})
