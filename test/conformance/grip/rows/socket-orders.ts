// Contract §13.8, fifth part: origins that speak GRIP inside of their WebSockets (§8.5), and what they order.
import {
  accepted,
  event,
  events,
  heard,
  held,
  nothing,
  open,
  openingGrip,
  opens,
  orders,
  parted,
  posted,
  publishMessage,
  say,
  settled,
  subscribe,
  textEvent,
} from '../socket-words.ts'
import { at, differs, type GripRow, origin, pass, read, row, silent } from '../vocabulary.ts'

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64')
/** A timer that fires late is the machine's matter. */
const latestMs = 15_000
/** A keep-alive of six seconds comes five to six behind a message that counts, and up to three behind one that does not. */
const betweenMs = 4_000

const keepAlive = (more: object) => ({ type: 'keep-alive', ...more })
const delayed = (content: string, timeout: number) => ({ type: 'send-delayed', content, timeout })

export const socketOrders: readonly GripRow[] = [
  row(
    '248',
    'messages are for the client, or orders, by how they begin',
    [
      at(
        '/248',
        events(
          opens +
            orders('hi', subscribe('c248')) +
            textEvent('plain') +
            event('BINARY', 'm:b') +
            event('BINARY', 'c:{}') +
            textEvent('c:no json') +
            orders({ type: 'unknown' }, { type: 'subscribe' }, 'end'),
          [['Sec-WebSocket-Extensions', 'x-other, grip']],
        ),
      ),
    ],
    [
      [open('/248'), accepted()],
      [read(), heard(['text:hi', 'binary:b', 'text:end'])],
      settled,
      publishMessage('c248', { content: 'm:pub' }),
      [read(), heard(['text:m:pub'])],
    ],
  ),
  row(
    '248',
    'the beginning is what the origin says',
    [
      at(
        '/248b',
        events(opens + textEvent('to:hi') + textEvent('m:no') + textEvent('to:'), [
          ['Sec-WebSocket-Extensions', 'grip; message-prefix="to:"'],
        ]),
      ),
    ],
    [
      [open('/248b'), accepted()],
      [read(), heard(['text:hi', 'text:'])],
    ],
  ),
  row(
    '248',
    'and may be nothing',
    [
      at(
        '/248c',
        events(opens + textEvent('hi') + textEvent('c:{}') + textEvent('m:x'), [
          ['Sec-WebSocket-Extensions', 'grip; message-prefix=""'],
        ]),
      ),
    ],
    [
      [open('/248c'), accepted()],
      [read(), heard(['text:hi', 'text:m:x'])],
    ],
  ),
  row(
    '248',
    'without GRIP all of them are for the client',
    [at('/248d', events(opens + textEvent('c:{}') + textEvent('m:x')))],
    [
      [open('/248d'), accepted()],
      [read(), heard(['text:c:{}', 'text:m:x'])],
    ],
  ),
  row(
    '252',
    'a channel is left, and the other is not',
    [
      at(
        '/252',
        openingGrip(subscribe('c252a'), subscribe('c252b')),
        events(orders({ type: 'unsubscribe', channel: 'c252a' })),
      ),
    ],
    [
      [open('/252'), accepted()],
      settled,
      publishMessage('c252a', { content: 'a' }),
      publishMessage('c252b', { content: 'b' }),
      [read(), heard(['text:a', 'text:b'])],
      say('text:x'),
      origin('/252', {}, {}),
      settled,
      publishMessage('c252a', { content: 'a' }),
      publishMessage('c252b', { content: 'b' }),
      [read(), heard(['text:b'])],
    ],
  ),
  row(
    '252',
    'a prefix of the rule stands before channels',
    [at('/pfx/252', openingGrip(subscribe('c252')))],
    [
      [open('/pfx/252'), accepted()],
      settled,
      publishMessage('c252', { content: 'without' }),
      publishMessage('p-c252', { content: 'with' }),
      [read(), heard(['text:with'])],
    ],
  ),
  held(
    '252',
    '/252c',
    'no more than twenty channels are joined',
    Array.from({ length: 21 }, (_, index) => subscribe(`c252-${index}`)),
    [
      publishMessage('c252-20', { content: 'the 21st' }),
      publishMessage('c252-19', { content: 'the 20th' }),
      [read(), heard(['text:the 20th'])],
    ],
  ),
  held(
    '253',
    '/253',
    'a keep-alive counts from what was sent last',
    [subscribe('c253'), keepAlive({ content: 'ka', timeout: 6 })],
    [
      pass(3_000),
      publishMessage('c253', { content: 'm' }),
      [read(), heard(['text:m', 'text:ka'], [betweenMs, latestMs])],
    ],
  ),
  held(
    '253',
    '/253b',
    'but not by interval',
    [subscribe('c253b'), keepAlive({ content: 'ka', timeout: 6, mode: 'interval' })],
    [
      pass(3_000),
      publishMessage('c253b', { content: 'm' }),
      [read(), heard(['text:m', 'text:ka'], [0, betweenMs])],
    ],
  ),
  ...(
    [
      [{ content: 'pp', 'message-type': 'ping' }, 'ping:pp'],
      [{ content: 'pp', 'message-type': 'pong' }, 'pong:pp'],
      [{ content: 'b', 'message-type': 'binary' }, 'binary:b'],
      [{ 'content-bin': base64('\u0001\u00ff'), 'message-type': 'binary' }, 'binary:\u0001\u00ff'],
    ] as const
  ).map(([more, message], index) =>
    held(
      '254',
      `/254-${index}`,
      `a keep-alive may be ${message.split(':')[0]} (${index + 1})`,
      [keepAlive({ ...more, timeout: 1 })],
      [[read(), heard([message, message])]],
    ),
  ),
  held(
    '254',
    '/254b',
    'bytes are binary where no type is said',
    [keepAlive({ 'content-bin': base64('ka'), timeout: 1 })],
    [[read(), heard(['binary:ka'])]],
    differs('bytes as text', { 3: heard(['text:ka']) }),
  ),
  held(
    '255',
    '/255',
    'a keep-alive without content stops',
    [keepAlive({ content: 'ka', timeout: 1 }), keepAlive({})],
    [pass(2_500), [read(), silent]],
  ),
  row(
    '256',
    'a message may come later',
    [at('/256b', openingGrip(delayed('d1', 2), 'now'))],
    [
      [open('/256b'), accepted()],
      [read(), heard(['text:now'])],
      [read(), heard(['text:d1'], [1_000, latestMs])],
    ],
  ),
  row(
    '257',
    'a second one sends the first',
    [at('/257', openingGrip(delayed('d1', 30), delayed('d2', 2)))],
    [
      [open('/257'), accepted()],
      [read(), heard(['text:d1'])],
      [read(), heard(['text:d2'], [1_000, latestMs])],
    ],
  ),
  row(
    '257',
    'or an order',
    [at('/257b', openingGrip(delayed('d1', 30)), events(orders({ type: 'flush-delayed' })))],
    [[open('/257b'), accepted()], settled, [read(), silent], say('text:x'), [read(), heard(['text:d1'])]],
  ),
  row(
    '262',
    'an origin that is out is told nothing more, and what is published comes',
    [at('/262', openingGrip(subscribe('c262'), { type: 'detach' }), nothing)],
    [
      [open('/262'), accepted()],
      settled,
      posted('/262', `${opens}CLOSE\r\n`),
      say('text:x'),
      settled,
      publishMessage('c262', { content: 'pub' }),
      [read(), heard(['text:pub'])],
      say('close:1003 bye'),
      [read(), parted(['close:1000'])],
      posted('/262', `${opens}CLOSE\r\n`),
    ],
  ),
]
