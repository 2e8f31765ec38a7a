// Contract §13.9, first part: WebSockets to origins that speak WebSocket themselves.
import { frame, opcode } from '../../../helpers/raw-websocket.ts'
import {
  accepted,
  gripSocket,
  heard,
  joined,
  met,
  open,
  order,
  parted,
  publishMessage,
  rejected,
  say,
  settled,
  socket,
  subscribe,
} from '../socket-words.ts'
import { at, differs, type GripRow, get, ok, origin, read, reply, row } from '../vocabulary.ts'

const ours = { iss: 'pushpin', key: 'changeme' } as const
const own = /^(?!dGhlIHNhbXBsZSBub25jZQ==)[A-Za-z0-9+/]{22}==$/
const unmasked = (code: number, payload: string, fin = true) => frame(code, payload, { masked: false, fin })

export const nativeSockets: readonly GripRow[] = [
  row(
    '270',
    'an origin is asked for a WebSocket, and chooses the protocol',
    [at('/wsp/270', socket({ headers: [['Sec-WebSocket-Protocol', 'chat']] }))],
    [
      [
        open('/wsp/270?a=1', {
          'sec-websocket-protocol': 'chat, b',
          'sec-websocket-extensions': 'x-made-up',
          cookie: 'a=b',
        }),
        accepted([['sec-websocket-protocol', 'chat']]),
      ],
      origin('/wsp/270', {
        line: 'GET /wsp/270?a=1',
        has: [['Cookie', 'a=b']],
        once: ['Host', 'Upgrade', 'Connection', 'Sec-WebSocket-Version', 'Sec-WebSocket-Extensions'],
        signed: ours,
      }),
      origin('/wsp/270', { has: [['Sec-WebSocket-Key', own]] }),
      origin('/wsp/270', { has: [['Sec-WebSocket-Protocol', 'chat, b']] }),
      origin('/wsp/270', { has: [['Sec-WebSocket-Extensions', 'grip']] }),
      origin('/wsp/270', { has: [['Grip-Feature', /link:next/]] }),
      say('text:hi', 'binary:\u0001\u00ff', 'text:'),
      [read(), heard(['text:e:hi', 'binary:e:\u0001\u00ff', 'text:e:'])],
      met('/wsp/270', ['text:hi', 'binary:\u0001\u00ff', 'text:']),
    ],
  ),
  row(
    '270',
    'fragments pass, and messages of some length',
    [at('/wsp/270b', socket())],
    [
      joined('/wsp/270b'),
      say(frame(opcode.text, 'frag', { fin: false }), frame(opcode.continuation, 'mented')),
      say(`text:${'y'.repeat(12_000)}`),
      met('/wsp/270b', ['text:fragmented', `text:${'y'.repeat(12_000)}`]),
    ],
  ),
  row(
    '270',
    'a ping may stand between fragments',
    [at('/wsp/270c', socket())],
    [
      joined('/wsp/270c'),
      say(frame(opcode.text, 'frag', { fin: false }), 'ping:x', frame(opcode.continuation, 'mented')),
      met('/wsp/270c', ['ping:x', 'text:fragmented']),
    ],
    differs('control amid fragments', { 3: { kind: 'met', messages: [] } }),
  ),
  row(
    '271',
    'pings pass both ways, and are answered here as well (fault 19)',
    [at('/wsp/271', socket({ answers: { 'text:go': ['ping:back'] } }))],
    [
      joined('/wsp/271'),
      say('ping:pp'),
      [read(), heard(['pong:pp', 'pong:pp'])],
      say('text:go'),
      [read(), heard(['ping:back'])],
      say('pong:back'),
      met('/wsp/271', ['ping:pp', 'text:go', 'pong:back']),
    ],
    differs('payloads of pings', {
      3: heard(['pong:']),
      5: heard(['ping:']),
      7: { kind: 'met', messages: ['ping:', 'text:go', 'pong:'] },
    }),
  ),
  row(
    '272',
    'so do closes',
    [at('/wsp/272', socket())],
    [
      joined('/wsp/272'),
      say('close:4321 bye'),
      [read(), parted(['close:4321 bye'])],
      met('/wsp/272', ['close:4321 bye'], { isOver: true }),
    ],
  ),
  row(
    '273',
    'an origin refuses in its own words',
    [at('/wsp/273', reply([['X-A', 'b']], 'no\n', '403 Nope'))],
    [
      [
        open('/wsp/273'),
        rejected(
          '403 Nope',
          [
            ['content-type', 'text/plain'],
            ['x-a', 'b'],
          ],
          'no\n',
        ),
      ],
    ],
    differs('refusals without words', { 1: rejected('403 ', [], 'no\n') }),
  ),
  row(
    '274',
    'GRIP is spoken as over HTTP',
    [
      at(
        '/wsp/274',
        gripSocket(['hello', subscribe('c274'), { type: 'unknown' }], {
          'text:more': ['text:dropped', 'binary:m:b'],
          'text:end': ['close:4002'],
        }),
      ),
    ],
    [
      joined('/wsp/274'),
      [read(), heard(['text:hello'])],
      settled,
      publishMessage('c274', { content: 'pub' }),
      [read(), heard(['text:pub'])],
      say('text:more'),
      [read(), heard(['binary:b'])],
      say('text:end'),
      [read(), heard(['close:4002'])],
      say('close:4002'),
      [read(), parted()],
      met('/wsp/274', ['text:more', 'text:end', 'close:4002']),
    ],
  ),
  row(
    '274',
    'a close may be published',
    [at('/wsp/274b', gripSocket([subscribe('c274b')]))],
    [
      joined('/wsp/274b'),
      settled,
      publishMessage('c274b', { action: 'close', code: 4001, reason: 'kicked' }),
      [read(), heard(['close:4001 kicked'])],
      say('close:4001 kicked'),
      [read(), parted()],
      met('/wsp/274b', ['close:1000']),
    ],
    differs('closes without a code', { 7: { kind: 'met', messages: ['close:'] } }),
  ),
  row(
    '275',
    'an origin closes with a code and a reason',
    [at('/wsp/275', socket({ answers: { 'text:go': ['close:1011 boom'] } }))],
    [
      joined('/wsp/275'),
      say('text:go'),
      [read(), heard(['close:1011 boom'])],
      say('close:1011 boom'),
      [read(), parted()],
      met('/wsp/275', ['text:go', 'close:1011 boom']),
    ],
  ),
  row(
    '275',
    'without a code',
    [at('/wsp/275b', socket({ answers: { 'text:go': ['close:'] } }))],
    [joined('/wsp/275b'), say('text:go'), [read(), heard(['close:1000'])]],
  ),
  ...(['reset', 'close'] as const).map(ends =>
    row(
      '275',
      `or goes by ${ends}, which is said (fault 30)`,
      [at(`/wsp/275-${ends}`, socket({ answers: { 'text:go': [{ ends }] } }))],
      [
        joined(`/wsp/275-${ends}`),
        say('text:go'),
        [read(), heard(['close:1011'])],
        say('close:1011'),
        [read(), parted()],
      ],
      differs('cut without a word', { 3: parted() }),
    ),
  ),
  row(
    '276',
    'a rule for WebSockets alone is for nothing else',
    [],
    [[get('/wsp/276'), ok], origin('/wsp/276', { line: 'GET /wsp/276' })],
  ),
  row(
    '261',
    'channels of the target need no order here either',
    [at('/subws/261', socket())],
    [
      joined('/subws/261'),
      settled,
      publishMessage('implicitws', { content: 'pub' }),
      [read(), heard(['text:pub'])],
    ],
  ),
  row(
    '262',
    'an origin that is out hears nothing more',
    [at('/wsp/262', gripSocket([subscribe('c262n'), { type: 'detach' }]))],
    [
      joined('/wsp/262'),
      met('/wsp/262', ['close:1000'], { isOver: true }),
      say('text:x'),
      settled,
      publishMessage('c262n', { content: 'pub' }),
      [read(), heard(['text:pub'])],
      say('close:1003 bye'),
      [read(), parted(['close:1000'])],
      met('/wsp/262', ['close:1000']),
    ],
    differs('closes without a code', {
      2: { kind: 'met', messages: ['close:'] },
      9: { kind: 'met', messages: ['close:'] },
    }),
  ),
  row(
    'fault 7',
    'what is published while a message passes comes behind it',
    [
      at(
        '/wsp/fault7',
        gripSocket([subscribe('cfault7')], {
          'text:half': [unmasked(opcode.text, 'm:ha', false)],
          'text:rest': [unmasked(opcode.continuation, 'lf'), order('more')],
        }),
      ),
    ],
    [
      joined('/wsp/fault7'),
      settled,
      say('text:half'),
      met('/wsp/fault7', ['text:half']),
      settled,
      publishMessage('cfault7', { content: 'pub' }),
      settled,
      say('text:rest'),
      [read(), heard(['text:half', 'text:pub', 'text:more'])],
    ],
    differs('lost behind a half', { 9: heard(['text:half', 'text:more']) }),
  ),
]
