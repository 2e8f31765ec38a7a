// Contract §13.8, fourth part: an origin that took some of what it was posted, and no more.
import { frame, opcode } from '../../../helpers/raw-websocket.ts'
import {
  events,
  eventsAfter,
  failsOpenly,
  heard,
  joined,
  nothing,
  opening,
  say,
  textEvent,
} from '../socket-words.ts'
import { at, differs, type GripRow, origin, read, row } from '../vocabulary.ts'

const took = (bytes: number) => [['Content-Bytes-Accepted', String(bytes)]] as const

export const socketAcceptances: readonly GripRow[] = [
  row(
    '245',
    'what an origin did not take is posted again, with what follows',
    [
      at(
        '/245',
        opening,
        events(textEvent('1'), took(5)),
        events(textEvent('2'), took(6)),
        events(textEvent('3')),
      ),
    ],
    [
      joined('/245'),
      say('text:[foo][hello'),
      [read(), heard(['text:1'])],
      say('text: world]'),
      [read(), heard(['text:2'])],
      say('text:!'),
      [read(), heard(['text:3'])],
      origin(
        '/245',
        {},
        { body: textEvent('[foo][hello'), lacks: ['Content-Bytes-Replayed'] },
        { body: textEvent('[hello') + textEvent(' world]'), has: [['Content-Bytes-Replayed', '6']] },
        { body: textEvent(' world]') + textEvent('!'), has: [['Content-Bytes-Replayed', '7']] },
      ),
    ],
    differs('the rest is dropped', {
      8: {
        kind: 'received',
        requests: [
          {},
          { body: textEvent('[foo][hello') },
          { body: textEvent(' world]'), lacks: ['Content-Bytes-Replayed'] },
          { body: textEvent('!') },
        ],
      },
    }),
  ),
  row(
    '246',
    'it takes no more than there was',
    [at('/246', opening, events(textEvent('1'), took(99)))],
    [joined('/246'), say('text:hello'), ...failsOpenly],
    differs('more than there was', { 3: heard(['text:1']) }),
  ),
  row(
    '247',
    'a message in fragments counts as a whole',
    [at('/247', opening, events(textEvent('1'), took(11)), events(textEvent('2')))],
    [
      joined('/247'),
      say(frame(opcode.text, 'hello', { fin: false }), frame(opcode.continuation, ' world')),
      [read(), heard(['text:1'])],
      say('text:x'),
      [read(), heard(['text:2'])],
      origin(
        '/247',
        {},
        { body: textEvent('hello world') },
        { body: textEvent('x'), lacks: ['Content-Bytes-Replayed'] },
      ),
    ],
  ),
  row(
    'fault 8',
    'an empty message is one, while others are taken',
    [at('/one/fault8', opening, eventsAfter(600, '', took(1)), nothing, nothing, events(textEvent('all')))],
    [
      joined('/one/fault8'),
      say('text:1'),
      origin('/one/fault8', {}, {}),
      say('text:', 'binary:', 'text:2'),
      [read(), heard(['text:all'])],
      origin(
        '/one/fault8',
        {},
        { body: textEvent('1') },
        { body: 'TEXT\r\n' },
        { body: 'BINARY\r\n' },
        { body: textEvent('2') },
      ),
    ],
  ),
]
