// Pinghub on the wire, row by row. A row that says `deviation` shows where we differ on purpose; README.md of the
// front-end gives the reason. What the command line says at the start is in starts.ts.
import { type Changes, closePayload, frame, opcode } from '../../helpers/raw-websocket.ts'
import type { Row } from '../table.ts'
import { done, leave, pause, read, resume } from '../words.ts'
import {
  accepted,
  acceptedAll,
  answer,
  binary,
  bye,
  chat,
  closing,
  cutSeries,
  dropped,
  type Expect,
  ended,
  error,
  frames,
  join,
  joined,
  malformed,
  moved,
  ping,
  pong,
  position,
  post,
  posts,
  refused,
  request,
  type Send,
  say,
  series,
  sized,
  textAmidPings,
  texts,
  unshaken,
  wire,
} from './vocabulary.ts'

type Exchange = Row<Send, Expect>
type Settings = Readonly<Record<string, string>>

/** Steps as pairs, for a long row is easier to read that way. */
function row(
  name: string,
  from: string,
  steps: readonly (readonly [Send, Expect])[],
  rest: Pick<Exchange, 'counts'> & { readonly settings?: Settings } = {},
): Exchange {
  const send = steps.map(([step]) => step)
  const expect = steps.map(([, expected]) => expected)
  return { name, from: `Pinghub, ${from}`, send, expect, ...rest }
}

/** Several settings at once, since each daemon takes its time to start. */
const changed = {
  settings: {
    RINGCAST_PINGHUB_ORIGINS: 'https://example.com',
    RINGCAST_PINGHUB_BODY_BYTES_MAX: '4000000',
    RINGCAST_PINGHUB_MESSAGE_BYTES_MAX: '512',
    RINGCAST_PINGHUB_SOCKETS_PUBLISH: 'false',
    RINGCAST_PINGHUB_PAGE: 'false',
  },
}

const counted = (reason: string, count = 1) => ({ counts: { [`refused.${reason}`]: count } })

const utf8400 = error(400, 'bad request. Path must be valid Unicode (UTF-8).')
const length400 = error(400, 'bad request. Path length must be 1-256 Unicode characters (UTF-8).')
const reserved400 = error(400, 'bad request. Path must not begin with U+0001.')
const body400 = error(400, 'bad request. Body must be valid Unicode (UTF-8).')
const size413 = { ...error(413, 'request entity too large.'), close: true }
const page = (path: RegExp) =>
  answer(200, path, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy':
      "default-src 'none'; script-src 'sha256-Z+3kMIGHHDLvODbjSmIPBkyQzZnbl8F+pV1puqpiURM='; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  })

const dispatch: readonly Exchange[] = [
  row('a page shows the path', 'test table 1', [
    [request('GET', '/somestring'), page(/^\n<html>[\s\S]*\/somestring/)],
    [request('GET', '/a?b=c'), page(/<h1>\/a<\/h1>/)],
  ]),
  row('a page shows a path as text', 'GET page; test table 2', [
    [
      request('GET', '/<xss>%27%22&+'),
      page(/^(?![\s\S]*<xss>)[\s\S]*<h1>\/&lt;xss&gt;&#39;&#34;&amp;&#43;<\/h1>/),
    ],
  ]),
  ...['HEAD', 'OPTIONS', 'DELETE', 'TRACE', 'get'].map(method =>
    row(
      `${method} is not allowed`,
      'dispatch; test table 28',
      [
        [request(method, '/a'), answer(405, '')],
        [request(method, '/%ff'), answer(405, '')],
      ],
      counted('method-not-allowed', 2),
    ),
  ),
  row(
    'PUT is not allowed',
    'dispatch; test table 28',
    [[request('PUT', '/a', 'x'), answer(405, '')]],
    counted('method-not-allowed'),
  ),
  row('an unclean path is moved, for every method', 'path cleaning; test table 27', [
    [post('//a//b/../c?q=1', ''), moved('/a/c?q=1')],
    [request('GET', '/a/./b/'), moved('/a/b/')],
    [request('HEAD', '/..'), moved('/')],
    [request('DELETE', '/a//'), moved('/a/')],
    [request('GET', '/a/..'), moved('/')],
    [request('GET', '/%2F%2Fx'), moved('/x')],
    [request('GET', '/a/%2e%2E/b'), moved('/b')],
    [request('GET', '//?'), moved('/?')],
    [request('GET', '/%ff//%C3%A4%20%27(x)'), moved('/%FF/%C3%A4%20%27%28x%29')],
    [join('a', '//x?y'), moved('/x?y')],
  ]),
  row(
    'a bad escape is malformed',
    'dispatch; test table 26',
    [
      [request('GET', '/%zz'), malformed],
      [request('PUT', '/a%2', ''), malformed],
    ],
    counted('target-malformed', 2),
  ),
  row(
    'a path that is no UTF-8 is refused',
    'path rules; test table 26',
    [
      [request('GET', '/%ff'), utf8400],
      [post('/%c3', 'x'), utf8400],
      [join('a', '/%ff'), utf8400],
      [request('GET', '/\xff', undefined, { channel: 'x' }), utf8400],
    ],
    counted('path-not-utf8', 4),
  ),
  ...['a', '%F0%9F%98%80', '%C3%A4'].map(character =>
    row(
      `a path has up to 256 characters, here of ${character}`,
      'path rules; test table 25',
      [
        [
          join('in', `/${character.repeat(255)}`, { channel: decodeURIComponent(character).repeat(255) }),
          joined,
        ],
        [
          post(`/${character.repeat(255)}`, 'x', { channel: decodeURIComponent(character).repeat(255) }),
          accepted,
        ],
        [read('in'), texts('x')],
        [post(`/${character.repeat(256)}`, 'x', { channel: '' }), length400],
        [join('out', `/${character.repeat(256)}`, { channel: '' }), length400],
        [request('GET', `/${character.repeat(256)}`, undefined, { channel: '' }), length400],
      ],
      counted('path-length', 3),
    ),
  ),
  row(
    'a path does not begin with U+0001, but may have it elsewhere',
    'ours; README.md, Refusals',
    [
      [post('/%01x', 'x', { channel: '' }), reserved400],
      [join('out', '/%01', { channel: '' }), reserved400],
      [request('GET', '/%01pushwire%01x', undefined, { channel: '' }), reserved400],
      [join('in', '/x%01', { channel: 'x\u0001' }), joined],
      [post('/x%01', 'x', { channel: 'x\u0001' }), accepted],
      [read('in'), texts('x')],
    ],
    counted('path-reserved', 3),
  ),
]

const channels: readonly Exchange[] = [
  row('the channel is the decoded path, without the query', 'channel identity; test table 24', [
    [join('in', '/a%2Fb', { channel: 'a/b' }), joined],
    [post('/a/b?x=1', 'one'), accepted],
    [post('/a/b/', 'two'), accepted],
    [post('/A/b', 'three'), accepted],
    [post('/%61/b', 'four', { channel: 'a/b' }), accepted],
    [read('in'), texts('one', 'four')],
  ]),
  row('raw UTF-8 and its escapes are one channel', 'channel identity', [
    [join('in', Buffer.from('/κ').toString('latin1'), { channel: 'κ' }), joined],
    [post('/%CE%BA', 'x', { channel: 'κ' }), accepted],
    [read('in'), texts('x')],
  ]),
  row('an escaped question mark is a part of the channel', 'channel identity', [
    [join('in', '/x%3Fy', { channel: 'x?y' }), joined],
    [post('/x?y', 'no'), accepted],
    [post('/x%3Fy', 'yes', { channel: 'x?y' }), accepted],
    [read('in'), texts('yes')],
  ]),
  row('the shortest path is a channel, too', 'path rules', [
    [join('in', '/'), joined],
    [post('/', 'x'), accepted],
    [read('in'), texts('x')],
  ]),
]

const large = (size: number) => 'x'.repeat(size)

const publishing: readonly Exchange[] = [
  row(
    'a post is accepted whether anybody hears it or not',
    'publish by POST',
    [
      [post('/nobody', 'x'), accepted],
      [post('/nobody', 'x', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }), accepted],
    ],
    { counts: { posts: 2, postsUnheard: 2 } },
  ),
  row(
    'all subscribers get every post in one order',
    'test table 5',
    [
      [join('a', '/order', { at: 'owner' }), joined],
      [join('b', '/order', { at: 'subscriber' }), joined],
      [join('c', '/order', { at: 'publisher' }), joined],
      [posts('/order', 100, 3), acceptedAll(100)],
      [read('a'), series(100)],
      [read('b'), series(100)],
      [read('c'), series(100)],
    ],
    { counts: { posts: 100, postsUnheard: 0, messagesSent: 300 } },
  ),
  row(
    'an empty post is accepted, and nothing is sent',
    'test table 14',
    [
      [join('in', '/empty'), joined],
      [post('/empty', ''), accepted],
      [post('/empty', 'x'), accepted],
      [read('in'), texts('x')],
    ],
    { counts: { posts: 2, postsUnheard: 0 } },
  ),
  row('a post of 70,000 bytes is one message', 'test table 13', [
    [join('in', '/large'), joined],
    [post('/large', large(70_000)), accepted],
    [read('in'), sized(70_000)],
    [post('/large', large(1_048_576)), accepted],
    [read('in'), sized(1_048_576)],
  ]),
  row(
    'deviation: a post over the limit is refused',
    'test table 13',
    [[post('/large', large(1_048_577)), closing(size413)]],
    counted('body-too-large'),
  ),
  row(
    'a post of 3 MB is one message where the limit allows it',
    'test table 13',
    [
      [join('in', '/large'), joined],
      [post('/large', large(3_000_000)), accepted],
      [read('in'), sized(3_000_000)],
    ],
    changed,
  ),
  row(
    'deviation: a post that is no UTF-8 is refused',
    'publish by POST',
    [[post('/bytes', Buffer.from([0xff])), body400]],
    counted('body-not-utf8'),
  ),
  row('deviation: a post that is cut short is not answered', 'test table 15', [
    [request('POST', '/short', 'x', { cut: true }), dropped],
  ]),
  row('a post in chunks is a post, though its connection ends', 'publish by POST', [
    [join('in', '/chunks'), joined],
    [
      request('POST', '/chunks', '5\r\nhello\r\n0\r\n\r\n', { headers: { 'transfer-encoding': 'chunked' } }),
      closing(accepted),
    ],
    [read('in'), texts('hello')],
  ]),
  row(
    'a post is not asked for its origin',
    'test table 34',
    [[post('/origin', 'x', { headers: { origin: 'https://example.net' } }), accepted]],
    changed,
  ),
]

const version = 'sec-websocket-version'
const bad = unshaken(400, 'Bad Request')
const handshakes: readonly Exchange[] = [
  row('a handshake is answered with the lines that it must have', 'handshake; test table 7', [
    [join('a', '/hand'), joined],
  ]),
  ...(
    [
      { connection: 'keep-alive, Upgrade' },
      { upgrade: 'h2c, websocket' },
      { connection: ['keep-alive', 'Upgrade'] },
      { 'sec-websocket-protocol': 'chat', 'sec-websocket-extensions': 'permessage-deflate' },
      { [version]: '8, 13' },
      { upgrade: 'WebSocket' },
      { connection: 'UPGRADE', upgrade: 'WEBSOCKET' },
      { 'content-length': '0' },
    ] satisfies Changes[]
  ).map(headers =>
    row(`${JSON.stringify(headers)} is sound`, 'handshake; test table 29, 32; faults', [
      [join('a', '/hand', { headers }), joined],
    ]),
  ),
  ...(
    [
      { connection: 'xupgradex' },
      { upgrade: 'xwebsocketx' },
      { [version]: '8' },
      { [version]: undefined },
      { 'sec-websocket-key': undefined },
      { 'sec-websocket-key': 'short' },
      { 'sec-websocket-key': '!!!!!!!!!!!!!!!!!!!!!!==' },
    ] satisfies Changes[]
  ).map(headers =>
    row(
      `${JSON.stringify(headers)} is faulty`,
      'handshake failures; test table 30',
      [[join('a', '/hand', { headers }), bad]],
      counted('handshake-faulty'),
    ),
  ),
  row('no upgrade at all is the page', 'dispatch', [
    [join('a', '/hand', { headers: { connection: 'keep-alive' } }), page(/<html>/)],
    [join('a', '/hand', { headers: { upgrade: 'h2c' } }), page(/<html>/)],
  ]),
  ...['POST', 'PUT', 'DELETE'].map(method =>
    row(
      `${method} with the headers of a handshake is not allowed`,
      'handshake failures; test table 31',
      [
        [
          join('a', '/hand', { method, headers: { 'content-length': '0' } }),
          unshaken(405, 'Method Not Allowed'),
        ],
      ],
      counted('handshake-method'),
    ),
  ),
]

const forbidden = unshaken(403, 'Forbidden')
const origins: readonly Exchange[] = [
  ...[
    undefined,
    'https://example.com',
    'HTTPS://example.com',
    'https://example.com/path',
    'https://user@example.com',
  ].map(origin =>
    row(
      `the origin ${origin} is allowed`,
      'origin rule; test table 33',
      [[join('a', '/origin', { headers: { origin } }), joined]],
      changed,
    ),
  ),
  ...[
    'http://example.com',
    'https://example.net',
    'https://example.com.evil.com',
    'https://example.com:443',
    'https://EXAMPLE.com',
    'null',
    '',
  ].map(origin =>
    row(
      `the origin '${origin}' is refused`,
      'origin rule; test table 3, 4, 33',
      [[join('a', '/origin', { headers: { origin } }), forbidden]],
      { ...changed, ...counted('origin-refused') },
    ),
  ),
  row(
    'the first origin counts, behind the version, before the key',
    'handshake failures',
    [
      [join('a', '/origin', { headers: { origin: ['https://example.com', 'https://example.net'] } }), joined],
      [join('b', '/origin', { headers: { origin: 'x', [version]: '8' } }), bad],
      [join('c', '/origin', { headers: { origin: 'x', 'sec-websocket-key': undefined } }), forbidden],
    ],
    { ...changed, counts: { 'refused.origin-refused': 1, 'refused.handshake-faulty': 1 } },
  ),
]

const messages: readonly Exchange[] = [
  row(
    'a message comes back to its sender, as the wire has it',
    'test table 8',
    [
      [join('a', '/hi'), joined],
      [say('a', 'hi'), done],
      [read('a'), wire(['81026869'])],
    ],
    { counts: { socketMessages: 1, messagesSent: 1 } },
  ),
  row('a message goes to all, in one order', 'test table 5', [
    [join('a', '/talk', { at: 'publisher' }), joined],
    [join('b', '/talk', { at: 'subscriber' }), joined],
    [join('c', '/talk', { at: 'owner' }), joined],
    [say('a', 'one'), done],
    [read('b'), texts('one')],
    [say('b', 'two'), done],
    [read('c'), texts('one', 'two')],
    [say('c', 'three'), done],
    [read('a'), texts('one', 'two', 'three')],
    [read('b'), texts('two', 'three')],
    [read('c'), texts('three')],
  ]),
  row(
    'an empty message comes back to its sender alone',
    'test table 9',
    [
      [join('a', '/empty'), joined],
      [join('b', '/empty', { at: 'publisher' }), joined],
      [say('a', ''), done],
      [binary('a', Buffer.alloc(0)), done],
      [read('a'), wire(['8100', '8100'])],
      [say('a', 'x'), done],
      [read('a'), texts('x')],
      [read('b'), texts('x')],
    ],
    { counts: { socketMessages: 1, messagesSent: 4 } },
  ),
  row('binary messages are sent as text', 'frames from the client', [
    [join('a', '/binary'), joined],
    [binary('a', Buffer.from('κ')), done],
    [read('a'), texts('κ')],
  ]),
  row('deviation: binary that is no UTF-8 is answered with close code 1007', 'test table 10', [
    [join('a', '/binary'), joined],
    [binary('a', Buffer.from([0, 0xff]), 0), done],
    [read('a'), ended('880203ef')],
  ]),
  row('deviation: text that is no UTF-8 ends the connection without a frame', 'frames from the client', [
    [join('a', '/text'), joined],
    [frames('a', frame(opcode.text, Buffer.from([0xff]))), done],
    [read('a'), ended()],
  ]),
  row('a message has up to 65,536 bytes', 'test table 11', [
    [join('a', '/limit'), joined],
    [say('a', large(65_536)), done],
    [read('a'), sized(65_536)],
    [frames('a', frame(opcode.text, large(65_537))), done],
    [read('a'), ended('880203f1')],
  ]),
  row('fragments are one message', 'frames from the client', [
    [join('a', '/fragments'), joined],
    [say('a', 'one ', { fin: false }), done],
    [ping('a', 'between'), done],
    [frames('a', frame(opcode.continuation, 'two')), done],
    [read('a'), wire(['8a076265747765656e', '81076f6e652074776f'])],
  ]),
  row('fragments count together', 'test table 12', [
    [join('a', '/fragments'), joined],
    [frames('a', frame(opcode.text, large(40_000), { fin: false })), done],
    [frames('a', frame(opcode.continuation, large(30_000))), done],
    [read('a'), ended('880203f1')],
  ]),
  row('a ping is answered with what it carries', 'test table 16', [
    [join('a', '/ping'), joined],
    [ping('a', 'pingdata'), done],
    [read('a'), wire([`8a08${Buffer.from('pingdata').toString('hex')}`])],
  ]),
  row(
    'a limit from before 2026 can be set',
    'version history',
    [
      [join('a', '/limit'), joined],
      [frames('a', frame(opcode.text, large(513))), done],
      [read('a'), ended('880203f1')],
    ],
    changed,
  ),
  row('what is published as a client joins reaches it', 'test table 39', [
    [join('a', '/early'), joined],
    [post('/early', 'x'), accepted],
    [read('a'), texts('x')],
  ]),
]

const closes: readonly Exchange[] = [
  row('deviation: a close comes back with its code and its reason', 'test table 17', [
    [join('a', '/bye'), joined],
    [bye('a', 1000, 'bye'), done],
    [read('a'), ended('880503e8627965')],
  ]),
  row('a close of 1000 comes back', 'test table 17', [
    [join('a', '/bye'), joined],
    [bye('a', 1000), done],
    [read('a'), ended('880203e8')],
  ]),
  row('a close of 4000 comes back', 'test table 18', [
    [join('a', '/bye'), joined],
    [bye('a', 4000), done],
    [read('a'), ended('88020fa0')],
  ]),
  row('a close without a code comes back', 'test table 19', [
    [join('a', '/bye'), joined],
    [bye('a'), done],
    [read('a'), ended('8800')],
  ]),
  ...(
    [
      ['a reserved bit', frame(opcode.text, 'x', { reserved: 0x40 })],
      ['opcode 3', frame(3, 'x')],
      ['a long control frame', frame(opcode.ping, large(126))],
      ['a continuation of nothing', frame(opcode.continuation, 'x')],
      ['a text that begins inside another', Buffer.concat([frame(1, 'x', { fin: false }), frame(1, 'y')])],
    ] as const
  ).map(([name, bytes]) =>
    row(`deviation: ${name} ends the connection without a frame`, 'test table 20', [
      [join('a', '/wrong'), joined],
      [frames('a', bytes), done],
      [read('a'), ended()],
    ]),
  ),
  ...[999, 1005, 1012, 3000, 5000].map(code =>
    row(`deviation: a close of ${code} is answered without a code`, 'test table 20', [
      [join('a', '/wrong'), joined],
      [frames('a', frame(opcode.close, closePayload(code))), done],
      [read('a'), ended('8800')],
    ]),
  ),
]

/** In place of 27.0 s and 30.0 s. */
const periods = { settings: { RINGCAST_PINGHUB_PING_MS: '540', RINGCAST_PINGHUB_PONG_MS: '600' } }
const missed = { ...periods, counts: { pongsMissed: 1 } }
/** Here a pong has time to come, and the last ping is later than a client without a pong would live. There is room for one. */
const patient = {
  settings: {
    RINGCAST_PINGHUB_PING_MS: '540',
    RINGCAST_PINGHUB_PONG_MS: '4000',
    RINGCAST_PINGHUB_SOCKETS_MAX: '1',
  },
}
const pingsOfPatience = Array.from({ length: 8 }, (_, index) => 540 * (index + 1))
const liveness: readonly Exchange[] = [
  row(
    'a client that gives no pong is pinged and then cut without a frame',
    'liveness; test table 21',
    [
      [join('a', '/life'), joined],
      [read('a'), wire(['8900'], 540)],
      [read('a'), ended(undefined, 600)],
    ],
    missed,
  ),
  row(
    'messages are no pongs',
    'liveness; test table 22',
    [
      [join('a', '/life'), joined],
      [chat('a', 100), ended(undefined, 600)],
    ],
    missed,
  ),
  row(
    'pongs keep a client, and pings have their own cadence',
    'liveness; test table 23',
    [
      [join('a', '/life'), joined],
      ...pingsOfPatience.flatMap((ms): readonly (readonly [Send, Expect])[] => [
        [read('a'), wire(['8900'], ms)],
        [pong('a'), done],
      ]),
      [post('/life', 'x'), accepted],
      [read('a'), textAmidPings('x')],
    ],
    patient,
  ),
]

const slow: readonly Exchange[] = [
  row(
    'a client that reads nothing is closed with an empty frame, and nobody else is held up',
    'test table 35',
    [
      [join('good', '/slow'), joined],
      [join('slow', '/slow'), joined],
      [pause('slow'), done],
      // Few and large, so that it reads again while what was given to it may still leave.
      [posts('/slow', 60, 300_000), acceptedAll(60)],
      [read('good'), series(60)],
      [resume('slow'), done],
      [read('slow'), cutSeries(60, '8800')],
    ],
  ),
]

const lists = {
  settings: { RINGCAST_PINGHUB_SUBSCRIBE: 'open/*', RINGCAST_PINGHUB_PUBLISH: 'open/a*,closed/*' },
}
const access: readonly Exchange[] = [
  row(
    'ours: only listed channels can be had',
    'faults',
    [
      [join('a', '/closed/x'), forbidden],
      [post('/open/b', 'x', { at: 'owner' }), refused(403, 'Forbidden')],
      [post('/closed/x', 'x'), accepted],
    ],
    { ...lists, counts: { 'refused.not-allowed': 2 } },
  ),
  row(
    'a client that may not publish is not heard, and stays',
    'version history: 2017 to 2026',
    [
      [join('a', '/open/b', { at: 'owner' }), joined],
      [frames('a', frame(opcode.text, 'x')), done],
      [say('a', ''), done],
      [read('a'), wire(['8100'])],
    ],
    { ...lists, counts: { 'refused.not-allowed': 1, socketMessages: 1 } },
  ),
  row(
    'where WebSockets do not publish they are not heard, and stay; posts go on',
    'version history: 2017 to 2026',
    [
      [join('a', '/ticker'), joined],
      [join('b', '/ticker', { at: 'owner' }), joined],
      [frames('a', frame(opcode.text, 'x')), done],
      [frames('a', frame(opcode.binary, 'y')), done],
      [say('a', ''), done],
      [read('a'), wire(['8100'])],
      [post('/ticker', 'z'), accepted],
      [read('a'), texts('z')],
      [read('b'), texts('z')],
    ],
    {
      ...changed,
      counts: { 'refused.sockets-read-only': 2, socketMessages: 2, messagesSent: 3 },
    },
  ),
  row('ours: there may be no page', 'faults', [[request('GET', '/a'), refused(404, 'Not Found')]], {
    ...changed,
    ...counted('page-off'),
  }),
  row(
    'ours: a worker has as many clients as set',
    'faults',
    [
      [join('a', '/full'), joined],
      [join('b', '/full'), unshaken(503, 'Service Unavailable', { 'retry-after': '1' })],
      [leave('a'), done],
    ],
    { ...patient, ...counted('too-many-sockets') },
  ),
]

const resuming: readonly Exchange[] = [
  row('ours: a client that asks is told where it is, in a binary message', 'ours', [
    [join('a', '/since?since='), joined],
    [read('a'), position()],
    [post('/since', 'x'), accepted],
    [read('a'), texts('x')],
    [say('a', ''), done],
    [read('a'), wire(['8200'])],
  ]),
  row('ours: a client whose position is of another epoch is told the gap', 'ours', [
    [join('a', '/since?since=0badcafe.7&x'), joined],
    [read('a'), position(true)],
    [post('/since', 'x'), accepted],
    [read('a'), texts('x')],
  ]),
  ...['?since=1700000000', '?since=yesterday', '?since', '?since=&since=', '?sincere=', '?jwt=since='].map(
    query =>
      row(`${query} is a query like any other`, 'channel identity', [
        [join('a', `/since${query === '?since' ? '?since&since' : query}`), joined],
        [say('a', 'x'), done],
        [read('a'), texts('x')],
      ]),
  ),
]

const own: Settings = { RINGCAST_ONLY: 'pinghub', RINGCAST_PINGHUB_SHARD_PORTS: '127.0.0.1:0' }

export const exchanges: readonly Exchange[] = [
  ...dispatch,
  ...channels,
  ...publishing,
  ...handshakes,
  ...origins,
  ...messages,
  ...closes,
  ...liveness,
  ...slow,
  ...access,
  ...resuming,
].map(each => ({ ...each, settings: { ...own, ...each.settings } }))
