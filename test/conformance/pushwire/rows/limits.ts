// Deadlines, budgets and what is too much of anything (contract §1.6, §1.7, §4; row 8 and row 25).
import { limited, taxonomy } from '../settings.ts'
import { authOk, error, event, frame, frames, goodbye, ids, op, said, vector } from '../texts.ts'
import {
  beats,
  cutOff,
  type Exchange,
  enter,
  floods,
  hears,
  hearsAll,
  isIn,
  join,
  leave,
  lossy,
  over,
  overNotBefore,
  pause,
  publish,
  publishAs,
  refused,
  resume,
  row,
  say,
  sends,
  streamedWith,
  streamOf,
} from '../vocabulary.ts'

const { A, B } = ids
const heads = { chat: 'n-1' }
const tooMany = error('rate_limited', 'too many messages')

const deadlines: readonly Exchange[] = [
  row(
    'a client that says nothing is closed',
    'row 8',
    [join('a'), overNotBefore('a', 2_000, 4408, error('auth_timeout', 'auth timeout'))],
    limited,
  ),
  row(
    'a stream that has nothing to say says so',
    '5',
    [
      [streamOf('a', `?client_id=${A}&channels=chat`), streamedWith([['vary', 'origin']])],
      isIn('a', A, ['chat'], event('system', vector({ chat: 'n-1' }), authOk({ heads })), 'retry: 0'),
      beats('a', 2, 200),
      leave('a'),
    ],
    limited,
  ),
]

const budgets: readonly Exchange[] = [
  row(
    'the first message over the rate brings slow, and each an error; what is over it is dropped',
    '4',
    [
      ...enter('a', A, heads),
      say('a', op('ping'), op('ping'), op('ping'), op('ping')),
      hears('a', op('pong'), op('pong'), op('slow', { window: 1 }), tooMany, tooMany),
      leave('a'),
    ],
    limited,
  ),
  row(
    'frames have the same budget as operations',
    '4',
    [
      ...enter('a', A, heads),
      sends('a', 'chat', said('chat', '0')),
      say('a', op('ping'), op('ping')),
      hearsAll('a', op('pong'), frame('chat', 'n', '0', A), op('slow', { window: 1 }), tooMany),
      leave('a'),
    ],
    limited,
  ),
  row(
    'acks and pongs have a budget of their own, ten times as large',
    '4',
    [
      ...enter('a', A, heads),
      say(
        'a',
        ...Array<string>(19).fill(op('pong')),
        '{"op":"ack","channel":"chat","cursor":<n-1>}',
        op('ping'),
        op('pong'),
      ),
      hears('a', op('pong'), op('slow', { window: 1 }), tooMany),
      leave('a'),
    ],
    limited,
  ),
  row(
    'five seconds of too much without a pause end the connection',
    '4',
    [
      ...enter('a', A, heads),
      ...floods('a', op('ping'), 100, {
        others: [op('pong'), op('slow', { window: 1 }), tooMany],
        last: tooMany,
        code: 1008,
        fromMs: 5_000,
      }),
    ],
    limited,
  ),
  row(
    'faults count against the rate like everything else',
    '1.7, 4',
    [
      ...enter('a', A, heads),
      say('a', '{', '{', '{'),
      hears(
        'a',
        error('malformed', 'message is not JSON'),
        error('malformed', 'message is not JSON'),
        op('slow', { window: 1 }),
        tooMany,
      ),
      leave('a'),
    ],
    limited,
  ),
]

const sizes: readonly Exchange[] = [
  row(
    'a message has as many bytes as set, the original’s maximum included',
    '1.7',
    [
      ...enter('a', A, heads),
      say('a', padded(65_536)),
      hears('a', op('pong')),
      say('a', padded(65_537)),
      over('a', 1009),
    ],
    limited,
  ),
  row(
    'a worker has as many clients as set, streams and WebSockets together',
    '15 (21)',
    [
      ...enter('a', A, heads, { at: 'owner' }),
      ...enter('b', B, heads, { at: 'owner' }),
      join('c', { at: 'owner' }),
      [
        join('d', { at: 'owner' })[0],
        refused(503, 'too many connections', { 'retry-after': '1', vary: 'origin' }),
      ],
      leave('a'),
      leave('b'),
      leave('c'),
    ],
    { ...limited, counts: { 'refused.too-many-connections': 1 } },
  ),
]

function padded(bytes: number): string {
  const text = op('ping', { pad: '' })
  return text.replace('""', `"${'x'.repeat(bytes - text.length)}"`)
}

/** Few and large, so that the sockets hold some of them, and no more. */
const large = `"text":"# ${'x'.repeat(300_000)}"`

const slowReaders: readonly Exchange[] = [
  row('a client that reads nothing keeps its place, and holds up nobody', 'row 25', [
    ...enter('a', A, heads),
    ...enter('b', B, heads, { at: 'owner' }),
    pause('a'),
    publish('chat', '#', 200),
    hears('b', ...frames('chat', 'n', 0, 200)),
    resume('a'),
    hears('a', ...frames('chat', 'n', 0, 200)),
    leave('a'),
    leave('b'),
  ]),
  row('a client that is overtaken by the ring is told where it goes on', '4', [
    ...enter('a', A, { loose: 'n-1' }),
    pause('a'),
    publishAs('loose', large, 60),
    resume('a'),
    lossy('a', 'loose', 'n', 60),
    leave('a'),
  ]),
  row('where the channel says so it is closed instead', '1.7, 4', [
    ...enter('a', A, { strict: 'n-1' }),
    pause('a'),
    publishAs('strict', large, 60),
    resume('a'),
    cutOff('a', {
      channel: 'strict',
      cursor: 'n',
      fewerThan: 60,
      last: goodbye('slow consumer'),
      code: 1013,
    }),
  ]),
]

export const limitRows: readonly Exchange[] = [...deadlines, ...budgets, ...sizes, ...slowReaders].map(
  each => ({
    ...taxonomy,
    ...each,
  }),
)
