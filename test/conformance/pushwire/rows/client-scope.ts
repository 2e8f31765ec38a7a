// Channels of which each client has a stream of its own (contract §3.3, §3.4; rows 10, 14 to 16 and 20): what the application
// sends to one client, what waits for it, and what it acknowledges. Each row has ids of its own, so that streams are new.
import { taxonomy } from '../settings.ts'
import { auth, authOk, error, event, frame, frames, gap, op, vector } from '../texts.ts'
import {
  ask,
  type Exchange,
  hears,
  isIn,
  join,
  leave,
  request,
  row,
  type Step,
  say,
  streams,
  taken,
} from '../vocabulary.ts'

/** Of nobody else. */
const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

/** Numbered frames to the stream of that client, whose first cursor is that sum. */
const sent = (of: string, sum: string, first: number, count: number, subscribers: number): readonly Step[] =>
  Array.from({ length: count }, (_, at) =>
    ask(
      'POST',
      `clients/${of}/frames`,
      `{"channel":"mail","payload":${first + at}}`,
      200,
      `{"channel":"mail","client_id":"${of}","cursor":<${sum}+${first + at}>,"subscribers":${subscribers}}`,
      1,
    ),
  )

/** In without a position. */
const fresh = (client: string, of: string, head: string, ...texts: readonly string[]): readonly Step[] => [
  join(client),
  say(client, auth(of, ['mail'])),
  isIn(client, of, [], authOk({ heads: { mail: head } }), ...texts),
]

/** Back with a cursor, a sum; `head`: none where something is missing. */
const returning = (
  client: string,
  of: string,
  cursor: string,
  head: string | undefined,
  ...texts: readonly string[]
): readonly Step[] => [
  join(client),
  say(client, auth(of, ['mail'], `,"resume_cursors":{"mail":<${cursor}>}`)),
  isIn(
    client,
    of,
    [],
    authOk({ cursors: { mail: cursor }, heads: head === undefined ? {} : { mail: head } }),
    ...texts,
  ),
]

const mail = (first: number, count: number) => frames('mail', 'n', first, count)

/** With several, the owner of a stream hears a moment later that its client has unsubscribed. */
const alone = { workers: 1 }

const addressed: readonly Exchange[] = [
  row('what is sent to a client has cursors of its own, and reaches nobody else', 'rows 10 and 11, 16', [
    ...fresh('a', id(1), 'n-1'),
    join('b'),
    say('b', auth(id(2), ['mail'])),
    isIn('b', id(2), [], authOk({ heads: { mail: 'm-1' } }).replace('@mail', '@other')),
    ...sent(id(1), 'n', 0, 3, 1),
    ...sent(id(2), 'm', 0, 1, 1),
    hears('a', ...mail(0, 3)),
    hears('b', ...frames('mail', 'm', 0, 1)),
    leave('a'),
    leave('b'),
  ]),
  row('what comes while a client is away waits for it', 'row 14', [
    ...fresh('a', id(3), 'n-1'),
    ...sent(id(3), 'n', 0, 5, 1),
    hears('a', ...mail(0, 5)),
    leave('a'),
    ...sent(id(3), 'n', 5, 3, 0),
    ...returning('b', id(3), 'n+4', 'n+4', ...mail(5, 3)),
    ...sent(id(3), 'n', 8, 1, 1),
    hears('b', ...mail(8, 1)),
    leave('b'),
  ]),
  row(
    'without a position, or with 0, a client gets all that is kept; of more than that it is told',
    'rows 15 and 16',
    [
      ...fresh('a', id(4), 'n-1'),
      ...sent(id(4), 'n', 0, 260, 1),
      hears('a', ...mail(0, 260)),
      leave('a'),
      ...returning('b', id(4), '0', 'n+3', ...mail(4, 256)),
      leave('b'),
      ...fresh('c', id(4), 'n+3', ...mail(4, 256)),
      leave('c'),
      ...returning('d', id(4), 'n+1', undefined, gap('mail', 'n+4'), ...mail(4, 256)),
      leave('d'),
    ],
  ),
  row(
    'unsubscribed, a stream goes on filling; subscribed again, it goes on',
    '1.4',
    [
      ...fresh('a', id(5), 'n-1'),
      ...sent(id(5), 'n', 0, 1, 1),
      hears('a', ...mail(0, 1)),
      say('a', op('unsubscribe', { channels: ['mail'] }), op('ping')),
      hears('a', op('pong')),
      ...sent(id(5), 'n', 1, 2, 0),
      say('a', op('subscribe', { channels: ['mail'] })),
      hears('a', ...mail(1, 2)),
      leave('a'),
    ],
    alone,
  ),
  row('an event stream has its own streams in its ids', '5', [
    ...streams('a', id(6), '&channels=mail', { heads: { mail: 'n-1' } }, { channels: [] }),
    ...sent(id(6), 'n', 0, 1, 1),
    hears('a', event('mail', vector({ mail: 'n' }), frame('mail', 'n', '0'))),
    leave('a'),
  ]),
]

const json = { 'content-type': 'application/json' }

const acknowledged: readonly Exchange[] = [
  row('an ack by POST lets go of everything up to its cursor', 'row 20', [
    ...fresh('a', id(7), 'n-1'),
    ...sent(id(7), 'n', 0, 5, 1),
    hears('a', ...mail(0, 5)),
    [
      request(
        'POST',
        '/rps/ack',
        json,
        `{"client_id":"${id(7)}","channel":"mail","cursor":<n+2>}`,
        'subscriber',
      ),
      taken,
    ],
    leave('a'),
    ...returning('b', id(7), '0', 'n+2', ...mail(3, 2)),
    leave('b'),
    ...returning('c', id(7), 'n', undefined, gap('mail', 'n+3'), ...mail(3, 2)),
    leave('c'),
  ]),
  row(
    'so does an ack on the connection; one that is lower changes nothing, and one that is higher stops at the head',
    '1.4, 3.4',
    [
      ...fresh('a', id(8), 'n-1'),
      ...sent(id(8), 'n', 0, 5, 1),
      hears('a', ...mail(0, 5)),
      say(
        'a',
        '{"op":"ack","channel":"mail","cursor":<n+2>}',
        '{"op":"ack","channel":"mail","cursor":<n>}',
        op('ping'),
      ),
      hears('a', op('pong')),
      leave('a'),
      ...returning('b', id(8), '0', 'n+2', ...mail(3, 2)),
      say('b', '{"op":"ack","channel":"mail","cursor":<n+1000>}', op('ping')),
      hears('b', op('pong')),
      ...sent(id(8), 'n', 5, 1, 1),
      hears('b', ...mail(5, 1)),
      leave('b'),
      ...returning('c', id(8), '0', 'n+4', ...mail(5, 1)),
      leave('c'),
    ],
  ),
  row('with a window so many frames of a stream come unacknowledged', '1.4', [
    ...fresh('a', id(9), 'n-1'),
    say('a', op('slow', { window: 1 }), op('ping')),
    hears('a', op('pong')),
    ...sent(id(9), 'n', 0, 1, 1),
    hears('a', ...mail(0, 1)),
    ...sent(id(9), 'n', 1, 1, 1),
    say('a', op('ping')),
    hears('a', op('pong')),
    say('a', '{"op":"ack","channel":"mail","cursor":<n>}'),
    hears('a', ...mail(1, 1)),
    leave('a'),
  ]),
  row('nobody sends on a channel that takes nothing from clients', '16', [
    ...fresh('a', id(10), 'n-1'),
    say('a', '{"channel":"mail","payload":1}'),
    hears('a', error('no_handler', 'no frames are taken from clients on mail')),
    leave('a'),
  ]),
]

export const clientScopeRows: readonly Exchange[] = [...addressed, ...acknowledged].map(each => ({
  ...taxonomy,
  ...each,
}))
