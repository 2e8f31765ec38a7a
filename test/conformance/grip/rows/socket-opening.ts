// Contract §13.8, first part: how a WebSocket begins that is a series of requests to its origin.
import {
  accepted,
  events,
  failedOpening,
  heard,
  joined,
  nothing,
  open,
  opening,
  opens,
  parted,
  publishMessage,
  rejected,
  say,
  textEvent,
} from '../socket-words.ts'
import { at, differs, type GripRow, origin, read, reply, row, times, waits } from '../vocabulary.ts'

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
    'its own headers have an order',
    [at('/220d', opening)],
    [
      joined('/220d'),
      origin('/220d', {
        has: [
          ['Sec-WebSocket-Key', /./],
          ['Grip-Feature', /./],
          ['Sec-WebSocket-Extensions', 'grip'],
          ['Grip-Sig', /./],
          ['Accept', eventType],
        ],
      }),
    ],
    differs('order of headers', {
      2: {
        kind: 'received',
        requests: [
          {
            has: [
              ['Sec-WebSocket-Key', /./],
              ['Sec-WebSocket-Extensions', 'grip'],
              ['Grip-Sig', /./],
              ['Grip-Feature', /./],
              ['Accept', eventType],
            ],
          },
        ],
      },
    }),
  ),
  row(
    '220',
    'all requests of a client have its id',
    [at('/220c', opening, nothing)],
    [
      joined('/220c'),
      say('text:1'),
      origin('/220c', {}, {}),
      say('close:1000'),
      [read(), parted()],
      [
        { kind: 'origin', path: '/220c' },
        { ...times(3), same: ['Connection-Id', 'Sec-WebSocket-Key', 'Host'] },
      ],
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
        { kind: 'received', requests: [{ body: opens }, { body: opens }], apart: [[18_900, 25_000]] },
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
    '242',
    'and for empty requests later',
    [at('/242b', events(opens, [['Keep-Alive-Interval', '20']]), events(textEvent('now')))],
    [
      joined('/242b'),
      [read(), heard(['text:now'], [18_900, 26_000])],
      origin('/242b', { body: opens }, { bodyBytes: 0 }),
    ],
    { long: 'everywhere' },
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
