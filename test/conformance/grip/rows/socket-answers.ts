// Contract §13.8, third part: what becomes of the events that an origin answers, and of an origin that fails.
import {
  closeEvent,
  cutThere,
  events,
  failsOpenly,
  heard,
  joined,
  lame,
  nothing,
  opening,
  opens,
  parted,
  posted,
  say,
  textEvent,
} from '../socket-words.ts'
import { at, differs, type GripRow, origin, pass, plain, read, row, silent } from '../vocabulary.ts'

/** Of events, so many bytes of them. */
const headOf = (bytes: number): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/websocket-events\r\nContent-Length: ${bytes}\r\n\r\n`
const wrong: readonly (readonly [what: string, answer: Parameters<typeof at>[1]])[] = [
  ['another status', plain('no\n', '500 Internal Server Error')],
  ['another type', plain('x')],
  ['no events', events('garbage')],
  ['an event of the beginning', events(opens)],
  ['a length that is none', events('TEXT xx\r\nhi\r\n')],
  ['an end within the head', { pieces: ['HTTP/1.1 200 OK\r\nContent-'], ends: 'close' }],
  ['an end within the body', { pieces: [`${headOf(9)}TEXT`], ends: 'close' }],
]

export const socketAnswers: readonly GripRow[] = [
  row(
    '227',
    'an origin closes, and is posted the answer',
    [at('/227', opening, events('CLOSE\r\n'), nothing)],
    [
      joined('/227'),
      say('text:x'),
      [read(), heard(['close:1000'])],
      say('close:1000'),
      [read(), parted()],
      posted('/227', `${opens}${textEvent('x')}CLOSE 2\r\n\u0003\u00e8\r\n`),
    ],
  ),
  row(
    '228',
    'with a code and a reason of its own',
    [at('/228', opening, events('CLOSE 6\r\n\u000f\u00a1why\r\r\n'), nothing)],
    [
      joined('/228'),
      say('text:x'),
      [read(), heard(['close:4001 why\r'])],
      say('close:4001 why\r'),
      [read(), parted()],
    ],
  ),
  ...[0, 1005, 1006, 1015].map(code =>
    row(
      'fault 19',
      `the code ${code} of an origin is not for the wire`,
      [at(`/fault19-${code}`, opening, events(closeEvent(code)), nothing)],
      [
        joined(`/fault19-${code}`),
        say('text:x'),
        [read(), heard([code === 0 || code === 1005 ? 'close:1000' : 'close:1011'])],
      ],
      differs('any code', { 3: heard([`close:${code}`]) }),
    ),
  ),
  row(
    '229',
    'DISCONNECT is the end, and what stands before it does not come',
    [at('/229', opening, events(`${textEvent('lost')}DISCONNECT\r\n`))],
    [joined('/229'), say('text:x'), [read(), parted()]],
  ),
  row(
    '231',
    'metadata is kept until it is empty',
    [
      at(
        '/231',
        events(opens, [
          ['Set-Meta-User', 'alice'],
          ['set-meta-other', 'b'],
        ]),
        events(textEvent('1'), [['Set-Meta-USER', 'bob']]),
        events(textEvent('2'), [['Set-Meta-User', '']]),
        events(textEvent('3')),
      ),
    ],
    [
      joined('/231'),
      say('text:a'),
      [read(), heard(['text:1'])],
      say('text:b'),
      [read(), heard(['text:2'])],
      say('text:c'),
      [read(), heard(['text:3'])],
      origin(
        '/231',
        { lacks: ['Meta-*'] },
        { has: [['Meta-User', 'alice']], once: ['Meta-Other'] },
        { has: [['Meta-User', 'bob']], once: ['Meta-User', 'Meta-Other'] },
        { lacks: ['Meta-User'], once: ['Meta-Other'] },
      ),
    ],
  ),
  ...wrong.map(([what, answer], index) =>
    row(
      '235',
      `${what} is the end, which is said (fault 30)`,
      [at(`/235-${index}`, opening, answer)],
      [joined(`/235-${index}`), say('text:x'), ...failsOpenly, origin(`/235-${index}`, {}, {})],
      cutThere(3),
    ),
  ),
  row(
    '236',
    'an unknown event is none',
    [at('/236', opening, events(`FOO\r\n${textEvent('1')}BAR 2\r\nxx\r\n${textEvent('2')}`))],
    [joined('/236'), say('text:x'), [read(), heard(['text:1', 'text:2'])]],
  ),
  row(
    '237',
    'a length is what an origin says',
    [at('/237', opening, events('TEXT 2\r\nhello\r\n'), events(textEvent('more')))],
    [
      joined('/237'),
      say('text:x'),
      [read(), heard(['text:he'])],
      say('text:x'),
      [read(), heard(['text:more'])],
    ],
  ),
  row(
    '237',
    'and content that ends early is taken as far as it goes',
    [at('/237b', opening, events('TEXT 9\r\nhello'))],
    [joined('/237b'), say('text:x'), [read(), heard(['text:hello'])]],
  ),
  row(
    '243',
    'an origin that is away is asked again, and order is kept',
    [at('/lame/243', opening, events(textEvent('1')), events(textEvent('2')))],
    [
      joined('/lame/243'),
      lame('down'),
      say('text:a'),
      pass(300),
      say('text:b'),
      pass(4_200),
      lame('up'),
      [read(), heard(['text:1'])],
      posted('/lame/243', opens + textEvent('a') + textEvent('b')),
    ],
  ),
  row(
    '244',
    'for half a minute',
    [at('/lame/244', opening)],
    [
      joined('/lame/244'),
      lame('down'),
      say('text:a'),
      [read(), heard(['close:1011'], [30_500, 40_000])],
      lame('up'),
    ],
    { long: 'everywhere', ...differs('cut without a word', { 4: parted([], [30_500, 40_000]) }) },
  ),
  row(
    'fault 29',
    'a close is answered in time, whatever the interval of keep-alives',
    [at('/fault29', events(opens, [['Keep-Alive-Interval', '20']]), nothing)],
    [
      joined('/fault29'),
      say('close:1003 bye'),
      pass(2_000),
      [read(), parted(['close:1003 bye'], [0, 12_000])],
    ],
    differs('closes without an answer', { 4: silent }),
  ),
]
