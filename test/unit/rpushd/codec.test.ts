// rpushd 1.0.3 on the wire as data: content types, bodies, channel names, stream paths and frames.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  createFrameReader,
  encodeFrame,
  framePayloadBytesMax,
  heartbeatFrame,
  isChannelName,
  isJsonContentType,
  parsePublishBody,
  parseStreamBody,
  parseStreamPath,
} from '../../../src/frontends/rpushd/codec.ts'

const contentTypes = [
  { input: 'application/json', expect: true },
  { input: 'application/json; charset=utf-8', expect: true },
  { input: 'application/json;charset=utf-8', expect: true },
  { input: 'application/json ; a=b; c=d', expect: true },
  { input: 'Application/JSON', expect: true },
  { input: 'application/vnd.api+json', expect: true },
  { input: 'application/problem+JSON; a="b;c"', expect: true },
  { input: 'application/a+b+json', expect: true },
  { input: undefined, expect: false },
  { input: '', expect: false },
  { input: 'json', expect: false },
  { input: 'text/json', expect: false },
  { input: 'text/plain', expect: false },
  { input: 'text/plain; application/json', expect: false },
  { input: 'application/jsonp', expect: false },
  { input: 'application/x-json', expect: false },
  { input: 'application/json+xml', expect: false },
  { input: 'application/+json', expect: false },
  { input: 'application/json, text/plain', expect: false },
  { input: 'application/json charset=utf-8', expect: false },
  { input: 'application/x-www-form-urlencoded', expect: false },
]

for (const { input, expect } of contentTypes) {
  test(`content type ${input} is ${expect ? '' : 'not '}JSON`, () => {
    assert.equal(isJsonContentType(input), expect)
  })
}

const names = [
  { name: 'one character', input: 'a', expect: true },
  { name: 'every kind of character', input: 'AZaz09:-_.', expect: true },
  { name: 'a usual one', input: 'thread-writers:459', expect: true },
  { name: 'a dot alone', input: '.', expect: true },
  { name: '191 characters', input: 'x'.repeat(191), expect: true },
  { name: '192 characters', input: 'x'.repeat(192), expect: false },
  { name: 'nothing', input: '', expect: false },
  { name: 'a blank', input: 'a b', expect: false },
  { name: 'a slash', input: 'a/b', expect: false },
  { name: 'a plus', input: 'a+b', expect: false },
  { name: 'a percent sign', input: '%zz', expect: false },
  { name: 'a letter outside ASCII', input: 'é', expect: false },
  { name: 'a line break behind', input: 'a\n', expect: false },
  { name: 'a NUL', input: 'a\0', expect: false },
  { name: 'a wildcard', input: 'a.*', expect: false },
]

for (const { name, input, expect } of names) {
  test(`channel name: ${name} is ${expect ? 'valid' : 'invalid'}`, () => {
    assert.equal(isChannelName(input), expect)
  })
}

const published = [
  { name: 'an object', input: '{"channel":"c","message":{"postID":123}}', expect: ['c', '{"postID":123}'] },
  { name: 'members in the other order', input: '{"message":1,"channel":"c"}', expect: ['c', '1'] },
  { name: 'message null', input: '{"channel":"c","message":null}', expect: ['c', 'null'] },
  { name: 'message a string', input: '{"channel":"c","message":"\\u00e9\\/"}', expect: ['c', '"é/"'] },
  { name: 'message an array', input: '{"channel":"c","message":[ 1.0 ]}', expect: ['c', '[1.0]'] },
  { name: 'the last of equal keys in a message', input: '["c",{"a":1,"a":2}]', expect: ['c', '{"a":2}'] },
  { name: 'an array', input: ' ["c", {"b":1, "a":2}] ', expect: ['c', '{"a":2,"b":1}'] },
  { name: 'unknown members', input: '{"x":{},"channel":"c","message":1,"y":[2]}', expect: ['c', '1'] },
  { name: 'an unknown member twice', input: '{"x":1,"x":2,"channel":"c","message":1}', expect: ['c', '1'] },
  { name: 'an escaped field', input: '{"ch\\u0061nnel":"c","message":1}', expect: ['c', '1'] },
  { name: 'an escaped channel', input: '{"channel":"a\\u003ab\\n","message":1}', expect: ['a:b\n', '1'] },
  { name: 'a channel no rule allows', input: '{"channel":"","message":1}', expect: ['', '1'] },
  { name: 'raw UTF-8', input: '{"channel":"é","message":"😀"}', expect: ['é', '"😀"'] },
  {
    name: '126 levels in an object',
    input: `{"channel":"c","message":${nested(126)}}`,
    expect: ['c', nested(126)],
  },
  { name: 'no fields', input: '{}', expect: 'json-shape' },
  { name: 'no message', input: '{"channel":"c"}', expect: 'json-shape' },
  { name: 'no channel', input: '{"message":1}', expect: 'json-shape' },
  { name: 'fields are case-sensitive', input: '{"Channel":"c","message":1}', expect: 'json-shape' },
  { name: 'a channel that is a number', input: '{"channel":5,"message":1}', expect: 'json-shape' },
  { name: 'a channel that is null', input: '{"channel":null,"message":1}', expect: 'json-shape' },
  { name: 'channel twice', input: '{"channel":"c","channel":"c","message":1}', expect: 'json-shape' },
  { name: 'message twice', input: '{"channel":"c","message":1,"message":1}', expect: 'json-shape' },
  {
    name: 'message twice, once escaped',
    input: '{"channel":"c","message":1,"m\\u0065ssage":1}',
    expect: 'json-shape',
  },
  { name: 'a string', input: '"c"', expect: 'json-shape' },
  { name: 'null', input: 'null', expect: 'json-shape' },
  { name: 'an empty array', input: '[]', expect: 'json-shape' },
  { name: 'a short array', input: '["c"]', expect: 'json-shape' },
  { name: 'an array without channel name', input: '[1,2]', expect: 'json-shape' },
  { name: 'a long array', input: '["c",1,2]', expect: 'json-syntax' },
  { name: 'an empty body', input: '', expect: 'json-syntax' },
  { name: 'a byte-order mark', input: '\ufeff{"channel":"c","message":1}', expect: 'json-syntax' },
  { name: 'something behind', input: '{"channel":"c","message":1}x', expect: 'json-syntax' },
  { name: 'a form', input: 'channel=c&message=1', expect: 'json-syntax' },
  { name: 'a lone surrogate in the message', input: '["c","\\ud800"]', expect: 'json-syntax' },
  { name: 'a number out of range', input: '["c",1e999]', expect: 'json-syntax' },
  {
    name: '127 levels in an object',
    input: `{"channel":"c","message":${nested(127)}}`,
    expect: 'json-syntax',
  },
  {
    name: '128 levels in an object',
    input: `{"channel":"c","message":${nested(128)}}`,
    expect: 'json-syntax',
  },
  {
    name: 'bad syntax in an unknown member',
    input: '{"x":01,"channel":"c","message":1}',
    expect: 'json-syntax',
  },
  { name: 'syntax before shape', input: '{"channel":5,"channel":6,', expect: 'json-syntax' },
  { name: 'syntax before shape in an array', input: '[5', expect: 'json-syntax' },
  { name: 'syntax before shape in a scalar', input: '5x', expect: 'json-syntax' },
  { name: 'a byte outside UTF-8', input: latin1('["c","\xe9"]'), expect: 'json-syntax' },
  { name: 'an overlong sequence', input: latin1('["c","\xc0\xaf"]'), expect: 'json-syntax' },
  { name: 'a surrogate in UTF-8', input: latin1('["c","\xed\xa0\x80"]'), expect: 'json-syntax' },
  { name: 'UTF-16', input: Buffer.from('["c",1]', 'utf16le'), expect: 'json-syntax' },
]

for (const { name, input, expect } of published) {
  test(`publish body: ${name}`, () => {
    const body = parsePublishBody(Buffer.from(input))
    assert.deepEqual(body.ok ? [body.channel, body.message] : body.reason, expect)
    if (!body.ok) assert.notEqual(body.detail, '')
  })
}

const streams = [
  { name: 'an object', input: '{"token":"a.b.c"}', expect: ['a.b.c'] },
  { name: 'an array', input: '["a.b.c"]', expect: ['a.b.c'] },
  { name: 'unknown members', input: '{"x":1,"token":"t","channel":"c"}', expect: ['t'] },
  { name: 'an empty token', input: '{"token":""}', expect: [''] },
  { name: 'no token', input: '{}', expect: 'json-shape' },
  { name: 'a token that is null', input: '{"token":null}', expect: 'json-shape' },
  { name: 'a token twice', input: '{"token":"t","token":"t"}', expect: 'json-shape' },
  { name: 'an empty array', input: '[]', expect: 'json-shape' },
  { name: 'a bare token', input: '"a.b.c"', expect: 'json-shape' },
  { name: 'a long array', input: '["t",1]', expect: 'json-syntax' },
  { name: 'no JSON', input: 'a.b.c', expect: 'json-syntax' },
  { name: 'nothing', input: '', expect: 'json-syntax' },
]

for (const { name, input, expect } of streams) {
  test(`stream body: ${name}`, () => {
    const body = parseStreamBody(Buffer.from(input))
    assert.deepEqual(body.ok ? [body.token] : body.reason, expect)
  })
}

test('details say what is wrong and where', () => {
  const details = ['', '{}', '{"channel":5,"message":1}', '["c",1,2]', '["c"', '7'].map(input => {
    const body = parsePublishBody(Buffer.from(input))
    return body.ok ? '' : body.detail
  })
  assert.deepEqual(details, [
    'EOF while parsing a value at line 1 column 0',
    'missing field `channel`',
    'channel: invalid type, expected a string',
    'trailing characters behind element 2',
    'EOF while parsing a list at line 1 column 4',
    'expected an object',
  ])
})

const channel = (name: string) => ({ kind: 'channel', name })
const paths = [
  { input: '/api/stream/thread-writers:459', expect: channel('thread-writers:459') },
  { input: '/api/stream/thread-writers%3A459', expect: channel('thread-writers:459') },
  { input: '/api/stream/%61%5f', expect: channel('a_') },
  { input: '/api/stream/a%2Fb', expect: channel('a/b') },
  { input: '/api/stream/%2F', expect: channel('/') },
  { input: '/api/stream/a+b', expect: channel('a+b') },
  { input: '/api/stream/%zz', expect: channel('%zz') },
  { input: '/api/stream/%', expect: channel('%') },
  { input: '/api/stream/a%4', expect: channel('a%4') },
  { input: '/api/stream/%%41', expect: channel('%A') },
  { input: '/api/stream/%2541', expect: channel('%41') },
  { input: '/api/stream/%00', expect: channel('\0') },
  { input: '/api/stream/%C3%A9', expect: channel('é') },
  { input: '/api/stream/%f0%9f%98%80', expect: channel('😀') },
  { input: '/api/stream/é%3A', expect: channel('é:') },
  { input: '/api/stream/..', expect: channel('..') },
  { input: '/api/stream/%ff', expect: { kind: 'not-utf8' } },
  { input: '/api/stream/a%C3', expect: { kind: 'not-utf8' } },
  { input: '/api/stream/%c0%af', expect: { kind: 'not-utf8' } },
  { input: '/api/stream/%ED%A0%80', expect: { kind: 'not-utf8' } },
  { input: '/api/stream/', expect: { kind: 'absent' } },
  { input: '/api/stream', expect: { kind: 'absent' } },
  { input: '/api/stream/a/', expect: { kind: 'absent' } },
  { input: '/api/stream/a/b', expect: { kind: 'absent' } },
  { input: '/api/stream//a', expect: { kind: 'absent' } },
  { input: '/api/stream/%ff/', expect: { kind: 'absent' } },
  { input: '/API/stream/a', expect: { kind: 'absent' } },
  { input: '/api/strea%6d/a', expect: { kind: 'absent' } },
  { input: '//api/stream/a', expect: { kind: 'absent' } },
  { input: '', expect: { kind: 'absent' } },
]

for (const { input, expect } of paths) {
  test(`stream path ${input}`, () => assert.deepEqual(parseStreamPath(input), expect))
}

describe('frames', () => {
  test('the example of the contract', () => {
    const frame = encodeFrame(Buffer.from('{"postID":123}'))
    assert.equal(Buffer.from(frame).toString('hex'), '000e7b22706f73744944223a3132337d')
  })

  test('a heartbeat is a length of zero', () => {
    assert.deepEqual([...heartbeatFrame], [0, 0])
  })

  test('the length is 16 bits, and its bound is kept', () => {
    const largest = encodeFrame(new Uint8Array(framePayloadBytesMax))
    assert.deepEqual([largest.length, largest[0], largest[1]], [65_537, 255, 255])
    assert.throws(() => encodeFrame(new Uint8Array(framePayloadBytesMax + 1)), { code: 'ERR_ASSERTION' })
  })

  const stream = Buffer.concat([
    heartbeatFrame,
    encodeFrame(Buffer.from('null')),
    heartbeatFrame,
    heartbeatFrame,
    encodeFrame(Buffer.alloc(300, 'x')),
    encodeFrame(Buffer.from('1')),
  ])
  const payloads = ['', 'null', '', '', 'x'.repeat(300), '1']

  for (const size of [1, 2, 3, 7, 301, 1000]) {
    test(`pieces of ${size} bytes give the same payloads`, () => {
      const reader = createFrameReader()
      const read: string[] = []
      for (let at = 0; at < stream.length; at += size) {
        for (const payload of reader.push(stream.subarray(at, at + size)))
          read.push(Buffer.from(payload).toString())
      }
      assert.deepEqual(read, payloads)
    })
  }

  test('a frame is read once its last byte is there', () => {
    const reader = createFrameReader()
    assert.deepEqual(reader.push(Buffer.from([0])), [])
    assert.deepEqual(reader.push(Buffer.from([2])), [])
    assert.deepEqual(reader.push(new Uint8Array(0)), [])
    assert.deepEqual(reader.push(Buffer.from('a')), [])
    assert.equal(Buffer.concat(reader.push(Buffer.from('b'))).toString(), 'ab')
  })

  test('a heartbeat cut in two is complete with its second byte', () => {
    const reader = createFrameReader()
    assert.deepEqual(reader.push(Buffer.from([0])), [])
    assert.equal(reader.push(Buffer.from([0])).length, 1)
    assert.equal(reader.push(heartbeatFrame).length, 1)
  })

  test('the largest frame survives being cut', () => {
    const frame = encodeFrame(Buffer.alloc(framePayloadBytesMax, 'y'))
    const reader = createFrameReader()
    assert.deepEqual(reader.push(frame.subarray(0, 40_000)), [])
    const [payload] = reader.push(frame.subarray(40_000))
    assert.deepEqual(payload && Buffer.from(payload), Buffer.alloc(framePayloadBytesMax, 'y'))
  })
})

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels)
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
