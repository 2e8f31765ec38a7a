// Every operation in every dialect, both ways, and what is no message.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  canonical,
  type Dialect,
  dialects,
  readMessage,
  writeOperation,
  writeSuperposed,
} from '../../../src/frontends/pushwire/wire/dialect.ts'
import type { Operation } from '../../../src/frontends/pushwire/wire/operations.ts'
import { clientId, clientSamples, samples } from './given.ts'

const pascalNames: Readonly<Record<Operation['op'], string>> = {
  auth: 'Auth',
  auth_ok: 'AuthOk',
  error: 'Error',
  ping: 'Ping',
  pong: 'Pong',
  slow: 'Slow',
  ack: 'Ack',
  resume_required: 'ResumeRequired',
  subscribe: 'Subscribe',
  unsubscribe: 'Unsubscribe',
  health: 'Health',
  features: 'Features',
  goodbye: 'Goodbye',
}

/** The message by the words of the contract, put together in another way than the node does. */
function expectedOf({ wrapped, tag, content, pascal }: Dialect, op: Operation['op'], fields: string): string {
  const name = pascal ? pascalNames[op] : op
  const isUnit = fields === ''
  const styles = {
    external: isUnit ? `"${name}"` : `{"${name}":{${fields}}}`,
    internal: isUnit ? `{"${tag}":"${name}"}` : `{"${tag}":"${name}",${fields}}`,
    adjacent: isUnit ? `{"${tag}":"${name}"}` : `{"${tag}":"${name}","${content}":{${fields}}}`,
  }
  const style = tag === undefined ? 'external' : content === undefined ? 'internal' : 'adjacent'
  return wrapped ? `{"channel":"system","payload":${styles[style]}}` : styles[style]
}

function nameOf({ wrapped, tag, content, pascal }: Dialect): string {
  const style = tag === undefined ? 'external' : content === undefined ? tag : `${tag} and ${content}`
  return `${wrapped ? 'wrapped' : 'bare'}, ${style}, ${pascal ? 'Pascal' : 'snake'}`
}

/** A message without fields says nothing of where they would stand. */
function isLearned({ op }: Operation, { content }: Dialect): boolean {
  return content === undefined || (op !== 'ping' && op !== 'pong')
}

describe('every operation is right in every dialect', () => {
  for (const dialect of dialects) {
    test(nameOf(dialect), () => {
      for (const { operation, fields } of samples) {
        equal(writeOperation(dialect, 'system', operation), expectedOf(dialect, operation.op, fields))
      }
      for (const { operation, fields } of clientSamples) {
        const message = readMessage(expectedOf(dialect, operation.op, fields), 'system')
        const learned = isLearned(operation, dialect) ? dialect : { ...dialect, content: undefined }
        deepEqual(message, { kind: 'operation', operation, dialect: learned })
      }
    })
  }
})

test('all dialects are there once, and connections share them', () => {
  equal(dialects.length, 2 * 2 * (4 + 4 * 3 + 1))
  equal(new Set(dialects.map(nameOf)).size, dialects.length)
  const read = () => readMessage('{"Auth":{"client_id":null}}', 'system')
  const [one, other] = [read(), read()]
  equal(one.kind === 'operation' && other.kind === 'operation' && one.dialect === other.dialect, true)
  equal(dialects.includes(canonical), true)
  equal(nameOf(canonical), 'wrapped, op, snake')
})

const ping = { op: 'ping' } as const
const ack = { op: 'ack', channel: 'chat', cursor: 5 } as const

test('operations are recognised whatever stands around them', () => {
  for (const [text, operation, name] of [
    ['{"op":"ping","channel":"system"}', ping, 'bare, op, snake'],
    ['{"op":"PING"}', ping, 'bare, op, snake'],
    ['{"type":"p-i_ng","extra":[{}]}', ping, 'bare, type, snake'],
    ['"ping"', ping, 'bare, external, snake'],
    [' "Ping" ', ping, 'bare, external, Pascal'],
    ['{"ping":null}', ping, 'bare, external, snake'],
    ['{"Ping":{}}', ping, 'bare, external, Pascal'],
    ['{"kind":"nothing of ours","action":"Ping"}', ping, 'bare, action, Pascal'],
    ['{"op":7,"type":"ping"}', ping, 'bare, type, snake'],
    ['{"type":"pong","op":"ping"}', ping, 'bare, op, snake'],
    ['{"op":"pong","op":"ping"}', ping, 'bare, op, snake'],
    ['{"channel":"system","payload":"Ping"}', ping, 'wrapped, external, Pascal'],
    ['{"payload":"ping","channel":"system","cursor":null}', ping, 'wrapped, external, snake'],
    ['{"\\u006fp":"\\u0070ing"}', ping, 'bare, op, snake'],
    // With a channel of its own, and no payload.
    ['{"op":"ack","channel":"chat","cursor":5}', ack, 'bare, op, snake'],
    [
      '{"channel":"system","payload":{"Ack":{"cursor":5,"channel":"chat"}}}',
      ack,
      'wrapped, external, Pascal',
    ],
    ['{"kind":"ACK","content":{"channel":"chat","cursor":5}}', ack, 'bare, kind and content, snake'],
    // More than the tag and one object is not adjacent.
    ['{"op":"ack","channel":"chat","cursor":5,"data":{"cursor":6}}', ack, 'bare, op, snake'],
  ] as const) {
    const message = readMessage(text, 'system')
    deepEqual(
      message.kind === 'operation' && [message.operation, nameOf(message.dialect)],
      [operation, name],
      text,
    )
  }
})

test('a message with a payload on another channel is a frame, whatever is in it', () => {
  for (const payload of [
    '{"op":"ping"}',
    '12345678901234567890.50',
    '{"b":1, "a":\n[2],"b":2}',
    'null',
    '"\\ud83d\\ude00 \u2028"',
    '[]',
  ]) {
    const frame = { kind: 'frame', channel: 'chat', payload }
    for (const text of [
      `{"channel":"chat","payload":${payload}}`,
      `{"payload": ${payload} ,"op":"ping","client_id":"x","cursor":-1,"channel":"ch\\u0061t"}`,
      `{"payload":1,"channel":"system","channel":"chat","payload":${payload}}`,
    ]) {
      deepEqual(readMessage(text, 'system'), frame, text)
    }
  }
  deepEqual(readMessage('{"channel":"system","payload":"ping"}', 'control'), {
    kind: 'frame',
    channel: 'system',
    payload: '"ping"',
  })
})

test('the name of a channel that none can have is cut, and stays none', () => {
  const long = 'c'.repeat(64)
  for (const [name, kept] of [
    [long, long],
    [`${long}c`, `${long}…`],
    ['c'.repeat(100_000), `${long}…`],
    [`${'c'.repeat(63)}😀`, `${'c'.repeat(63)}\ufffd…`],
  ]) {
    deepEqual(readMessage(`{"channel":"${name}","payload":1}`, ''), {
      kind: 'frame',
      channel: kept,
      payload: '1',
    })
  }
})

test('what is no message is told apart, and answered in its dialect where it has one', () => {
  const bare = dialects.find(dialect => nameOf(dialect) === 'bare, external, Pascal')
  for (const [text, reason, detail = '', dialect] of [
    ['', 'syntax'],
    ['{"op":"ping"', 'syntax'],
    ['ping', 'syntax'],
    [`${'['.repeat(129)}${']'.repeat(129)}`, 'depth'],
    ['['.repeat(32_768), 'depth'],
    ['{"op":"ping","x":"\\ud800"}', 'half-pair'],
    ['{"channel":"chat","payload":"\\udc00"}', 'half-pair'],
    ['{"channel":"chat","payload":"\ud800"}', 'half-pair'],
    ['{"channel":"chat"}', 'payload-missing'],
    ['{"channel":"chat","cursor":4}', 'payload-missing'],
    ['{}', 'operation-unknown'],
    ['[]', 'operation-unknown'],
    ['["ping"]', 'operation-unknown'],
    ['7', 'operation-unknown'],
    ['"pi ng"', 'operation-unknown'],
    ['{"op":"pingpong"}', 'operation-unknown'],
    ['{"ping":{},"pong":{}}', 'operation-unknown'],
    ['{"channel":5,"payload":{"op":"ping"}}', 'operation-unknown'],
    ['{"channel":"system","payload":{"msg":"hi"}}', 'operation-unknown'],
    [`"${'p_'.repeat(40)}ing"`, 'operation-unknown'],
    ['{"__proto__":{"op":"ping"}}', 'operation-unknown'],
    ['{"op":"constructor"}', 'operation-unknown'],
    ['{"AuthOk":{}}', 'not-for-clients', 'auth_ok', bare],
    ['{"Error":{"message":"x"}}', 'not-for-clients', 'error', bare],
    ['{"Ack":{"channel":"chat","cursor":-1}}', 'field-invalid', 'cursor', bare],
    ['{"Ack":{"cursor":1}}', 'field-invalid', 'channel', bare],
    ['"Ack"', 'field-invalid', 'channel', bare],
    ['{"Ping":[]}', 'field-invalid', 'content', bare],
  ] as const) {
    deepEqual(readMessage(text, 'system'), { kind: 'fault', reason, detail, dialect }, text.slice(0, 80))
  }
})

test('superposed operations can be read by whoever expects wrapped or bare ones, and either tag', () => {
  const nothing = { resumeCursor: 0, resumeCursors: new Map(), resumeEpochs: new Map() }
  equal(
    writeSuperposed('system', { op: 'auth_ok', ...nothing }),
    '{"channel":"system","payload":{"op":"auth_ok","type":"auth_ok","resume_cursor":0,"resume_cursors":{}},"op":"auth_ok","type":"auth_ok","resume_cursor":0,"resume_cursors":{}}',
  )
  equal(
    writeSuperposed('system', { op: 'resume_required', channel: 'chat', fromCursor: 4 }),
    '{"channel":"system","payload":{"op":"resume_required","type":"resume_required","channel":"chat","from_cursor":4}}',
  )
  for (const { operation: each } of clientSamples) {
    const message = readMessage(writeSuperposed('system', each), 'system')
    deepEqual(message, { kind: 'operation', operation: each, dialect: canonical })
  }
})

test('nothing is parsed but names and texts with escapes', t => {
  const parse = t.mock.method(JSON, 'parse')
  const wide = `{${Array.from({ length: 100_000 }, (_, n) => `"${n}":{}`).join()}}`
  equal(readMessage(`{"channel":"chat","payload":${wide}}`, 'system').kind, 'frame')
  equal(readMessage(`{"op":"auth","client_id":"${clientId}","x":${wide}}`, 'system').kind, 'operation')
  equal(readMessage(`{"op":"auth","resume_cursors":${wide}}`, 'system').kind, 'fault')
  equal(parse.mock.callCount(), 0)
})
