// Frames, down and up: cursors, payloads, whose they are, and what becomes of those that clients send (contract §1.3, §16,
// rows 10 to 13).
import { taxonomy } from '../settings.ts'
import { error, frame, frames, ids, op, said, system } from '../texts.ts'
import { type Exchange, enter, hears, leave, publish, publishAs, row, say, sends } from '../vocabulary.ts'

const { A, B } = ids
const heads = { chat: 'n-1' }

/** The payload is 100 characters and more, with what a parser would change. */
const odd = '{"b":1.0,"a":12345678901234567890,"b":"\\u00e9é😀\\/","c":[ 1e2 , -0 ],"":null}'

const down: readonly Exchange[] = [
  row('three frames have cursors one behind the other', 'row 10', [
    ...enter('a', A, heads),
    publish('chat', '{"n":#}', 3),
    hears(
      'a',
      frame('chat', 'n', '{"n":0}'),
      frame('chat', 'n+1', '{"n":1}'),
      frame('chat', 'n+2', '{"n":2}'),
    ),
    leave('a'),
  ]),
  row('each channel counts on its own', 'row 11', [
    ...enter('a', A, { chat: 'n-1', data: 'd-1' }),
    publish('chat', '1'),
    hears('a', frame('chat', 'n', '1')),
    publish('data', '2'),
    hears('a', frame('data', 'd', '2')),
    publish('chat', '3'),
    hears('a', frame('chat', 'n+1', '3')),
    publish('data', '4'),
    hears('a', frame('data', 'd+1', '4')),
    leave('a'),
  ]),
  row('every frame is there for everybody who is subscribed, and nobody else', '3.3', [
    ...enter('a', A, heads),
    ...enter('b', B, { data: 'd-1' }, { at: 'owner' }),
    publish('chat', '1'),
    hears('a', frame('chat', 'n', '1')),
    publish('data', '2'),
    hears('b', frame('data', 'd', '2')),
    leave('a'),
    leave('b'),
  ]),
  row('what other protocols publish is a payload: text a string, bytes base64, nothing null', '1.3', [
    ...enter('a', A, heads),
    publishAs('chat', '"text":"a \\"b\\"\\n\\u2028"'),
    publishAs('chat', '"base64":"AP8="'),
    publishAs('chat', '"text":""'),
    hears(
      'a',
      frame('chat', 'n', '"a \\"b\\"\\n\u2028"'),
      frame('chat', 'n+1', '"AP8="'),
      frame('chat', 'n+2', '""'),
    ),
    leave('a'),
  ]),
]

const up: readonly Exchange[] = [
  row('a frame goes to all who are subscribed, its sender too, and says whose it is', 'row 13', [
    ...enter('a', A, heads),
    ...enter('b', B, heads, { at: 'publisher' }),
    sends('b', 'chat', said('chat', '{"msg":"hi"}')),
    hears('a', frame('chat', 'n', '{"msg":"hi"}', B)),
    hears('b', frame('chat', 'n', '{"msg":"hi"}', B)),
    leave('a'),
    leave('b'),
  ]),
  row('whose a frame is and its cursor are not what it says; other members are passed over', '1.3', [
    ...enter('a', A, heads),
    sends(
      'a',
      'chat',
      `{"channel":"chat","cursor":7,"payload":1,"client_id":"${B}"}`,
      `{"new":[1],"payload":2,"client_id":null,"cursor":null,"channel":"chat"}`,
    ),
    hears('a', frame('chat', 'n', '1', A), frame('chat', 'n+1', '2', A)),
    leave('a'),
  ]),
  row('the bytes of a payload are its publisher’s own', '1.3', [
    ...enter('a', A, heads),
    sends('a', 'chat', said('chat', odd), said('chat', 'null'), said('chat', '"pong"')),
    hears(
      'a',
      frame('chat', 'n', odd, A),
      frame('chat', 'n+1', 'null', A),
      frame('chat', 'n+2', '"pong"', A),
    ),
    leave('a'),
  ]),
  row('who sends need not be subscribed', '16', [
    ...enter('a', A, heads),
    ...enter('b', B, { data: 'd' }, { at: 'publisher' }),
    sends('b', 'chat', said('chat', '1')),
    hears('a', frame('chat', 'n', '1', B)),
    say('b', op('ping')),
    hears('b', op('pong')),
    leave('a'),
    leave('b'),
  ]),
  row('what is said on the system channel is an operation and no frame', 'row 12', [
    ...enter('a', A, heads),
    say('a', system('{"msg":"hi"}'), op('ping')),
    hears('a', error('unknown_operation', 'unknown operation'), op('pong')),
    leave('a'),
  ]),
  row('a channel that nobody knows is an error for each frame', '16', [
    ...enter('a', A, heads),
    say('a', said('nope', '1'), said('nope', '2'), said('', '3'), said(`${'x'.repeat(65)}`, '4')),
    hears(
      'a',
      error('unknown_channel', 'unknown channel: nope'),
      error('unknown_channel', 'unknown channel: nope'),
      error('unknown_channel', 'unknown channel: '),
      error('unknown_channel', `unknown channel: ${'x'.repeat(64)}…`),
    ),
    leave('a'),
  ]),
  row('a channel without a handler drops frames, and says so once for a connection', '16', [
    ...enter('a', A, { news: 'w' }),
    say('a', said('news', '1'), said('news', '2'), op('ping')),
    hears('a', error('no_handler', 'no frames are taken from clients on news'), op('pong')),
    publish('news', '3'),
    hears('a', frame('news', 'w+1', '3')),
    leave('a'),
    ...enter('b', A, { news: 'w+1' }),
    say('b', said('news', '1')),
    hears('b', error('no_handler', 'no frames are taken from clients on news')),
    leave('b'),
  ]),
  row('a frame may go to another channel, with the sender’s id in its name', '16', [
    ...enter('a', A, heads),
    sends('a', `support.${A}`, said('inbox', '1')),
    leave('a'),
  ]),
  row('a channel of a pattern is there for whoever names it', '16', [
    ...enter('a', A, { 'room.frames': 'n-1' }),
    ...enter('b', B, { 'room.frames': 'n-1' }, { at: 'publisher' }),
    sends('b', 'room.frames', said('room.frames', '1')),
    hears('a', frame('room.frames', 'n', '1', B)),
    hears('b', frame('room.frames', 'n', '1', B)),
    leave('a'),
    leave('b'),
  ]),
  row('frames are handled in the order in which they came', '1.4', [
    ...enter('a', A, heads),
    sends('a', 'chat', ...Array.from({ length: 100 }, (_, number) => said('chat', String(number)))),
    hears('a', ...frames('chat', 'n', 0, 100).map(text => `${text.slice(0, -1)},"client_id":"${A}"}`)),
    leave('a'),
  ]),
]

export const frameRows: readonly Exchange[] = [...down, ...up].map(each => ({ ...taxonomy, ...each }))
