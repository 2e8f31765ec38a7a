// Contract §13.8, second part: what an origin is posted of a client's frames, and closes of clients.
import { frame, opcode } from '../../../helpers/raw-websocket.ts'
import {
  closeEvent,
  event,
  events,
  eventsAfter,
  heard,
  joined,
  nothing,
  opening,
  opens,
  parted,
  posted,
  say,
  settled,
  textEvent,
} from '../socket-words.ts'
import { at, differs, done, type GripRow, leave, origin, read, row, silent } from '../vocabulary.ts'

const kindsOf =
  'TEXT 5\r\nhello\r\nBINARY 3\r\n\u0001\u0002\u00ff\r\nPING 2\r\npp\r\nPING\r\nPONG 2\r\nqq\r\nTEXT\r\n'

export const socketEvents: readonly GripRow[] = [
  row(
    '222',
    'each kind of frame is an event, and pings are answered here as well (fault 19)',
    [at('/222', opening, nothing)],
    [
      joined('/222'),
      say('text:hello', 'binary:\u0001\u0002\u00ff', 'ping:pp', 'ping:', 'pong:qq', 'text:'),
      posted('/222', opens + kindsOf),
      settled,
      [read(), heard(['pong:pp', 'pong:'])],
    ],
    differs('pings', { 5: silent }),
  ),
  row(
    '222',
    'all kinds of an answer are frames, in its order',
    [
      at(
        '/222b',
        events(
          opens +
            textEvent('a') +
            event('BINARY', '\u0001\u00ff') +
            event('PING', 'pp') +
            'PING\r\n' +
            event('PONG', 'qq') +
            'TEXT\r\n' +
            textEvent('\u00c3\u00a4'),
        ),
        nothing,
      ),
    ],
    [
      joined('/222b'),
      [
        read(),
        heard(['text:a', 'binary:\u0001\u00ff', 'ping:pp', 'ping:', 'pong:qq', 'text:', 'text:\u00c3\u00a4']),
      ],
      say('pong:pp'),
      posted('/222b', `${opens}PONG 2\r\npp\r\n`),
    ],
  ),
  row(
    '223',
    'a close is posted with its code and reason',
    [at('/223', opening, nothing)],
    [joined('/223'), say('close:1003 bye'), posted('/223', `${opens}CLOSE 5\r\n\u0003\u00ebbye\r\n`)],
  ),
  row(
    '224',
    'its echo is the client’s',
    [at('/224', opening, events(closeEvent(1003, 'bye')))],
    [joined('/224'), say('close:1003 bye'), [read(), parted(['close:1003 bye'])]],
  ),
  row(
    '224',
    'so is another answer',
    [at('/224b', opening, events(textEvent('last') + closeEvent(4001, 'so')))],
    [joined('/224b'), say('close:1003 bye'), [read(), parted(['text:last', 'close:4001 so'])]],
  ),
  row(
    '225',
    'a close without a code is answered by 1000',
    [at('/225', opening, events('CLOSE\r\n'))],
    [joined('/225'), say('close:'), [read(), parted(['close:1000'])], posted('/225', `${opens}CLOSE\r\n`)],
  ),
  row(
    '226',
    'a close without an answer is the end',
    [at('/226', opening, nothing)],
    [joined('/226'), say('close:1000'), [read(), parted()]],
  ),
  row(
    '230',
    'a client that vanishes is told of, with its metadata',
    [at('/230', events(opens, [['Set-Meta-User', 'alice']]), nothing)],
    [
      joined('/230'),
      [leave(), done],
      origin('/230', { body: opens }, { body: 'DISCONNECT\r\n', has: [['Meta-User', 'alice']] }),
    ],
  ),
  row(
    '238',
    'frames wait for the request under way, and are posted together',
    [at('/238', opening, eventsAfter(600, ''), events(textEvent('all')))],
    [
      joined('/238'),
      say('text:1'),
      origin('/238', {}, {}),
      say('text:2', 'text:3', 'ping:', 'text:4'),
      [read(), heard(['pong:', 'text:all'])],
      origin(
        '/238',
        {},
        { body: textEvent('1') },
        { body: 'TEXT 1\r\n2\r\nTEXT 1\r\n3\r\nPING\r\nTEXT 1\r\n4\r\n' },
      ),
    ],
    differs('pings', { 5: heard(['text:all']) }),
  ),
  row(
    '239',
    'or one by one (fault 17)',
    [at('/one/239', opening, eventsAfter(600, ''), nothing, nothing, nothing, events(textEvent('all')))],
    [
      joined('/one/239'),
      say('text:1'),
      origin('/one/239', {}, {}),
      say('text:22', 'text:', 'ping:', 'text:333'),
      [read(), heard(['pong:', 'text:all'])],
      origin(
        '/one/239',
        {},
        { body: textEvent('1') },
        { body: textEvent('22') },
        { body: 'TEXT\r\n' },
        { body: 'PING\r\n' },
        { body: textEvent('333') },
      ),
    ],
    differs('pings', { 5: heard(['text:all']) }),
  ),
  row(
    '240',
    'fragments are one event',
    [at('/240', opening, nothing)],
    [
      joined('/240'),
      say(frame(opcode.text, 'frag', { fin: false }), frame(opcode.continuation, 'mented')),
      posted('/240', `${opens}TEXT a\r\nfragmented\r\n`),
    ],
  ),
  row(
    '240',
    'between which a ping may stand',
    [at('/240c', opening, nothing)],
    [
      joined('/240c'),
      say(frame(opcode.text, 'frag', { fin: false }), 'ping:x', frame(opcode.continuation, 'mented')),
      posted('/240c', `${opens}PING 1\r\nx\r\nTEXT a\r\nfragmented\r\n`),
    ],
    differs('control amid fragments', { 3: { kind: 'posted', body: `${opens}DISCONNECT\r\n` } }),
  ),
  row(
    '240',
    'a frame needs no mask',
    [at('/240b', opening, nothing)],
    [
      joined('/240b'),
      say(frame(opcode.text, 'open', { masked: false })),
      posted('/240b', opens + textEvent('open')),
    ],
  ),
]
