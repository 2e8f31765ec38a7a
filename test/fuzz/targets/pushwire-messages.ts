// pushwire's decoders: messages in every dialect, frames and what becomes of their payloads on the wires of others,
// position vectors and bodies of acknowledgements. What is accepted is written in every dialect and read again. The last
// target makes messages as long as a stranger may send, much of them nested: their cost must grow with their length alone.
import assert, { deepEqual, equal } from 'node:assert/strict'
import fc from 'fast-check'
import { StreamDecoder } from '../../../src/commands/stream-decoder.ts'
import { parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import { readAckBody } from '../../../src/frontends/pushwire/wire/ack-body.ts'
import { cursorOf, lapOf, offsetOf, parseCursor } from '../../../src/frontends/pushwire/wire/cursors.ts'
import {
  type Dialect,
  dialects,
  readMessage,
  writeOperation,
  writeSuperposed,
} from '../../../src/frontends/pushwire/wire/dialect.ts'
import { errorOf } from '../../../src/frontends/pushwire/wire/endings.ts'
import { createFormats, senderOf, sentBy } from '../../../src/frontends/pushwire/wire/frames.ts'
import { type ClientOperation, parseClientId } from '../../../src/frontends/pushwire/wire/operations.ts'
import { formatVector, parseVector } from '../../../src/frontends/pushwire/wire/vector.ts'
import { channelName } from '../../helpers/mesh.ts'
import { damaged } from '../damage.ts'
import type { Target } from '../target.ts'

const id = '7D444840-9dc0-11d1-b245-5ffdce74fad2'
const system = 'system'

const messages = [
  `{"channel":"system","payload":{"op":"auth","client_id":"${id}","token":"s","capabilities":["chat","system"],"resume_cursor":7,"resume_cursors":{"chat":41,"data":null},"resume_epochs":{"chat":"9f2c01ab"}}}`,
  `{"Auth":{"client_id":"${id}","capabilities":[],"resume_cursors":{"__proto__":9007199254740991}}}`,
  '{"type":"resume_required","channel":"chat","from_cursor":42}',
  '{"kind":"ack","data":{"channel":"chat","cursor":42}}',
  '{"channel":"system","payload":{"action":"Features","payload":{"supported":["zstd"],"requested":[]}}}',
  '{"op":"slow","window":4294967295}',
  '{"op":"health","status":"ok","detail":"\\ud83d\\ude00"}',
  '{"subscribe":{"channels":["chat","nope","chat"]}}',
  '{"channel":"system","payload":"Pong"}',
  '"ping"',
  '{"goodbye":null}',
  '{"AuthOk":{"resume_cursor":0}}',
]

/** A message without fields says nothing of where they would stand. */
function learnedOf({ op }: ClientOperation, dialect: Dialect): Dialect {
  return op === 'ping' || op === 'pong' ? { ...dialect, content: undefined } : dialect
}

function checkOperation(operation: ClientOperation): void {
  if (operation.op === 'auth') equal(operation.clientId, parseClientId(operation.clientId ?? ''))
  for (const dialect of dialects) {
    const again = readMessage(writeOperation(dialect, system, operation), system)
    deepEqual(again, { kind: 'operation', operation, dialect: learnedOf(operation, dialect) })
  }
  const superposed = readMessage(writeSuperposed(system, operation), system)
  deepEqual(superposed.kind === 'operation' && superposed.operation, operation)
}

const operations: Target = {
  name: 'pushwire-operations',
  inputs: damaged(messages),
  share: 2,
  check(bytes) {
    const message = readMessage(bytes.toString('utf8'), system)
    if (message.kind === 'operation') return checkOperation(message.operation)
    if (message.kind !== 'fault') return assert.notEqual(message.channel, system)
    const error = errorOf(message.reason, message.detail)
    assert(error.op === 'error' && error.message.length < 100, 'an error says nothing of its client')
  },
}

const frames = [
  '{"channel":"chat","payload":{"b":[1.0,"\\ud83d\\ude00\\/",null],"a":1e3,"a":2}}',
  ' { "payload" :\r\n [ "\u2028" , -0.0e+12 ] , "cursor" : 7 , "channel" : "ch\\u0061t", "client_id":null } ',
  '{"channel":"chat","payload":{"op":"ping","payload":{"channel":"system"}}}',
  `{"channel":"chat","payload":${'{"a":'.repeat(126)}1${'}'.repeat(126)}}`,
  '{"channel":"chat","payload":12345678901234567890.50}',
]

const formats = createFormats(channel => channel)
const epoch = parseEpoch('9f2c01ab')
const publication = { channel: channelName('chat'), offset: parseOffset(42) }
const sender = parseClientId(id) ?? assert.fail('a UUID is one')

/** As an event: one, on one line. The JSON is the same, whatever white space became. */
function checkFrame(payload: Uint8Array, kind: 'json' | 'text' | 'bytes'): unknown {
  const content = { kind, payload }
  const sent = { ...publication, content, renderings: sentBy(sender) }
  equal(senderOf(sent), sender)
  const frame: unknown = JSON.parse(Buffer.from(formats.socket[1].encode(sent, epoch) ?? '').toString())
  const decoder = new StreamDecoder(1_000_000)
  const [event, ...more] = decoder.push(formats.stream[1].encode(sent, epoch) ?? new Uint8Array(0))
  const cursor = cursorOf(1, 42)
  deepEqual([event?.name, event?.id, more], ['chat', `chat:9f2c01ab.${cursor}`, []])
  deepEqual(JSON.parse(event?.data ?? ''), frame)
  assert(typeof frame === 'object' && frame !== null && 'payload' in frame, 'a frame has a payload')
  deepEqual(frame, { channel: 'chat', cursor, payload: frame.payload, client_id: sender })
  return frame.payload
}

const inbound: Target = {
  name: 'pushwire-frames',
  inputs: damaged(frames),
  check(bytes) {
    const text = bytes.toString('utf8')
    equal(checkFrame(bytes, 'text'), text)
    equal(checkFrame(bytes, 'bytes'), bytes.toString('base64'))
    const message = readMessage(text, system)
    if (message.kind !== 'frame') return
    const { channel, payload } = message
    assert(text.includes(payload) && channel !== system && channel.length <= 65)
    const whole = JSON.parse(text)
    deepEqual(JSON.parse(payload), whole.payload)
    deepEqual(checkFrame(Buffer.from(payload), 'json'), whole.payload)
    deepEqual(readMessage(`{"channel":${JSON.stringify(channel)},"payload":${payload}}`, system), message)
  },
}

const vectors = [
  'chat:9f2c01ab.42,data:7',
  ' a : 1 , b.c-d_e:e-1.9007199254740991 ',
  '{"chat":41,"data":"9f2c01ab.7","__proto__":1}',
  Array.from({ length: 100 }, (_, n) => `c${n}:1`).join(),
  '9007199254740991',
]

const positions: Target = {
  name: 'pushwire-vectors',
  inputs: damaged(vectors),
  check(bytes) {
    const text = bytes.toString('latin1')
    const cursor = parseCursor(text)
    if (cursor !== undefined) equal(cursorOf(lapOf(cursor), offsetOf(cursor)), Number(text))
    const vector = parseVector(text)
    if (vector === undefined) return
    assert(vector.size <= 100)
    const written = formatVector(vector)
    // Browsers send it back as a header, and it stands on a line of its own.
    assert(/^[a-z0-9_.:,A-Z-]*$/.test(written), written)
    deepEqual(parseVector(written), vector)
    const members = [...vector].map(entry => {
      const [name = '', place = ''] = formatVector([entry]).split(':')
      return [name, place] as const
    })
    deepEqual(parseVector(JSON.stringify(Object.fromEntries(members))) ?? [], vector)
  },
}

const bodies = [`{"client_id":"${id}","channel":"chat","cursor":41}`, '[]', '{"cursor":null}']

const acks: Target = {
  name: 'pushwire-ack-bodies',
  inputs: damaged(bodies),
  share: 0.5,
  check(bytes) {
    const reading = readAckBody(bytes.toString('utf8'))
    if (!reading.ok) return assert(reading.reason === 'json-syntax' || reading.detail !== '')
    const { clientId, channel, cursor } = reading
    equal(parseClientId(clientId), clientId)
    const body = JSON.stringify({ client_id: clientId, channel, cursor })
    deepEqual(readAckBody(body), reading)
  },
}

/** Of a message before `auth`, and of one as the settings allow it at first. */
const sizes = [32_768, 1_048_576] as const

const shells = [
  ['{"channel":"chat","payload":', '}'],
  ['{"channel":"system","payload":', '}'],
  ['{"op":"auth","resume_cursors":', '}'],
  ['{"channel":"system","payload":{"op":"auth","data":{"capabilities":', '}}}'],
  ['{"subscribe":{"channels":', '}}'],
  ['', ''],
] as const

const fillings = [
  ['{', '"k#":1,', '"z":1}'],
  ['{', '"\\u0063#":{},', '"z":1}'],
  ['{', '"op":"ping",', '"z":1}'],
  ['{', '"channel":"\\u0063hat#",', '"z":1}'],
  ['{', '"resume_cursors":{"a":#},', '"z":1}'],
  ['[', '"c#",', '"z"]'],
  ['[', '{},', '1]'],
  ['"', '\\u0063', '"'],
  ['"', '\\\\', '"'],
  ['"', '\\ud83d\\ude00', '"'],
  ['"', '\\ud83d', '"'],
  ['', ' ', '1'],
  ['', '9', '1'],
  ['', '[', ''],
  ['', '{"a":', ''],
  ['', '{"op":"auth","data":', ''],
  ['', '{"channel":"system","payload":', ''],
] as const

/** A few bytes choose it, so that a find is printed in one line. */
function enlarged([size = 0, shell = 0, filling = 0, depth = 0]: Uint8Array): string {
  const [open, close] = shells[shell % shells.length] ?? ['', '']
  const [first, part, last] = fillings[filling % fillings.length] ?? ['', '', '']
  // One in eight is large.
  const count = Math.floor((size < 224 ? sizes[0] : sizes[1]) / part.length)
  const middle = Array.from({ length: count }, (_, n) => part.replace('#', String(n * 7_919))).join('')
  const times = depth % 126
  return `${open}${'[1,'.repeat(times)}${first}${middle}${last}${']'.repeat(times)}${close}`
}

const large: Target = {
  name: 'pushwire-large-messages',
  inputs: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  share: 0.01,
  check(bytes) {
    const text = enlarged(bytes)
    const message = readMessage(text, system)
    if (message.kind === 'frame') assert(text.includes(message.payload))
    if (message.kind === 'operation') checkOperation(message.operation)
  },
}

export const targets: readonly Target[] = [operations, inbound, positions, acks, large]
