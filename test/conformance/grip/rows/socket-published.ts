// Contract §13.8, sixth part: what is published to WebSockets.
import {
  accepted,
  events,
  heard,
  held,
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
} from '../socket-words.ts'
import {
  act,
  at,
  control,
  differs,
  type GripRow,
  item,
  origin,
  publish,
  read,
  row,
  said,
  silent,
  times,
} from '../vocabulary.ts'

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64')
const refreshOf = (channel: string) =>
  control(
    'POST',
    '/publish/',
    JSON.stringify({ items: [item(channel, { 'ws-message': { action: 'refresh' } })] }),
  )
const stops = { 'http-stream': { content: 'x' } }

export const publishedMessages: readonly GripRow[] = [
  held(
    '249',
    '/249',
    'each type of a published message is a frame',
    [subscribe('c249')],
    [
      publishMessage('c249', { content: 'hi' }),
      publishMessage('c249', { type: 'binary', content: 'b' }),
      publishMessage('c249', { 'content-bin': base64('\u0001\u00ff') }),
      publishMessage('c249', { type: 'text', 'content-bin': base64('t') }),
      publishMessage('c249', { type: 'ping', content: 'pi' }),
      publishMessage('c249', { type: 'pong', content: '' }),
      [read(), heard(['text:hi', 'binary:b', 'binary:\u0001\u00ff', 'text:t', 'ping:pi', 'pong:'])],
      say('pong:pi'),
      posted('/249', `${opens}PONG 2\r\npi\r\n`),
    ],
  ),
  held(
    '249',
    '/249b',
    'what is for streams or long-polls alone is not',
    [subscribe('c249b')],
    [
      publish(item('c249b', { ...stops, 'http-response': { body: 'x' } })),
      act('c249b', 'hint', 'ws-message'),
      publishMessage('c249b', { content: 'end' }),
      [read(), heard(['text:end'])],
    ],
  ),
  held(
    '249',
    '/249c',
    'a ping needs no content',
    [subscribe('c249c')],
    [
      publishMessage('c249c', { type: 'ping' }),
      publishMessage('c249c', { content: 'end' }),
      [read(), heard(['ping:', 'text:end'])],
    ],
    differs('pings without content', { 5: heard(['text:end']) }),
  ),
  held(
    '250',
    '/250',
    'a close may be published, and the origin is told of it',
    [subscribe('c250')],
    [
      publishMessage('c250', { action: 'close', code: 4001, reason: 'kicked' }),
      [read(), heard(['close:4001 kicked'])],
      say('close:4001 kicked'),
      [read(), parted()],
      posted('/250', `${opens}CLOSE\r\n`),
    ],
  ),
  held(
    '251',
    '/251',
    'by default with 1000',
    [subscribe('c251')],
    [
      publishMessage('c251', { action: 'close', reason: 'unsaid' }),
      [read(), heard(['close:1000'])],
      say('close:1000'),
      [read(), parted()],
    ],
  ),
  held(
    '258',
    '/258',
    'metadata of a subscriber is for the filters of its channels',
    [
      { type: 'set-meta', name: 'user', value: 'bob' },
      { type: 'set-meta', name: 'foo', value: 'b a r' },
      subscribe('c258a', { filters: ['skip-self'] }),
      subscribe('c258b', { filters: ['skip-users'] }),
      subscribe('c258c', { filters: ['var-subst'] }),
    ],
    [
      publishMessage('c258a', { content: 'own' }, { meta: { sender: 'bob' } }),
      publishMessage('c258a', { content: 'a' }, { meta: { sender: 'al' } }),
      publishMessage('c258b', { content: 'skipped' }, { meta: { skip_users: 'x,bob' } }),
      publishMessage('c258b', { content: 'b' }, { meta: { skip_users: 'x' } }),
      publishMessage('c258c', { content: 'c %(user)s %(foo)s 5%%' }),
      [read(), heard(['text:a', 'text:b', 'text:c bob b a r 5%'])],
    ],
  ),
  held(
    '259',
    '/dbg/259',
    'filters of a channel are counted',
    [subscribe('c259', { filters: Array(6).fill('skip-self') })],
    [[read(), heard(["close:1011 too many filters for channel 'c259'"])]],
    differs('filters without a limit', { 3: silent }),
  ),
  row(
    '260',
    'a refresh asks the origin for events',
    [at('/260', openingGrip(subscribe('c260')), events(orders('fresh')))],
    [
      [open('/260'), accepted()],
      settled,
      [refreshOf('c260'), said('200 OK', 'Published\n')],
      [read(), heard(['text:fresh'])],
      origin('/260', {}, { bodyBytes: 0 }),
    ],
    differs('no refresh', { 3: said('400 Bad Request', 'Invalid format: \n'), 4: silent, 5: times(1) }),
  ),
]
