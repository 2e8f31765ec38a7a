// Orders inside a WebSocket (contract §8.5): what is read, and what is nothing.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { parseControlMessage } from '../../../../src/frontends/grip/socket/control-messages.ts'

const parse = (message: object) => parseControlMessage(JSON.stringify(message))

test('what cannot be read is nothing', () => {
  for (const text of [
    '',
    '{',
    '[]',
    'null',
    '1',
    '"detach"',
    '{}',
    '{"type":1}',
    '{"type":"toString"}',
    `${'['.repeat(100_000)}`,
  ]) {
    equal(parseControlMessage(text), undefined)
  }
  for (const message of [
    { type: 'session', id: 'x' },
    { type: 'subscribe' },
    { type: 'subscribe', channel: 1 },
    { type: 'subscribe', channel: 'a', filters: 'skip-self' },
    { type: 'subscribe', channel: 'a', filters: [1] },
    { type: 'unsubscribe' },
    { type: 'set-meta', value: 'x' },
    { type: 'set-meta', name: 'a', value: 1 },
    { type: 'keep-alive', content: 'x', timeout: 'soon' },
    { type: 'keep-alive', content: 'x', timeout: -1 },
    { type: 'keep-alive', content: 'x', mode: 'often' },
    { type: 'keep-alive', content: 'x', 'message-type': 'close' },
    { type: 'send-delayed' },
    { type: 'send-delayed', content: 1 },
  ]) {
    equal(parse(message), undefined, JSON.stringify(message))
  }
})

test('channels, filters and metas are as they are said', () => {
  deepEqual(parse({ type: 'subscribe', channel: '' }), { type: 'subscribe', channel: '', filters: [] })
  deepEqual(parse({ type: 'subscribe', channel: 'a', filters: ['1', '2', '3', '4', '5'] }), {
    type: 'subscribe',
    channel: 'a',
    filters: ['1', '2', '3', '4', '5'],
  })
  deepEqual(parse({ type: 'subscribe', channel: 'a', filters: ['1', '2', '3', '4', '5', '6'] }), {
    type: 'filters-too-many',
    text: "too many filters for channel 'a'",
  })
  deepEqual(parse({ type: 'unsubscribe', channel: 'a' }), { type: 'unsubscribe', channel: 'a' })
  deepEqual(parse({ type: 'set-meta', name: 'user', value: 'bob' }), {
    type: 'set-meta',
    name: 'user',
    value: 'bob',
  })
  deepEqual(parse({ type: 'set-meta', name: 'user' }), { type: 'set-meta', name: 'user', value: undefined })
  deepEqual(parse({ type: 'detach' }), { type: 'detach' })
})

test('messages of ours have a type, a time and a mode', () => {
  const content = Buffer.from('x')
  deepEqual(parse({ type: 'keep-alive', content: 'x' }), {
    type: 'keep-alive',
    keepAlive: { type: 'text', content, timeoutMs: 55_000, mode: 'idle' },
  })
  deepEqual(
    parse({
      type: 'keep-alive',
      'content-bin': 'eA==',
      'message-type': 'pong',
      timeout: 0,
      mode: 'interval',
    }),
    { type: 'keep-alive', keepAlive: { type: 'pong', content, timeoutMs: 1_000, mode: 'interval' } },
  )
  deepEqual(parse({ type: 'keep-alive', timeout: 5 }), { type: 'keep-alive', keepAlive: undefined })
  deepEqual(parse({ type: 'send-delayed', 'content-bin': 'eA==' }), {
    type: 'send-delayed',
    message: { type: 'binary', content },
    timeoutMs: 1_000,
  })
  deepEqual(parse({ type: 'flush-delayed' }), { type: 'flush-delayed' })
})
