// rpushd on the wire, row by row. A row that says `deviation` shows where we differ on purpose; README.md of the
// front-end gives the reason. What the command line says at the start is in starts.ts.
import { secrets } from '../../helpers/daemon.ts'
import type { Row } from '../table.ts'
import type { ExpectedAnswer } from '../words.ts'
import { stats, statsHead, statsJson, statsText, statsXml } from './stats.ts'
import {
  accepted,
  acceptedAll,
  amidBeats,
  answer,
  answers,
  ask,
  base64url,
  bearer,
  beats,
  bytes,
  claims,
  closed,
  closing,
  done,
  dropped,
  type Expect,
  empty,
  ended,
  eventually,
  exactText,
  finish,
  frames,
  fromLibrary,
  interim,
  leave,
  opened,
  pause,
  post,
  publish,
  raw,
  read,
  request,
  resume,
  type Send,
  series,
  sign,
  subscribe,
  text,
  tokenFor,
  tokenHeader,
  tokenOf,
  waitForExpiry,
  wire,
  withSpareBits,
} from './vocabulary.ts'

type Exchange = Row<Send, Expect>

const healthy = answer(200, '{"status":"ok"}', [['content-type', 'application/json']])
const healthyHead: ExpectedAnswer = {
  ...answer(200, '', [['content-type', 'application/json']]),
  headers: [
    ['content-type', 'application/json'],
    ['content-length', '15'],
    ['date', '*'],
  ],
}
const allow = (methods: string) => answer(405, '', [['allow', methods]])

const type415 = text(415, 'Expected request with `Content-Type: application/json`')
const size413 = closing(text(413, 'Failed to buffer the request body: length limit exceeded'))
const syntax400 = text(400, 'Failed to parse the request body as JSON: ')
const shape422 = (detail = '') =>
  text(422, `Failed to deserialize the JSON body into the target type: ${detail}`)
const utf8400 = exactText(400, 'Invalid URL: Invalid UTF-8 in `channel`')

/** One request, one answer. */
const single = (name: string, send: Send, expect: Expect, from: string, rest = {}): Exchange => ({
  name,
  send: [send],
  expect: [expect],
  from: `rpushd 1.0.3, ${from}`,
  ...rest,
})

const bearersRefused = (count: number) => ({ counts: { bearersRefused: count } })
const tokensRefused = { counts: { tokensRefused: 1 } }
const cors = [
  ['origin', 'https://example.org'],
  ['access-control-request-method', 'POST'],
] as const
const plain = { type: 'text/plain' }
const anonymous = { auth: null }
const limit = 16_384
const oversized = 'x'.repeat(limit + 1)
/** A body of exactly that many bytes. */
const sized = (size: number, before: string, after: string) =>
  before + 'x'.repeat(size - before.length - after.length) + after
const sizedPublish = (size: number) => sized(size, '{"channel":"limit","message":"', '"}')
const sizedStream = (size: number) => sized(size, `{"token":"${tokenFor('limit')}","more":"`, '"}')

const routes: readonly Exchange[] = [
  single('health', request('GET', '/healthz'), healthy, 'GET /healthz; test table 1'),
  single(
    'health ignores a query',
    request('GET', '/healthz?mode=json&mode=xml'),
    healthy,
    'routes: a query string is ignored',
  ),
  {
    name: 'HEAD tells the length, has no body, and the connection goes on',
    send: [request('HEAD', '/healthz'), request('GET', '/healthz'), request('HEAD', '/healthz')],
    expect: [healthyHead, healthy, healthyHead],
    from: 'rpushd 1.0.3, routes: HEAD',
  },
  ...[
    '/',
    '/healthz/',
    '//healthz',
    '/Healthz',
    '/%68ealthz',
    '/api',
    '/api/publish/',
    '/api/Publish',
    '/api/stats/',
    '/api/Stats?mode=json',
    '/api/stream',
    '/api/stream/',
    '/api/stream/a/',
    '/api/stream/a/b',
    '/api/streams/a',
    '/push-daemon/healthz',
  ].map(path =>
    single(
      `${path} is unknown`,
      request('GET', path),
      empty(404),
      'routes: matched byte by byte; test table 40',
    ),
  ),
  {
    name: 'a post to an unknown path is unknown too, whatever it carries',
    send: [
      ask('a/b', '{"token":"invalid"}'),
      ask('a/', '', { type: null }),
      request('POST', '/api/publish/', oversized.slice(1)),
      request('GET', '/healthz'),
    ],
    expect: [empty(404), empty(404), empty(404), healthy],
    from: 'rpushd 1.0.3, routes, stream path grammar; test table 23',
  },
  ...['POST', 'PUT', 'DELETE', 'PATCH'].flatMap(method =>
    ['/healthz', '/api/stats', '/api/stats?mode=json&mode=json'].map(path =>
      single(`${method} ${path} is not allowed`, request(method, path, ''), allow('GET,HEAD'), 'routes: 405'),
    ),
  ),
  ...['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'post'].flatMap(method => {
    const body = /P.+T/.test(method) || method === 'PATCH' ? '' : undefined
    return ['/api/publish', '/api/stream/x', '/api/stream/a%2Fb', '/api/stream/%ff'].map(path =>
      single(
        `${method} ${path} is not allowed`,
        request(method, path, body),
        allow('POST'),
        'routes: 405; test table 24',
      ),
    )
  }),
  ...['/healthz', '/api/publish', '/api/stats', '/api/stream/x'].map(path =>
    single(
      `OPTIONS ${path} knows no CORS`,
      request('OPTIONS', path, undefined, { headers: cors }),
      allow(/^.(?:healthz|api.stats)$/.test(path) ? 'GET,HEAD' : 'POST'),
      'routes: no CORS; test table 25',
    ),
  ),
  single(
    'an answer to another origin has no CORS header either',
    request('GET', '/healthz', undefined, { headers: cors }),
    healthy,
    'routes: no CORS',
  ),
]

const connections: readonly Exchange[] = [
  {
    name: 'a connection serves one request after the other, refusals included',
    send: [
      request('GET', '/healthz'),
      request('GET', '/nowhere'),
      request('PUT', '/api/publish', 'body'),
      post('', anonymous),
      post('{}', anonymous),
      post('{"channel":"a b","message":1}', anonymous),
      post('{"channel":"a","message":1}', anonymous),
      post('{"channel":"a","message":1}', plain),
      post('{"channel":"keep","message":1}'),
      ask('a', '{"token":"invalid"}'),
      ask('%ff', '{}'),
      request('GET', '/healthz'),
    ],
    expect: [
      healthy,
      empty(404),
      allow('POST'),
      syntax400,
      shape422(),
      empty(400),
      empty(401),
      type415,
      accepted,
      empty(401),
      utf8400,
      healthy,
    ],
    from: 'rpushd 1.0.3, routes: keep-alive',
    counts: { bearersRefused: 1, tokensRefused: 1 },
  },
  {
    name: 'requests sent at once are answered in their order',
    send: [
      bytes(
        raw('GET /healthz HTTP/1.1\nhost: t') +
          raw('GET /nowhere HTTP/1.1\nhost: t') +
          raw('GET /healthz HTTP/1.1\nhost: t'),
      ),
    ],
    expect: [answers(0, healthy, empty(404), healthy)],
    from: 'RFC 9112 section 9.3.2',
  },
  {
    name: 'a request that asks for it is the last on its connection',
    send: [bytes(raw('GET /healthz HTTP/1.1\nhost: t\nconnection: close'))],
    expect: [answers(0, { ...healthy, closes: true })],
    from: 'RFC 9112 section 9.6',
  },
  {
    name: 'Expect: 100-continue is met before the body is sent',
    send: [
      bytes(
        raw(
          `POST /api/publish HTTP/1.1\nhost: t\nexpect: 100-continue\ncontent-type: application/json\nauthorization: ${bearer}\ncontent-length: 32`,
        ),
      ),
      bytes('{"channel":"expect","message":1}'),
      request('GET', '/healthz'),
    ],
    expect: [answers(0, interim), answers(1, accepted), healthy],
    from: 'rpushd 1.0.3, routes: interim 100',
  },
  {
    name: 'a body that comes in pieces is one body',
    send: [
      subscribe('pieces'),
      bytes(
        [
          raw(
            `POST /api/publish HTTP/1.1\nhost: t\ncontent-type: application/json\nauthorization: ${bearer}\ncontent-length: 36`,
          ),
          '{"channel":"pie',
          'ces","message":"ab',
          '"}',
        ].map((piece, index, all) => (index === all.length - 1 ? ` ${piece}` : piece)),
        { at: 'publisher', channel: 'pieces' },
      ),
      read(),
    ],
    expect: [opened, answers(1, accepted), frames('"ab "')],
    from: 'rpushd 1.0.3, publish',
  },
  {
    name: 'header names and the media type may have any case',
    send: [
      bytes(
        raw(
          `POST /api/publish HTTP/1.1\nHOST: t\nContent-TYPE: APPLICATION/Json\nAUTHORIZATION: ${bearer}\nContent-Length: 30`,
          '{"channel":"case","message":1}',
        ),
      ),
    ],
    expect: [answers(1, accepted)],
    from: 'rpushd 1.0.3, publish, content type',
  },
]

const authorized = `content-type: application/json\nauthorization: ${bearer}`
const publishHead = `POST /api/publish HTTP/1.1\nhost: t\n${authorized}`
const chunkedAsk =
  'POST /api/stream/chunky HTTP/1.1\nhost: t\ncontent-type: application/json\ntransfer-encoding: chunked'
const chunkedBody = (body: string) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`

const framing: readonly Exchange[] = [
  {
    name: 'deviation: a chunked publish is accepted, then the connection is closed',
    send: [
      subscribe('chunked'),
      bytes(
        raw(
          `${publishHead}\ntransfer-encoding: chunked`,
          chunkedBody('{"channel":"chunked","message":"whole"}'),
        ),
        { at: 'publisher', channel: 'chunked' },
      ),
      read(),
    ],
    expect: [
      opened,
      answers(1, closing({ ...accepted, headers: [...accepted.headers, ['content-length', '0']] })),
      frames('"whole"'),
    ],
    from: 'README.md, Deviations: framing',
  },
  {
    name: 'deviation: a request hidden behind a chunked one is not served',
    send: [
      subscribe('hidden'),
      bytes(
        raw(
          `${publishHead}\ntransfer-encoding: chunked`,
          chunkedBody('{"channel":"hidden","message":1}'),
        ).concat(raw('GET /healthz HTTP/1.1\nhost: t')),
        { at: 'publisher', channel: 'hidden' },
      ),
      read(),
    ],
    expect: [opened, dropped(1), frames('1')],
    from: 'README.md, Deviations: framing',
  },
  {
    name: 'a chunked body over the limit is refused like any other',
    send: [
      bytes(raw(`${publishHead}\ntransfer-encoding: chunked`, chunkedBody(sizedPublish(limit + 1)))),
      bytes(
        raw(
          `${publishHead.replace('json', 'xml')}\ntransfer-encoding: chunked`,
          chunkedBody(sizedPublish(limit + 1)),
        ),
        { on: 'other' },
      ),
    ],
    expect: [answers(0, size413), answers(0, closing(type415))],
    from: 'rpushd 1.0.3, publish, steps 1 and 2',
  },
  {
    name: 'deviation: a post without a length has no body and is the last on its connection',
    send: [bytes(raw(publishHead))],
    expect: [answers(0, closing(text(400, `${syntax400.body}EOF while parsing a value at line 1 column 0`)))],
    from: 'README.md, Deviations: framing',
  },
  {
    name: 'deviation: two lengths are answered once, then the connection is closed',
    send: [
      bytes(raw(`${publishHead}\ncontent-length: 29\ncontent-length: 29`, '{"channel":"two","message":1}')),
    ],
    expect: [answers(1, closing({ ...accepted, headers: [...accepted.headers, ['content-length', '0']] }))],
    from: 'README.md, Deviations: framing',
  },
  {
    name: 'a stream may be asked for with a chunked body',
    send: [
      bytes(raw(chunkedAsk, chunkedBody(`{"token":"${tokenFor('chunky')}"}`)), {
        at: 'subscriber',
        channel: 'chunky',
        on: 'one',
      }),
      publish('chunky', '1'),
      read(),
      bytes(raw(chunkedAsk, chunkedBody('{"token":"invalid"}')), { on: 'two' }),
    ],
    expect: [opened, accepted, frames('1'), answers(0, closing(empty(401)))],
    from: 'rpushd 1.0.3, stream, steps 4 and 5',
    ...tokensRefused,
  },
  ...[
    ['HTTP/1.0', raw('GET /healthz HTTP/1.0\nhost: t'), 505],
    ['HTTP/2 with prior knowledge', raw('PRI * HTTP/2.0', 'SM\r\n\r\n'), 505],
    ['the absolute form of a target', raw('GET http://t/healthz HTTP/1.1\nhost: t'), 505],
    ['a request without Host', raw('GET /healthz HTTP/1.1\naccept: */*'), 400],
    ['a head over 16 KiB', raw(`GET /${'x'.repeat(limit)} HTTP/1.1\nhost: t`), 431],
    ['99 headers', raw(`GET /healthz HTTP/1.1\nhost: t${'\na: b'.repeat(98)}`), 431],
  ].map(([what, sent, status]) => ({
    name: `deviation: ${what} is refused by the library`,
    send: [bytes(String(sent))],
    expect: [answers(0, fromLibrary(Number(status)))],
    from: 'README.md, Deviations: HTTP',
  })),
  {
    name: 'deviation: of two publishes sent at once to a foreign channel the first goes through, and nobody is answered',
    send: [
      subscribe('at-once'),
      bytes(
        raw(`${publishHead}\ncontent-length: 33`, '{"channel":"at-once","message":1}') +
          raw(`${publishHead}\ncontent-length: 33`, '{"channel":"at-once","message":2}'),
        { at: 'publisher', channel: 'at-once' },
      ),
      publish('at-once', '3', { on: 'other' }),
      read(),
    ],
    expect: [opened, dropped(1), accepted, frames('1', '3')],
    from: 'README.md, Deviations: pipelining',
    workers: 3,
  },
]

/** Each adjacent pair of conditions holds at once; the one that comes first in the contract wins. */
const order: readonly Exchange[] = [
  single('publish: 405 before 415', request('PUT', '/api/publish', 'x'), allow('POST'), 'routes'),
  single('publish: 415 before 413', post(oversized, plain), closing(type415), 'publish, steps 1 and 2'),
  single('publish: 413 before 400 for the syntax', post(oversized), size413, 'publish, steps 2 and 3'),
  single(
    'publish: 400 for the syntax before 422',
    post('{"channel":5,"message":'),
    syntax400,
    'publish, steps 3 and 4; README.md, Deviations: first fault',
  ),
  single(
    'publish: 422 before 400 for the channel',
    post('{"channel":"a b"}'),
    shape422('missing field `message`'),
    'publish, steps 4 and 5',
  ),
  single(
    'publish: 400 for a channel that begins with U+0001',
    post('{"channel":"\\u0001a","message":1}'),
    empty(400),
    'publish, step 5; channel names',
  ),
  single(
    'publish: 400 for the channel before 401, which is not counted',
    post('{"channel":"a b","message":1}', anonymous),
    empty(400),
    'publish, steps 5 and 6; test table 16',
  ),
  single(
    'publish: 415 before 401, which is not counted',
    post('{"channel":"a","message":1}', { ...plain, ...anonymous }),
    type415,
    'publish, steps 1 and 6; test table 15',
  ),
  single('publish: 413 before 401', post(oversized, anonymous), size413, 'publish, steps 2 and 6'),
  single('publish: 400 before 401', post('', anonymous), syntax400, 'publish, steps 3 and 6'),
  single('publish: 422 before 401', post('{}', anonymous), shape422(), 'publish, steps 4 and 6'),
  {
    name: 'publish: 401 keeps a message from its subscribers, and is counted',
    send: [subscribe('guarded'), publish('guarded', '"secret"', anonymous), publish('guarded', '1'), read()],
    expect: [opened, empty(401), accepted, frames('1')],
    from: 'rpushd 1.0.3, publish, steps 6 and 8; test table 6',
    ...bearersRefused(1),
  },
  single(
    'publish: 204 whether or not anybody listens',
    publish('nobody', '{"postID":123}'),
    accepted,
    'publish, step 8; test table 7',
    {
      counts: { publishes: 1, publishedBytes: 14 },
    },
  ),
  single(
    'publish: 204 on the main address',
    post('{"channel":"main","message":{"postID":123}}'),
    accepted,
    'publish, step 8; test table 7',
  ),
  single('stream: 404 before 405', request('GET', '/api/stream/a/b'), empty(404), 'routes'),
  single(
    'stream: 405 before 400 for UTF-8',
    request('GET', '/api/stream/%ff'),
    allow('POST'),
    'stream, step 1',
  ),
  single('stream: 400 for UTF-8 before 415', ask('%ff', '{}', plain), utf8400, 'stream, steps 1 and 2'),
  single('stream: 415 before 413', ask('a', oversized, plain), closing(type415), 'stream, step 2'),
  single('stream: 413 before 400 for the syntax', ask('a', oversized), size413, 'stream, step 2'),
  single(
    'stream: 400 for the syntax before 422',
    ask('a', '{"token":5'),
    syntax400,
    'stream, step 2; README.md, Deviations: first fault',
  ),
  single('stream: 422 before 400 for the channel', ask('a%20b', '{}'), shape422(), 'stream, steps 2 and 3'),
  single(
    'stream: 400 for the channel before 401, which is not counted',
    ask('a%20b', '{"token":"invalid"}'),
    empty(400),
    'stream, steps 3 and 4',
  ),
  single(
    'stream: 401 is counted apart from publishers',
    ask('a', '{"token":"invalid"}'),
    empty(401),
    'stream, step 4; test table 9',
    tokensRefused,
  ),
]

const contentTypes: readonly Exchange[] = [
  ...[
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset=iso-8859-1',
    'application/vnd.api+json',
    'application/problem+JSON; x=y',
  ].map(type =>
    single(`${type} is JSON`, post('{"channel":"a","message":1}', { type }), accepted, 'publish, step 1'),
  ),
  ...[
    null,
    '',
    'json',
    'text/json',
    'text/plain',
    'application/jsonp',
    'application/x-json',
    'application/x-www-form-urlencoded',
    'application/json+xml',
    'multipart/form-data; boundary=application/json',
  ].map(type =>
    single(
      `${type ?? 'no content type'} is not JSON`,
      post('{"channel":"a","message":1}', { type }),
      exactText(415, type415.body),
      'publish, step 1',
    ),
  ),
  single(
    'a stream wants JSON too',
    ask('a', `{"token":"${tokenFor('a')}"}`, plain),
    exactText(415, type415.body),
    'stream, step 2',
  ),
  single(
    'the first content type counts',
    post('{"channel":"a","message":1}', { ...plain, headers: [['content-type', 'application/json']] }),
    type415,
    'publish, step 1',
  ),
]

const broken = (what: string, body: string | Uint8Array) =>
  single(`${what} is no JSON`, post(body), syntax400, 'publish, step 3, body rules')
const misshapen = (what: string, body: string, detail = '') =>
  single(`${what} has the wrong shape`, post(body), shape422(detail), 'publish, step 4, body rules')
const fine = (what: string, body: string) =>
  single(`${what} is accepted`, post(body), accepted, 'publish, body rules')
const nested = (depth: number) =>
  `{"channel":"deep","message":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`

const bodies: readonly Exchange[] = [
  single(
    'an empty body is no JSON',
    post(''),
    exactText(400, `${syntax400.body}EOF while parsing a value at line 1 column 0`),
    'extractor texts',
  ),
  broken('half an object', '{"channel":"a"'),
  broken('an object behind a byte-order mark', '\ufeff{"channel":"a","message":1}'),
  broken('an object with something behind it', '{"channel":"a","message":1}x'),
  broken('an object with a second one behind it', '{"channel":"a","message":1}{}'),
  broken('text in Latin-1', Buffer.from('{"channel":"a","message":"\xe9"}', 'latin1')),
  broken('a lone high surrogate', '{"channel":"a","message":"\\ud800"}'),
  broken('a lone low surrogate in a key', '{"channel":"a","message":{"\\udc00":1}}'),
  broken('a control character in a string', '{"channel":"a","message":"\u0001"}'),
  broken('a number with a leading zero', '{"channel":"a","message":01}'),
  broken('a number without an integer', '{"channel":"a","message":.5}'),
  broken('a number no double holds', '{"channel":"a","message":1e999}'),
  broken('a comma behind the last element', '{"channel":"a","message":[1,]}'),
  broken('a word', '{"channel":"a","message":undefined}'),
  broken('an array that is too long', '["a",1,2]'),
  broken('nesting of 128 levels', nested(128)),
  ...(
    [
      ['a lone surrogate', '"\\ud800"'],
      ['a number no double holds', '1e999'],
      ['deep nesting', `${'['.repeat(127)}${']'.repeat(127)}`],
    ] as const
  ).map(([what, value]) => ({
    ...broken(`deviation: ${what} in an unknown member`, `{"x":${value},"channel":"a","message":1}`),
    from: 'README.md, Deviations: unknown members',
  })),
  fine('nesting of 127 levels', nested(127)),
  fine('white space around everything', ' \t\r\n{ "channel" : "a" , "message" : 1 } \n'),
  fine('the message before the channel', '{"message":1,"channel":"a"}'),
  fine('an unknown member, even twice', '{"x":1,"channel":"a","x":{"y":[2]},"message":1}'),
  fine('a channel with escapes', '{"channel":"\\u0061","message":1}'),
  fine('a surrogate pair', '{"channel":"a","message":"\\ud83d\\ude00"}'),
  fine('the array form', '["a",{"postID":1}]'),
  misshapen('an object without members', '{}', 'missing field `channel`'),
  misshapen('an object without a channel', '{"message":1}', 'missing field `channel`'),
  single(
    'an object without a message has the wrong shape',
    post('{"channel":"a"}'),
    shape422('missing field `message`'),
    'publish, step 4; test table 14',
  ),
  misshapen('a channel that is a number', '{"channel":5,"message":1}', 'channel: invalid type'),
  misshapen('a channel that is null', '{"channel":null,"message":1}', 'channel: invalid type'),
  misshapen('a channel twice', '{"channel":"a","channel":"a","message":1}', 'duplicate field `channel`'),
  misshapen('a message twice', '{"channel":"a","message":1,"message":1}', 'duplicate field `message`'),
  misshapen('a member in another case', '{"Channel":"a","message":1}', 'missing field `channel`'),
  misshapen('a string', '"channel"'),
  misshapen('a number', '5'),
  misshapen('null', 'null'),
  misshapen('an array that is too short', '["a"]'),
  misshapen('an empty array', '[]'),
  misshapen('an array that begins with a number', '[5,1]'),
  single(
    'a publish of 16,384 bytes is accepted',
    post(sizedPublish(limit)),
    accepted,
    'constants; test table 18',
  ),
  single(
    'a publish of 16,385 bytes is too large',
    post(sizedPublish(limit + 1)),
    { ...size413, prefix: false },
    'constants; test table 18',
  ),
]

const longest = 'n'.repeat(191)
const invalidNames = ['', 'a b', ' a', 'a\n', 'a/b', 'a+b', 'a%20b', 'a*', '@a', 'a,b', 'é', 'a\u0000', '~']

const channels: readonly Exchange[] = [
  ...['a', 'Thread-Posts:459', '0', ':', '-', '_', '.', '..', 'AZaz09:-_.', longest].map(name =>
    single(
      `a publish to ${name.slice(0, 20)} (${name.length} bytes) is accepted`,
      publish(name, '1'),
      accepted,
      'channel names; test table 17',
    ),
  ),
  ...[...invalidNames, `${longest}n`].map(name =>
    single(
      `a publish to ${JSON.stringify(name.slice(0, 20))} (${name.length} characters) is refused`,
      post(JSON.stringify({ channel: name, message: 1 })),
      empty(400),
      'channel names; test table 17',
    ),
  ),
  ...['AZaz09:-_.', longest].map(name =>
    single(
      `a stream of ${name.slice(0, 20)} (${name.length} bytes) opens`,
      subscribe(name),
      opened,
      'channel names',
    ),
  ),
  ...[...invalidNames.filter(name => name !== ''), `${longest}n`].map(name =>
    single(
      `a stream of ${JSON.stringify(name.slice(0, 20))} (${name.length} characters) is refused`,
      ask(encodeURIComponent(name), `{"token":"${tokenFor(name)}"}`),
      empty(400),
      'channel names, stream, step 3; test table 22',
    ),
  ),
  {
    name: 'names that differ in case are two channels',
    send: [subscribe('Case'), publish('case', '1'), publish('Case', '2'), read()],
    expect: [opened, accepted, accepted, frames('2')],
    from: 'rpushd 1.0.3, channel names',
  },
]

const secret = secrets.publish
const bearing = (what: string, auth: string | null, rest: Parameters<typeof post>[1] = {}) =>
  single(
    `${what} is refused`,
    post('{"channel":"a","message":1}', { auth, ...rest }),
    empty(401),
    'bearer secret; test table 6, 19, 20',
    bearersRefused(1),
  )

const bearers: readonly Exchange[] = [
  bearing('no authorization', null),
  bearing('an empty authorization', ''),
  bearing('the scheme in lower case', `bearer ${secret}`),
  bearing('the scheme in upper case', `BEARER ${secret}`),
  bearing('a second blank', `Bearer  ${secret}`),
  bearing('a tab for the blank', `Bearer\t${secret}`),
  bearing('no blank', `Bearer${secret}`),
  bearing('the scheme alone', 'Bearer '),
  bearing('another scheme', `Basic ${Buffer.from(`publish:${secret}`).toString('base64')}`),
  bearing('the secret alone', secret),
  bearing('another secret of the same length', `Bearer ${secret.slice(0, -1)}X`),
  bearing('the beginning of the secret', `Bearer ${secret.slice(0, -1)}`),
  bearing('more than the secret', `Bearer ${secret}x`),
  bearing('the secret in another case', `Bearer ${secret.toUpperCase()}`),
  bearing('the secret in quotes', `Bearer "${secret}"`),
  bearing('the secret that signs tokens', `Bearer ${secrets.subscribe}`),
  bearing('a subscribe token', `Bearer ${tokenFor('a')}`),
  bearing('a byte beyond ASCII', `Bearer publish\xff-secret`),
  bearing('a wrong secret before the right one', 'Bearer wrong', { headers: [['authorization', bearer]] }),
  {
    name: 'deviation: a byte beyond ASCII at the end of a header value is cut off',
    send: [post('{"channel":"a","message":1}', { auth: `${bearer}\xff` })],
    expect: [accepted],
    from: 'README.md, Deviations: HTTP header bytes',
  },
  {
    name: 'of two authorizations the first counts',
    send: [post('{"channel":"a","message":1}', { headers: [['authorization', 'Bearer wrong']] })],
    expect: [accepted],
    from: 'rpushd 1.0.3, bearer secret',
  },
  single(
    'blanks around the header value do not belong to it',
    post('{"channel":"a","message":1}', { auth: `  ${bearer} \t` }),
    accepted,
    'bearer secret (RFC 9110 section 5.5)',
  ),
  single(
    'the secret is nowhere but in the header',
    post(`{"channel":"a","message":1,"secret":"${secret}"}`, anonymous),
    empty(401),
    'bearer secret',
    bearersRefused(1),
  ),
  {
    name: 'blanks around the configured secrets do not belong to them, blanks inside do',
    send: [
      subscribe('trimmed', { token: tokenOf(claims('trimmed'), 'token key') }),
      publish('trimmed', '1', { auth: 'Bearer publish key' }),
      publish('trimmed', '2', { auth: 'Bearer publish  key' }),
      read(),
    ],
    expect: [opened, accepted, empty(401), frames('1')],
    from: 'rpushd 1.0.3, configuration, bearer secret',
    settings: {
      RPUSHD_SECRET: ' \u00a0token key\t',
      RPUSHD_PUBLISH_SECRET: '\n publish key ',
    },
    ...bearersRefused(1),
  },
]

const streamBodies: readonly Exchange[] = [
  {
    name: 'a stream opens with two zero frames at once',
    send: [subscribe('open')],
    expect: [opened],
    from: 'rpushd 1.0.3, stream head, heartbeats; test table 10, 11',
    counts: { streamsOpened: 1 },
  },
  single(
    'a stream opens on the main address',
    subscribe('open', { at: 'anyone' }),
    opened,
    'stream, step 5; test table 10',
  ),
  single(
    'a query does not belong to the channel',
    subscribe('open', { path: 'open?x=y/z' }),
    opened,
    'routes',
  ),
  single('no body', ask('a', ''), syntax400, 'stream, step 2'),
  single('no token', ask('a', '{}'), shape422('missing field `token`'), 'stream, step 2'),
  single(
    'a token that is a number',
    ask('a', '{"token":5}'),
    shape422('token: invalid type'),
    'stream, step 2',
  ),
  single(
    'a token that is null',
    ask('a', '{"token":null}'),
    shape422('token: invalid type'),
    'stream, step 2',
  ),
  single(
    'two tokens',
    ask('a', `{"token":"${tokenFor('a')}","token":"${tokenFor('a')}"}`),
    shape422('duplicate field `token`'),
    'stream, step 2',
  ),
  single('a body that is the token', ask('a', JSON.stringify(tokenFor('a'))), shape422(), 'stream, step 2'),
  single(
    'a token in a header, in the query or in a cookie does not count',
    ask(`a?token=${tokenFor('a')}`, '{}', {
      headers: [
        ['authorization', `Bearer ${tokenFor('a')}`],
        ['cookie', `token=${tokenFor('a')}`],
      ],
    }),
    shape422('missing field `token`'),
    'stream: no other place for the token',
  ),
  {
    name: 'unknown members of a stream request are ignored',
    send: [
      ask('more', `{"x":{"token":1},"token":"${tokenFor('more')}","x":2}`, {
        at: 'subscriber',
        channel: 'more',
        stream: 'one',
      }),
    ],
    expect: [opened],
    from: 'rpushd 1.0.3, stream',
  },
  {
    name: 'the array form of a stream request is accepted',
    send: [ask('array', `["${tokenFor('array')}"]`, { at: 'subscriber', channel: 'array', stream: 'one' })],
    expect: [opened],
    from: 'rpushd 1.0.3, stream',
  },
  single('an empty array', ask('a', '[]'), shape422(), 'stream, step 2'),
  single('an array of two', ask('a', `["${tokenFor('a')}",1]`), syntax400, 'stream, step 2'),
  {
    name: 'a stream request of 16,384 bytes is accepted',
    send: [ask('limit', sizedStream(limit), { at: 'subscriber', channel: 'limit', stream: 'one' })],
    expect: [opened],
    from: 'rpushd 1.0.3, constants',
  },
  single(
    'a stream request of 16,385 bytes is too large',
    ask('limit', sizedStream(limit + 1)),
    size413,
    'constants',
  ),
]

const paths: readonly Exchange[] = [
  ...['thread-writers%3A459', 'thread-writers%3a459', '%74hread-writers:459'].map(path => ({
    name: `${path} is thread-writers:459`,
    send: [subscribe('thread-writers:459', { path }), publish('thread-writers:459', '1'), read()],
    expect: [opened, accepted, frames('1')],
    from: 'rpushd 1.0.3, stream path grammar; test table 21',
  })),
  ...['a%2Fb', 'a+b', 'a%20b', '%zz', 'a%', 'a%4', '%C3%A9', '%00', '%25'].map(path =>
    single(
      `${path} is no channel`,
      ask(path, '{"token":"invalid"}'),
      empty(400),
      'stream path grammar; test table 22',
    ),
  ),
  ...['%ff', 'a%C3', '%E0%A0', '%C0%AF', '%ED%A0%80'].map(path =>
    single(`${path} is not UTF-8`, ask(path, '{"token":"invalid"}'), utf8400, 'stream, step 1'),
  ),
]

const who = 'thread-writers:459'
const payloadPart = base64url(claims(who))
const signature = sign(tokenHeader, payloadPart).split('.')[2] ?? ''
const good = `${tokenHeader}.${payloadPart}.${signature}`
/** Its standard base64 has characters that base64url has not. */
const slashed = base64url(claims(who, { x: '"??????>>>>>>"' }))
const unaligned = `${claims(who)}${' '.repeat((4 - (claims(who).length % 3)) % 3)}`

const admitted = (what: string, token: string | number, from = 'subscribe token', rest = {}) =>
  single(`${what} is admitted`, subscribe(who, { token }), opened, from, rest)
/** The one with which the published tokens are signed. */
const publishedSecret = { settings: { RPUSHD_SECRET: 'subscription-secret' } }
const turnedAway = (what: string, token: string | number, from = 'subscribe token') =>
  single(`${what} is refused`, subscribe(who, { token }), empty(401), from, tokensRefused)

const tokens: readonly Exchange[] = [
  admitted(
    'the published token',
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhdWQiOiJycHVzaGQiLCJjaGFubmVsIjoidGhyZWFkLXdyaXRlcnM6NDU5IiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6InN1YnNjcmliZSJ9.66mZPyt1Q6yv0Dhx7sNZEIMbptFOxnigq1uD9Hq0a-Y',
    'subscribe token, test vectors',
    publishedSecret,
  ),
  admitted(
    'the published token without a header',
    '.eyJhdWQiOiJycHVzaGQiLCJjaGFubmVsIjoidGhyZWFkLXdyaXRlcnM6NDU5IiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6InN1YnNjcmliZSJ9.jC4uTR1nd7fdpU4nuE6Pmxi5W4MNjR8KSo3I5GlmQIk',
    'subscribe token, test vectors; test table 30',
    publishedSecret,
  ),
  admitted('a header that is no base64', sign('*not/base64=', payloadPart)),
  admitted('a header that names no algorithm', sign(base64url('{"alg":"none"}'), payloadPart)),
  turnedAway('such a header without a signature', `${base64url('{"alg":"none"}')}.${payloadPart}.`),
  turnedAway('no token at all', ''),
  turnedAway('the word invalid', 'invalid', 'subscribe token; test table 9'),
  turnedAway('two parts', `${tokenHeader}.${payloadPart}`),
  turnedAway('two dots', '..'),
  turnedAway('a fourth part', `${good}.`, 'subscribe token; test table 29'),
  turnedAway('a fourth part that is signed', sign(`${tokenHeader}.x`, payloadPart)),
  turnedAway(
    'a payload with padding',
    sign(tokenHeader, Buffer.from(unaligned).toString('base64url').concat('==')),
    'subscribe token; test table 29',
  ),
  turnedAway('a signature with padding', `${good}=`, 'subscribe token; test table 29'),
  admitted('a payload whose standard base64 differs', sign(tokenHeader, slashed)),
  turnedAway(
    'a payload in standard base64',
    sign(tokenHeader, slashed.replaceAll('_', '/').replaceAll('-', '+')),
  ),
  turnedAway(
    'a blank in the payload',
    sign(tokenHeader, `${payloadPart.slice(0, 8)} ${payloadPart.slice(8)}`),
  ),
  turnedAway('a blank behind the token', `${good} `),
  admitted('a payload of a length that leaves spare bits', tokenOf(unaligned)),
  turnedAway('spare bits in the payload', sign(tokenHeader, withSpareBits(base64url(unaligned)))),
  turnedAway('spare bits in the signature', `${tokenHeader}.${payloadPart}.${withSpareBits(signature)}`),
  turnedAway(
    'a shortened signature',
    `${tokenHeader}.${payloadPart}.${base64url(Buffer.from(signature, 'base64url').subarray(0, 31))}`,
  ),
  turnedAway('no signature', `${tokenHeader}.${payloadPart}.`),
  turnedAway('a signature over another header', `${base64url('{}')}.${payloadPart}.${signature}`),
  turnedAway('a signature over another payload', `${tokenHeader}.${base64url(claims('other'))}.${signature}`),
  turnedAway('a token signed with another secret', tokenOf(claims(who), 'another-secret')),
  turnedAway('a token signed with the publish secret', tokenOf(claims(who), secrets.publish)),
  ...['aud', 'scope', 'channel', 'exp'].map(claim =>
    turnedAway(
      `a token without ${claim}`,
      tokenFor(who, { [claim]: null }),
      'subscribe token, claims; test table 27',
    ),
  ),
  ...[
    ['aud', '"other"'],
    ['aud', '"RPUSHD"'],
    ['aud', 'null'],
    ['aud', '["rpushd"]'],
    ['scope', '"publish"'],
    ['scope', '"subscribe publish"'],
    ['scope', '["subscribe"]'],
    ['channel', '"thread-writers:45"'],
    ['channel', '"Thread-writers:459"'],
    ['channel', '"thread-writers%3A459"'],
    ['channel', '["thread-writers:459"]'],
    ['channel', '459'],
    ['exp', '4102444800.0'],
    ['exp', '4.1e9'],
    ['exp', '1.0'],
    ['exp', '"1"'],
    ['exp', '"4102444800"'],
    ['exp', '-1'],
    ['exp', '-0'],
    ['exp', '0'],
    ['exp', '1'],
    ['exp', 'null'],
    ['exp', 'true'],
    ['exp', '18446744073709551616'],
  ].map(([claim = '', value = '']) =>
    turnedAway(
      `${claim} ${value}`,
      tokenFor(who, { [claim]: value }),
      'subscribe token, claims; test table 27, 28',
    ),
  ),
  admitted(
    'exp 18446744073709551615',
    tokenFor(who, { exp: '18446744073709551615' }),
    'subscribe token, claims',
  ),
  admitted('a token in its last second', 0, 'subscribe token, exp; test table 26'),
  turnedAway('a token of the second before', -1, 'subscribe token, exp; test table 26'),
  {
    name: 'a running stream is not cut when its token expires',
    send: [
      subscribe('outlived', { token: 1 }),
      waitForExpiry,
      publish('outlived', '1'),
      read(),
      subscribe('outlived', { stream: 'two', token: -1 }),
    ],
    expect: [opened, done, accepted, frames('1'), empty(401)],
    from: 'rpushd 1.0.3, subscribe token: checked once',
    ...tokensRefused,
  },
  admitted('a token used before', good, 'subscribe token: no replay check'),
  admitted(
    'a token with other claims, some of them twice',
    tokenOf(claims(who, { iat: '"x"', nbf: '4102444800', iss: 'null' }).replace('}', ',"nbf":1,"sub":[]}')),
    'subscribe token, claims',
  ),
  ...['aud', 'scope', 'channel', 'exp'].map(claim => {
    const value = JSON.parse(claims(who))[claim]
    const twice = claims(who).replace('}', `,"${claim}":${JSON.stringify(value)}}`)
    return turnedAway(`a repeated ${claim}`, tokenOf(twice), 'subscribe token, claims')
  }),
  admitted(
    'a payload with white space, escapes and another order',
    tokenOf(
      ` {"scope" : "subscribe", "exp":4102444800,\n"aud":"\\u0072pushd","channel":"thread\\u002dwriters:459"} `,
    ),
  ),
  admitted(
    'claims in an array',
    tokenOf(`["rpushd","${who}",4102444800,"subscribe"]`),
    'subscribe token: array form',
  ),
  turnedAway('claims in an array of another order', tokenOf(`["subscribe","${who}",4102444800,"rpushd"]`)),
  turnedAway('a payload that is no JSON', tokenOf('claims')),
  turnedAway('an empty payload', tokenOf('')),
  turnedAway('a payload that is a string', tokenOf('"rpushd"')),
  turnedAway('something behind the payload', tokenOf(`${claims(who)}x`)),
  turnedAway('a payload that is not UTF-8', tokenOf(Buffer.from(claims(who, { x: '"\xff"' }), 'latin1'))),
]

/** What is published, and what the frame carries. */
const payloads: readonly (readonly [what: string, sent: string, framed: string])[] = [
  ['null', 'null', 'null'],
  ['true', 'true', 'true'],
  ['false', 'false', 'false'],
  ['a number', '0', '0'],
  ['an empty string', '""', '""'],
  ['a string', '"text"', '"text"'],
  ['an empty array', '[ ]', '[]'],
  ['an empty object', '{ }', '{}'],
  ['white space', ' { "a" :\t[ 1 ,\r\n2 ] } ', '{"a":[1,2]}'],
  ['members in order', '{"b":1,"a":[1.0,"é/"]}', '{"a":[1.0,"é/"],"b":1}'],
  ['members in order at every depth', '[{"b":{"d":1,"c":2},"a":3}]', '[{"a":3,"b":{"c":2,"d":1}}]'],
  ['keys by bytes', '{"b":1,"B":2,"_":3,"aa":4,"a":5,"":6}', '{"":6,"B":2,"_":3,"a":5,"aa":4,"b":1}'],
  [
    'keys by UTF-8, not by UTF-16',
    '{"\u{1f600}":1,"\uff5e":2,"é":3,"z":4}',
    '{"z":4,"é":3,"\uff5e":2,"\u{1f600}":1}',
  ],
  ['the last of equal keys', '{"a":1,"b":2,"a":3}', '{"a":3,"b":2}'],
  ['equal keys however they are written', '{"a":1,"\\u0061":2}', '{"a":2}'],
  [
    'a key that objects inherit',
    '{"__proto__":{"b":1,"a":2},"constructor":3}',
    '{"__proto__":{"a":2,"b":1},"constructor":3}',
  ],
  ['short escapes', '"\\u0022\\u005c\\u0008\\u0009\\u000A\\u000C\\u000D"', '"\\"\\\\\\b\\t\\n\\f\\r"'],
  ['other control characters', '"\\u0000\\u001F\\u000b"', '"\\u0000\\u001f\\u000b"'],
  [
    'what needs no escape',
    '"\\/\\u002f\\u007f\\u00e9\\u2028\\u2029\\ud83d\\ude00"',
    '"//\u007fé\u2028\u2029\u{1f600}"',
  ],
  ['an escaped key', '{"\\u0062\\/":1,"a\\n":2}', '{"a\\n":2,"b/":1}'],
  [
    'long integers',
    '[9007199254740993,18446744073709551615,-9223372036854775808]',
    '[9007199254740993,18446744073709551615,-9223372036854775808]',
  ],
  ['a fraction', '[1.0,1.5,-0.25,1e-7]', '[1.0,1.5,-0.25,1e-7]'],
]

/** The original writes doubles anew: 1000000000000000.0, 1e+16, 1.5e-7, -0.0, 1.8446744073709552e+19. */
const numbers = '[1e15,1E+16,0.00000015,-0,18446744073709551616]'

const normalisation: readonly Exchange[] = [
  {
    name: 'a message is framed in normal form',
    send: [subscribe('normal'), ...payloads.map(([, sent]) => publish('normal', sent)), read()],
    expect: [opened, ...payloads.map(() => accepted), frames(...payloads.map(([, , framed]) => framed))],
    from: `rpushd 1.0.3, payload: ${payloads.map(([what]) => what).join(', ')}; test table 12`,
  },
  {
    name: 'deviation: the text of a number is kept',
    send: [subscribe('numbers'), publish('numbers', numbers), read()],
    expect: [opened, accepted, frames(numbers)],
    from: 'README.md, Deviations: numbers',
  },
  {
    name: 'the array form of a publish frames the message alone',
    send: [
      subscribe('array'),
      post('["array" , {"b":1,"a":2}]', { at: 'publisher', channel: 'array' }),
      read(),
    ],
    expect: [opened, accepted, frames('{"a":2,"b":1}')],
    from: 'rpushd 1.0.3, publish: array form',
    counts: { publishedBytes: 13 },
  },
  {
    name: 'the normal form is what is counted, once whoever listens',
    send: [
      subscribe('counted'),
      subscribe('counted', { stream: 'two' }),
      publish('counted', '{ "b" : "\\u00e9", "a" : 1 }'),
      read(),
      read('two'),
    ],
    expect: [opened, opened, accepted, frames('{"a":1,"b":"é"}'), frames('{"a":1,"b":"é"}')],
    from: 'rpushd 1.0.3, statistics: published_bytes_total',
    counts: { publishes: 1, publishedBytes: 16 },
  },
]

const hundred = Array.from({ length: 100 }, (_, index) => String(index))
const largest = `"${'x'.repeat(limit - '{"channel":"large","message":""}'.length)}"`
const slowSettings = { RINGCAST_ENGINE_OUTBOX_BYTES_MAX: '65536' }

const delivery: readonly Exchange[] = [
  {
    name: 'a frame is a length of two bytes and a payload',
    send: [subscribe('frame'), publish('frame', '{"postID":123}'), read()],
    expect: [opened, accepted, wire('00 0E 7B 22 70 6F 73 74 49 44 22 3A 31 32 33 7D')],
    from: 'rpushd 1.0.3, frames',
  },
  {
    name: 'null is a payload of four bytes',
    send: [subscribe('null'), publish('null', 'null'), read()],
    expect: [opened, accepted, wire('00 04 6E 75 6C 6C')],
    from: 'rpushd 1.0.3, frames; test table 13',
  },
  {
    name: 'lengths are big endian and count bytes',
    send: [
      subscribe('large'),
      publish('large', `"${'é'.repeat(300)}"`),
      publish('large', largest),
      read(),
      read(),
    ],
    expect: [opened, accepted, accepted, wire(`025a22${'c3a9'.repeat(300)}22`), frames(largest)],
    from: 'rpushd 1.0.3, frames, payload size',
  },
  {
    name: 'nothing published after the head is missed',
    send: [subscribe('at-once-live'), publish('at-once-live', '1'), publish('at-once-live', '2'), read()],
    expect: [opened, accepted, accepted, frames('1', '2')],
    from: 'rpushd 1.0.3, delivery: attached before the head',
  },
  {
    name: 'nothing published before the stream is delivered',
    send: [publish('earlier', '"before"'), subscribe('earlier'), publish('earlier', '"after"'), read()],
    expect: [accepted, opened, accepted, frames('"after"')],
    from: 'rpushd 1.0.3, delivery: no history; test table 41',
  },
  {
    name: 'two subscribers see 100 publishes in one order',
    send: [
      subscribe('twice'),
      subscribe('twice', { stream: 'two' }),
      series('twice', 100),
      read(),
      read('two'),
    ],
    expect: [opened, opened, acceptedAll(100), frames(...hundred), frames(...hundred)],
    from: 'rpushd 1.0.3, delivery: total order; test table 36',
  },
  {
    name: 'subscribers of all workers see the publishes of all workers in one order',
    send: [
      subscribe('everywhere'),
      subscribe('everywhere', { stream: 'two', at: 'owner' }),
      subscribe('everywhere', { stream: 'three', at: 'publisher' }),
      ...hundred.map((message, index) =>
        publish('everywhere', message, {
          at: (['publisher', 'owner', 'subscriber'] as const)[index % 3] ?? 'owner',
        }),
      ),
      read(),
      read('two'),
      read('three'),
    ],
    expect: [
      opened,
      opened,
      opened,
      ...hundred.map(() => accepted),
      frames(...hundred),
      frames(...hundred),
      frames(...hundred),
    ],
    from: 'rpushd 1.0.3, delivery: total order',
  },
  {
    name: 'a channel is not heard on another',
    send: [
      subscribe('left-hand'),
      subscribe('right-hand', { stream: 'two' }),
      publish('left-hand', '1'),
      publish('right-hand', '2'),
      publish('left-hand', '3'),
      publish('right-hand', '4'),
      read(),
      read('two'),
    ],
    expect: [opened, opened, ...Array(4).fill(accepted), frames('1', '3'), frames('2', '4')],
    from: 'rpushd 1.0.3, delivery',
  },
  {
    name: 'a client that leaves ends its stream',
    send: [subscribe('leaving'), publish('leaving', '1'), read(), leave()],
    expect: [opened, accepted, frames('1'), done],
    from: 'rpushd 1.0.3, delivery: disconnect; test table 42',
  },
  {
    name: 'a client that ends its half ends its stream',
    send: [subscribe('half'), publish('half', '1'), read(), finish()],
    expect: [opened, accepted, frames('1'), closed],
    from: 'rpushd 1.0.3, delivery: half-close',
  },
  {
    name: 'deviation: a client that reads nothing is cut, with nothing missing before the cut; others get all',
    send: [
      subscribe('slow'),
      subscribe('slow', { stream: 'fast' }),
      pause(),
      series('slow', 2_000, 16_000),
      resume(),
      read(),
      read('fast'),
    ],
    expect: [
      opened,
      opened,
      done,
      acceptedAll(2_000),
      done,
      { kind: 'cut', shorterThan: 2_000, parts: [] },
      { kind: 'series', count: 2_000 },
    ],
    from: 'README.md, Deviations: slow clients; test table 35',
    settings: slowSettings,
  },
]

const bounded = { RINGCAST_RPUSHD_STREAMS_MAX: '2' }
const rotated = 'the-secret-that-comes-now'
const listed = {
  RINGCAST_RPUSHD_PUBLISH: 'open:*,seen',
  RINGCAST_RPUSHD_SUBSCRIBE: 'open:*,heard,seen',
  RPUSHD_SECRET: `${rotated}\n${secrets.subscribe}`,
  RPUSHD_PUBLISH_SECRET: `${rotated}\n${secrets.publish}`,
}
const beatSettings = { RINGCAST_RPUSHD_HEARTBEAT_MS: '300' }

const heartbeats: readonly Exchange[] = [
  {
    name: 'a heartbeat follows in each period',
    send: [subscribe('beating'), read()],
    expect: [opened, beats(5, 1_500)],
    from: 'rpushd 1.0.3, heartbeats',
    settings: beatSettings,
  },
  {
    name: 'publishes do not put a heartbeat off',
    send: [subscribe('busy'), read(), publish('busy', '1'), read(), read()],
    expect: [opened, beats(2, 600), accepted, amidBeats('1'), beats(2, 1_200)],
    from: 'rpushd 1.0.3, heartbeats',
    settings: beatSettings,
  },
]

const statsRequest = (query: string, auth?: string, method = 'GET') =>
  request(method, `/api/stats${query}`, undefined, {
    headers: auth === undefined ? [] : [['authorization', auth]],
  })
const query400 = text(400, 'Failed to deserialize query string: ')

const statistics: readonly Exchange[] = [
  single(
    'stats without authorization',
    statsRequest(''),
    empty(401),
    'stats; test table 2',
    bearersRefused(1),
  ),
  ...[`bearer ${secret}`, `Bearer  ${secret}`, 'Bearer ', 'Bearer wrong', `Basic ${secret}`].map(auth =>
    single(
      `stats with '${auth}'`,
      statsRequest('', auth),
      empty(401),
      'stats, bearer secret',
      bearersRefused(1),
    ),
  ),
  single(
    'a head of stats without authorization',
    statsRequest('', undefined, 'HEAD'),
    empty(401),
    'routes: HEAD runs the whole handler',
    bearersRefused(1),
  ),
  single('a head of stats', statsRequest('', bearer, 'HEAD'), statsHead, 'routes: HEAD; test table 34'),
  ...['?mode=json&mode=xml', '?mode=json&mode=json', '?verbose=1&verbose=1', '?mode=&x=1&%6Dode='].map(
    query =>
      single(
        `stats${query} has a parameter twice, which comes before 401 and is not counted`,
        statsRequest(query),
        query400,
        'stats; test table 32',
      ),
  ),
  single('a parameter twice with the secret', statsRequest('?mode=a&mode=b', bearer), query400, 'stats'),
  ...['?mode=', '?mode', '?mode=JSON', '?mode=html', '?mode=json%20', '?verbose=1&mode=x'].flatMap(query => [
    single(`stats${query} has no such mode`, statsRequest(query, bearer), empty(400), 'stats; test table 31'),
    single(
      `stats${query} is 401 before 400`,
      statsRequest(query),
      empty(401),
      'stats; test table 31',
      bearersRefused(1),
    ),
  ]),
  single(
    'the secret does not count in the query',
    statsRequest(`?authorization=${encodeURIComponent(bearer)}`),
    empty(401),
    'stats',
    bearersRefused(1),
  ),
]

const one = { active_channels: 1, retained_channels: 1, active_stream_connections: 1, active_subscribers: 1 }
const after7 = { retained_channels: 1, publish_requests_total: 1, published_bytes_total: 14 }

/** Each is the first row of its daemon, where counts begin at 0; others have these settings for their own sake. */
const counts: readonly Exchange[] = [
  {
    name: 'stats of a fresh daemon, in all modes',
    send: [
      stats(),
      stats('?mode=text'),
      stats('?mode=json'),
      stats('?mode=xml'),
      stats('?verbose=1'),
      stats('?mode=json&verbose=true'),
      stats('?mode=xml&verbose=yes'),
      stats('?x=1&x=2&?mode=xml'),
    ],
    expect: [
      statsText(),
      statsText(),
      statsJson(),
      statsXml(),
      statsText(),
      statsJson(),
      statsXml(),
      statsText(),
    ],
    from: 'rpushd 1.0.3, stats; test table 3, 4, 5, 33',
    settings: bounded,
  },
  {
    name: 'stats count what was accepted, whoever is asked',
    send: [
      publish('seen', '{ "postID" : 123 }'),
      ...(['publisher', 'owner', 'subscriber'] as const).map(at =>
        stats('?mode=json', { at, channel: 'seen' }),
      ),
      publish('seen', '1', { auth: 'Bearer wrong' }),
      publish('seen', '1', plain),
      post('{}'),
      post('{"channel":"a b","message":1}'),
      ask('seen', '{"token":"invalid"}'),
      stats('?mode=json&verbose=on', { at: 'subscriber', channel: 'seen' }),
      statsRequest('', 'Bearer wrong'),
      stats('', { at: 'owner', channel: 'seen' }),
    ],
    expect: [
      accepted,
      statsJson(after7),
      statsJson(after7),
      statsJson(after7),
      empty(401),
      type415,
      shape422(),
      empty(400),
      empty(401),
      statsJson({ ...after7, auth_failures_total: 1 }, [['seen', 0]]),
      empty(401),
      statsText({ ...after7, auth_failures_total: 2 }),
    ],
    from: 'rpushd 1.0.3, stats; test table 8, 15, 16, 19',
    counts: { bearersRefused: 2, tokensRefused: 1 },
    settings: listed,
  },
  {
    name: 'stats list channels by subscribers of all workers, then by name',
    send: [
      publish('quiet', 'null'),
      subscribe('busy', { stream: 'one' }),
      subscribe('busy', { stream: 'two', at: 'owner' }),
      subscribe('busy', { stream: 'three', at: 'publisher' }),
      subscribe('Alone', { stream: 'four' }),
      subscribe('alone', { stream: 'five' }),
      publish('busy', '1'),
      read('one'),
      stats('?verbose=1'),
      stats('?verbose=1&mode=xml', { at: 'owner', channel: 'busy' }),
      stats('?verbose=1&mode=json', { at: 'publisher', channel: 'alone' }),
      stats('?verbose=TRUE&mode=json'),
    ],
    expect: [
      accepted,
      ...Array(5).fill(opened),
      accepted,
      frames('1'),
      ...[statsText, statsXml, statsJson].map(render =>
        render(
          {
            active_channels: 3,
            retained_channels: 4,
            active_stream_connections: 5,
            active_subscribers: 5,
            stream_connections_total: 5,
            publish_requests_total: 2,
            published_bytes_total: 5,
          },
          [
            ['busy', 3],
            ['Alone', 1],
            ['alone', 1],
            ['quiet', 0],
          ],
        ),
      ),
      statsJson({
        active_channels: 3,
        retained_channels: 4,
        active_stream_connections: 5,
        active_subscribers: 5,
        stream_connections_total: 5,
        publish_requests_total: 2,
        published_bytes_total: 5,
      }),
    ],
    from: 'rpushd 1.0.3, stats',
    settings: slowSettings,
  },
  {
    name: 'a client that leaves takes the gauges down and leaves the totals; its channel is kept',
    send: [subscribe('left'), stats('?mode=json'), leave(), stats('?mode=json'), stats('?verbose=1')],
    expect: [
      opened,
      statsJson({ ...one, stream_connections_total: 1 }),
      done,
      eventually(statsJson({ retained_channels: 1, stream_connections_total: 1 })),
      statsText({ retained_channels: 1, stream_connections_total: 1 }, [['left', 0]]),
    ],
    from: 'rpushd 1.0.3, stats; test table 42',
    settings: beatSettings,
  },
  {
    name: 'stats remember so many channels without subscribers, the latest',
    send: [
      ...['a', 'b', 'a', 'c'].map(channel => post(`{"channel":"${channel}","message":1}`)),
      stats('?mode=json&verbose=1'),
    ],
    expect: [
      ...Array(4).fill(accepted),
      statsJson({ retained_channels: 2, publish_requests_total: 4, published_bytes_total: 4 }, [
        ['a', 0],
        ['c', 0],
      ]),
    ],
    from: 'README.md, Settings',
    settings: { RINGCAST_RPUSHD_CHANNELS_MAX: '2' },
  },
]

const retryLater = answer(503, '', [['retry-after', '1']])

const operation: readonly Exchange[] = [
  {
    name: 'streams are bounded per worker: one more is 503, and the others go on',
    send: [
      subscribe('many'),
      subscribe('many', { stream: 'two' }),
      subscribe('many', { stream: 'three', token: -1 }),
      subscribe('many', { stream: 'three' }),
      publish('many', '1'),
      read(),
      read('two'),
    ],
    expect: [opened, opened, empty(401), retryLater, accepted, frames('1'), frames('1')],
    from: 'README.md, Refusals',
    settings: bounded,
    counts: { streamsMaxExceeded: 1, tokensRefused: 1 },
  },
  {
    name: 'a stream ends at the first heartbeat at which it is too old',
    send: [subscribe('aged'), publish('aged', '1'), read(), read()],
    expect: [opened, accepted, amidBeats('1'), ended(3_000)],
    from: 'README.md, Settings',
    settings: { RINGCAST_RPUSHD_HEARTBEAT_MS: '1000', RINGCAST_RPUSHD_STREAM_AGE_MS_MAX: '2500' },
    counts: { streamsExpired: 1 },
  },
  {
    name: 'a list of channels is kept to, behind 401',
    send: [
      subscribe('open:a'),
      publish('open:a', '1'),
      read(),
      publish('closed', '1', { at: 'owner' }),
      publish('closed', '1', anonymous),
      subscribe('heard', { stream: 'two' }),
      publish('heard', '1', { at: 'owner' }),
      subscribe('closed', { stream: 'three' }),
      subscribe('closed', { stream: 'three', token: -1 }),
    ],
    expect: [
      opened,
      accepted,
      frames('1'),
      empty(403),
      empty(401),
      opened,
      empty(403),
      empty(403),
      empty(401),
    ],
    from: 'README.md, Refusals',
    settings: listed,
    counts: { bearersRefused: 1, tokensRefused: 1 },
  },
  {
    name: 'while a secret is changed, the new and the old one are accepted, and no third',
    send: [
      subscribe('open:rotated', { token: tokenOf(claims('open:rotated'), rotated) }),
      subscribe('open:rotated', { stream: 'two' }),
      subscribe('open:rotated', { stream: 'three', token: tokenOf(claims('open:rotated'), `${rotated}\n`) }),
      publish('open:rotated', '1', { auth: `Bearer ${rotated}` }),
      publish('open:rotated', '2'),
      publish('open:rotated', '3', { auth: `Bearer ${rotated} ${secret}` }),
      read(),
      read('two'),
    ],
    expect: [opened, opened, empty(401), accepted, accepted, empty(401), frames('1', '2'), frames('1', '2')],
    from: 'README.md, Settings',
    settings: listed,
    counts: { bearersRefused: 1, tokensRefused: 1 },
  },
]

export const exchanges: readonly Exchange[] = [
  ...counts, // first, for some are of a daemon that is fresh
  ...routes,
  ...connections,
  ...framing,
  ...order,
  ...contentTypes,
  ...bodies,
  ...channels,
  ...bearers,
  ...streamBodies,
  ...paths,
  ...tokens,
  ...normalisation,
  ...delivery,
  ...heartbeats,
  ...statistics,
  ...operation,
]
