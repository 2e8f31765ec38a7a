// The operations in the canonical dialect, one by one, with what is wrong with them (contract §1.4, rows 9 and 22), and
// faults (§1.7).
import { taxonomy } from '../settings.ts'
import { auth, authOk, error, frame, frames, gap, ids, op, said, system } from '../texts.ts'
import {
  back,
  type Exchange,
  enter,
  gains,
  hears,
  isIn,
  join,
  leave,
  loses,
  over,
  publish,
  row,
  say,
  sends,
  willGain,
} from '../vocabulary.ts'

const { A, B } = ids
const heads = { chat: 'n-1' }
const invalid = (field: string) => error('invalid_field', `missing or invalid: ${field}`)

const liveness: readonly Exchange[] = [
  row('ping is answered by pong', 'row 9', [
    ...enter('a', A, heads),
    say('a', op('ping')),
    hears('a', op('pong')),
    leave('a'),
  ]),
  row('health is answered with the state of the node', '1.4', [
    ...enter('a', A, heads),
    say('a', op('health', { status: 'ok' }), op('health', { status: 'x', detail: 'y' }), op('health')),
    hears('a', op('health', { status: 'ok' }), op('health', { status: 'ok' }), invalid('status')),
    leave('a'),
  ]),
  row('features are answered with what there is and what is in force, which is nothing yet', '1.4', [
    ...enter('a', A, heads),
    say('a', op('features', { supported: ['msgpack'], requested: ['msgpack'] }), op('features')),
    hears('a', ...Array<string>(2).fill(op('features', { supported: ['assets'], requested: [] }))),
    leave('a'),
  ]),
  row('goodbye is answered by nothing but the end', '1.4, 1.7', [
    ...enter('a', A, heads),
    say('a', op('goodbye', { reason: 'done' })),
    over('a', 1000),
    ...enter('b', A, heads),
    say('b', op('goodbye')),
    over('b', 1000),
  ]),
  row('what is the server’s to say is an error', '1.4', [
    ...enter('a', A, heads),
    say('a', op('auth_ok', { resume_cursor: 0, resume_cursors: {} }), op('error', { message: 'x' })),
    hears(
      'a',
      error('unexpected_operation', 'clients do not send auth_ok'),
      error('unexpected_operation', 'clients do not send error'),
    ),
    leave('a'),
  ]),
]

const interest: readonly Exchange[] = [
  row('subscribe joins what is known and names what is not', 'row 22', [
    ...enter('a', A, { data: 'd' }),
    say('a', op('subscribe', { channels: ['chat', 'nope', 'system', 'Chat'] })),
    gains('a', ['chat'], error('unknown_channel', 'unknown channel: nope, Chat')),
    publish('chat', '1'),
    hears('a', frame('chat', 'n', '1')),
    leave('a'),
  ]),
  row('what comes behind a subscribe is seen by it', '1.4', [
    ...enter('a', A, { data: 'd' }),
    say('a', op('subscribe', { channels: ['chat'] })),
    willGain('a', ['chat']),
    sends('a', 'chat', said('chat', '1')),
    hears('a', frame('chat', 'n', '1', A)),
    leave('a'),
  ]),
  row('unsubscribe ends delivery; what nobody knows is named', '1.4', [
    ...enter('a', A, { chat: 'n-1', data: 'd-1' }),
    say('a', op('unsubscribe', { channels: ['chat', 'nope', 'joined', 'system'] })),
    loses('a', ['chat'], error('unknown_channel', 'unknown channel: nope')),
    publish('chat', '1'),
    publish('data', '2'),
    hears('a', frame('data', 'd', '2')),
    leave('a'),
  ]),
  row('subscribe again goes on behind the last frame that was sent', 'row 22a', [
    ...enter('a', A, heads),
    publish('chat', '0'),
    hears('a', frame('chat', 'n', '0')),
    say('a', op('unsubscribe', { channels: ['chat'] }), op('ping')),
    loses('a', ['chat'], op('pong')),
    publish('chat', '1'),
    publish('chat', '2'),
    say('a', op('subscribe', { channels: ['chat'] })),
    gains('a', ['chat'], frame('chat', 'n+1', '1'), frame('chat', 'n+2', '2')),
    publish('chat', '3'),
    hears('a', frame('chat', 'n+3', '3')),
    leave('a'),
  ]),
  row('subscribe again where more was missed than is kept tells the gap first', 'row 22a', [
    ...enter('a', A, heads),
    publish('chat', '"first"'),
    hears('a', frame('chat', 'n', '"first"')),
    say('a', op('unsubscribe', { channels: ['chat'] }), op('ping')),
    loses('a', ['chat'], op('pong')),
    publish('chat', '#', 300),
    say('a', op('subscribe', { channels: ['chat'] })),
    gains('a', ['chat'], gap('chat', 'n+45'), ...frames('chat', 'n+1', 44, 256)),
    leave('a'),
  ]),
  row('the first subscribe of a channel follows the positions that auth named', '1.4, 3.3', [
    ...enter('b', B, { data: 'n-1' }),
    publish('data', '#', 3),
    hears('b', ...frames('data', 'n', 0, 3)),
    leave('b'),
    join('a'),
    say('a', auth(A, ['chat'], ',"resume_cursors":{"data":<n>}')),
    isIn('a', A, ['chat'], authOk({ cursors: { data: 'n' }, heads: { chat: 'chat' } })),
    say('a', op('subscribe', { channels: ['data'] })),
    gains('a', ['data'], ...frames('data', 'n', 1, 2)),
    leave('a'),
  ]),
  row('channels that are none are an error', '1.4', [
    ...enter('a', A, heads),
    say(
      'a',
      op('subscribe', { channels: 'chat' }),
      op('unsubscribe', { channels: [7] }),
      op('subscribe'),
      op('ping'),
    ),
    hears('a', invalid('channels'), invalid('channels'), op('pong')),
    leave('a'),
  ]),
]

const acks: readonly Exchange[] = [
  row(
    'an ack has no answer: in channel scope it moves nothing, and whatever its cursor it is taken',
    '1.4, 3.4',
    [
      ...enter('a', A, heads),
      publish('chat', '1'),
      hears('a', frame('chat', 'n', '1')),
      say(
        'a',
        '{"op":"ack","channel":"chat","cursor":<n>}',
        '{"op":"ack","channel":"chat","cursor":0}',
        '{"op":"ack","channel":"chat","cursor":<n+1000000>}',
        op('ping'),
      ),
      hears('a', op('pong')),
      leave('a'),
      ...back('b', A, { chat: 'n-1' }, { heads: { chat: 'n-1' } }, frame('chat', 'n', '1')),
      leave('b'),
    ],
  ),
  row('an ack without a sound cursor, or of an unknown channel, is an error', '1.4, 3.3', [
    ...enter('a', A, heads),
    say(
      'a',
      op('ack', { channel: 'chat' }),
      op('ack', { cursor: 1 }),
      op('ack', { channel: 'chat', cursor: -1 }),
      op('ack', { channel: 'chat', cursor: '1' }),
      '{"op":"ack","channel":"chat","cursor":9007199254740992}',
      '{"op":"ack","channel":"chat","cursor":1.0}',
      op('ack', { channel: 'nope', cursor: 1 }),
    ),
    hears(
      'a',
      ...['cursor', 'channel', 'cursor', 'cursor', 'cursor', 'cursor'].map(invalid),
      error('unknown_channel', 'unknown channel: nope'),
    ),
    leave('a'),
  ]),
  row('with a window so many frames of a channel come unacknowledged; 0 lifts it', '1.4', [
    ...enter('a', A, { chat: 'n-1', data: 'd-1' }),
    say('a', op('slow', { window: 2 }), op('ping')),
    hears('a', op('pong')),
    publish('chat', '#', 7),
    hears('a', ...frames('chat', 'n', 0, 2)),
    publish('data', '1'),
    hears('a', frame('data', 'd', '1')),
    say('a', '{"op":"ack","channel":"chat","cursor":<n>}'),
    hears('a', ...frames('chat', 'n', 2, 1)),
    say('a', '{"op":"ack","channel":"chat","cursor":<n+2>}'),
    hears('a', ...frames('chat', 'n', 3, 2)),
    say('a', op('ping')),
    hears('a', op('pong')),
    say('a', op('slow', { window: 0 })),
    hears('a', ...frames('chat', 'n', 5, 2)),
    publish('chat', '7'),
    hears('a', ...frames('chat', 'n', 7, 1)),
    leave('a'),
  ]),
  row('a window that is none is an error', '1.4', [
    ...enter('a', A, heads),
    say('a', op('slow', { window: -1 }), op('slow', { window: 4_294_967_296 }), op('slow', { window: null })),
    say('a', op('ping')),
    hears('a', invalid('window'), invalid('window'), op('pong')),
    leave('a'),
  ]),
]

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

const faults: readonly Exchange[] = [
  row('a faulty message is an error, and the connection stays', '1.7', [
    ...enter('a', A, heads),
    say(
      'a',
      '{',
      '',
      'pong',
      said('chat', nested(129)),
      said('chat', '"\\ud800"'),
      '{"channel":"chat"}',
      op('login'),
      system('7'),
    ),
    hears(
      'a',
      ...Array<string>(3).fill(error('malformed', 'message is not JSON')),
      error('malformed', 'message is nested more than 128 deep'),
      error('malformed', 'message escapes half of a surrogate pair'),
      error('malformed', 'frame has no payload'),
      error('unknown_operation', 'unknown operation'),
      error('unknown_operation', 'unknown operation'),
    ),
    leave('a'),
  ]),
  row('ten faulty messages within ten seconds end the connection', '1.7', [
    ...enter('a', A, heads),
    say('a', ...Array<string>(10).fill('{'), op('ping')),
    over(
      'a',
      1008,
      ...Array<string>(10).fill(error('malformed', 'message is not JSON')),
      error('too_many_faults', 'too many faulty messages'),
    ),
  ]),
]

export const operationRows: readonly Exchange[] = [...liveness, ...interest, ...acks, ...faults].map(
  each => ({
    ...taxonomy,
    ...each,
  }),
)
