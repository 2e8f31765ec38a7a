// Contract §13.9, second part: handshakes and frames that are none, and what is negotiated.
import { frame, opcode } from '../../../helpers/raw-websocket.ts'
import {
  accepted,
  heard,
  joined,
  open,
  opening,
  opens,
  parted,
  rejected,
  say,
  socket,
} from '../socket-words.ts'
import { answer, at, bytes, differs, type GripRow, origin, read, row } from '../vocabulary.ts'

const malformed = rejected(
  '400 Bad Request',
  [['content-type', 'text/plain']],
  'Request contained an Upgrade header with value "websocket" but the request was not a valid WebSocket request.\n',
)

const malformedHandshakes = [
  ['without a key', { 'sec-websocket-key': undefined }, 'GET'],
  ['of another version', { 'sec-websocket-version': '8' }, 'GET'],
  ['that posts', {}, 'POST'],
] as const

const faultyFrames = [
  ['a reserved bit', frame(opcode.text, 'x', { reserved: 0x40 })],
  ['an unknown opcode', frame(3, 'x')],
  ['a long ping', frame(opcode.ping, 'x'.repeat(126))],
  ['a continuation of nothing', frame(opcode.continuation, 'x')],
] as const

export const socketHandshakes: readonly GripRow[] = [
  ...malformedHandshakes.map(([what, changes, method], index) =>
    row(
      '277',
      `a handshake ${what} is none`,
      [],
      [[{ ...open(`/wsp/277-${index}`, changes), method }, malformed]],
      differs('early errors', { 1: { kind: 'dropped', publishes: 0 } }),
    ),
  ),
  row(
    '277',
    'websocket is written in any case',
    [at('/277up', opening)],
    [[open('/277up', { upgrade: 'WebSocket' }), accepted()]],
    differs('case of websocket', {
      1: answer('200 OK', [['content-type', 'application/websocket-events']], opens),
    }),
  ),
  ...faultyFrames.map(([what, faulty], index) =>
    row(
      '278',
      `${what} ends the connection`,
      [at(`/wsp/278-${index}`, socket())],
      [joined(`/wsp/278-${index}`), say(faulty), [read(), parted()]],
    ),
  ),
  row(
    '279',
    'nothing is compressed, whatever is offered',
    [at('/279', opening), at('/wsp/279', socket())],
    [
      [
        open('/279', { 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits' }),
        accepted(),
      ],
      [open('/wsp/279', { 'sec-websocket-extensions': 'permessage-deflate' }, 'two'), accepted()],
      origin('/279', { has: [['Sec-WebSocket-Extensions', 'grip']], once: ['Sec-WebSocket-Extensions'] }),
      origin('/wsp/279', { has: [['Sec-WebSocket-Extensions', 'grip']], once: ['Sec-WebSocket-Extensions'] }),
    ],
  ),
  row(
    '280',
    'the key of RFC 6455 has its answer',
    [at('/wsp/280', socket())],
    [
      [
        bytes(
          'GET /wsp/280 HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
        ),
        accepted(),
      ],
      say('text:hi'),
      [read(), heard(['text:e:hi'])],
    ],
  ),
]
