// What an origin over HTTP says, and when it is asked without a reason (contract §8.3, §8.4).
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Socket } from './given-socket.ts'

describe('what the origin says', () => {
  test('is handed on in order, before the next request', () => {
    const socket = new Socket().accepted()
    socket.on = told => socket.text(`re: ${told}`)
    socket.text('1')
    socket.answer('TEXT 1\r\na\r\nFOO\r\nTEXT 2\r\nhello\r\nBINARY\r\n')
    deepEqual(socket.told, ['text a', 'text he', 'binary '])
    deepEqual(socket.posts.slice(1), [
      'TEXT a\r\nre: text a\r\nTEXT b\r\nre: text he\r\nTEXT b\r\nre: binary \r\n',
    ])
  })

  test('waits for a client that is behind, and so does the next request', () => {
    const socket = new Socket().accepted()
    socket.on = told => {
      if (told === 'text b') socket.end.pause()
    }
    socket.text('1')
    socket.text('2')
    socket.answer('TEXT 1\r\na\r\nTEXT 1\r\nb\r\nTEXT 1\r\nc\r\n')
    deepEqual(socket.told, ['text a', 'text b'])
    equal(socket.posts.length, 1)
    socket.end.resume()
    deepEqual(socket.told, ['text a', 'text b', 'text c'])
    equal(socket.posts.length, 2)
  })

  test('is not read while the client is behind', () => {
    const socket = new Socket().accepted()
    socket.text('1')
    socket.last.head(200, 'Content-Type', 'application/websocket-events')
    equal(socket.last.body('TEXT 1\r\n'), true)
    socket.end.pause()
    equal(socket.last.body('a\r\n'), false)
    socket.end.resume()
    deepEqual(socket.last.told, ['resume'])
    socket.last.end()
    deepEqual(socket.told, ['text a'])
  })

  test('may pause and resume within each of very many events', () => {
    const socket = new Socket().accepted()
    socket.on = () => {
      socket.end.pause()
      socket.end.resume()
    }
    socket.text('1')
    socket.answer('PING\r\n'.repeat(100_000))
    while (socket.clock.turn());
    equal(socket.told.length, 100_000)
  })

  const fatal: readonly [name: string, answer: (socket: Socket) => void][] = [
    ['a status', socket => socket.last.answer(500, 'x', 'Content-Type', 'application/websocket-events')],
    ['a type', socket => socket.last.answer(200, 'x', 'Content-Type', 'text/plain')],
    ['no type', socket => socket.last.answer(200, '')],
    ['garbage', socket => socket.answer('TEXT 1\r\nx\r\ngarbage')],
    ['OPEN', socket => socket.answer('OPEN\r\n')],
    ['OPEN behind another', socket => socket.answer('TEXT 1\r\nx\r\nOPEN\r\n')],
    ['a length', socket => socket.answer('TEXT x\r\n')],
    ['its size', socket => socket.answer(`TEXT\r\n`.padEnd(1_000_001, '\r\n'))],
  ]
  for (const [name, answer] of fatal) {
    test(`is the end by ${name} (row 235)`, () => {
      const socket = new Socket().accepted()
      socket.text('1')
      socket.text('2')
      answer(socket)
      deepEqual(
        socket.told.map(text => text.split(' ')[0]),
        ['lost'],
      )
      socket.clock.advance(100_000)
      equal(socket.posts.length, 1)
      equal(socket.worker.calls.counters.socketsLost, 1)
    })
  }

  test('may have 1,000,000 bytes', () => {
    const socket = new Socket().accepted()
    socket.text('1')
    socket.answer(`TEXT f4230\r\n${'x'.repeat(999_984)}\r\n`.padEnd(1_000_000, '\r\n'))
    equal(socket.told[0]?.length, 'text '.length + 999_984)
  })

  test('is the end at once by DISCONNECT, whatever stands in front of it (row 229)', () => {
    const socket = new Socket().accepted()
    socket.text('1')
    socket.answer('TEXT 1\r\nx\r\nDISCONNECT\r\n')
    deepEqual(socket.told, ['disconnected'])
    socket.end.gone()
    equal(socket.posts.length, 1)
  })

  test('is remembered where it says so, by names in any case (row 231)', () => {
    const socket = new Socket().accepted('Set-Meta-User', 'alice', 'set-meta-Room', '1')
    socket.text('1')
    deepEqual([socket.header('meta-user'), socket.header('meta-room')], ['alice', '1'])
    socket.answer('', 'SET-META-USER', '')
    socket.text('2')
    deepEqual([socket.header('meta-user'), socket.header('meta-room')], [undefined, '1'])
    socket.answer('', 'Set-Meta-Big', 'x'.repeat(8_184), 'Set-Meta-Big2', 'x')
    socket.text('3')
    deepEqual([socket.header('meta-big')?.length, socket.header('meta-big2')], [8_184, undefined])
    equal(socket.worker.calls.counters.metasIgnored, 1)
  })
})

describe('requests without a reason', () => {
  test('are made after the interval, which an answer may change', () => {
    const socket = new Socket().accepted('Keep-Alive-Interval', '5')
    socket.clock.advance(19_000)
    deepEqual(socket.posts, [])
    socket.clock.advance(1_000)
    deepEqual(socket.posts, [''])
    socket.answer('', 'Keep-Alive-Interval', '30')
    socket.clock.advance(29_000)
    socket.text('x')
    socket.answer('')
    socket.clock.advance(29_000)
    deepEqual(socket.posts, ['', 'TEXT 1\r\nx\r\n'])
    socket.clock.advance(1_000)
    equal(socket.posts.length, 3)
    socket.answer('TEXT 1\r\ny\r\n', 'Keep-Alive-Interval', 'never')
    deepEqual(socket.told, ['text y'])
    socket.clock.advance(1_000_000)
    equal(socket.posts.length, 3)
  })

  test('may be as often as the settings say', () => {
    const socket = new Socket({ settings: { keepAliveIntervalMinMs: 2_000 } }).accepted(
      'Keep-Alive-Interval',
      '1',
    )
    socket.clock.advance(2_000)
    deepEqual(socket.posts, [''])
  })

  test('are made at once to refresh, or behind what is under way (row 260)', () => {
    const socket = new Socket().accepted()
    socket.end.refresh()
    socket.end.refresh()
    deepEqual(socket.posts, [''])
    socket.answer('TEXT 1\r\na\r\n')
    deepEqual(socket.posts, ['', ''])
    socket.answer('')
    equal(socket.posts.length, 2)
    deepEqual(socket.told, ['text a'])
  })
})

describe('where a client is in a channel that cannot be resumed', () => {
  const last = { channel: 'a', id: '1' }
  const told = (socket: Socket) => {
    const { rawHeaders } = socket.last.request
    return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'grip-last')
  }

  test('is told at once by an empty request, and by no later one', () => {
    const socket = new Socket().accepted()
    equal(socket.end.tellLastId(last), true)
    deepEqual([socket.posts, told(socket)], [[''], ['a; last-id=1']])
    socket.answer('')
    socket.end.refresh()
    deepEqual([socket.posts.length, told(socket)], [2, []])
    socket.answer('')
    socket.text('x')
    deepEqual([socket.posts.length, told(socket)], [3, []])
  })

  test('waits for the answer to what is under way, for several channels, and goes with what the client says', () => {
    const socket = new Socket().accepted()
    socket.text('1')
    socket.end.tellLastId(last)
    socket.end.tellLastId({ channel: 'b', id: '7' })
    socket.text('2')
    deepEqual([socket.posts.length, told(socket)], [1, []])
    socket.answer('')
    deepEqual([socket.posts[1], told(socket)], ['TEXT 1\r\n2\r\n', ['a; last-id=1', 'b; last-id=7']])
    socket.answer('')
    equal(socket.posts.length, 2)
  })

  test('is told again where the request is made again', () => {
    const socket = new Socket().accepted()
    socket.end.tellLastId(last)
    socket.last.fail({ phase: 'connecting' })
    socket.clock.advance(1_000)
    deepEqual([socket.posts.length, told(socket)], [2, ['a; last-id=1']])
  })

  test('is told to nobody who is not there', () => {
    const socket = new Socket()
    equal(socket.end.tellLastId(last), false)
    socket.accepted()
    socket.end.leave()
    equal(socket.end.tellLastId(last), false)
  })
})
