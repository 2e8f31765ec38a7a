// Event streams (contract §5, rows 26 to 28a): events, ids and resume, and what a stream is told.
import { limited, taxonomy } from '../settings.ts'
import {
  authOk,
  authOkMembers,
  event,
  frame,
  frames,
  ids,
  retry,
  said,
  streamStart,
  superposed,
  vector,
} from '../texts.ts'
import {
  back,
  type Exchange,
  enter,
  hears,
  isIn,
  leave,
  publish,
  publishAs,
  row,
  sends,
  streamed,
  streamedWith,
  streamOf,
  streams,
} from '../vocabulary.ts'

const { A, B } = ids
/** Of a stream of one channel: each event has its own cursor. */
const events = (channel: string, cursor: string, first: number, count: number): readonly string[] =>
  frames(channel, cursor, first, count).map((text, index) =>
    event(channel, vector({ [channel]: `${cursor}+${first + index}` }), text),
  )
const gap = (channel: string, from: string): string =>
  event(
    'system',
    undefined,
    `{"channel":"system","payload":{"op":"resume_required","type":"resume_required","channel":"${channel}","from_cursor":<${from}>,"epoch":"<@${channel}>"}}`,
  )

const beginnings: readonly Exchange[] = [
  row('the first event carries auth_ok in all forms at once, and the position', 'row 26, 1.5', [
    [streamOf('a', `?client_id=${A}&channels=chat,system`), streamed],
    isIn(
      'a',
      A,
      ['chat'],
      'event: system\nid: chat:<@chat>.<n-1>\ndata: {"channel":"system","payload":{"op":"auth_ok","type":"auth_ok","resume_cursor":0,"resume_cursors":{},"resume_epochs":{"chat":"<@chat>"},"resume_heads":{"chat":<n-1>}},"op":"auth_ok","type":"auth_ok","resume_cursor":0,"resume_cursors":{},"resume_epochs":{"chat":"<@chat>"},"resume_heads":{"chat":<n-1>}}',
      'retry: 1000',
    ),
    publish('chat', '{"msg":"hi"}'),
    hears(
      'a',
      'event: chat\nid: chat:<@chat>.<n>\ndata: {"channel":"chat","cursor":<n>,"payload":{"msg":"hi"}}',
    ),
    leave('a'),
  ]),
  row('blanks around names are trimmed, unknown names dropped, and capabilities is another word', '5', [
    ...streams('a', A, '&channels=%20chat%20,nope,,Chat', { heads: { chat: 'n' } }),
    leave('a'),
    ...streams('b', A, '&capabilities=data', { heads: { data: 'd' } }),
    leave('b'),
  ]),
  row('without channels it is every channel that the client may read and the configuration names', '5', [
    ...streams('a', A, '', {
      heads: { chat: 'c', data: 'd', news: 'w', inbox: 'i', joined: 'j', mail: 'm', strict: 's', loose: 'l' },
    }).map(([send, expect]) =>
      'channels' in expect && expect.kind === 'hears'
        ? ([send, { ...expect, channels: ['chat', 'data', 'news', 'joined', 'strict', 'loose'] }] as const)
        : ([send, expect] as const),
    ),
    leave('a'),
  ]),
  row('a frame is one event of one line, whatever its payload has', '5', [
    ...streams('a', A, '&channels=chat', { heads: { chat: 'n-1' } }),
    ...enter('b', B, { chat: 'n-1' }, { at: 'publisher' }),
    sends('b', 'chat', said('chat', '{\n"a":\r\n"\\n"}')),
    hears('a', event('chat', vector({ chat: 'n' }), frame('chat', 'n', '{ "a":  "\\n"}', B))),
    hears('b', frame('chat', 'n', '{\n"a":\r\n"\\n"}', B)),
    publishAs('chat', '"text":"\\r\\n"'),
    hears('a', event('chat', vector({ chat: 'n+1' }), frame('chat', 'n+1', '"\\r\\n"'))),
    hears('b', frame('chat', 'n+1', '"\\r\\n"')),
    leave('a'),
    leave('b'),
  ]),
  row('events may be asked for without names', '5', [
    [streamOf('a', `?client_id=${A}&channels=chat&events=unnamed`), streamed],
    isIn(
      'a',
      A,
      ['chat'],
      event(
        undefined,
        vector({ chat: 'n-1' }),
        superposed('auth_ok', authOkMembers({ heads: { chat: 'n-1' } })),
      ),
      retry,
    ),
    publish('chat', '0'),
    hears('a', event(undefined, vector({ chat: 'n' }), frame('chat', 'n', '0'))),
    leave('a'),
    [streamOf('b', `?client_id=${A}&channels=chat,data&events=unnamed`), streamed],
    isIn(
      'b',
      A,
      ['chat', 'data'],
      event(
        undefined,
        vector({ chat: 'n', data: 'd-1' }),
        superposed('auth_ok', authOkMembers({ heads: { chat: 'n', data: 'd-1' } })),
      ),
      retry,
    ),
    publish('data', '0'),
    hears('b', event(undefined, vector({ chat: 'n', data: 'd' }), frame('data', 'd', '0'))),
    leave('b'),
  ]),
  row('the id of each event is where the client is in all of its channels', '5', [
    ...streams('a', A, '&channels=chat,data', { heads: { chat: 'n-1', data: 'd-1' } }),
    publish('data', '0'),
    hears('a', event('data', vector({ chat: 'n-1', data: 'd' }), frame('data', 'd', '0'))),
    publish('chat', '0'),
    hears('a', event('chat', vector({ chat: 'n', data: 'd' }), frame('chat', 'n', '0'))),
    publish('data', '1'),
    hears('a', event('data', vector({ chat: 'n', data: 'd+1' }), frame('data', 'd+1', '1'))),
    leave('a'),
  ]),
]

const comingBack: readonly Exchange[] = [
  row('Last-Event-ID resumes, with the epoch or without it', 'row 28', [
    ...enter('b', B, { 'room.28': 'n-1' }),
    publish('room.28', '#', 3),
    hears('b', ...frames('room.28', 'n', 0, 3)),
    leave('b'),
    ...[
      ['', '<n>'],
      ['x', '<@room.28>.<n>'],
    ].flatMap(([client = '', place]) => [
      ...streams(
        `a${client}`,
        A,
        '&channels=room.28',
        { cursors: { 'room.28': 'n' }, heads: { 'room.28': 'n' } },
        { headers: { 'last-event-id': `room.28:${place}` } },
      ),
      hears(`a${client}`, ...events('room.28', 'n', 1, 2)),
      leave(`a${client}`),
    ]),
  ]),
  row('a position of another epoch is a gap, and all that is left', 'row 28a', [
    ...enter('b', B, { 'room.28a': 'n-1' }),
    publish('room.28a', '#', 3),
    hears('b', ...frames('room.28a', 'n', 0, 3)),
    leave('b'),
    [
      streamOf('a', `?client_id=${A}&channels=room.28a`, {
        headers: { 'last-event-id': 'room.28a:01234567.42' },
      }),
      streamed,
    ],
    isIn(
      'a',
      A,
      ['room.28a'],
      event(
        'system',
        'room.28a:01234567.42',
        superposed('auth_ok', '"resume_cursor":0,"resume_cursors":{"room.28a":42}'),
      ),
      retry,
      gap('room.28a', 'n'),
      ...events('room.28a', 'n', 0, 3),
    ),
    leave('a'),
  ]),
  row('the header resumes all channels, and overrides the query, which a browser repeats', '5', [
    ...enter('b', B, { 'room.s1': 'n-1', 'room.s2': 'm-1' }),
    publish('room.s1', '#', 3),
    hears('b', ...frames('room.s1', 'n', 0, 3)),
    publish('room.s2', '#', 2),
    hears('b', ...frames('room.s2', 'm', 0, 2)),
    leave('b'),
    ...streams(
      'a',
      A,
      '&channels=room.s1,room.s2&resume_cursors=room.s1:0',
      { cursors: { 'room.s1': 'n+2', 'room.s2': 'm' }, heads: { 'room.s1': 'n+2', 'room.s2': 'm' } },
      { headers: { 'last-event-id': vector({ 'room.s1': 'n+2', 'room.s2': 'm' }) } },
    ),
    hears(
      'a',
      event('room.s2', vector({ 'room.s1': 'n+2', 'room.s2': 'm+1' }), frame('room.s2', 'm+1', '1')),
    ),
    leave('a'),
  ]),
  row(
    'the query resumes by a list or a JSON object, with another word for it, or by one cursor for all',
    '5',
    [
      ...enter('b', B, { 'room.q': 'n-1' }),
      publish('room.q', '#', 2),
      hears('b', ...frames('room.q', 'n', 0, 2)),
      leave('b'),
      ...[
        'resume_cursors=room.q:<n>',
        'cursors=room.q:<n>',
        'resume_cursors={"room.q":<n>}',
        'cursors={"room.q":"<@room.q>.<n>"}',
      ].flatMap((query, index) => [
        ...streams(`a${index}`, A, `&channels=room.q&${query}`, {
          cursors: { 'room.q': 'n' },
          heads: { 'room.q': 'n' },
        }),
        hears(`a${index}`, ...events('room.q', 'n', 1, 1)),
        leave(`a${index}`),
      ]),
      ...['resume_cursor', 'cursor'].flatMap(name => [
        [streamOf(name, `?client_id=${A}&channels=room.q&${name}=<n>`), streamed] as const,
        isIn(
          name,
          A,
          ['room.q'],
          ...streamStart({ heads: { 'room.q': 'n' } }).map(text =>
            text.replaceAll('"resume_cursor":0', '"resume_cursor":<n>'),
          ),
          ...events('room.q', 'n', 1, 1),
        ),
        leave(name),
      ]),
    ],
  ),
  row('a stream goes on where a WebSocket was, and a WebSocket where a stream was', '5', [
    ...enter('a', A, { 'room.sw': 'n-1' }),
    publish('room.sw', '#', 2),
    hears('a', ...frames('room.sw', 'n', 0, 2)),
    leave('a'),
    publish('room.sw', '2'),
    ...streams('s', A, '&channels=room.sw&resume_cursors=room.sw:<n+1>', {
      cursors: { 'room.sw': 'n+1' },
      heads: { 'room.sw': 'n+1' },
    }),
    hears('s', ...events('room.sw', 'n', 2, 1)),
    leave('s'),
    publish('room.sw', '3'),
    ...back('b', A, { 'room.sw': 'n+2' }, { heads: { 'room.sw': 'n+2' } }, ...frames('room.sw', 'n', 3, 1)),
    leave('b'),
  ]),
  row('a stream in a lap has ids of that lap', '3.3', [
    ...enter('b', B, { 'room.sl': 'n-1' }),
    [streamOf('a', `?client_id=${A}&channels=room.sl&cursors=room.sl:<n+9>`), streamed],
    isIn(
      'a',
      A,
      ['room.sl'],
      event(
        'system',
        'room.sl:<n+9>',
        superposed('auth_ok', '"resume_cursor":0,"resume_cursors":{"room.sl":<n+9>}'),
      ),
      retry,
      gap('room.sl', 'lap+n'),
    ),
    publish('room.sl', '0'),
    hears('a', ...events('room.sl', 'lap+n', 0, 1)),
    leave('a'),
    leave('b'),
  ]),
]

const canonical: readonly Exchange[] = [
  row(
    'operations may be canonical alone, and a browser may be told to come at once',
    '1.5',
    [
      [streamOf('a', `?client_id=${A}&channels=chat`), streamedWith([['vary', 'origin']])],
      isIn(
        'a',
        A,
        ['chat'],
        event('system', vector({ chat: 'n' }), authOk({ heads: { chat: 'n' } })),
        'retry: 0',
      ),
      leave('a'),
    ],
    limited,
  ),
]

export const streamRows: readonly Exchange[] = [...beginnings, ...comingBack, ...canonical].map(each => ({
  ...taxonomy,
  ...each,
}))
