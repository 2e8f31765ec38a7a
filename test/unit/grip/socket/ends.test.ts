// How a WebSocket over HTTP ends, and what is tried before that (contract §8.3, §8.4).
import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { bytesOf, Socket } from './given-socket.ts'

const empty = Buffer.alloc(0)

describe('the end', () => {
  test('of the client has its code and reason, and is answered (rows 223, 224)', () => {
    const socket = new Socket().accepted()
    socket.text('1')
    socket.text('2')
    socket.end.close(1003, bytesOf('bye'))
    socket.text('3')
    socket.answer('')
    equal(socket.posts[1], 'TEXT 1\r\n2\r\nCLOSE 5\r\n\x03\xebbye\r\n')
    socket.answer('TEXT 1\r\nx\r\nCLOSE 5\r\n\x03\xebbye\r\nTEXT 1\r\ny\r\n')
    deepEqual(socket.told, ['text x', 'closed 1003 bye'])
    socket.end.gone()
    equal(socket.posts.length, 2)
    equal(socket.worker.calls.counters.socketsOverHttp, 0)
  })

  test('of the client may have no code (row 225)', () => {
    const socket = new Socket().accepted()
    socket.end.close(undefined, empty)
    deepEqual(socket.posts, ['CLOSE\r\n'])
    socket.answer('CLOSE\r\n')
    deepEqual(socket.told, ['closed undefined '])
  })

  test('of the client that is not answered is the end of all (row 226)', () => {
    const socket = new Socket().accepted()
    socket.end.close(1000, empty)
    socket.answer('TEXT 1\r\nx\r\n', 'Content-Bytes-Accepted', '0')
    deepEqual(socket.told, ['text x', 'ended'])
  })

  test('of the client that is not answered may be answered later where the origin is asked again (fault 29)', () => {
    const socket = new Socket().accepted('Keep-Alive-Interval', '20')
    socket.end.close(1000, empty)
    socket.answer('')
    deepEqual(socket.told, [])
    socket.clock.advance(20_000)
    socket.answer('CLOSE\r\n')
    deepEqual(socket.told, ['closed undefined '])
    const given = new Socket().accepted('Keep-Alive-Interval', '20')
    given.end.close(1000, empty)
    given.answer('')
    given.end.gone()
    given.clock.advance(100_000)
    equal(given.posts.length, 1)
    equal(given.worker.calls.counters.socketsOverHttp, 0)
  })

  test('of the origin is answered by the client with one request more (rows 227, 228)', () => {
    const socket = new Socket().accepted()
    socket.text('1')
    socket.answer('CLOSE 6\r\n\x0f\xa1why\r\r\nTEXT 1\r\nx\r\n')
    deepEqual(socket.told, ['closed 4001 why\r'])
    socket.end.close(1000, empty)
    equal(socket.posts[1], 'CLOSE 2\r\n\x03\xe8\r\n')
    socket.last.answer(500, '')
    deepEqual(socket.told.slice(1), [])
    deepEqual(
      [socket.worker.calls.counters.socketsOverHttp, socket.worker.calls.counters.socketsLost],
      [0, 0],
    )
  })

  test('of the origin that nobody answers is told', () => {
    const socket = new Socket().accepted()
    socket.text('1')
    socket.answer('CLOSE\r\n')
    socket.end.gone()
    equal(socket.posts[1], 'DISCONNECT\r\n')
  })

  test('without a word is told with all that was said, and remembered (row 230)', () => {
    const socket = new Socket().accepted('Set-Meta-User', 'u')
    socket.text('1')
    socket.text('2')
    socket.end.message('text', bytesOf('torn'), true, false)
    socket.end.gone()
    socket.answer('TEXT 1\r\nx\r\n')
    equal(socket.posts[1], 'TEXT 1\r\n2\r\nDISCONNECT\r\n')
    equal(socket.header('meta-user'), 'u')
    deepEqual(socket.told, [])
    socket.last.fail({ phase: 'connecting' })
    socket.clock.advance(1_000)
    equal(socket.posts[2], socket.posts[1])
    socket.answer('')
    equal(socket.worker.calls.counters.socketsOverHttp, 0)
  })

  const answers: Readonly<Record<string, (socket: Socket) => void>> = {
    'opens the connection again': socket => socket.answer('OPEN\r\n'),
    'does not read': socket => socket.answer('TEXT x\r\n'),
    'accepts more than was sent': socket => socket.answer('', 'Content-Bytes-Accepted', '9'),
    'has no events': socket => socket.last.answer(200, 'ok'),
    'is too long': socket => socket.answer(`TEXT 1000000\r\n${'x'.repeat(1_000_000)}\r\n`),
  }
  for (const [what, answer] of Object.entries(answers))
    test(`is told to an origin whose answer before ${what}, and the answer to that is the end`, () => {
      for (const leave of ['gone', 'leave'] as const) {
        const socket = new Socket().accepted()
        socket.text('1')
        socket.end[leave]()
        answer(socket)
        deepEqual(socket.posts, ['TEXT 1\r\n1\r\n', leave === 'gone' ? 'DISCONNECT\r\n' : 'CLOSE\r\n'])
        answer(socket)
        equal(socket.posts.length, 2)
        equal(socket.worker.calls.counters.socketsOverHttp, 0)
        deepEqual(socket.told, [])
      }
    })

  test('is told within a minute, or not at all', () => {
    const socket = new Socket().accepted()
    socket.text('1')
    socket.end.gone()
    socket.clock.advance(59_999)
    equal(socket.last.isAborted, false)
    socket.clock.advance(1)
    equal(socket.last.isAborted, true)
    equal(socket.posts.length, 1)
    equal(socket.worker.calls.counters.socketsOverHttp, 0)
  })

  test('is not told twice while the node stops: where an origin is gone all farewells fail at once', () => {
    const [early, late, busy] = [new Socket().accepted(), new Socket().accepted(), new Socket().accepted()]
    early.end.gone()
    early.last.fail({ phase: 'connecting' })
    for (const { worker } of [early, late, busy]) worker.calls.isEnding = true
    early.clock.advance(2_000)
    late.end.gone()
    late.last.fail({ phase: 'connecting' })
    late.clock.advance(40_000)
    deepEqual([early.posts.length, late.posts.length], [1, 1])
    deepEqual(
      [early, late].map(({ worker }) => worker.calls.counters.socketsOverHttp),
      [0, 0],
    )
    // Its client was not told yet.
    busy.text('1')
    busy.last.fail({ phase: 'connecting' })
    busy.clock.advance(2_000)
    equal(busy.posts.length, 2)
  })

  test('of an origin that is done without has no code (rows 250, 262)', () => {
    const socket = new Socket().accepted()
    socket.on = () => socket.end.leave()
    socket.text('1')
    socket.answer('TEXT 1\r\nx\r\nTEXT 1\r\ny\r\n')
    deepEqual(socket.told, ['text x'])
    deepEqual(socket.posts.slice(1), ['CLOSE\r\n'])
    equal(socket.text('2'), true)
    socket.end.gone()
    socket.answer('CLOSE\r\n')
    deepEqual(socket.told, ['text x'])
    equal(socket.posts.length, 2)
  })

  test('may come with the first answer', () => {
    const socket = new Socket()
    socket.on = told => {
      if (told === 'opened') socket.end.leave()
    }
    socket.answer('OPEN\r\nTEXT 1\r\nx\r\n')
    deepEqual(socket.told, ['opened'])
    deepEqual(socket.posts, ['OPEN\r\n', 'CLOSE\r\n'])
  })
})

describe('failures', () => {
  test('before the body has left are tried again, and what is said meanwhile waits (row 243)', () => {
    const socket = new Socket().accepted()
    socket.text('1')
    for (const pauseMs of [1_000, 2_000, 4_000]) {
      socket.last.fail({ phase: pauseMs === 1_000 ? 'connecting' : 'sending' })
      socket.text('2')
      socket.clock.advance(pauseMs - 1)
      const { length } = socket.posts
      socket.clock.advance(1)
      equal(socket.posts.length, length + 1)
    }
    deepEqual(new Set(socket.posts), new Set(['TEXT 1\r\n1\r\n']))
    socket.answer('')
    equal(socket.posts.at(-1), 'TEXT 1\r\n2\r\n'.repeat(3))
    equal(socket.worker.calls.counters.eventRetries, 3)
    deepEqual(socket.told, [])
  })

  test('are the end at last (row 244)', () => {
    const socket = new Socket().accepted()
    socket.text('1')
    for (let count = 0; count < 6; count++) {
      deepEqual(socket.told, [])
      socket.last.fail({ phase: 'connecting', message: 'refused' })
      socket.clock.advance(20_000)
    }
    equal(socket.posts.length, 6)
    match(socket.told.join('\n'), /^lost Unable to connect to any targets/)
  })

  for (const phase of ['waiting', 'receiving'] as const) {
    test(`while ${phase} are the end at once`, () => {
      const socket = new Socket().accepted()
      socket.text('1')
      if (phase === 'receiving') socket.last.head(200, 'Content-Type', 'application/websocket-events')
      socket.last.fail({ phase, wasReused: true })
      socket.clock.advance(100_000)
      deepEqual(socket.told, ['lost it closed'])
      equal(socket.posts.length, 1)
    })
  }
})
