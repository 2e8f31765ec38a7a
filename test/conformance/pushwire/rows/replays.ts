// A client that is in asks for everything from a cursor on (contract §3.3). Each row has a channel of its own, so that its
// numbering is new.
import { taxonomy } from '../settings.ts'
import { error, frames, gap, ids, op } from '../texts.ts'
import { type Exchange, enter, hears, leave, publish, row, say } from '../vocabulary.ts'

const { A } = ids

const again: readonly Exchange[] = [
  row('a client may ask for everything from a cursor on, once a second for a channel', '3.3', [
    ...enter('a', A, { 'room.again': 'n-1', 'room.other': 'm-1' }),
    publish('room.again', '#', 3),
    hears('a', ...frames('room.again', 'n', 0, 3)),
    publish('room.other', '0'),
    hears('a', ...frames('room.other', 'm', 0, 1)),
    say('a', '{"op":"resume_required","channel":"room.again","from_cursor":<n+1>}'),
    hears('a', ...frames('room.again', 'n', 1, 2)),
    say('a', '{"op":"resume_required","channel":"room.other","from_cursor":<m>}'),
    hears('a', ...frames('room.other', 'm', 0, 1)),
    say('a', '{"op":"resume_required","channel":"room.again","from_cursor":<n>}'),
    hears('a', error('rate_limited', 'too many messages')),
    publish('room.again', '3'),
    hears('a', ...frames('room.again', 'n', 3, 1)),
    leave('a'),
  ]),
  row('asked from a cursor that is not held any more it tells the gap first', '3.3', [
    ...enter('a', A, { 'room.older': 'n-1' }),
    publish('room.older', '#', 300),
    hears('a', ...frames('room.older', 'n', 0, 300)),
    say('a', '{"op":"resume_required","channel":"room.older","from_cursor":<n+1>}'),
    hears('a', gap('room.older', 'n+44'), ...frames('room.older', 'n', 44, 256)),
    leave('a'),
  ]),
  row('asked for a channel that is not subscribed to, or without a cursor, it is an error', '3.3', [
    ...enter('a', A, { chat: 'chat' }),
    say(
      'a',
      op('resume_required', { channel: 'data', from_cursor: 1 }),
      op('resume_required', { channel: 'chat' }),
    ),
    hears(
      'a',
      error('not_subscribed', 'not subscribed to data'),
      error('invalid_field', 'missing or invalid: from_cursor'),
    ),
    leave('a'),
  ]),
]

export const replayRows: readonly Exchange[] = again.map(each => ({ ...taxonomy, ...each }))
