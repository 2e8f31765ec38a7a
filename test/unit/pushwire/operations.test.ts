// What the fields of operations may be, and what stands for those that are missing.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { readAckBody } from '../../../src/frontends/pushwire/wire/ack-body.ts'
import { readMessage } from '../../../src/frontends/pushwire/wire/dialect.ts'
import { namesMax, nameUnitsMax, textUnitsMax } from '../../../src/frontends/pushwire/wire/fields.ts'
import { encodeFields } from '../../../src/frontends/pushwire/wire/operation-text.ts'
import { type ClientOperation, parseClientId } from '../../../src/frontends/pushwire/wire/operations.ts'
import { clientId } from './given.ts'

/** The operation, or the name of the field that is wrong. */
function read(op: string, fields: string): ClientOperation | string {
  const message = readMessage(`{"op":"${op}"${fields === '' ? '' : `,${fields}`}}`, 'system')
  if (message.kind === 'operation') return message.operation
  return message.kind === 'fault' ? message.detail : 'a frame'
}

const nobody = {
  op: 'auth',
  clientId: undefined,
  token: undefined,
  capabilities: [],
  resumeCursor: undefined,
  resumeCursors: new Map(),
  resumeEpochs: new Map(),
} as const

test('what is optional and missing is none, and null is missing', () => {
  deepEqual(read('auth', ''), nobody)
  const names = ['client_id', 'token', 'capabilities', 'resume_cursor', 'resume_cursors', 'resume_epochs']
  deepEqual(read('auth', names.map(name => `"${name}":null`).join()), nobody)
  for (const fields of ['', '"window":null', '"status":null']) {
    deepEqual(read('slow', fields), { op: 'slow', window: undefined })
    deepEqual(read('goodbye', fields), { op: 'goodbye', reason: undefined })
    deepEqual(read('features', fields), { op: 'features', supported: [], requested: [] })
    deepEqual(read('subscribe', fields), { op: 'subscribe', channels: [] })
    deepEqual(read('unsubscribe', fields), { op: 'unsubscribe', channels: [] })
    equal(read('health', fields), 'status')
    equal(read('ack', fields), 'channel')
    equal(read('resume_required', fields), 'channel')
  }
  deepEqual(read('auth', '"resume_cursors":{"a":null,"b":0}'), {
    ...nobody,
    resumeCursors: new Map([['b', 0]]),
  })
})

test('a client id is a UUID in either case, and what is none is told as a bad token is', () => {
  const written = [clientId, clientId.toUpperCase()]
  for (const text of written) deepEqual(read('auth', `"client_id":"${text}"`), { ...nobody, clientId })
  for (const text of [
    '',
    'A',
    clientId.slice(1),
    `${clientId}0`,
    clientId.replaceAll('-', ''),
    `{${clientId}}`,
  ]) {
    equal(parseClientId(text), undefined)
    deepEqual(read('auth', `"client_id":"${text}"`), nobody)
  }
  for (const json of ['7', '{}', 'true', '[""]']) deepEqual(read('auth', `"client_id":${json}`), nobody)
})

test('cursors are safe integers in digits alone', () => {
  for (const cursor of [0, 7, 2 ** 53 - 1]) {
    deepEqual(read('ack', `"channel":"c","cursor":${cursor}`), { op: 'ack', channel: 'c', cursor })
    deepEqual(read('auth', `"resume_cursor":${cursor}`), { ...nobody, resumeCursor: cursor })
    const resumeCursors = new Map([['c', cursor]])
    deepEqual(read('auth', `"resume_cursors":{"c":${cursor}}`), { ...nobody, resumeCursors })
  }
  for (const wrong of [
    '-1',
    '-0',
    '1.0',
    '1e3',
    '"7"',
    '9007199254740992',
    '18446744073709551615',
    '{}',
    'false',
  ]) {
    equal(read('ack', `"channel":"c","cursor":${wrong}`), 'cursor')
    equal(read('resume_required', `"channel":"c","from_cursor":${wrong}`), 'from_cursor')
    equal(read('auth', `"resume_cursor":${wrong}`), 'resume_cursor')
    equal(read('auth', `"resume_cursors":{"a":1,"c":${wrong}}`), 'resume_cursors')
  }
})

test('a window has 32 bits', () => {
  deepEqual(read('slow', `"window":${2 ** 32 - 1}`), { op: 'slow', window: 2 ** 32 - 1 })
  equal(read('slow', `"window":${2 ** 32}`), 'window')
})

test('epochs are texts as the engine writes them', () => {
  deepEqual(read('auth', '"resume_epochs":{"c":"9f2c01ab","d":null}'), {
    ...nobody,
    resumeEpochs: new Map([['c', '9f2c01ab']]),
  })
  for (const wrong of ['""', '"a.b"', '7', '"9f2c01ab "', `"${'e'.repeat(65)}"`]) {
    equal(read('auth', `"resume_epochs":{"c":${wrong}}`), 'resume_epochs')
  }
})

test('of equal members the last one counts, and names may be whatever they are', () => {
  deepEqual(read('ack', '"channel":1,"cursor":1,"channel":"__proto__","cursor":2'), {
    op: 'ack',
    channel: '__proto__',
    cursor: 2,
  })
  const operation = read('auth', '"resume_cursors":{"__proto__":1,"7":2,"c":3,"c":4}')
  const resumeCursors = new Map([
    ['__proto__', 1],
    ['7', 2],
    ['c', 4],
  ])
  deepEqual(operation, { ...nobody, resumeCursors })
  const fields = encodeFields({ ...nobody, resumeCursors })
  deepEqual(read('auth', fields), operation)
})

test('lists hold texts, each once, and maps and lists have a bound', () => {
  const numbers = Array.from({ length: namesMax }, (_, n) => `c${n}`)
  const list = (names: readonly string[]) => `"channels":${JSON.stringify(names)}`
  deepEqual(read('subscribe', list(numbers)), { op: 'subscribe', channels: numbers })
  equal(read('subscribe', list([...numbers, 'more'])), 'channels')
  equal(read('subscribe', list([...numbers, ...numbers])), 'channels')
  deepEqual(read('subscribe', list(['b', 'a', 'b'])), { op: 'subscribe', channels: ['b', 'a'] })
  for (const wrong of ['"chat"', '[1]', '["a",null]', '[["a"]]', '{}']) {
    equal(read('subscribe', `"channels":${wrong}`), 'channels')
    equal(read('auth', `"capabilities":${wrong}`), 'capabilities')
  }
  const map = (names: readonly string[]) => `"resume_cursors":{${names.map(name => `"${name}":1`).join()}}`
  deepEqual(read('auth', map(numbers)), { ...nobody, resumeCursors: new Map(numbers.map(name => [name, 1])) })
  equal(read('auth', map([...numbers, 'more'])), 'resume_cursors')
  equal(read('auth', '"resume_cursors":[]'), 'resume_cursors')
})

test('long names and texts are cut, and a token is not', () => {
  const name = 'n'.repeat(nameUnitsMax)
  deepEqual(read('subscribe', `"channels":["${name}","${name}n"]`), {
    op: 'subscribe',
    channels: [name, `${name}…`],
  })
  const text = 't'.repeat(textUnitsMax)
  for (const said of [text, `${text}t`]) {
    deepEqual(read('goodbye', `"reason":"${said}"`), { op: 'goodbye', reason: text })
    deepEqual(read('health', `"status":"${said}"`), { op: 'health', status: text, detail: undefined })
  }
  const token = 'a\n'.repeat(8_000)
  deepEqual(read('auth', `"token":${JSON.stringify(token)}`), { ...nobody, token })
  equal(read('auth', '"token":7'), 'token')
})

test('what is optional is left out where there is none, and all else is always there', () => {
  const resume = { resumeCursor: 0, resumeCursors: new Map(), resumeEpochs: new Map() }
  for (const [operation, fields] of [
    [nobody, '"capabilities":[],"resume_cursors":{}'],
    [{ op: 'auth_ok', ...resume }, '"resume_cursor":0,"resume_cursors":{}'],
    [{ op: 'error', message: 'no' }, '"message":"no"'],
    [{ op: 'slow', window: undefined }, ''],
    [{ op: 'slow', window: 0 }, '"window":0'],
    [{ op: 'health', status: '', detail: undefined }, '"status":""'],
    [{ op: 'goodbye', reason: undefined }, ''],
  ] as const) {
    equal(encodeFields(operation), fields)
  }
})

test('the body of an acknowledgement tells what is no JSON from what does not fit', () => {
  const body = `{"client_id":"${clientId}","channel":"chat","cursor":41}`
  deepEqual(readAckBody(` ${body}`), { ok: true, clientId, channel: 'chat', cursor: 41 })
  for (const text of ['', '{', body.slice(1), `${body}x`, `${body.slice(0, -1)},"x":"\\ud800"}`]) {
    deepEqual(readAckBody(text), { ok: false, reason: 'json-syntax', detail: '' })
  }
  for (const [text, detail] of [
    ['{}', 'channel'],
    ['[]', 'content'],
    ['"x"', 'content'],
    [body.replace('7d44', 'xxxx'), 'client_id'],
    [body.replace('41', '-1'), 'cursor'],
    [body.replace('41', '"x"'), 'cursor'],
    [body.replace('41', 'null'), 'cursor'],
    [body.replace('"chat"', '5'), 'channel'],
  ] as const) {
    deepEqual(readAckBody(text), { ok: false, reason: 'ack-invalid', detail })
  }
})
