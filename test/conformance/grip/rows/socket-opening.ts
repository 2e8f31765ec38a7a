// Contract §13.8, first part: how a WebSocket begins that is a series of requests to its origin; and those of the built-in
// target and of rules that lead nowhere (rows 17, 18 and 21).
import {
  accepted,
  events,
  failedOpening,
  heard,
  open,
  opening,
  opens,
  parted,
  publishMessage,
  rejected,
  say,
  textEvent,
} from '../socket-words.ts'
import { at, differs, type GripRow, origin, read, reply, row, waits } from '../vocabulary.ts'

const eventType = 'application/websocket-events'
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const ours = { iss: 'pushpin', key: 'changeme' } as const
const asked = {
  'sec-websocket-protocol': 'chat, b',
  cookie: 'a=b',
  origin: 'http://o.test',
  accept: 'text/html',
  'connection-id': 'mine',
  'meta-user': 'eve',
  'sec-websocket-extensions': 'x-made-up',
} as const

export const socketOpenings: readonly GripRow[] = [
  row(
    '17',
    'the built-in target echoes, and subscribes',
    [],
    [
      [open('/t/ws?channel=c17'), accepted()],
      say('text:hi'),
      [read(), heard(['text:hi'])],
      publishMessage('c17', { content: 'pub' }),
      [read(), heard(['text:pub'])],
      say('close:1000 bye'),
      [read(), parted(['close:1000 bye'])],
    ],
  ),
  row(
    '18',
    'and has no other WebSocket',
    [],
    [[open('/t/no'), rejected('404 Not Found', [['content-type', 'text/plain']], 'no such test resource\n')]],
  ),
  row(
    '21',
    'with debug, a refusal names who was tried',
    [],
    [
      [
        open('/downdbg/21'),
        rejected(
          '502 Bad Gateway',
          [],
          'Unable to connect to any targets. Tried: 127.0.0.1:1, 127.0.0.1:2\n',
        ),
      ],
    ],
  ),
  row(
    '220',
    'an origin is posted the handshake as an event',
    [at('/220', opening)],
    [
      [open('/220?a=1', asked), accepted()],
      origin('/220', {
        line: 'POST /220?a=1',
        has: [
          ['Sec-WebSocket-Version', '13'],
          ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
          ['Sec-WebSocket-Protocol', 'chat, b'],
          ['Cookie', 'a=b'],
          ['Origin', 'http://o.test'],
          ['Sec-WebSocket-Extensions', 'grip'],
          ['Accept', eventType],
          ['Connection-Id', uuid],
          ['Content-Type', eventType],
          ['Content-Length', '6'],
        ],
        lacks: ['Upgrade', 'Meta-*', 'Content-Bytes-Replayed'],
        body: opens,
        signed: ours,
      }),
      origin('/220', { has: [['Grip-Feature', /link:next/]] }),
    ],
  ),
  row(
    '220',
    'what a client says that is for the origin alone does not pass',
    [at('/220b', opening)],
    [
      [open('/220b', asked), accepted()],
      origin('/220b', { once: ['Accept', 'Connection-Id', 'Sec-WebSocket-Extensions'] }),
    ],
  ),
  row(
    '221',
    'its answer chooses the protocol and has headers for the client',
    [
      at(
        '/221',
        events(opens, [
          ['Sec-WebSocket-Protocol', 'chat'],
          ['X-Custom', '1'],
          ['Keep-Alive-Interval', '60'],
          ['Set-Meta-User', 'alice'],
          ['Sec-WebSocket-Extensions', 'grip'],
        ]),
      ),
    ],
    [
      [
        open('/221', { 'sec-websocket-protocol': 'chat, b' }),
        accepted([
          ['sec-websocket-protocol', 'chat'],
          ['x-custom', '1'],
        ]),
      ],
    ],
  ),
  row(
    '232',
    'another answer is the client’s',
    [at('/232', reply([['X-A', 'b']], 'no\n', '401 Who Knows'))],
    [
      [
        open('/232'),
        rejected(
          '401 Who Knows',
          [
            ['content-type', 'text/plain'],
            ['x-a', 'b'],
          ],
          'no\n',
        ),
      ],
    ],
  ),
  row(
    '233',
    'so is one of another type, whatever its status',
    [at('/233', reply([], opens, '200 OK', 'application/json'))],
    [[open('/233'), rejected('200 OK', [['content-type', 'application/json']], opens)]],
  ),
  row(
    'fault 25',
    'a type may have parameters (row 233)',
    [at('/233b', reply([], opens, '200 OK', `${eventType}; charset=utf-8`))],
    [[open('/233b'), accepted()]],
    differs('parameters of a type', {
      1: rejected('200 OK', [['content-type', `${eventType}; charset=utf-8`]], opens),
    }),
  ),
  ...['', textEvent('x'), 'garbage', 'OPEN zz\r\n'].map((body, index) =>
    row(
      '234',
      `events that begin with ${JSON.stringify(body)} accept nobody`,
      [at(`/234-${index}`, events(body))],
      [[open(`/234-${index}`), failedOpening]],
    ),
  ),
  row(
    '234',
    'nor does an origin that goes',
    [at('/234b', { pieces: [], ends: 'close' })],
    [[open('/234b'), failedOpening]],
  ),
  row(
    '242',
    'an origin may ask for time',
    [at('/242', events('', [['Keep-Alive-Interval', '20']]), opening)],
    [
      [open('/242'), waits],
      [read(), accepted()],
      [
        { kind: 'origin', path: '/242' },
        { kind: 'received', requests: [{ body: opens }, { body: opens }], apart: [[19_900, 25_000]] },
      ],
    ],
    { long: 'everywhere' },
  ),
  row(
    '261',
    'channels of the target need no order',
    [at('/sub/261', opening)],
    [
      [open('/sub/261'), accepted()],
      publishMessage('implicit1', { content: '1' }),
      [read(), heard(['text:1'])],
      publishMessage('implicit2', { content: '2' }),
      [read(), heard(['text:2'])],
    ],
  ),
  row(
    'fault 20',
    'an origin that is told nothing of GRIP is not signed to',
    [at('/ng/socket', opening)],
    [
      [open('/ng/socket', { 'grip-sig': 'mine' }), accepted()],
      origin('/ng/socket', { body: opens, lacks: ['Grip-*'] }),
    ],
  ),
]
