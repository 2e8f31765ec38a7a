// What a client says, on its way to an origin over HTTP (contract §8.2, §8.3).
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { bytesOf, Socket } from './given-socket.ts'

const empty = Buffer.alloc(0)

describe('what the client says', () => {
  test('is posted as events, one request at a time (rows 222, 238, 240)', () => {
    const socket = new Socket().accepted()
    socket.text('hello')
    socket.end.message('binary', bytesOf('\x01\x02\xff'), true, true)
    socket.end.ping(bytesOf('pp'))
    socket.end.ping(empty)
    socket.end.pong(bytesOf('qq'))
    socket.end.message('text', empty, true, true)
    socket.end.message('text', bytesOf('frag'), true, false)
    socket.end.message('binary', bytesOf('mented'), false, true)
    socket.answer('')
    deepEqual(socket.posts, [
      'TEXT 5\r\nhello\r\n',
      'BINARY 3\r\n\x01\x02\xff\r\nPING 2\r\npp\r\nPING\r\nPONG 2\r\nqq\r\nTEXT\r\nTEXT a\r\nfragmented\r\n',
    ])
    socket.answer('')
    equal(socket.posts.length, 2)
  })

  test('goes one event at a time where the target wants that, empty ones too (row 239; faults 8, 17)', () => {
    const socket = new Socket({ line: '* o:80,over_http,one_event' }).accepted()
    for (const text of ['1', '', '3', '']) socket.text(text)
    for (let count = 0; count < 4; count++) socket.answer('', 'Content-Bytes-Accepted', `${1 - (count % 2)}`)
    deepEqual(socket.posts, ['TEXT 1\r\n1\r\n', 'TEXT\r\n', 'TEXT 1\r\n3\r\n', 'TEXT\r\n'])
  })

  test('has a bound for one message, and its origin hears why it ends (row 241)', () => {
    const socket = new Socket().accepted()
    const half = Buffer.alloc(100_000, 'x')
    socket.end.message('text', half, true, false)
    socket.end.message('text', half, false, true)
    equal(socket.posts[0]?.length, 'TEXT 30d40\r\n\r\n'.length + 200_000)
    socket.answer('')
    socket.end.message('text', half, true, false)
    socket.end.message('text', half, false, false)
    socket.end.message('text', bytesOf('x'), false, false)
    deepEqual(socket.told, ['lost a message of more than 200000 bytes'])
    deepEqual(socket.posts.slice(1), ['DISCONNECT\r\n'])
    socket.answer('')
    equal(socket.worker.calls.crowd.bytes, 0)
    equal(socket.text('x'), true)
    equal(socket.posts.length, 2)
  })

  test('is sent again as far as it was not accepted, when there is more (row 245)', () => {
    const socket = new Socket().accepted()
    socket.text('[foo][hello')
    socket.answer('', 'Content-Bytes-Accepted', '5')
    equal(socket.posts.length, 1)
    socket.text(' world]')
    equal(socket.posts[1], 'TEXT 6\r\n[hello\r\nTEXT 7\r\n world]\r\n')
    equal(socket.header('content-bytes-replayed'), '6')
    socket.answer('')
    socket.text('x')
    equal(socket.posts[2], 'TEXT 1\r\nx\r\n')
    equal(socket.header('content-bytes-replayed'), undefined)
  })

  test('is sent again behind one new event where the target wants one at a time', () => {
    const socket = new Socket({ line: '* o:80,over_http,one_event' }).accepted()
    socket.text('ab')
    socket.text('c')
    socket.text('d')
    socket.answer('', 'Content-Bytes-Accepted', '1')
    socket.answer('', 'Content-Bytes-Accepted', '0')
    deepEqual(socket.posts.slice(1), [
      'TEXT 1\r\nb\r\nTEXT 1\r\nc\r\n',
      'TEXT 1\r\nb\r\nTEXT 1\r\nc\r\nTEXT 1\r\nd\r\n',
    ])
  })

  test('counts as accepted by messages: empty ones go with what stands in front of the last byte', () => {
    const rows: readonly [accepted: string, again: string][] = [
      ['0', 'PING\r\nTEXT 1\r\na\r\nPONG\r\nTEXT 1\r\nb\r\nTEXT\r\n'],
      ['1', 'PONG\r\nTEXT 1\r\nb\r\nTEXT\r\n'],
      ['2', ''],
      ['much', ''],
    ]
    for (const [accepted, again] of rows) {
      const socket = new Socket().accepted()
      socket.text('first')
      socket.end.ping(empty)
      socket.text('a')
      socket.end.pong(empty)
      socket.text('b')
      socket.text('')
      socket.answer('')
      socket.answer('', 'Content-Bytes-Accepted', accepted)
      socket.text('')
      equal(socket.posts[2], `${again}TEXT\r\n`)
    }
  })

  test('is lost where more was accepted than sent (row 246)', () => {
    const socket = new Socket().accepted()
    socket.text('x')
    socket.answer('TEXT 1\r\ny\r\n', 'Content-Bytes-Accepted', '99')
    deepEqual(socket.told, ['lost an answer that accepts more than was sent'])
    socket.text('y')
    socket.end.gone()
    equal(socket.posts.length, 1)
  })
})
