// Coming back with cursors: the table of contract §3.3, rows 14 to 17c. Each row has a channel of its own, so that its
// numbering is new.
import { taxonomy } from '../settings.ts'
import { auth, authOk, error, frame, frames, gap, ids, op } from '../texts.ts'
import { back, type Exchange, enter, hears, isIn, join, leave, publish, row, say } from '../vocabulary.ts'

const { A, B } = ids
/** Nothing of a channel that misses something is told besides. */
const untold = { heads: {} }

const known: readonly Exchange[] = [
  row('a client that dropped is sent what it missed, and then goes on live', 'row 14', [
    ...enter('a', A, { 'room.14': 'n-1' }),
    publish('room.14', '#', 5),
    hears('a', ...frames('room.14', 'n', 0, 5)),
    leave('a'),
    publish('room.14', '5'),
    publish('room.14', '6'),
    publish('room.14', '7'),
    ...back('b', A, { 'room.14': 'n+4' }, { heads: { 'room.14': 'n+4' } }, ...frames('room.14', 'n', 5, 3)),
    publish('room.14', '8'),
    hears('b', ...frames('room.14', 'n', 8, 1)),
    leave('b'),
  ]),
  row('whoever comes with 0 is sent all that is kept, without notice', 'row 15', [
    ...enter('a', A, { 'room.15': 'n-1' }),
    publish('room.15', '#', 300),
    hears('a', ...frames('room.15', 'n', 0, 300)),
    leave('a'),
    join('b'),
    say('b', auth(A, ['room.15'], ',"resume_cursors":{"room.15":0}')),
    isIn(
      'b',
      A,
      ['room.15'],
      authOk({ cursors: { 'room.15': '0' }, heads: { 'room.15': 'n+43' } }),
      ...frames('room.15', 'n', 44, 256),
    ),
    publish('room.15', '300'),
    hears('b', ...frames('room.15', 'n', 300, 1)),
    leave('b'),
  ]),
  row('whoever was away for too long is told so first, and sent all that is kept', 'row 16', [
    ...enter('a', A, { 'room.16': 'n-1' }),
    publish('room.16', '#', 300),
    hears('a', ...frames('room.16', 'n', 0, 300)),
    leave('a'),
    ...back('b', A, { 'room.16': 'n+9' }, untold, gap('room.16', 'n+44'), ...frames('room.16', 'n', 44, 256)),
    leave('b'),
  ]),
  row('the last that is lost makes a gap, and the first that is kept does not', '3.3', [
    ...enter('a', A, { 'room.edge': 'n-1' }),
    publish('room.edge', '#', 300),
    hears('a', ...frames('room.edge', 'n', 0, 300)),
    leave('a'),
    ...back(
      'b',
      A,
      { 'room.edge': 'n+42' },
      untold,
      gap('room.edge', 'n+44'),
      ...frames('room.edge', 'n', 44, 256),
    ),
    leave('b'),
    ...back(
      'c',
      A,
      { 'room.edge': 'n+43' },
      { heads: { 'room.edge': 'n+43' } },
      ...frames('room.edge', 'n', 44, 256),
    ),
    leave('c'),
    ...back('d', A, { 'room.edge': 'n+299' }, { heads: { 'room.edge': 'n+299' } }),
    publish('room.edge', '300'),
    hears('d', ...frames('room.edge', 'n', 300, 1)),
    leave('d'),
  ]),
  row('a cursor of another numbering is a gap, never a duplicate', 'row 17', [
    join('a'),
    say('a', auth(A, ['room.17'], ',"resume_cursors":{"room.17":500}')),
    isIn(
      'a',
      A,
      ['room.17'],
      '{"channel":"system","payload":{"op":"auth_ok","resume_cursor":0,"resume_cursors":{"room.17":500}}}',
      gap('room.17', 'f'),
    ),
    publish('room.17', '0'),
    hears('a', ...frames('room.17', 'f', 0, 1)),
    leave('a'),
  ]),
]

const ahead: readonly Exchange[] = [
  row(
    'whoever is ahead goes on a lap higher, alone; with a cursor of that lap it resumes exactly',
    'rows 17a and 17c',
    [
      ...enter('b', B, { 'room.17a': 'n-1' }),
      ...back('a', A, { 'room.17a': 'n-1+1000000' }, untold, gap('room.17a', 'lap+n')),
      publish('room.17a', '0'),
      hears('b', frame('room.17a', 'n', '0')),
      hears('a', frame('room.17a', 'lap+n', '0')),
      leave('a'),
      publish('room.17a', '1'),
      ...back(
        'c',
        A,
        { 'room.17a': 'lap+n' },
        { heads: { 'room.17a': 'lap+n' } },
        frame('room.17a', 'lap+n+1', '1'),
      ),
      publish('room.17a', '2'),
      hears('c', frame('room.17a', 'lap+n+2', '2')),
      hears('b', ...frames('room.17a', 'n', 1, 2)),
      leave('b'),
      leave('c'),
    ],
  ),
  row('ahead in a lap is the next lap, and ahead in the last one is an error', '3.3', [
    ...enter('b', B, { 'room.laps': 'n-1' }),
    publish('room.laps', '0'),
    hears('b', frame('room.laps', 'n', '0')),
    ...back(
      'a',
      A,
      { 'room.laps': 'lap+lap+n+1' },
      untold,
      gap('room.laps', 'lap+lap+lap+n'),
      frame('room.laps', 'lap+lap+lap+n', '0'),
    ),
    leave('a'),
    ...back(
      'c',
      A,
      { 'room.laps': 'lap+lap+lap+n+1' },
      untold,
      error('cursor_ahead', 'cursor is too far ahead: room.laps'),
    ),
    say('c', op('ping')),
    hears('c', op('pong')),
    leave('c'),
    leave('b'),
  ]),
]

const named: readonly Exchange[] = [
  row('a channel without a position is live only, unless it says otherwise', '3.3', [
    ...enter('b', B, { 'room.new': 'n-1', joined: 'j-1' }),
    publish('room.new', '0'),
    publish('joined', '0'),
    hears('b', frame('room.new', 'n', '0')),
    hears('b', frame('joined', 'j', '0')),
    leave('b'),
    ...enter('a', A, { 'room.new': 'n' }),
    publish('room.new', '1'),
    hears('a', frame('room.new', 'n+1', '1')),
    leave('a'),
    join('c'),
    say('c', auth(A, ['joined'])),
    isIn('c', A, ['joined'], authOk({ heads: { joined: 'j-1' } }), frame('joined', 'j', '0')),
    leave('c'),
  ]),
  row('resume_cursor is for channels that resume_cursors does not name', '1.6', [
    ...enter('b', B, { 'room.one': 'n-1', 'room.two': 'm-1' }),
    publish('room.one', '#', 3),
    hears('b', ...frames('room.one', 'n', 0, 3)),
    publish('room.two', '#', 3),
    hears('b', ...frames('room.two', 'm', 0, 3)),
    leave('b'),
    join('a'),
    say('a', auth(A, ['room.one', 'room.two'], ',"resume_cursor":<n+1>,"resume_cursors":{"room.two":<m>}')),
    isIn(
      'a',
      A,
      ['room.one', 'room.two'],
      authOk({ cursors: { 'room.two': 'm' }, heads: { 'room.one': 'n+1', 'room.two': 'm' } }).replace(
        '"resume_cursor":0',
        '"resume_cursor":<n+1>',
      ),
    ),
    leave('a'),
  ]),
  row('positions of channels that nobody knows are passed over', '3.3', [
    join('a'),
    say('a', auth(A, ['chat'], ',"resume_cursors":{"nope":7,"chat":null}')),
    isIn('a', A, ['chat'], authOk({ heads: { chat: 'chat' } })),
    leave('a'),
  ]),
  row('an epoch that is handed back must match, else the position counts as older', '3.3', [
    ...enter('b', B, { 'room.epoch': 'n-1' }),
    publish('room.epoch', '#', 3),
    hears('b', ...frames('room.epoch', 'n', 0, 3)),
    leave('b'),
    join('a'),
    say(
      'a',
      auth(
        A,
        ['room.epoch'],
        ',"resume_cursors":{"room.epoch":<n+1>},"resume_epochs":{"room.epoch":"<@room.epoch>"}',
      ),
    ),
    isIn(
      'a',
      A,
      ['room.epoch'],
      authOk({ cursors: { 'room.epoch': 'n+1' }, heads: { 'room.epoch': 'n+1' } }),
      ...frames('room.epoch', 'n', 2, 1),
    ),
    leave('a'),
    ...['01234567', 'none-of-ours'].flatMap(epoch => [
      join(epoch),
      say(
        epoch,
        auth(
          A,
          ['room.epoch'],
          `,"resume_cursors":{"room.epoch":<n+1>},"resume_epochs":{"room.epoch":"${epoch}"}`,
        ),
      ),
      isIn(
        epoch,
        A,
        ['room.epoch'],
        authOk({ cursors: { 'room.epoch': 'n+1' }, heads: {} }),
        gap('room.epoch', 'lap+n'),
        ...frames('room.epoch', 'lap+n', 0, 3),
      ),
      leave(epoch),
    ]),
  ]),
  row('a position on WebSocket is one on an event stream, and the other way round', '5', [
    ...enter('b', B, { 'room.ws': 'n-1' }),
    publish('room.ws', '#', 3),
    hears('b', ...frames('room.ws', 'n', 0, 3)),
    leave('b'),
    ...back('a', A, { 'room.ws': 'n' }, { heads: { 'room.ws': 'n' } }, ...frames('room.ws', 'n', 1, 2)),
    leave('a'),
  ]),
]

export const resumeRows: readonly Exchange[] = [...known, ...ahead, ...named].map(each => ({
  ...taxonomy,
  ...each,
}))
