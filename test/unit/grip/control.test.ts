// The control door's texts: rows 150 to 174 of the contract, on the functions that read and answer.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { negotiate } from '../../../src/frontends/grip/control/accept.ts'
import * as answers from '../../../src/frontends/grip/control/answers.ts'
import { judgeHead } from '../../../src/frontends/grip/control/judge.ts'
import { readItemsBody } from '../../../src/frontends/grip/item/from-json.ts'

const bodyBytesMax = 1_000_000

/** The whole answer to a request whose body, if it is asked for, is `body`. */
function answerTo(method: string, target: string, rawHeaders: readonly string[], body = ''): string {
  const judged = judgeHead({ method, target, rawHeaders }, bodyBytesMax)
  const manner = { version: '1.1', method, closes: true } as const
  const write = (answer: answers.Answer) => Buffer.from(answers.bytesOf(answer, manner)).toString()
  if (judged.ask === 'answer') return write(judged.answer)
  if (judged.ask === 'recover') return write(answers.updated(judged.form))
  const reading = readItemsBody(Buffer.from(body))
  return write(reading.ok ? answers.published(judged.form) : answers.invalid(reading))
}

function post(body: string, ...rawHeaders: string[]): string {
  return answerTo('POST', '/publish/', ['Content-Length', String(body.length), ...rawHeaders], body)
}

function textOf(status: string, body: string, type = 'text/plain', more = ''): string {
  return `HTTP/1.1 ${status}\r\n${more}Content-Type: ${type}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

const invalid = (message: string) => textOf('400 Bad Request', `Invalid format: ${message}\n`)
const published = textOf('200 OK', 'Published\n')
const item = (members: string) => post(`{"items":[{${members}}]}`)
const formats = (name: string, members: string) => item(`"channel":"a","formats":{"${name}":{${members}}}`)

describe('paths and forms', () => {
  const length = ['Content-Length', '0']
  const rows: readonly [answer: string, expected: string][] = [
    [answerTo('GET', '/', []), textOf('200 OK', 'Pushpin API\n')],
    [post('{"items":[]}'), published],
    [
      post('{"items":[]}', 'Accept', 'application/json'),
      textOf('200 OK', '{"message":"Published"}\n', 'application/json'),
    ],
    [post('{', 'Accept', 'application/json'), textOf('400 Bad Request', 'Body is not valid JSON.\n')],
    [
      answerTo('GET', '/', ['Accept', 'text/html']),
      textOf(
        '406 Not Acceptable',
        'Not Acceptable. Supported formats are text/plain and application/json.\n',
      ),
    ],
    [
      answerTo('GET', '/publish', []),
      textOf('405 Method Not Allowed', 'Method not allowed: GET.\n', 'text/plain', 'Allow: POST\r\n'),
    ],
    [answerTo('POST', '/recover', length), textOf('200 OK', 'Updated\n')],
    [answerTo('POST', '/publish?x', length), textOf('404 Not Found', 'Not Found\n')],
    [answerTo('POST', '/publish//', length), textOf('404 Not Found', 'Not Found\n')],
    [answerTo('GET', '/nope', []), textOf('404 Not Found', 'Not Found\n')],
    [answerTo('GET', '//', []), textOf('404 Not Found', 'Not Found\n')],
    [answerTo('POST', '/publish', []), textOf('411 Length Required', 'Request requires Content-Length.\n')],
    [
      answerTo('POST', '/publish', ['Transfer-Encoding', 'chunked']),
      textOf('411 Length Required', 'Request requires Content-Length.\n'),
    ],
    [
      answerTo('POST', '/publish', ['Content-Length', 'x']),
      textOf('400 Bad Request', 'Bad Content-Length.\n'),
    ],
    [
      answerTo('POST', '/publish', ['Content-Length', '1000001']),
      textOf('400 Bad Request', 'Request body too large.\n'),
    ],
    [answerTo('POST', '/recover', ['Content-Length', '1000000']), textOf('200 OK', 'Updated\n')],
  ]
  test('each request has its answer, byte for byte', () => {
    for (const [answer, expected] of rows) equal(answer, expected)
  })

  test('the version is repeated, a HEAD gets no body, and a connection may stay', () => {
    const write = (method: string, closes: boolean) =>
      Buffer.from(answers.bytesOf(answers.greeting, { version: '1.0', method, closes })).toString()
    equal(
      write('HEAD', true),
      'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 12\r\n\r\n',
    )
    equal(
      write('GET', false),
      'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nPushpin API\n',
    )
  })

  test('the last media type that we have wins, whatever it weighs', () => {
    const forms: readonly [accept: readonly string[], form: string | undefined][] = [
      [[], 'text'],
      [[''], 'text'],
      [['text/plain, application/json'], 'json'],
      [['application/json, text/plain'], 'text'],
      [['application/json;q=1, text/plain;q=0.1'], 'text'],
      [['application/*'], 'json'],
      [['application/json', '*/*'], 'text'],
      [['*'], 'text'],
      [['text/html, application/json, text/html'], 'json'],
      [['text/html'], undefined],
    ]
    for (const [accept, form] of forms) equal(negotiate(accept), form, accept.join())
  })

  test('what the original has no answer for', () => {
    deepEqual(
      [answers.unauthorized.status, answers.unavailable('overloaded').headers],
      [401, ['Retry-After', '1']],
    )
    const texts = [answers.headUnparsable, answers.headTooLarge, answers.bodyTooLong].map(({ body }) => body)
    deepEqual(texts, [
      'Failed to parse request header.\n',
      'Request header too large.\n',
      'Request body exceeded Content-Length.\n',
    ])
  })
})

describe('items', () => {
  const stream = '"formats":{"http-stream":{"content":"x"}}'
  const what = 'publish item object'
  const rows: readonly [answer: string, expected: string][] = [
    [post('{"items":'), textOf('400 Bad Request', 'Body is not valid JSON.\n')],
    [post('[]'), textOf('400 Bad Request', 'Invalid format.\n')],
    [post('{}'), invalid(`object does not contain 'items'`)],
    [post('{"items":{}}'), invalid(`object contains 'items' with wrong type`)],
    [post('{"items":[1]}'), invalid(`${what} is not an object`)],
    [item(stream), invalid(`${what} does not contain 'channel'`)],
    [item(`"channel":1,${stream}`), invalid(`${what} contains 'channel' with wrong type`)],
    [item(`"channel":null,${stream}`), invalid(`${what} contains 'channel' with wrong type`)],
    [item(`"channel":"",${stream}`), published],
    [item(`"channel":"a","id":1,${stream}`), invalid(`${what} contains 'id' with wrong type`)],
    [item(`"channel":"a","id":null,${stream}`), invalid(`${what} contains 'id' with wrong type`)],
    [item(`"channel":"a","prev-id":null,${stream}`), invalid(`${what} contains 'prev-id' with wrong type`)],
    [item('"channel":"a"'), invalid('no formats specified')],
    [item('"channel":"a","formats":{}'), invalid('no formats specified')],
    [item('"channel":"a","formats":[]'), invalid(`${what} contains 'formats' with wrong type`)],
    [item('"channel":"a","formats":{"x":{}}'), published],
    [item('"channel":"a","http-stream":{"content":"x"}'), published],
    [item('"channel":"a","formats":{"http-stream":1}'), invalid(`'http-stream' is not an object`)],
    [formats('http-stream', ''), invalid(`'http-stream' does not contain 'content' or 'content-bin'`)],
    [formats('http-stream', '"content":1'), invalid(`'http-stream' contains 'content' with wrong type`)],
    [formats('http-stream', '"content":null'), invalid(`'http-stream' contains 'content' with wrong type`)],
    [
      formats('http-stream', '"content-bin":1'),
      invalid(`'http-stream' contains 'content-bin' with wrong type`),
    ],
    [formats('http-stream', '"content-bin":"!"'), published],
    [
      formats('http-response', ''),
      invalid(`'http-response' does not contain 'body', 'body-bin', or 'body-patch'`),
    ],
    [formats('ws-message', ''), invalid(`'ws-message' does not contain 'content' or 'content-bin'`)],
    [
      formats('http-response', '"body-patch":{}'),
      invalid(`'http-response' contains 'body-patch' with wrong type`),
    ],
    [formats('http-stream', '"action":"zap"'), invalid('')],
    [formats('http-stream', '"action":1'), invalid(`'http-stream' contains 'action' with wrong type`)],
    [formats('ws-message', '"action":"refresh"'), published],
    [formats('http-response', '"body":"","code":"404"'), published],
    [formats('http-response', '"body":"","code":201.7'), published],
    [
      formats('http-response', '"body":"","code":"x"'),
      invalid(`'http-response' contains 'code' with invalid value`),
    ],
    [
      formats('http-response', '"body":"","code":1000'),
      invalid(`'http-response' contains 'code' with invalid value`),
    ],
    [
      formats('http-response', '"body":"","code":[]'),
      invalid(`'http-response' contains 'code' with wrong type`),
    ],
    [
      formats('http-response', '"body":"","reason":1'),
      invalid(`'http-response' contains 'reason' with wrong type`),
    ],
    [
      formats('http-response', '"body":"","headers":"x"'),
      invalid(`'http-response' contains 'headers' with wrong type`),
    ],
    [
      formats('http-response', '"body":"","headers":[["a"]]'),
      invalid('headers contains list with wrong number of elements'),
    ],
    [
      formats('http-response', '"body":"","headers":[1]'),
      invalid('headers contains element with wrong type'),
    ],
    [
      formats('http-response', '"body":"","headers":{"a":1}'),
      invalid(`headers contains 'a' with wrong type`),
    ],
    [
      formats('http-stream', '"content":"","content-filters":[1]'),
      invalid('content-filters contains element with wrong type'),
    ],
    [
      formats('http-stream', '"content":"","content-filters":1'),
      invalid(`'http-stream' contains 'content-filters' with wrong type`),
    ],
    [
      formats('ws-message', '"type":"zap","content":"x"'),
      invalid(`'ws-message' contains 'type' with unknown value`),
    ],
    [formats('ws-message', '"type":"ping"'), published],
    [
      formats('ws-message', '"action":"close","code":65536'),
      invalid(`'ws-message' contains 'code' with invalid value`),
    ],
    [item(`"channel":"a",${stream},"meta":{"a":1}`), invalid(`'meta' contains 'a' with wrong type`)],
    [item(`"channel":"a",${stream},"meta":1`), invalid(`${what} contains 'meta' with wrong type`)],
    [item(`"channel":"a",${stream},"size":-1`), invalid(`${what} contains 'size' with invalid value`)],
    [item(`"channel":"a",${stream},"size":"7"`), published],
    [item(`"channel":"a",${stream},"no-seq":"x"`), invalid(`${what} contains 'no-seq' with wrong type`)],
    [post(`{"items":[{"channel":"a",${stream}},{}]}`), invalid(`${what} does not contain 'channel'`)],
  ]
  test('each has its answer', () => {
    for (const [answer, expected] of rows) equal(answer, expected)
  })

  test('what an item says is read whole', () => {
    const reading = readItemsBody(
      Buffer.from(`\ufeff{"items":[{"channel":"a","id":"1","prev-id":"","no-seq":true,"size":3,"meta":{"__proto__":"x"},
        "formats":{"http-response":{"code":"404","headers":[["A","b"],["A","c"]],"body-patch":[ {"op":"test"} ]},
        "http-stream":{"content-bin":"AQL/","content-filters":["var-subst"]},
        "ws-message":{"action":"close","code":4001,"reason":"kicked \\ud800"}}}],"items2":1}`),
    )
    ok(reading.ok)
    const [item] = reading.items
    deepEqual(item, {
      channel: 'a',
      id: '1',
      prevId: '',
      noSeq: true,
      size: 3,
      meta: new Map([['__proto__', 'x']]),
      response: {
        action: 'send',
        code: 404,
        reason: 'Not Found',
        headers: ['A', 'b', 'A', 'c'],
        body: { patch: '[{"op":"test"}]' },
        contentFilters: undefined,
      },
      stream: { action: 'send', content: Buffer.of(1, 2, 255), contentFilters: ['var-subst'] },
      socket: { action: 'close', code: 4001, reason: 'kicked \ufffd' },
    })
  })

  test('a socket gets binary where bytes alone are given, text otherwise, and a ping needs nothing', () => {
    const types = [
      '"content":"x"',
      '"content-bin":"eA=="',
      '"content-bin":"eA==","type":"text"',
      '"type":"pong"',
    ].map(members => {
      const body = `{"items":[{"channel":"","ws-message":{${members}}}]}`
      const reading = readItemsBody(Buffer.from(body))
      const socket = reading.ok ? reading.items[0]?.socket : undefined
      return socket?.action === 'send' && socket.type
    })
    deepEqual(types, ['text', 'binary', 'text', 'pong'])
  })
})
