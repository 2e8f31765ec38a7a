// Every dialect that a client may speak (contract §1.5, rows 2 to 4 and 22b): all operations of the server in each of them,
// and what tells an operation from a frame.
import { type Dialect, dialects, inDialect, nameOf } from '../dialects.ts'
import { taxonomy } from '../settings.ts'
import { authOkMembers, error, frame, ids, op, said, system } from '../texts.ts'
import { ask, type Exchange, enter, hears, isIn, join, leave, over, row, say, sends } from '../vocabulary.ts'

const { A, B } = ids
const heads = { chat: 'chat' }

/** The thirteen: what comes up in the dialect is answered in it, and so is what the server says by itself. */
function everything(dialect: Dialect, index: number): Exchange {
  // With 500 it is ahead of nobody, and behind the beginning of a channel that is new.
  const room = `room.dialect-${index}`
  const up = (name: string, fields?: string) => inDialect(dialect, name, fields)
  const down = up
  const errorOf = (code: string, message: string) => down('error', `"message":"${message}","code":"${code}"`)
  return row(`every operation in the dialect ${nameOf(dialect)}`, '1.4, 1.5, row 22b', [
    join('a'),
    say('a', up('auth', `"client_id":"${A}","capabilities":["${room}"],"resume_cursors":{"${room}":500}`)),
    isIn(
      'a',
      A,
      [room],
      down('auth_ok', `"resume_cursor":0,"resume_cursors":{"${room}":500}`),
      down('resume_required', `"channel":"${room}","from_cursor":<n>,"epoch":"<@room>"`),
    ),
    say('a', up('ping')),
    hears('a', down('pong')),
    say(
      'a',
      up('pong'),
      up('slow', ''),
      up('ack', `"channel":"${room}","cursor":<n>`),
      up('health', '"status":"ok"'),
    ),
    hears('a', down('health', '"status":"ok"')),
    say('a', up('features', '"supported":[],"requested":["zstd"]')),
    hears('a', down('features', '"supported":["assets"],"requested":[]')),
    say('a', up('subscribe', '"channels":["nope"]'), up('unsubscribe', '"channels":["nope"]')),
    hears(
      'a',
      errorOf('unknown_channel', 'unknown channel: nope'),
      errorOf('unknown_channel', 'unknown channel: nope'),
    ),
    sends('a', room, said(room, '{"op":"ping"}')),
    hears('a', frame(room, 'n', '{"op":"ping"}', A)),
    say('a', up('resume_required', `"channel":"${room}","from_cursor":<n+1>`)),
    say(
      'a',
      up('resume_required', `"channel":"${room}","from_cursor":<n+1>`),
      up('auth_ok', ''),
      up('error', ''),
    ),
    hears(
      'a',
      errorOf('rate_limited', 'too many messages'),
      errorOf('unexpected_operation', 'clients do not send auth_ok'),
      errorOf('unexpected_operation', 'clients do not send error'),
    ),
    ask('DELETE', `clients/${A}`, undefined, 200, `{"client_id":"${A}","connections":1}`, 1),
    over('a', 1008, down('goodbye', '"reason":"kicked"')),
  ])
}

const later: readonly Exchange[] = [
  row('what comes later may be in any dialect, and is answered in the one of auth', '1.5', [
    ...enter('a', A, heads),
    say(
      'a',
      '"ping"',
      '{"ping":{}}',
      '{"ping":null}',
      '{"Ping":{}}',
      '{"type":"PING"}',
      '{"action":"p_i-ng","content":{}}',
      system('"Ping"'),
      system('{"kind":"ping","data":{}}'),
      ' { "op" : "ping" } ',
      op('ping'),
    ),
    hears('a', ...Array<string>(10).fill(op('pong'))),
    say('a', '{"type":"resume-required","channel":"nope","fromCursor":1}'),
    hears('a', error('invalid_field', 'missing or invalid: from_cursor')),
    say(
      'a',
      '{"ResumeRequired":{"channel":"nope","from_cursor":1}}',
      '{"op":"RESUME_REQUIRED","channel":"nope","from_cursor":1}',
    ),
    hears(
      'a',
      error('not_subscribed', 'not subscribed to nope'),
      error('not_subscribed', 'not subscribed to nope'),
    ),
    leave('a'),
  ]),
  row('a case that is neither is snake case for the server', '1.5', [
    join('a'),
    say('a', `{"op":"AUTH","client_id":"${A}","capabilities":["chat"]}`),
    isIn('a', A, ['chat'], `{"op":"auth_ok",${authOkMembers({ heads })}}`),
    leave('a'),
  ]),
  row('a recognised tag without a payload is an operation, though it has a channel', '1.5', [
    ...enter('a', A, heads),
    say(
      'a',
      '{"op":"ack","channel":"chat","cursor":<chat>}',
      '{"channel":"chat","op":"ping"}',
      '{"op":"ack","channel":"chat"}',
    ),
    hears('a', op('pong'), error('invalid_field', 'missing or invalid: cursor')),
    leave('a'),
  ]),
  row('with a payload on another channel it is a frame, whatever else it says', '1.5', [
    ...enter('a', A, heads),
    sends('a', 'chat', '{"op":"ping","channel":"chat","payload":{"op":"ping"}}'),
    hears('a', frame('chat', 'chat+1', '{"op":"ping"}', A)),
    leave('a'),
  ]),
  row('what is neither is an error', '1.7', [
    ...enter('a', A, heads),
    say('a', '{"channel":"chat"}', '{"channel":"system","payload":{"a":1}}', '{"a":1}', '[]', '7'),
    hears(
      'a',
      error('malformed', 'frame has no payload'),
      ...Array<string>(4).fill(error('unknown_operation', 'unknown operation')),
    ),
    leave('a'),
  ]),
]

/** Two who speak differently, on one channel. */
const together: readonly Exchange[] = [
  row('each is answered in its own dialect, and frames are alike for all', '1.5', [
    ...enter('a', A, heads),
    join('b', { at: 'publisher' }),
    say('b', `{"Auth":{"client_id":"${B}","capabilities":["chat"]}}`),
    isIn('b', B, ['chat'], `{"AuthOk":{${authOkMembers({ heads })}}}`),
    say('a', op('ping')),
    say('b', '"Ping"'),
    hears('a', op('pong')),
    hears('b', '"Pong"'),
    sends('b', 'chat', said('chat', '1')),
    hears('a', frame('chat', 'chat+1', '1', B)),
    hears('b', frame('chat', 'chat+1', '1', B)),
    leave('a'),
    leave('b'),
  ]),
]

export const dialectRows: readonly Exchange[] = [...dialects.map(everything), ...later, ...together].map(
  each => ({ ...taxonomy, ...each }),
)
