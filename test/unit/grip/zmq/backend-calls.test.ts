// Calls of a worker to backends of zhttpreq targets (contract §2.7): how they leave, and how they end.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { StoredBytes } from '../../../../src/frontends/grip/hold/stored-bytes.ts'
import { BackendCalls, requestBytesMax } from '../../../../src/frontends/grip/zmq/backend-calls.ts'
import type { ToThread } from '../../../../src/frontends/grip/zmq/wire.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const asked = {
  spec: 'tcp://127.0.0.1:1',
  method: 'POST',
  uri: 'http://t/x',
  rawHeaders: ['Host', 't'],
  isUntrusted: false,
}

describe('a call', () => {
  function opened(callsMax = 2, stored = new StoredBytes(() => 2 * requestBytesMax)) {
    const told: ToThread[] = []
    const heard: string[] = []
    const clock = new FakeClock()
    const calls = new BackendCalls({ clock, callsMax, stored, tell: message => told.push(message) })
    const handlers = {
      onHead: (status: number, reason: string, raw: readonly string[]) =>
        void heard.push(`${status} ${reason} ${raw}`),
      onBody: (piece: Buffer) => heard.push(String(piece)) > 0,
      onEnd: () => void heard.push('end'),
      onFailure: ({ phase, code }: { phase: string; code: string }) => void heard.push(`${phase} ${code}`),
    }
    return { clock, told, heard, calls, handlers, stored }
  }
  const body = (bytes: number, stopped: () => void) => ({
    start(push: (piece: Uint8Array) => boolean, end: () => void) {
      push(new Uint8Array(bytes / 2))
      push(new Uint8Array(bytes / 2))
      end()
    },
    drained() {},
    stop: stopped,
  })
  const answer = {
    status: 200,
    reason: 'OK',
    rawHeaders: ['A', 'b', 'Content-Length', '9'],
    body: Buffer.from('hi'),
  }

  test('is one message, and its answer one piece with its own length', () => {
    const { told, heard, calls, handlers } = opened()
    calls.call({ ...asked, body: Buffer.from('b') }, handlers, 'joined')
    deepEqual(told, [['request', 1, { ...asked, body: Buffer.from('b') }]])
    calls.answered(1, answer)
    calls.answered(1, answer)
    deepEqual(heard, ['200 OK A,b,Content-Length,2', 'hi', 'end'])
  })

  test('that is aborted hears nothing, and the thread does', () => {
    const { told, heard, calls, handlers } = opened()
    calls.call({ ...asked }, handlers, 'joined').abort()
    calls.answered(1, answer)
    deepEqual([told.at(-1), heard], [['abort', 1], []])
  })

  test('finds no place beyond the bound', async () => {
    const { heard, calls, handlers } = opened(1)
    calls.call({ ...asked }, handlers, 'joined')
    calls.call({ ...asked }, handlers, 'joined')
    await turn()
    deepEqual(heard, ['connecting backends-full'])
    calls.lost()
    deepEqual(heard.at(-1), 'waiting zmq-lost')
  })

  test('waits ten seconds for a thread', () => {
    const { clock, told, heard, calls, handlers } = opened()
    calls.call({ ...asked }, handlers, 'awaited')
    calls.lost()
    clock.advance(9_999)
    calls.begin()
    equal(told.length, 1)
    clock.advance(1)
    deepEqual(heard, [])
    calls.call({ ...asked }, handlers, 'awaited')
    clock.advance(10_000)
    deepEqual(heard, ['connecting zmq-missing'])
    calls.begin()
    equal(told.length, 1)
  })

  test('fails at once where there will be no thread, whether it waited for it or comes later, so that the next target is asked', async () => {
    const { clock, told, heard, calls, handlers } = opened()
    calls.call({ ...asked }, handlers, 'awaited')
    calls.call({ ...asked }, handlers, 'joined')
    calls.refused()
    deepEqual(heard, ['connecting zmq-missing'])
    calls.call({ ...asked }, handlers, 'refused')
    deepEqual(heard.length, 1)
    await turn()
    deepEqual(heard.slice(1), ['connecting zmq-missing'])
    clock.advance(10_000)
    calls.begin()
    deepEqual([told.length, heard.length], [1, 2])
  })

  test('collects a body, and refuses one that is too long', async () => {
    const { told, heard, calls, handlers } = opened()
    let stops = 0
    calls.call({ ...asked, body: body(requestBytesMax, () => stops++) }, handlers, 'joined')
    deepEqual([told.length, stops], [1, 0])
    calls.call({ ...asked, body: body(requestBytesMax + 2, () => stops++) }, handlers, 'joined')
    await turn()
    deepEqual([told.length, stops, heard], [1, 1, ['waiting request-too-large']])
    // It was begun, so that no other target can have it.
    calls.failed(1, { phase: 'connecting', code: 'backend-missing', message: '' })
    deepEqual(heard.at(-1), 'waiting backend-missing')
  })

  test('holds its body until its end, with all else that the worker stores, and finds no place beyond that', async () => {
    const { told, heard, calls, handlers, stored } = opened(9, new StoredBytes(() => 100))
    const first = calls.call({ ...asked, body: body(60, () => {}) }, handlers, 'joined')
    calls.call({ ...asked, body: Buffer.alloc(40) }, handlers, 'joined')
    equal(stored.bytes, 100)
    calls.call({ ...asked, body: body(2, () => {}) }, handlers, 'joined')
    calls.call({ ...asked, body: Buffer.alloc(1) }, handlers, 'joined')
    await turn()
    deepEqual([told.length, heard], [2, ['waiting backends-full', 'connecting backends-full']])
    first.abort()
    calls.answered(2, answer)
    calls.lost()
    equal(stored.bytes, 0)
  })
})
