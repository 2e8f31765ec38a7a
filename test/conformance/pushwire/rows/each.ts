// What is for all in client scope: one frame in the stream of each client that is connected (contract §3.3, §16; rows 10 and
// 13 as the original's example does it). Each row has ids of its own, so that streams are new.
import { lanes } from '../settings.ts'
import { auth, authOk, frame, frames, op, said } from '../texts.ts'
import {
  ask,
  type Exchange,
  hears,
  isIn,
  join,
  leave,
  row,
  type Step,
  say,
  sendsToEach,
} from '../vocabulary.ts'

/** Of nobody else. */
const id = (number: number): string => `00000000-0000-4000-a000-${String(number).padStart(12, '0')}`

/** In on a channel, whose place in a row is the client's name. */
const on = (
  client: string,
  channel: string,
  of: string,
  at: 'owner' | 'publisher' | 'subscriber',
): readonly Step[] => [
  join(client, { at }),
  say(client, auth(of, [channel])),
  isIn(client, of, [], authOk({ heads: { [channel]: `${client}-1` } }).replace(`@${channel}`, `@${client}`)),
]

/** With several, the owner of a stream hears a moment later that its client has unsubscribed. */
const alone = { workers: 1 }

const rows: readonly Exchange[] = [
  row('a frame that is broadcast goes into the stream of each client, its sender’s too', 'row 13', [
    ...on('a', 'echo', id(1), 'owner'),
    ...on('b', 'echo', id(2), 'publisher'),
    ...on('c', 'echo', id(3), 'subscriber'),
    sendsToEach('a', 3, said('echo', '{"msg":"hi"}')),
    ...['a', 'b', 'c'].map(client => hears(client, frame('echo', client, '{"msg":"hi"}', id(1)))),
    sendsToEach('b', 3, said('echo', '2')),
    ...['a', 'b', 'c'].map(client => hears(client, frame('echo', `${client}+1`, '2', id(2)))),
    ...['a', 'b', 'c'].map(leave),
  ]),
  row('where the sender is left out its cursors have no hole', '16', [
    ...on('a', 'others', id(4), 'owner'),
    ...on('b', 'others', id(5), 'publisher'),
    sendsToEach('a', 1, said('others', '1')),
    hears('b', frame('others', 'b', '1', id(4))),
    sendsToEach('b', 1, said('others', '2')),
    hears('a', frame('others', 'a', '2', id(5))),
    leave('a'),
    leave('b'),
  ]),
  row('the application broadcasts, and is told how many clients there were', '16', [
    ...on('a', 'echo', id(6), 'owner'),
    ...on('b', 'echo', id(7), 'subscriber'),
    ask(
      'POST',
      'broadcast/echo',
      '{"payload":{"n":1.0}}',
      200,
      '{"channel":"echo","clients":2,"workers_missed":0}',
      2,
    ),
    hears('a', frame('echo', 'a', '{"n":1.0}')),
    hears('b', frame('echo', 'b', '{"n":1.0}')),
    leave('a'),
    leave('b'),
  ]),
  row(
    'it passes by whoever is away, or has unsubscribed',
    '1.4, 3.3',
    [
      ...on('a', 'echo', id(8), 'owner'),
      ...on('b', 'echo', id(9), 'subscriber'),
      say('b', op('unsubscribe', { channels: ['echo'] }), op('ping')),
      hears('b', op('pong')),
      ...on('c', 'echo', id(10), 'publisher'),
      leave('c'),
      ask(
        'POST',
        'broadcast/echo',
        '{"payload":1}',
        200,
        '{"channel":"echo","clients":1,"workers_missed":0}',
        1,
      ),
      hears('a', frame('echo', 'a', '1')),
      say('b', op('subscribe', { channels: ['echo'] }), op('ping')),
      hears('b', op('pong')),
      ask(
        'POST',
        'broadcast/echo',
        '{"payload":2}',
        200,
        '{"channel":"echo","clients":2,"workers_missed":0}',
        2,
      ),
      hears('a', frame('echo', 'a+1', '2')),
      hears('b', frame('echo', 'b', '2')),
      leave('a'),
      leave('b'),
    ],
    alone,
  ),
  row('addressed frames and broadcasts are one stream', 'row 11', [
    ...on('a', 'echo', id(11), 'subscriber'),
    ask(
      'POST',
      'broadcast/echo',
      '{"payload":0}',
      200,
      '{"channel":"echo","clients":1,"workers_missed":0}',
      1,
    ),
    ask(
      'POST',
      `clients/${id(11)}/frames`,
      '{"channel":"echo","payload":1}',
      200,
      `{"channel":"echo","client_id":"${id(11)}","cursor":<a+1>,"subscribers":1}`,
      1,
    ),
    ask(
      'POST',
      'broadcast/echo',
      '{"payload":2}',
      200,
      '{"channel":"echo","clients":1,"workers_missed":0}',
      1,
    ),
    hears('a', ...frames('echo', 'a', 0, 3)),
    leave('a'),
  ]),
]

export const eachRows: readonly Exchange[] = rows.map(each => ({ ...each, settings: lanes.settings }))
