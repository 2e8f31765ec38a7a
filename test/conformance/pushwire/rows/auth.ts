// Who is let in, and to what (contract §6; row 6): tokens of the settings, and signed ones.
import { guarded, signed } from '../settings.ts'
import { jwt } from '../signed.ts'
import { auth, authOk, error, event, frame, goodbye, ids, op, said, superposed } from '../texts.ts'
import {
  type Exchange,
  hears,
  isIn,
  join,
  leave,
  over,
  refused,
  request,
  row,
  type Step,
  say,
  sends,
  streamed,
  streamOf,
  streams,
  taken,
} from '../vocabulary.ts'

const { A, B } = ids
const token = (text: string) => `,"token":"${text}"`
const unauthorized = error('unauthorized', 'unauthorized')
const challenged = refused(401, 'unauthorized', { 'www-authenticate': 'Bearer' })
const notAllowed = (names: string) => error('channel_not_allowed', `channel not allowed: ${names}`)
const bearer = (text: string) => ({ authorization: `Bearer ${text}` })

/** In with a token; `told` are what it reads. */
const entered = (
  client: string,
  id: string,
  text: string,
  heads: Readonly<Record<string, string>>,
): readonly Step[] => [
  join(client),
  say(client, auth(id, [], token(text))),
  isIn(client, id, Object.keys(heads), authOk({ heads })),
]

const fixed: readonly Exchange[] = [
  row('without a token that is listed nobody is let in', 'row 6', [
    ...['', token('wrong'), token('')].flatMap((fields, index): readonly Step[] => [
      join(`a${index}`),
      say(`a${index}`, auth(A, ['chat'], fields)),
      over(`a${index}`, 1008, unauthorized),
    ]),
    join('d'),
    say('d', `{"Auth":{"client_id":"${A}","token":"wrong"}}`),
    over('d', 1008, '{"Error":{"message":"unauthorized","code":"unauthorized"}}'),
  ]),
  row('a token opens what it says, to read or to send', '6.2', [
    ...entered('a', A, 's3cret', { chat: 'n-1', data: 'd' }),
    sends('a', 'chat', said('chat', '1')),
    hears('a', frame('chat', 'n', '1', A)),
    say('a', said('data', '1'), op('subscribe', { channels: ['news'] })),
    hears('a', notAllowed('data'), notAllowed('news')),
    sends('a', 'news', said('news', '1')),
    say('a', op('ping')),
    hears('a', op('pong')),
    leave('a'),
  ]),
  row('what a token does not open is told behind auth_ok', '1.4, 6.2', [
    join('a'),
    say('a', auth(A, ['news', 'data'], token('s3cret'))),
    isIn('a', A, ['data'], authOk({ heads: { data: 'd' } }), notAllowed('news')),
    leave('a'),
  ]),
  row('a token may be for one id alone', '6.2', [
    join('b'),
    say('b', auth(B, [], token('only-a'))),
    over('b', 1008, unauthorized),
    ...entered('a', A, 'only-a', { chat: 'n', data: 'd', news: 'w' }),
    leave('a'),
  ]),
  row(
    'a stream takes its token from the query or the header; without one it is 401',
    '5, 6.2',
    [
      ...['&token=s3cret', '&access_token=s3cret', ''].flatMap((query, index): readonly Step[] => [
        ...streams(
          `a${index}`,
          A,
          `&channels=chat${query}`,
          { heads: { chat: 'n' } },
          { headers: query === '' ? bearer('s3cret') : {} },
        ),
        leave(`a${index}`),
      ]),
      [request('GET', `/rps/sse?client_id=${A}`), challenged],
      [request('GET', `/rps/sse?client_id=${A}&token=wrong`, bearer('s3cret')), challenged],
      [request('GET', `/rps/sse?client_id=${B}&token=only-a`), challenged],
      [
        request('GET', `/rps/sse?client_id=${A}&token=s3cret&channels=news`),
        refused(400, 'no known channel is named'),
      ],
    ],
    { counts: { 'refused.unauthorized': 3, 'refused.channels-empty': 1 } },
  ),
  row(
    'an ack needs a bearer where its client is not connected, and none where it is',
    '6.3',
    [
      ...entered('a', A, 's3cret', { chat: 'n', data: 'd' }),
      [ackOf({}), taken],
      leave('a'),
      [ackOf({}), challenged],
      [ackOf(bearer('wrong')), challenged],
      [ackOf(bearer('s3cret')), taken],
    ],
    { counts: { 'refused.ack-unauthorized': 2 } },
  ),
]

function ackOf(headers: Readonly<Record<string, string>>) {
  return request(
    'POST',
    '/rps/ack',
    { 'content-type': 'application/json', ...headers },
    `{"client_id":"${A}","channel":"chat","cursor":<n>}`,
  )
}

const expiredSeconds = 1_700_000_000

const tokens: readonly Exchange[] = [
  row('a signed token opens what it claims, for the id that it names', '6.2', [
    ...entered('a', A, jwt({ sub: A.toUpperCase(), channels: { chat: 'rw', data: 'w', nope: 'r' } }), {
      chat: 'n',
    }),
    leave('a'),
    ...entered('b', B, jwt({ channels: ['data'] }), { data: 'd' }),
    leave('b'),
    ...entered('c', B, jwt({ exp: 4_102_444_800 }), { chat: 'n', data: 'd', news: 'w' }),
    leave('c'),
  ]),
  row('another id, another signature, claims that are none, or an end that is past', '6.2', [
    ...[
      jwt({ sub: B }),
      jwt({ sub: 7 }),
      jwt({ channels: 'chat' }),
      jwt({ channels: { chat: 'x' } }),
      jwt({}, 'another-secret-of-32-characters-x'),
      'a.b.c',
    ].flatMap((text, index): readonly Step[] => [
      join(`a${index}`),
      say(`a${index}`, auth(A, [], token(text))),
      over(`a${index}`, 1008, unauthorized),
    ]),
    join('e'),
    say('e', auth(A, [], token(jwt({ exp: expiredSeconds })))),
    over('e', 1008, error('unauthorized', 'token expired')),
  ]),
  row('with its token a connection ends, and is told why', '6.2', [
    join('a'),
    say(
      'a',
      `{"channel":"system","payload":{"op":"auth","client_id":"${A}","capabilities":["chat"],"token":"EXPIRES"}}`,
    ),
    isIn('a', A, ['chat'], authOk({ heads: { chat: 'n' } })),
    over('a', 1008, goodbye('token expired')),
    [streamOf('s', `?client_id=${A}&channels=chat&token=EXPIRES`), streamed],
    isIn(
      's',
      A,
      ['chat'],
      ...streams('s', A, '', { heads: { chat: 'n' } }).flatMap(([, expect]) =>
        'texts' in expect ? expect.texts : [],
      ),
    ),
    over('s', 'last chunk', event('system', undefined, superposed('goodbye', '"reason":"token expired"'))),
  ]),
]

export const authRows: readonly Exchange[] = [
  ...fixed.map(each => ({ ...each, settings: guarded.settings })),
  ...tokens.map(each => ({ ...each, settings: signed.settings })),
]
