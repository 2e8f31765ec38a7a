// What a hostile client and a slow origin can make a worker hold.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  ClientEvents,
  waitingBytesMax,
  waitingEventsMax,
} from '../../../../src/frontends/grip/socket/client-events.ts'
import { Crowd } from '../../../../src/frontends/grip/socket/crowd.ts'
import { turnEventsMax } from '../../../../src/frontends/grip/socket/handing-on.ts'
import { Socket, Worker } from './given-socket.ts'

const large = Buffer.alloc(150_000, 'x')

function sendLarge(socket: Socket, count: number): readonly boolean[] {
  return Array.from({ length: count }, () => socket.end.message('binary', large, true, true))
}

test('an answer of very many events lets others have their turn', () => {
  const socket = new Socket().accepted()
  socket.text('x')
  const count = 3 * turnEventsMax
  socket.answer('TEXT\r\n'.repeat(count))
  equal(socket.told.length, turnEventsMax)
  socket.text('y')
  equal(socket.posts.length, 1)
  socket.clock.turn()
  socket.end.pause()
  socket.clock.turn()
  equal(socket.told.length, 2 * turnEventsMax)
  socket.end.resume()
  equal(socket.told.length, count)
  socket.clock.turn()
  equal(socket.posts.length, 2)
})

describe('a client whose origin is slow', () => {
  test('is not read behind a thousand events, until they were taken', () => {
    const socket = new Socket().accepted()
    const answers = Array.from({ length: waitingEventsMax + 1 }, () => socket.text(''))
    equal(answers.indexOf(false), waitingEventsMax)
    equal(socket.end.ping(Buffer.alloc(0)), false)
    // The first one was under way alone.
    socket.answer('')
    deepEqual([socket.told, socket.posts.length], [[], 2])
    socket.answer('')
    deepEqual(socket.told, ['drained'])
    equal(socket.text('x'), true)
  })

  test('is not read behind a megabyte, and holds no more than it', () => {
    const socket = new Socket().accepted()
    deepEqual(sendLarge(socket, 7), [true, true, true, true, true, true, false])
    equal(socket.worker.calls.crowd.bytes < 2 * waitingBytesMax, true)
    // A message that goes on is not read either.
    equal(socket.end.message('text', Buffer.alloc(10), true, false), false)
    equal(socket.end.message('text', Buffer.alloc(10), false, true), false)
    socket.answer('')
    deepEqual(socket.told, ['drained'])
    equal(socket.text('x'), true)
  })

  test('may say more from within', () => {
    const socket = new Socket().accepted()
    socket.on = told => {
      if (told === 'drained') sendLarge(socket, 8)
    }
    sendLarge(socket, 8)
    for (let count = 0; count < 6; count++) socket.answer('')
    deepEqual(new Set(socket.told), new Set(['drained']))
  })

  test('never drains behind its close', () => {
    const socket = new Socket().accepted()
    sendLarge(socket, 8)
    socket.end.close(1000, Buffer.alloc(0))
    socket.answer('')
    socket.answer('')
    deepEqual(socket.told, ['ended'])
  })

  test('is lost where the origin accepts nothing of all that a client may say', () => {
    const socket = new Socket().accepted()
    sendLarge(socket, 8)
    socket.answer('', 'Content-Bytes-Accepted', '0')
    deepEqual(socket.told, [])
    socket.answer('', 'Content-Bytes-Accepted', '0')
    deepEqual(socket.told, ['lost an origin that accepts nothing of what it is sent'])
    equal(socket.worker.calls.crowd.bytes, 0)
  })
})

test('a million tiny events are one buffer', () => {
  const events = new ClientEvents()
  for (let count = 0; count < 1_000_000; count++) {
    events.add('PING')
    if (count % 1_000 !== 999) continue
    equal(events.heldBytes < 20_000, true)
    equal(events.offer(false).body.length, 6_000)
    events.taken(undefined)
    equal(events.heldBytes, 0)
  }
})

test('a queue that is never empty holds what waits, and no more', () => {
  const events = new ClientEvents()
  const content = Buffer.alloc(1_000)
  for (let count = 0; count < 100; count++) events.add('TEXT', content)
  for (let count = 0; count < 10_000; count++) {
    equal(events.offer(true).body.length, 1_012)
    events.taken(undefined)
    events.add('TEXT', content)
    equal(events.heldBytes < 600_000, true)
  }
})

describe('what all sockets of a worker hold', () => {
  test('is bounded: who holds something for the longest is let go', () => {
    const worker = new Worker({ settings: { socketBytesMax: 4_194_304 } })
    const sockets = Array.from({ length: 30 }, () => new Socket({}, worker).accepted())
    for (const socket of sockets) {
      socket.end.message('text', large, true, false)
      equal(worker.calls.crowd.bytes <= 4_194_304, true)
    }
    const told = sockets.map(socket => socket.told.join())
    deepEqual(told.slice(0, 3), [
      'lost no room for what waits',
      'lost no room for what waits',
      'lost no room for what waits',
    ])
    deepEqual(told.slice(-25), Array(25).fill(''))
    deepEqual(worker.calls.statistics()['socketsCrowdedOut'], told.filter(text => text !== '').length)
    // The others go on, and the origin hears of those.
    equal(sockets.at(-1)?.text('x'), true)
    equal(
      worker.origin.calls.some(({ request: { body } }) => `${body}` === 'DISCONNECT\r\n'),
      true,
    )
  })

  test('counts answers that wait for a client', () => {
    const socket = new Socket({ settings: { socketBytesMax: 4_194_304 } }).accepted()
    socket.text('1')
    socket.end.pause()
    socket.answer(`TEXT 30d40\r\n${'x'.repeat(200_000)}\r\n`)
    equal(socket.worker.calls.crowd.bytes > 200_000, true)
    socket.end.resume()
    equal(socket.worker.calls.crowd.bytes, 0)
  })

  test('is given up by whoever has nothing left', () => {
    const crowd = new Crowd(() => 10)
    const gone: string[] = []
    const [a, b] = ['a', 'b'].map(name => ({ crowdedOut: () => void gone.push(name) }))
    if (a === undefined || b === undefined) return
    crowd.hold(a, 4)
    crowd.hold(b, 4)
    crowd.hold(a, 0)
    crowd.hold(a, 6)
    deepEqual([crowd.bytes, gone], [10, []])
    crowd.hold(a, 7)
    deepEqual([crowd.bytes, gone], [7, ['b']])
    crowd.hold(a, 11)
    deepEqual([crowd.bytes, gone], [0, ['b', 'a']])
  })
})
