// The body of requests and answers with events (contract §8.1).
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  claimsEvents,
  decodeClosing,
  EventReader,
  encodeClosing,
  encodeEvent,
  isEventsType,
  survey,
} from '../../../../src/frontends/grip/socket/events.ts'
import { bytesOf } from './given-socket.ts'

function read(body: string): readonly string[] | 'void' {
  const reader = new EventReader(bytesOf(body))
  const events: string[] = []
  for (let event = reader.next(); event !== undefined; event = reader.next()) {
    events.push(`${event.type}=${event.content.toString('latin1')}`)
  }
  return reader.isBroken ? 'void' : events
}

describe('a body is read', () => {
  const rows: readonly [body: string, events: readonly string[] | 'void'][] = [
    ['', []],
    ['OPEN\r\n', ['OPEN=']],
    ['TEXT 5\r\nhello\r\nPING\r\n', ['TEXT=hello', 'PING=']],
    ['TEXT 0\r\n\r\nPING\r\n', ['TEXT=', 'PING=']],
    ['BINARY 0C\r\n\r\n\0\xff01234567\r\n', ['BINARY=\r\n\0\xff01234567']],
    ['TEXT 00000000005\r\nhello\r\n', ['TEXT=hello']],
    // Contract §8.1, rows 236 and 237, and what a content that is cut short counts as.
    ['FOO\r\nFOO 3\r\nabc\r\n\r\n', ['FOO=', 'FOO=abc', '=']],
    ['TEXT 2\r\nhello\r\n', ['TEXT=he', 'o=']],
    ['TEXT 9\r\nhel', ['TEXT=hel']],
    ['TEXT 3\r\nhel', ['TEXT=hel']],
    ['TEXT 3\r\nhelX', ['TEXT=hel']],
    ['TEXT 7fffffff\r\nx', ['TEXT=x']],
    ['text 1\r\nx\r\n', ['text=x']],
    ['TEXT', 'void'],
    ['OPEN\r\nTEXT 1\nx\r\n', 'void'],
    ['OPEN\r\ngarbage', 'void'],
    ['TEXT x\r\n', 'void'],
    ['TEXT \r\n', 'void'],
    ['TEXT -1\r\n', 'void'],
    ['TEXT 1 \r\nx\r\n', 'void'],
    ['TEXT 1 1\r\nx\r\n', 'void'],
    ['TEXT 80000000\r\nx\r\n', 'void'],
    ['TEXT 123456789\r\nx\r\n', 'void'],
  ]
  for (const [body, events] of rows) test(JSON.stringify(body), () => deepEqual(read(body), events))
})

test('what is written is read as it was, whatever stands in it', () => {
  const type = fc.constantFrom('TEXT', 'BINARY', 'PING', 'PONG', 'CLOSE', 'OPEN')
  const events = fc.array(fc.tuple(type, fc.uint8Array({ maxLength: 300 })))
  fc.assert(
    fc.property(events, given => {
      const body = Buffer.concat(given.map(([name, content]) => encodeEvent(name, content)))
      const expected = given.map(([name, content]) => `${name}=${Buffer.from(content).toString('latin1')}`)
      deepEqual(read(body.toString('latin1')), expected)
    }),
  )
})

test('any bytes are read, and no byte of them twice', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('T', ' ', '2', '\r', '\n', '\r\n', 'x'), maxLength: 40 }),
      body => {
        const events = read(body)
        const size = events === 'void' ? 0 : events.reduce((sum, event) => sum + event.length - 1, 0)
        equal(size <= body.length, true)
        equal(survey(bytesOf(body)) === undefined, events === 'void')
      },
    ),
  )
})

test('events are written as the original writes them', () => {
  equal(encodeEvent('TEXT', bytesOf('x'.repeat(171))).toString(), `TEXT ab\r\n${'x'.repeat(171)}\r\n`)
  equal(encodeEvent('TEXT').toString(), 'TEXT\r\n')
  equal(
    encodeEvent('CLOSE', encodeClosing(1003, bytesOf('bye'))).toString('latin1'),
    'CLOSE 5\r\n\x03\xebbye\r\n',
  )
  equal(encodeEvent('CLOSE', encodeClosing(undefined, bytesOf('bye'))).toString(), 'CLOSE\r\n')
})

test('a close without a whole code has none', () => {
  deepEqual(decodeClosing(bytesOf('\x0f')), { code: undefined, reason: Buffer.alloc(0) })
  deepEqual(decodeClosing(bytesOf('\x0f\xa1why')), { code: 4001, reason: bytesOf('why') })
})

test('a survey sees what must be known first', () => {
  deepEqual(survey(bytesOf('OPEN\r\nTEXT 4\r\nOPEN\r\n')), {
    first: 'OPEN',
    hasLaterOpen: false,
    hasDisconnect: false,
  })
  deepEqual(survey(bytesOf('DISCONNECT\r\nOPEN\r\n')), {
    first: 'DISCONNECT',
    hasLaterOpen: true,
    hasDisconnect: true,
  })
})

test('a content type may have parameters', () => {
  const events = ['application/websocket-events', 'Application/WebSocket-Events ; charset=utf-8']
  const others = [undefined, '', 'application/websocket-eventsx', 'text/plain, application/websocket-events']
  deepEqual(events.map(isEventsType), [true, true])
  deepEqual(others.map(isEventsType), [false, false, false, false])
})

test('a request with several content types claims each of them', () => {
  const type = 'application/websocket-events'
  const claims = [
    ['Content-Type', type],
    ['Content-Type', 'text/plain', 'content-type', type],
    ['Content-Type', `${type};a=b, text/plain`],
  ]
  const others = [[], ['Content-Type', 'text/plain', 'Accept', type]]
  deepEqual(claims.map(claimsEvents), [true, true, true])
  deepEqual(others.map(claimsEvents), [false, false])
})
