// pushy on the wire, row by row: both generations, and what is ours. Rows of the original's own tests and examples
// say so; README.md of the front-end lists where we differ and why.
import { createHmac } from 'node:crypto'
import { secrets } from '../../helpers/daemon.ts'
import type { Headers } from '../../helpers/raw-http.ts'
import type { Row } from '../table.ts'
import {
  accepted,
  bearerRefused,
  done,
  type Expect,
  empty,
  ended,
  error,
  events,
  forbidden,
  invalid,
  leave,
  message,
  mint,
  missing,
  noToken,
  notFound,
  type Options,
  opened,
  openedOne,
  openedTwo,
  preflight,
  publish,
  publishAs,
  read,
  repeated,
  request,
  row,
  type Send,
  type Step,
  secret,
  signatureError,
  sse,
  stream,
  ticketRefused,
  tokenExpired,
  tokenFor,
  tokenOf,
  unauthorized,
} from './vocabulary.ts'

type Exchange = Row<Send, Expect>

/** The original's own: secret and open tokens of the first generation. */
const original = {
  AUTH_SECRET_KEY: 'secret',
  RINGCAST_PUSHY_G1_OPEN: 'true',
  RINGCAST_PUSHY_SUBSCRIBE: 'test,order.*,open.*',
  RINGCAST_PUSHY_PUBLISH: 'test,order.*,open.*',
} as const

/** Several settings at once, since each daemon takes its time to start. */
const limited = {
  settings: {
    RINGCAST_PUSHY_SKEW_MS: '0',
    RINGCAST_PUSHY_BODY_BYTES_MAX: '1024',
    RINGCAST_PUSHY_CHANNELS_MAX: '2',
    RINGCAST_PUSHY_STREAMS_MAX: '3',
    RINGCAST_PUSHY_HEARTBEAT_MS: '100',
    RINGCAST_PUSHY_EVENT_NAMES: 'true',
    RINGCAST_PUSHY_POSITION_IDS: 'true',
    RINGCAST_PUSHY_WILDCARDS: 'strict',
  },
} as const

const guarded = {
  settings: {
    RINGCAST_PUSHY_SECRET: `${secrets.jwt}\nan-older-secret-of-tests`,
    RINGCAST_PUSHY_TOKEN_EXPIRY_REQUIRED: 'true',
    RINGCAST_PUSHY_TOKEN_PUBLISH: 'false',
  },
} as const

/** A secret of the original's may have any bytes. */
const spaced = { settings: { AUTH_SECRET_KEY: ' first\nsecond ' } } as const

/** Of tokens that outlive this code. */
const exp = 4_102_444_800

/** The token in the original's examples, and those of its tests. */
const example =
  'eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoxfQ.rINrV4jad74K9b1W39TEKlqXpG63h-dn-yfqQpVEztuhomwW4lZ36j6cKl9IXLiq43zvmNjBlMOA_aCbgofQOg'
const expiredExample =
  'eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJleHAiOjAsInN1YiI6IjEyMzQ1Njc4OTAifQ.B_I-iGwk5WgzJZktj3S_Q3z6yOHH_rQZeIMRKK6XUSg476hfxJwKtNpuQ6r1yev-5Pi03PpGMEhUfONHAoNHUg'
const john = tokenOf({ sub: '1234567890', name: 'John Doe', admin: true }, 'secret')
const open: Options = { token: john }

const json = 'application/json'
const one = (name: string, from: string, send: Send, expect: Expect, rest = {}): Exchange =>
  row(name, from, [[send, expect]], rest)

const firstTests: readonly Exchange[] = [
  one(
    'a valid token passes',
    'G1, router test: authentication; test table 1',
    publish('test', '{}', open),
    accepted,
    { settings: original },
  ),
  one(
    'a token whose exp is 0 is expired',
    'G1, router test; test table 2',
    publish('test', '{}', { token: expiredExample }),
    tokenExpired,
    { settings: original },
  ),
  one(
    'what is no token has no signature',
    'G1, router test; test table 3',
    publish('test', '{}', { token: 'invalid.token.value' }),
    signatureError,
    { settings: original },
  ),
  one(
    'no token at all is said so',
    'G1, router test; test table 4',
    publish('test', '{}', { token: null }),
    noToken,
    { settings: original },
  ),
  one(
    'a publish is answered without a body',
    'G1, router test; test table 5',
    publish('test', '{"message":"hello"}', open),
    accepted,
    { settings: original },
  ),
  one(
    'an unknown path is 404',
    'G1, router test; test table 6',
    request('GET', '/unknown', undefined, open),
    notFound,
    { settings: original },
  ),
  one(
    'a publish without a channel is 404',
    'G1, router test; test table 7',
    request('POST', '/publish', '{"data":{}}', { ...open, type: json }),
    notFound,
    { settings: original },
  ),
  one(
    'a stream without channels is 400',
    'G1, router test; test table 8',
    request('POST', '/sse', '{}', { ...open, type: json }),
    missing('channels'),
    { settings: original },
  ),
  row(
    'a stream gets what is published, in four fields',
    'G1, router test, which cannot pass there; test table 9, 30, 31',
    [
      [sse('["test"]', { ...open, channel: 'test' }), openedOne('test')],
      [publish('test', '{"message":"hello"}', open), accepted],
      [read(), events(message('{"message":"hello","timestamp":NOW}'))],
    ],
    { settings: original },
  ),
  row(
    'the listeners of the examples hear the publisher of the examples',
    'G1, examples; test table 10, 11',
    [
      [
        sse('["order.us.deliver","order.eu.deliver"]', {
          channel: 'order.us.deliver',
          token: example,
          headers: [
            ['accept', 'text/event-stream'],
            ['cache-control', 'no-cache'],
            ['connection', 'keep-alive'],
          ],
        }),
        openedOne('order.us.deliver', 'order.eu.deliver'),
      ],
      [publish('order.us.deliver', '{"order":1}', { token: example }), accepted],
      [read(), events(message('{"order":1,"timestamp":NOW}'))],
      [publish('order.eu.deliver', '{"order":2}', { token: example }), accepted],
      [read(), events(message('{"order":2,"timestamp":NOW}'))],
    ],
    { settings: original },
  ),
]

const authentication: readonly Exchange[] = [
  ...(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE'] as const).map(method =>
    one(
      `${method} without a token is 401, whatever the path`,
      'G1, source: authenticated before anything else; test table 12',
      request(method, '/anything', method.startsWith('P') ? '' : undefined),
      method === 'HEAD' ? { ...noToken, body: '' } : noToken,
    ),
  ),
  ...['bearer x', 'Bearer', 'Basic eDp5', `Token ${tokenFor('a')}`].map(value =>
    one(
      `the header '${value.slice(0, 12)}' is none`,
      'G1, source: exactly Bearer and one blank; test table 13',
      request('GET', '/anything', undefined, { headers: [['authorization', value]] }),
      noToken,
    ),
  ),
  one(
    'two blanks spoil the signature',
    'G1, source: exactly Bearer and one blank',
    request('GET', '/anything', undefined, { token: ` ${tokenFor('a')}` }),
    signatureError,
  ),
  one(
    'another algorithm is no signature, though the secret is right',
    'G1, source: HS512 alone; test table 14',
    publish('test', '{}', { token: hs256() }),
    signatureError,
  ),
  one(
    'no algorithm is no signature',
    'RFC 8725 section 3.1',
    publish('test', '{}', { token: `${part({ alg: 'none' })}.${part({ channels: ['*'] })}.` }),
    signatureError,
  ),
  one(
    'the second in which a token expires is still valid',
    'G1, source; test table 15',
    publish('test', '{}', { token: 'NOW+0' }),
    accepted,
    limited,
  ),
  one(
    'the second behind it is not',
    'G1, source; test table 15',
    publish('test', '{}', { token: 'NOW-1' }),
    tokenExpired,
    limited,
  ),
  row('clocks may be off by some seconds', 'ours: deviation', [
    [publish('test', '{}', { token: 'NOW-3' }), accepted],
    [publish('test', '{}', { token: 'NOW-7' }), tokenExpired],
  ]),
  ...['"0"', '"4102444800"', '[]', '{}', 'true'].map(text =>
    one(
      `an exp of ${text} is refused`,
      'ours: the original takes it for never; test table 15',
      publish('test', '{}', { token: tokenOf({ channels: ['test'], exp: JSON.parse(text) }) }),
      bearerRefused('Token times must be numbers, exp included where it is required'),
    ),
  ),
  one(
    'an exp of null is none',
    'G1, source',
    publish('test', '{}', { token: tokenOf({ channels: ['test'], exp: null }) }),
    accepted,
  ),
  one(
    'a token may begin later',
    'RFC 7519 section 4.1.5',
    publish('test', '{}', { token: tokenOf({ channels: ['test'], nbf: exp }) }),
    bearerRefused('Token not valid yet'),
  ),
  one(
    'a token that does not expire can be refused',
    'ours',
    publish('test', '{}'),
    bearerRefused('Token times must be numbers, exp included where it is required'),
    guarded,
  ),
  row(
    'the secret of the original counts as it stands, with its blanks and line ends',
    'G1, configuration: used as is',
    [
      [publish('test', '{}', { token: tokenOf({ channels: ['test'] }, ' first\nsecond ') }), accepted],
      ...['first\nsecond', ' first', 'first', 'second'].map(
        (key): Step => [
          publish('test', '{}', { token: tokenOf({ channels: ['test'] }, key) }),
          signatureError,
        ],
      ),
    ],
    spaced,
  ),
  row(
    'a secret can be changed without a break',
    'ours',
    [
      [
        stream('test', { token: tokenOf({ channels: ['test'], exp }, 'an-older-secret-of-tests') }),
        openedTwo('test'),
      ],
      [stream('test', { token: tokenOf({ channels: ['test'], exp }), stream: 'two' }), openedTwo('test')],
    ],
    guarded,
  ),
]

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function hs256(): string {
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ channels: ['*'] })}`
  return `${signed}.${createHmac('sha256', secrets.jwt).update(signed).digest('base64url')}`
}

const any: Options = { token: tokenFor('*') }
const anyJson: Options = { ...any, type: json }
const unsupported = error(415, 'Unsupported media type')
const badJson = error(400, 'Invalid JSON')
const tooLarge: Expect = {
  ...error(413, 'Payload too large'),
  headers: [...error(413, '').headers, ['connection', 'close']],
}

const bodies: readonly Exchange[] = [
  ...['text/plain', 'nonsense', 'application/x-www-form-urlencoded'].map(type =>
    one(
      `a body of type ${type} is 415`,
      'G1, source; test table 16',
      request('POST', '/sse', 'channels=a', { ...any, type }),
      unsupported,
    ),
  ),
  one(
    'the type is judged before the path',
    'G1, source: order of the request pipeline',
    request('POST', '/unknown', 'x', { ...any, type: 'text/plain' }),
    unsupported,
  ),
  one(
    'and so is the syntax',
    'G1, source: order of the request pipeline',
    request('PUT', '/unknown', '{', anyJson),
    badJson,
  ),
  one(
    'without a content type a body does not count',
    'G1, source; test table 17',
    request('POST', '/sse', '{"channels":["a"]}', any),
    missing('channels'),
  ),
  row('a query will do', 'G1, source; test table 18', [
    [
      request('POST', '/sse?channels=news', '', { ...any, at: 'subscriber', channel: 'news' }),
      openedOne('news'),
    ],
    [publish('news', '{"a":1}'), accepted],
    [read(), events(message('{"a":1,"timestamp":NOW}'))],
  ]),
  row('a query may have a list; the body goes before it', 'G1, source: parameters', [
    [
      request('POST', '/sse?channels[]=a&channels[]=b', '', { ...any, at: 'subscriber', channel: 'a' }),
      openedOne('a', 'b'),
    ],
    [sse('"c"', { ...any, channel: 'c', stream: 'two' }), openedOne('c')],
  ]),
  one('an empty channel is 400', 'G1, source; test table 19', sse('""', any), empty('channels')),
  one('no channel is 400', 'G1, source; test table 19', sse('null', any), missing('channels')),
  one('a stream without channels opens', 'G1, source; test table 19', sse('[]', any), openedOne()),
  ...['[1]', 'false', 'true', '7', '{"a":1}', '["a",null]'].map(channels =>
    one(
      `channels of ${channels} are 400`,
      'ours: the original sends a head and ends; test table 20',
      sse(channels, any),
      invalid('channels'),
    ),
  ),
  row('a channel named twice is heard twice', 'G1, source; test table 21', [
    [sse('["a","a"]', { ...any, channel: 'a' }), openedOne('a', 'a')],
    [publish('a', '{}'), accepted],
    [read(), events(message('{"timestamp":NOW}'), message('{"timestamp":NOW}'))],
  ]),
  row('data is written anew: members sorted, the timestamp ours', 'G1, source; test table 22', [
    [sse('"a"', { ...any, channel: 'a' }), openedOne('a')],
    [publish('a', '{"b":1,"a":{"d":1,"c":2},"timestamp":5}'), accepted],
    [
      publish('a', ' { "x" : [ 10.0 , 12345678901234567890 ] , "\\u0001é\\u000f\\/" : "\\u001F" } '),
      accepted,
    ],
    [
      read(),
      events(
        message('{"a":{"c":2,"d":1},"b":1,"timestamp":NOW}'),
        message('{"\\u0001é\\u000F/":"\\u001F","timestamp":NOW,"x":[10.0,12345678901234567890]}'),
      ),
    ],
  ]),
  ...['"x"', '[1]', '5', 'true', 'false'].map(data =>
    one(
      `data of ${data} is 400`,
      'ours: the original answers 500; test table 23',
      publish('a', data),
      invalid('data'),
    ),
  ),
  one('empty data is 400', 'G1, source; test table 24', publish('a', '""'), empty('data')),
  one('no data is 400', 'G1, source; test table 24', publish('a', 'null'), missing('data')),
  one(
    'a body without data is 400',
    'G1, source; test table 24',
    request('POST', '/publish/a', '{}', anyJson),
    missing('data'),
  ),
  one(
    'a list in the place of a body has no parameters',
    'G1, source: wrapped, so the parameter is missing',
    request('POST', '/publish/a', '[{"data":{}}]', anyJson),
    missing('data'),
  ),
  ...[
    '{"data":',
    '{"data":{}}x',
    '{"data":{"a":"\\ud800"}}',
    Buffer.from('7b2264617461223a7b2261223a22ff227d7d', 'hex'),
  ].map((body, index) =>
    one(
      `broken text ${index + 1} is 400`,
      'G1, source; test table 25',
      request('POST', '/publish/a', body, anyJson),
      badJson,
    ),
  ),
  row('whether the token opens the channel is judged before the body', 'ours: G1 opens all to every token', [
    [request('POST', '/publish/b', '{', { token: tokenFor('a'), type: json }), forbidden],
    [request('POST', '/publish/b', 'x', { token: tokenFor('a'), type: 'text/plain' }), forbidden],
    [request('POST', '/channels/b/ticket', '{', { token: tokenFor('a'), type: json }), forbidden],
    [request('POST', `/publish/${'x'.repeat(201)}`, '{', anyJson), invalid('channel')],
    [request('POST', '/publish/a', '{', { token: tokenFor('a'), type: json }), badJson],
    [request('POST', '/publish/b', '{', { token: 'x.y.z', type: json }), signatureError],
  ]),
  row('brackets have a limit', 'ours: the original has none', [
    [publish('a', `{"a":${'['.repeat(126)}${']'.repeat(126)}}`), accepted],
    [publish('a', `{"a":${'['.repeat(127)}${']'.repeat(127)}}`), badJson],
    [publish('a', `{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`), badJson],
  ]),
  row(
    'a body has a limit',
    'ours: the original answers 500',
    [
      [publish('a', `{"a":"${'x'.repeat(1_004)}"}`), accepted],
      [publish('a', `{"a":"${'x'.repeat(1_025)}"}`), tooLarge],
      [publishAs('a', `{"a":"${'x'.repeat(1_025)}"}`), tooLarge],
      [mint(`{"channels":["${'x'.repeat(1_025)}"]}`), tooLarge],
    ],
    limited,
  ),
]

const names: readonly Exchange[] = [
  row('a segment is decoded behind the split', 'G1, source; test table 26', [
    [sse('"a/b"', { ...any, channel: 'a/b' }), openedOne('a/b')],
    [publish('a/b', '{}'), accepted],
    [read(), events(message('{"timestamp":NOW}'))],
  ]),
  row('empty segments do not count', 'G1, source; test table 27', [
    [request('POST', '/publish/a/', '{"data":{}}', { ...anyJson, channel: 'a', at: 'publisher' }), accepted],
    [request('POST', '//publish//a', '{"data":{}}', { ...anyJson, channel: 'a', at: 'publisher' }), accepted],
    [
      request('POST', '/sse/', '{"channels":"a"}', { ...anyJson, channel: 'a', at: 'subscriber' }),
      openedOne('a'),
    ],
  ]),
  row('in a list of channels a star is a star', 'G1, source; test table 28', [
    [sse('"news.*"', { ...any, channel: 'news.*' }), openedOne('news.*')],
    [publish('news.x', '{"no":1}'), accepted],
    [publish('news.*', '{"yes":1}'), accepted],
    [read(), events(message('{"timestamp":NOW,"yes":1}'))],
  ]),
  row('a name has a limit', 'ours', [
    [publish('x'.repeat(200), '{}', any), accepted],
    [publish('x'.repeat(201), '{}', any), invalid('channel')],
    [publish('é'.repeat(101), '{}', any), invalid('channel')],
    [sse(`["${'x'.repeat(201)}"]`, any), invalid('channels')],
    [stream('x'.repeat(201), any), invalid('channel')],
  ]),
  row('no name begins with U+0001', 'ours; README.md of the front-ends, Names', [
    [publish('\u0001x', '{}', any), invalid('channel')],
    [request('POST', '/publish/%01x', '{"data":{}}', anyJson), invalid('channel')],
    [sse('["a","\\u0001x"]', any), invalid('channels')],
    [stream('\u0001x', any), invalid('channel')],
    [stream('\u0001.*', any), invalid('channel')],
    [publish('x\u0001', '{}', { ...any, channel: 'x\u0001' }), accepted],
  ]),
  row(
    'a stream has a limited number of channels',
    'ours',
    [
      [sse('["a","b","c"]', any), invalid('channels')],
      [sse('["a","b"]', { ...any, channel: 'a' }), openedOne('a', 'b')],
    ],
    limited,
  ),
  ...['GET', 'HEAD', 'PUT', 'OPTIONS', 'DELETE'].flatMap(method =>
    ['/sse', '/publish/a', '/channels/a/ticket', '/channels/a'].map(path =>
      one(
        `${method} ${path} is 404`,
        'G1, source: never 405; test table 32',
        request(method, path, method === 'PUT' ? '' : undefined, any),
        method === 'HEAD' ? { ...notFound, body: '' } : notFound,
      ),
    ),
  ),
  ...['/SSE', '/publish/a/b', '/channels', '/channels/a/stream/b', '/token/x'].map(path =>
    one(`POST ${path} is 404`, 'G1, source: routes', request('POST', path, '', any), notFound),
  ),
]

const streams: readonly Exchange[] = [
  row(
    'heartbeats are comments, on both kinds of stream',
    'ours: the original cuts after 300 s; test table 29',
    [
      [sse('"quiet"', { ...any, channel: 'quiet' }), openedTwo('quiet')],
      [stream('quiet', { stream: 'two' }), openedTwo('quiet')],
      [read(), { kind: 'beats', count: 3 }],
      [read('two'), { kind: 'beats', count: 3 }],
    ],
    limited,
  ),
  row('what is published by either generation reaches both, with one id each', 'G1 and G2 side by side', [
    [sse('"both"', { ...any, channel: 'both' }), openedOne('both')],
    [stream('both', { stream: 'two' }), openedTwo('both')],
    [publish('both', '{"by":"token"}'), accepted],
    [publishAs('both', '{"by":"credential"}'), accepted],
    [
      read(),
      events(message('{"by":"token","timestamp":NOW}'), message('{"by":"credential","timestamp":NOW}')),
    ],
    [
      read('two'),
      events(
        message('{"by":"token","timestamp":NOW}', 'POSITION'),
        message('{"by":"credential","timestamp":NOW}', 'POSITION'),
      ),
    ],
  ]),
  row('a client that leaves is gone', 'G1, source', [
    [sse('"leave"', { ...any, channel: 'leave' }), openedOne('leave')],
    [leave(), done],
    [publish('leave', '{}'), accepted],
  ]),
  row(
    'a stream ends when its token expires, and says so',
    'ours',
    [
      [stream('end', { token: 'NOW+1' }), openedTwo('end')],
      [read(), ended('event: end\ndata: {"reason":"token-expired"}')],
    ],
    { ...limited, counts: { streamsExpired: 1 } },
  ),
  row(
    'a stream of the first generation is told in a comment',
    'ours',
    [
      [sse('"end"', { token: 'NOW+1', channel: 'end' }), openedTwo('end')],
      [read(), ended(': token expired')],
    ],
    { ...limited, counts: { streamsExpired: 1 } },
  ),
  row(
    'streams have a limit',
    'ours',
    [
      ...['one', 'two', 'three'].map((name): Step => [stream('full', { stream: name }), openedTwo('full')]),
      [
        stream('full', { stream: 'four' }),
        {
          ...error(503, 'Too many streams', { streamsMaxExceeded: 1 }),
          headers: [...error(503, '').headers, ['retry-after', '1']],
        },
      ],
    ],
    limited,
  ),
  row(
    'events may have names where the operator allows it',
    'ours',
    [
      [sse('"named"', { ...any, channel: 'named' }), openedTwo('named')],
      [
        request('POST', '/publish/named', '{"data":{},"event":"update"}', {
          ...anyJson,
          at: 'publisher',
          channel: 'named',
        }),
        accepted,
      ],
      [request('POST', '/publish/named', '{"data":{},"event":"a\\nb"}', anyJson), invalid('event')],
      [request('POST', '/publish/named', '{"data":{},"event":7}', anyJson), invalid('event')],
      [read(), events(message('{"timestamp":NOW}', 'POSITION', 'update'))],
    ],
    limited,
  ),
  row('and without that every event is a message', 'G1, source: unknown members are ignored', [
    [sse('"named"', { ...any, channel: 'named' }), openedOne('named')],
    [
      request('POST', '/publish/named', '{"data":{},"event":"update"}', {
        ...anyJson,
        at: 'publisher',
        channel: 'named',
      }),
      accepted,
    ],
    [read(), events(message('{"timestamp":NOW}'))],
  ]),
]

const minted: Expect = secret(/^\{"token":"eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9\.[\w-]+\.[\w-]{86}"\}$/)
const news = { token: tokenFor('news.*', 'sports.updates') }

const wrongCredentials: readonly Headers[] = [
  [],
  [['x-client-id', 'app']],
  [
    ['x-client-id', 'other'],
    ['x-client-secret', secrets.client],
  ],
  [
    ['x-client-id', 'app'],
    ['x-client-secret', 'wrong'],
  ],
]

const second: readonly Exchange[] = [
  one(
    'a publisher gets a token for its user',
    'G2, README; test table 33',
    mint('{"sub":"user123","channels":["news","sports"],"meta":{"name":"John"}}'),
    minted,
  ),
  ...wrongCredentials.map((headers, index) =>
    row(`wrong credentials ${index + 1} are refused`, 'G2, README; test table 33', [
      [mint('{"sub":"u","channels":["news"]}', headers), unauthorized],
      ...headers.slice(0, 1).map((): Step => [publishAs('news', '{}', { headers }), unauthorized]),
    ]),
  ),
  row('a request for a token is judged like others', 'G2: undocumented', [
    [mint('{"sub":"u"}'), missing('channels')],
    [mint('{"channels":[1]}'), invalid('channels')],
    [mint('{"channels":["a"],"sub":7}'), invalid('sub')],
    [mint('{"channels":["a"],"meta":[]}'), invalid('meta')],
    [mint('{"channels":'), badJson],
    [mint(`{"channels":["${'x'.repeat(1_025)}"]}`), invalid('channels')],
    [mint(`{"channels":[${Array(101).fill('"a"').join()}]}`), invalid('channels')],
    [mint('{"channels":"a"}'), minted],
  ]),
  row('a token opens its channel', 'G2, README; test table 34', [
    [stream('news'), openedTwo('news')],
    [publishAs('news', '{"headline":"x"}'), accepted],
    [read(), events(message('{"headline":"x","timestamp":NOW}', 'POSITION'))],
  ]),
  row('a pattern opens what it covers', 'G2, README; test table 35', [
    [stream('news.sports', news), openedTwo('news.sports')],
    [stream('news.sports.uk', { ...news, stream: 'two' }), openedTwo('news.sports.uk')],
    [stream('sports.updates', { ...news, stream: 'three' }), openedTwo('sports.updates')],
  ]),
  row('and nothing else', 'G2, README; test table 36', [
    [stream('weather', news), forbidden],
    [stream('news', news), forbidden],
    [stream('newsroom.x', news), forbidden],
    [stream('news.', news), forbidden],
    [sse('["news.a","weather"]', news), forbidden],
    [publish('weather', '{}', news), forbidden],
  ]),
  row(
    'a strict star is one segment',
    'G2: undocumented',
    [
      [stream('news.sports', news), openedTwo('news.sports')],
      [stream('news.sports.uk', news), forbidden],
    ],
    limited,
  ),
  row('a pattern in an address needs the same or a wider one in the token', 'G2: undocumented', [
    [stream('news.*', { ...news, at: 'anyone' }), opened(['news.*'], ':\n\n')],
    [publishAs('news.sports.uk', '{"a":1}', { at: 'anyone' }), accepted],
    [publishAs('weather', '{"a":2}', { at: 'anyone' }), accepted],
    [publishAs('news.x', '{"a":3}', { at: 'anyone' }), accepted],
    [read(), events(message('{"a":1,"timestamp":NOW}'), message('{"a":3,"timestamp":NOW}'))],
    [stream('*', news), forbidden],
    [stream('weather.*', news), forbidden],
  ]),
  row('a pattern in an address covers what the same one in a token covers', 'G2: undocumented', [
    [stream('a.*.c', { token: tokenFor('a.*.c'), at: 'anyone' }), opened(['a.*.c'], ':\n\n')],
    [publishAs('a.b.x.c', '{"a":1}', { at: 'anyone' }), accepted],
    [publishAs('a.b.c', '{"a":2}', { at: 'anyone' }), accepted],
    [read(), events(message('{"a":2,"timestamp":NOW}'))],
  ]),
  row('a token without channels opens none', 'ours: deviation from G1', [
    [stream('news', { token: tokenOf({ user_id: 1 }) }), forbidden],
    [sse('["news"]', { token: tokenOf({ user_id: 1 }) }), forbidden],
    [publish('news', '{}', { token: tokenOf({ user_id: 1 }) }), forbidden],
    [publish('news', '{}', { token: tokenOf({ channels: 'news' }) }), forbidden],
    [publish('news', '{}', { token: tokenOf({ channels: [7, 'news'] }) }), accepted],
  ]),
  row(
    'with open tokens, one with channels is still kept to them',
    'ours',
    [[publish('news', '{}', { token: tokenOf({ channels: ['other'] }, 'secret') }), forbidden]],
    { settings: original },
  ),
  row(
    'lists of the operator go before any token',
    'ours',
    [
      [publish('private', '{}', { token: john, at: 'anyone' }), error(403, 'Forbidden')],
      [sse('["private"]', { token: john, at: 'anyone' }), error(403, 'Forbidden')],
      [publish('open.a', '{}', { token: john, at: 'anyone' }), accepted],
    ],
    { settings: original },
  ),
  row(
    'clients publish only where the operator allows it',
    'ours',
    [
      [publish('news', '{}', { token: tokenOf({ channels: ['news'], exp }) }), forbidden],
      [publishAs('news', '{}'), accepted],
    ],
    guarded,
  ),
  row('a publish that is tried again is not delivered again', 'ours', [
    [stream('again'), openedTwo('again')],
    [publish('again', '{"a":1}', { at: 'anyone', headers: [['idempotency-key', 'k1']] }), accepted],
    [publish('again', '{"a":1}', { at: 'anyone', headers: [['idempotency-key', 'k1']] }), repeated],
    [publish('again', '{"a":2}', { headers: [['idempotency-key', 'k2']] }), accepted],
    [
      read(),
      events(message('{"a":1,"timestamp":NOW}', 'POSITION'), message('{"a":2,"timestamp":NOW}', 'POSITION')),
    ],
    [
      publish('again', '{}', { headers: [['idempotency-key', 'a b']] }),
      error(400, 'Idempotency-Key must be 1 to 255 visible ASCII characters'),
    ],
  ]),
]

/** It may have been told another time to wait as it was sent away. */
const gapBegin = 'event: gap\ndata: {"position":"POSITION"}\nid: POSITION\nretry: 100\n\n'

const resumes: readonly Exchange[] = [
  row('without history a client that comes back is told of a gap', 'ours', [
    [stream('gap', { headers: [['last-event-id', '0badc0de.114894992687679']] }), opened(['gap'], gapBegin)],
    [stream('gap', { query: '?since=1', stream: 'two' }), opened(['gap'], gapBegin)],
  ]),
  one(
    'an id that is no position is a gap, too',
    'ours: a client that changes over from the original has such ids',
    stream('gap', { headers: [['last-event-id', '3b241101-e2bb-4255-8caf-4136c566a962']] }),
    opened(['gap'], gapBegin),
  ),
  one(
    'a pattern cannot be resumed',
    'ours',
    stream('news.*', { ...news, at: 'anyone', headers: [['last-event-id', '0badc0de.1']] }),
    opened(['news.*'], 'event: gap\ndata: {}\nretry: 100\n\n'),
  ),
  row('a list of channels ignores the last id', 'G1, source', [
    [sse('"old"', { ...any, channel: 'old', headers: [['last-event-id', 'x']] }), openedOne('old')],
  ]),
  row(
    'unless positions are on, for one channel',
    'ours',
    [
      [sse('"pos"', { ...any, channel: 'pos' }), openedTwo('pos')],
      [publish('pos', '{}'), accepted],
      [read(), events(message('{"timestamp":NOW}', 'POSITION'))],
      [
        sse('"pos"', { ...any, channel: 'pos', stream: 'two', headers: [['last-event-id', 'x']] }),
        opened(['pos'], ': gap\n\nid: POSITION\nretry: 100\n\n'),
      ],
      [sse('["pos","b"]', { ...any, channel: 'pos', stream: 'three' }), openedOne('pos', 'b')],
    ],
    limited,
  ),
]

const ticket = secret(/^\{"ticket":"[\w-]{54}","expires_in":30\}$/)
const ask = (channel: string, options: Options = {}): Send =>
  request('POST', `/channels/${channel}/ticket`, '', { token: tokenFor(channel), ...options })
const byTicket: Options & { query: string } = { query: '?ticket=TICKET', token: null }
const agent = (name: string) => [['user-agent', name]] as const

const tickets: readonly Exchange[] = [
  row('a ticket opens one stream, once, whichever workers serve', 'ours', [
    [ask('news', { at: 'owner', channel: 'news' }), ticket],
    [stream('news', { ...byTicket, at: 'subscriber' }), openedTwo('news')],
    [stream('news', { ...byTicket, at: 'publisher' }), ticketRefused],
    [stream('news', { ...byTicket, at: 'owner' }), ticketRefused],
    [publishAs('news', '{}'), accepted],
    [read(), events(message('{"timestamp":NOW}', 'POSITION'))],
  ]),
  row('of its own channel', 'ours', [
    [ask('news'), ticket],
    [stream('other', byTicket), ticketRefused],
    [stream('news', byTicket), ticketRefused],
  ]),
  row('for its own browser', 'ours', [
    [ask('news', { headers: agent('one') }), ticket],
    [stream('news', { ...byTicket, headers: agent('two') }), ticketRefused],
    [ask('news', { headers: agent('one') }), ticket],
    [stream('news', { ...byTicket, headers: agent('one') }), openedTwo('news')],
  ]),
  row(
    'a stream by ticket ends with the token behind it',
    'ours',
    [
      [ask('news', { token: 'NOW+1' }), ticket],
      [stream('news', byTicket), openedTwo('news')],
      [read(), ended('event: end\ndata: {"reason":"token-expired"}')],
    ],
    { ...limited, counts: { streamsExpired: 1 } },
  ),
  row('only for channels of the token', 'ours', [
    [ask('news', { token: tokenFor('sports') }), forbidden],
    [ask('news', { token: null }), noToken],
    [stream('news', { query: '?ticket=x', token: null }), ticketRefused],
    [stream('news', { query: `?ticket=${'0'.repeat(32)}${'A'.repeat(22)}`, token: null }), ticketRefused],
  ]),
]

const origin = 'https://app.example.org'
const from = (name: string, more: readonly (readonly [string, string])[] = []) => ({
  headers: [['origin', name] as const, ...more],
})
const asks = [['access-control-request-method', 'GET'] as const]
const listed = {
  settings: {
    RINGCAST_PUSHY_ORIGINS: `https://other.example.org,${origin}`,
    RINGCAST_PUSHY_COOKIE: 'push',
    RINGCAST_PUSHY_QUERY_TOKEN: 'true',
    PUBLISHER_CLIENT_ID: '',
  },
} as const
const starred = { settings: { RINGCAST_PUSHY_ORIGINS: '*', RINGCAST_PUSHY_COOKIE: 'push' } } as const
const starCors = [
  ['access-control-allow-origin', origin],
  ['vary', 'origin'],
] as const
const cors = [...starCors, ['access-control-allow-credentials', 'true']] as const
const allowed = [
  ['access-control-allow-methods', 'GET, POST'],
  [
    'access-control-allow-headers',
    'authorization, cache-control, content-type, idempotency-key, last-event-id',
  ],
  ['access-control-max-age', '600'],
] as const
const within = (
  answer: Expect & { kind: 'answer' },
  headers: readonly (readonly [string, string])[] = cors,
): Expect => ({
  ...answer,
  headers: [...answer.headers, ...headers],
})
const varying = [['vary', 'origin']] as const

const browsers: readonly Exchange[] = [
  row(
    'without a client id nobody is a publisher',
    'ours',
    [
      [publishAs('news', '{}'), within(unauthorized, varying)],
      [mint('{"channels":["a"]}'), within(unauthorized, varying)],
      [publish('news', '{}'), within(accepted, varying)],
    ],
    listed,
  ),
  row(
    'a listed origin gets its preflight without a token, and may read every answer',
    'Fetch standard, CORS',
    [
      [
        request('OPTIONS', '/channels/news/stream', undefined, from(origin, asks)),
        preflight([...cors, ...allowed]),
      ],
      [request('OPTIONS', '/anything', undefined, from(origin, asks)), preflight([...cors, ...allowed])],
      [stream('news', from(origin)), opened(['news'], 'id: POSITION\n\n', cors)],
      [publish('news', '{}', from(origin)), within(accepted)],
      [publish('news', '{}', { ...from(origin), token: 'x' }), within(signatureError)],
      [request('GET', '/nowhere', undefined, { ...any, ...from(origin) }), within(notFound)],
    ],
    listed,
  ),
  row(
    'another origin does not',
    'Fetch standard, CORS',
    [
      [
        request('OPTIONS', '/channels/news/stream', undefined, from('https://evil.example.org', asks)),
        within(noToken, varying),
      ],
      [stream('news', from('null')), opened(['news'], 'id: POSITION\n\n', varying)],
      [request('OPTIONS', '/anything', undefined, from(origin)), within(noToken)],
    ],
    listed,
  ),
  row('without a list there is no CORS', 'G1, source; test table 12', [
    [request('OPTIONS', '/sse', undefined, from(origin, asks)), noToken],
    [stream('news', from(origin)), openedTwo('news')],
  ]),
  row(
    'a star lists every origin',
    'ours',
    [
      [request('OPTIONS', '/sse', undefined, from(origin, asks)), preflight([...starCors, ...allowed])],
      [stream('news', from(origin)), opened(['news'], 'id: POSITION\n\n', starCors)],
    ],
    starred,
  ),
  row(
    'a cookie may carry the token of a stream, and of nothing else',
    'ours',
    [
      [stream('news', cookie('news')), opened(['news'], 'id: POSITION\n\n', varying)],
      [stream('other', cookie('news')), within(forbidden, varying)],
      [publish('news', '{}', cookie('news')), within(noToken, varying)],
      [ask('news', cookie('news')), within(noToken, varying)],
      [stream('news', cookie('news', [['sec-fetch-site', 'cross-site']])), within(noToken, varying)],
      [stream('news', cookie('news', [['origin', 'https://evil.example.org']])), within(noToken, varying)],
    ],
    listed,
  ),
  row(
    'from a listed origin, too',
    'ours',
    [[stream('news', cookie('news', [['origin', origin]])), opened(['news'], 'id: POSITION\n\n', cors)]],
    listed,
  ),
  row(
    'but not where every origin is listed',
    'ours',
    [[stream('news', cookie('news', [['origin', origin]])), within(noToken, starCors)]],
    starred,
  ),
  row('cookies and addresses carry no token unless it is switched on', 'ours', [
    [stream('news', cookie('news')), noToken],
    [stream('news', { token: null, query: `?token=${tokenFor('news')}` }), noToken],
  ]),
  row(
    'an address may carry the token of a stream where it is',
    'ours',
    [
      [
        stream('news', { token: null, query: `?token=${tokenFor('news')}` }),
        opened(['news'], 'id: POSITION\n\n', varying),
      ],
      [
        request('POST', `/publish/news?token=${tokenFor('news')}`, '{}', { type: json }),
        within(noToken, varying),
      ],
    ],
    listed,
  ),
]

function cookie(channel: string, more: readonly (readonly [string, string])[] = []): Options {
  return { token: null, headers: [['cookie', `a=b; push=${tokenFor(channel)}; c=d`], ...more] }
}

export const exchanges: readonly Exchange[] = [
  ...firstTests,
  ...authentication,
  ...bodies,
  ...names,
  ...streams,
  ...second,
  ...resumes,
  ...tickets,
  ...browsers,
]
