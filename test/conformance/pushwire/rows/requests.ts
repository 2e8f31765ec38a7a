// What is refused over HTTP, and preflights (contract §1.7, §3.4, §5; rows 21 and 27).
import { limited, taxonomy } from '../settings.ts'
import { ids } from '../texts.ts'
import {
  answer,
  type Exchange,
  enter,
  leave,
  refused,
  request,
  row,
  type Step,
  taken,
} from '../vocabulary.ts'

const { A, B } = ids

const counted = (reason: string, count = 1) => ({ counts: { [`refused.${reason}`]: count } })
const get = (target: string, headers = {}) => request('GET', target, headers)
const version = { upgrade: 'websocket', connection: 'upgrade', 'sec-websocket-version': '13' }
const handshake = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

const sockets: readonly Exchange[] = [
  row(
    'a plain GET has no upgrade headers',
    '1.7',
    [[get('/rps'), refused(400, 'this address takes WebSockets')]],
    counted('upgrade-missing'),
  ),
  row(
    'an upgrade to something else is none',
    '1.7',
    [
      [get('/rps', { upgrade: 'h2c' }), refused(426, 'this address takes version 13 of WebSocket', version)],
      // As every listener of the node does.
      [
        get('/rps', { ...handshake, 'sec-websocket-version': '12' }),
        answer(426, 'this server speaks version 13 of WebSocket\n', version),
      ],
    ],
    counted('upgrade-refused'),
  ),
  row(
    'other methods are not allowed, at no address',
    '1.7, 3.4',
    [
      ...['POST', 'PUT', 'DELETE'].map(
        (method): Step => [request(method, '/rps', {}, ''), refused(405, 'method not allowed')],
      ),
      [request('POST', '/rps/sse', {}, ''), refused(405, 'method not allowed')],
      [get('/rps/ack'), refused(405, 'method not allowed')],
      [
        request('HEAD', '/rps'),
        { ...refused(405, ''), headers: headOf(405, 'method not allowed'), body: '' },
      ],
    ],
    counted('method-not-allowed', 6),
  ),
  row(
    'there is nothing else',
    '1.1',
    ['/', '/rps/', '/RPS', '/rps/assets', '/rps/sse/x'].map(
      (target): Step => [get(target), refused(404, 'not found')],
    ),
    counted('route-unknown', 5),
  ),
  row('a preflight without listed origins says nothing of any', '1.1', [
    [request('OPTIONS', '/rps/sse', { origin: 'https://any.example' }), preflight({})],
  ]),
]

function headOf(status: number, error: string) {
  return refused(status, error).headers
}

function preflight(headers: Readonly<Record<string, string>>) {
  return {
    ...answer(204, '', {
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization, content-type, last-event-id',
      'access-control-max-age': '86400',
      ...headers,
    }),
    headers: Object.entries({
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization, content-type, last-event-id',
      'access-control-max-age': '86400',
      ...headers,
      date: '*',
    }),
  }
}

const streamOf = (query: string, headers = {}) => get(`/rps/sse${query}`, headers)
const invalidPlace = (what: string) => refused(400, `not a position: ${what}`)

const streamRefusals: readonly Exchange[] = [
  row(
    'a stream without a client id, or with one that is none, is refused',
    'row 27',
    ['', '?channels=chat', '?client_id=', '?client_id=me', `?client_id=${A}0`].map(
      (query): Step => [streamOf(query), refused(400, 'client_id must be a UUID')],
    ),
    counted('client-id-invalid', 5),
  ),
  row(
    'a stream of no channel that there is, is refused',
    '5',
    ['nope', '', ',', 'system', 'Chat'].map(
      (names): Step => [
        streamOf(`?client_id=${A}&channels=${names}`),
        refused(400, 'no known channel is named'),
      ],
    ),
    counted('channels-empty', 5),
  ),
  row(
    'a position that is none is refused',
    '5, 3.3',
    [
      [streamOf(`?client_id=${A}&resume_cursor=-1`), invalidPlace('resume_cursor')],
      [streamOf(`?client_id=${A}&cursor=x`), invalidPlace('resume_cursor')],
      [streamOf(`?client_id=${A}&cursor=9007199254740992`), invalidPlace('resume_cursor')],
      [streamOf(`?client_id=${A}&resume_cursors=chat`), invalidPlace('resume_cursors')],
      [streamOf(`?client_id=${A}&cursors=chat:1:2`), invalidPlace('resume_cursors')],
      [streamOf(`?client_id=${A}&cursors=%7B"chat":-1%7D`), invalidPlace('resume_cursors')],
      [streamOf(`?client_id=${A}`, { 'last-event-id': 'chat:x' }), invalidPlace('last-event-id')],
    ],
    counted('position-invalid', 7),
  ),
  row(
    'a stream has as many channels as an id of an event can name',
    '5',
    [
      [
        streamOf(`?client_id=${A}&channels=${Array.from({ length: 101 }, (_, number) => `room.c${number}`)}`),
        refused(400, 'too many channels for one stream'),
      ],
    ],
    counted('channels-too-many'),
  ),
]

const ack = (body: string, headers: object = { 'content-type': 'application/json' }) =>
  request('POST', '/rps/ack', { ...headers }, body)
const acked = (fields: object) => ack(JSON.stringify({ client_id: A, channel: 'chat', cursor: 1, ...fields }))

const acks: readonly Exchange[] = [
  row('an ack of a client that is connected has no content', '3.4', [
    ...enter('a', A, { chat: 'n' }),
    [acked({ cursor: 0 }), taken],
    [ack(`{"client_id":"${A.toUpperCase()}","channel":"chat","cursor":<n+9>,"more":null}`), taken],
    [
      ack(`{"client_id":"${A}","channel":"chat","cursor":<n>}`, {
        'content-type': 'Application/JSON; charset=utf-8',
      }),
      taken,
    ],
    leave('a'),
  ]),
  row(
    'an ack whose type is no JSON, or which is none',
    'row 21',
    [
      [ack('{}', {}), refused(415, 'content-type must be application/json')],
      [ack('{}', { 'content-type': 'text/plain' }), refused(415, 'content-type must be application/json')],
      ...['{', '', 'x', '{"a":1}x', '"\\ud800"'].map(
        (body): Step => [ack(body), refused(400, 'body must be JSON')],
      ),
    ],
    { counts: { 'refused.content-type': 2, 'refused.json-syntax': 5 } },
  ),
  row(
    'an ack that does not fit',
    'row 21, 3.4',
    [
      ...['x', -1, 1.5, null, 9_007_199_254_740_992, [1]].map(
        (cursor): Step => [acked({ cursor }), refused(422, 'missing or invalid: cursor')],
      ),
      ...[null, 7, 'me'].map(
        (id): Step => [acked({ client_id: id }), refused(422, 'missing or invalid: client_id')],
      ),
      [acked({ channel: null }), refused(422, 'missing or invalid: channel')],
      [ack('[]'), refused(422, 'missing or invalid: content')],
    ],
    counted('ack-invalid', 11),
  ),
  row(
    'an ack has 4 KiB at most',
    '3.4',
    [
      [ack('{"a":"'.padEnd(4_094, 'x').concat('"}')), refused(422, 'missing or invalid: channel')],
      [
        ack('{"a":"'.padEnd(4_095, 'x').concat('"}')),
        refused(413, 'body too large', { connection: 'close' }),
      ],
    ],
    { counts: { 'refused.ack-invalid': 1, 'refused.body-too-large': 1 } },
  ),
  row(
    'an ack of a client that is not connected needs a bearer',
    '3.4, 6.3',
    [
      [
        ack(`{"client_id":"${B.replace('0', 'a')}","channel":"chat","cursor":1}`),
        refused(401, 'unauthorized', { 'www-authenticate': 'Bearer' }),
      ],
    ],
    counted('ack-unauthorized'),
  ),
  row(
    'an ack of an unknown channel, once the client may',
    '3.4',
    [
      ...enter('a', A, { chat: 'n' }),
      [acked({ channel: 'nope' }), refused(422, 'unknown channel')],
      [acked({ channel: 'system' }), refused(422, 'unknown channel')],
      leave('a'),
    ],
    counted('channel-unknown', 2),
  ),
]

const listed = { 'access-control-allow-origin': 'https://app.example', vary: 'origin' }

const open: readonly Exchange[] = [
  row(
    'an open ack of a client that nobody knows',
    '3.4, 6.3',
    [
      [
        ack(`{"client_id":"${B.replace('0', 'b')}","channel":"chat","cursor":1}`),
        refused(404, 'unknown client', { vary: 'origin' }),
      ],
      [
        ack(`{"client_id":"${B}","channel":"nope","cursor":1}`),
        refused(422, 'unknown channel', { vary: 'origin' }),
      ],
    ],
    { counts: { 'refused.client-unknown': 1, 'refused.channel-unknown': 1 } },
  ),
  row(
    'a page of an origin that is not listed is refused, and one that is may read answers',
    '15 (21)',
    [
      [
        get('/rps', { ...handshake, origin: 'https://evil.example' }),
        refused(403, 'origin not allowed', { vary: 'origin' }),
      ],
      [
        get('/rps/sse', { origin: 'https://evil.example' }),
        refused(403, 'origin not allowed', { vary: 'origin' }),
      ],
      [
        request('OPTIONS', '/rps/ack', { origin: 'https://evil.example' }),
        refused(403, 'origin not allowed', { vary: 'origin' }),
      ],
      [request('OPTIONS', '/rps/ack', { origin: 'https://app.example' }), preflight(listed)],
      [get('/rps/sse', { origin: 'https://app.example' }), refused(400, 'client_id must be a UUID', listed)],
    ],
    { counts: { 'refused.origin-not-allowed': 3, 'refused.client-id-invalid': 1 } },
  ),
]

export const requestRows: readonly Exchange[] = [
  ...[...sockets, ...streamRefusals, ...acks].map(each => ({ ...taxonomy, ...each })),
  ...open.map(each => ({ ...limited, ...each })),
]
