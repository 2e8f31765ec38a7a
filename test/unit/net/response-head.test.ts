// Heads of answers: where a body ends, and what becomes of the connection.
import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Framing } from '../../../src/net/gate/gate-exchange.ts'
import { planAnswer } from '../../../src/net/gate/response-head.ts'

const plan = (status: number, framing: Framing, { method = 'GET', version = '1.1' as '1.0' | '1.1' } = {}) =>
  planAnswer({ method, version }, true, status, 'R', ['A', '1', 'Connection', 'x'], framing)
const headOf = (...args: Parameters<typeof plan>) => plan(...args).head.toString('latin1')

const length: Framing = { kind: 'length', bytes: 3 }
const chunked: Framing = { kind: 'chunked' }

describe('a head', () => {
  test('says how its body ends, and nothing of the connection that is kept', () => {
    equal(headOf(200, length), 'HTTP/1.1 200 R\r\nA: 1\r\nContent-Length: 3\r\n\r\n')
    equal(headOf(200, chunked), 'HTTP/1.1 200 R\r\nA: 1\r\nTransfer-Encoding: chunked\r\n\r\n')
    equal(headOf(204, length), 'HTTP/1.1 204 R\r\nA: 1\r\n\r\n')
  })

  test('to a client of 1.0 has no chunks, and the end of the connection in their place', () => {
    equal(headOf(200, chunked, { version: '1.0' }), 'HTTP/1.0 200 R\r\nA: 1\r\n\r\n')
    const { isChunked, closes } = plan(200, chunked, { version: '1.0' })
    deepEqual([isChunked, closes], [false, true])
    match(headOf(200, length, { version: '1.0' }), /Connection: keep-alive/)
  })

  test('with a status that is not final ends the connection behind its body', () => {
    for (const status of [0, 7, 100, 101, 199]) {
      equal(plan(status, length).closes, true)
      match(headOf(status, length), /Connection: close\r\n/)
    }
    equal(plan(200, length).closes, false)
  })

  test('promises no body where there is none', () => {
    for (const [status, method] of [
      [200, 'HEAD'],
      [204, 'GET'],
      [304, 'GET'],
    ] as const) {
      const { hasBody, length: promised } = plan(status, length, { method })
      deepEqual([hasBody, promised], [false, undefined])
    }
  })
})
