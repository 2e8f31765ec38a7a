// What the application asks for and does not get (contract §16), what it broadcasts, and its assets (§9, rows 45 to 47).
import { createHash } from 'node:crypto'
import { lanes, taxonomy } from '../settings.ts'
import { auth, authOk, frame, ids } from '../texts.ts'
import {
  ask,
  askWith,
  type Exchange,
  enter,
  hears,
  isIn,
  join,
  leave,
  row,
  type Step,
  say,
} from '../vocabulary.ts'

const { A } = ids
const nobody = '11111111-2222-4333-8444-555555555555'
/** Of nobody else: one for each row, so that its stream is new. */
const id = (number: number): string => `00000000-0000-4000-9000-${String(number).padStart(12, '0')}`

const problem = (status: number, code: string, title: string, detail = `${title}.`): string =>
  JSON.stringify({ type: `urn:ringcast:refusal:${code}`, title, status, code, detail })

const refusedAs = (
  method: string,
  path: string,
  body: string | undefined,
  status: number,
  code: string,
  title: string,
  detail?: string,
): Step => ask(method, path, body, status, problem(status, code, title, detail))

const known = (client: string): readonly Step[] => [
  join('a'),
  say('a', auth(client, ['mail'])),
  isIn('a', client, [], authOk({ heads: { mail: 'n-1' } })),
]

const form = 'It is an object with a payload, and the channel where the path has none, and nothing else.'
const invalid = (path: string, body: string): Step =>
  refusedAs('POST', path, body, 422, 'body-invalid', 'The body has another form', form)
const frameOf = (fields: object) => JSON.stringify({ channel: 'mail', payload: 1, ...fields })

const refusals: readonly Exchange[] = [
  row('a client that nobody knows is told apart from one that is away', '16', [
    ...(
      [
        ['GET', `clients/${nobody}`, undefined],
        ['DELETE', `clients/${nobody}`, undefined],
        ['POST', `clients/${nobody}/frames`, frameOf({})],
      ] as const
    ).map(([method, path, body]) =>
      refusedAs(
        method,
        path,
        body,
        404,
        'client-unknown',
        'No such client is known',
        'No connection has this id, and none had it lately.',
      ),
    ),
  ]),
  row('an id that is none, a channel that is none, and one that is for all', '16', [
    ...known(id(2)),
    refusedAs('GET', 'clients/me', undefined, 422, 'client-id-invalid', 'A client id is a UUID'),
    ...['nope', 'system'].map(channel =>
      refusedAs(
        'POST',
        `clients/${id(2)}/frames`,
        frameOf({ channel }),
        422,
        'channel-unknown',
        'The configuration has no such channel',
      ),
    ),
    refusedAs(
      'POST',
      `clients/${id(2)}/frames`,
      frameOf({ channel: 'chat' }),
      422,
      'channel-shared',
      'The channel is one stream for all',
      'It has scope channel: what is sent there is for everybody.',
    ),
    refusedAs(
      'POST',
      'broadcast/nope',
      '{"payload":1}',
      422,
      'channel-unknown',
      'The configuration has no such channel',
    ),
    leave('a'),
  ]),
  row('a body that has another form', '16', [
    ...known(id(3)),
    ...['{', '[]', '{"channel":"mail"}', '{"payload":1}', frameOf({ more: 1 }), frameOf({ channel: 7 })].map(
      body => invalid(`clients/${id(3)}/frames`, body),
    ),
    ...['', '{}', '{"payload":1,"to":2}'].map(body => invalid('broadcast/chat', body)),
    leave('a'),
  ]),
]

const broadcasts: readonly Exchange[] = [
  row('what the application broadcasts in channel scope is one frame for all, of nobody', '16', [
    ...enter('a', A, { chat: 'n-1' }),
    ask(
      'POST',
      'broadcast/chat',
      '{"payload":{"b":1.0, "a":12345678901234567890}}',
      200,
      '{"channel":"chat","cursor":<n>,"subscribers":1}',
      1,
    ),
    hears('a', frame('chat', 'n', '{"b":1.0, "a":12345678901234567890}')),
    leave('a'),
  ]),
]

const hello = Buffer.from('hello')
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const sha = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
const assetsOf = (client: string) => `clients/${client}/assets?channel=mail`
const inline = `{"type":"inline","mime":"image/png","sha256":"${sha}","size":5,"data_base64":"aGVsbG8="}`
const atLimit = Buffer.alloc(262_144, 1)
const overLimit = Buffer.alloc(262_145, 1)
const told = (client: string, cursor: string, payload: string): string =>
  `{"channel":"mail","client_id":"${client}","cursor":<${cursor}>,"subscribers":1,"payload":${payload}}`

const assetRows: readonly Exchange[] = [
  row('an asset of five bytes travels in its frame, without a name if it has none', 'row 45', [
    ...known(id(5)),
    askWith('image/png', assetsOf(id(5)), hello, 200, told(id(5), 'n', inline), 1),
    hears('a', frame('mail', 'n', inline)),
    askWith(
      'Image/PNG; charset=x',
      `${assetsOf(id(5))}&name=a%20%22b%22`,
      hello,
      200,
      told(id(5), 'n+1', `${inline.slice(0, -1)},"name":"a \\"b\\""}`),
      1,
    ),
    hears('a', frame('mail', 'n+1', `${inline.slice(0, -1)},"name":"a \\"b\\""}`)),
    leave('a'),
  ]),
  row('exactly at the limit it is in its frame, and a byte more at an address', 'row 46', [
    ...known(id(6)),
    ...(
      [
        [atLimit, `"data_base64":"${atLimit.toString('base64')}"`, 'inline', ''],
        [overLimit, `"url":"/rps/assets/${digest(overLimit)}.jpg"`, 'pointer', ''],
        [overLimit, '"url":"https://cdn.example/x"', 'pointer', '&url=https%3A%2F%2Fcdn.example%2Fx'],
      ] as const
    ).flatMap(([bytes, member, type, query], index): readonly Step[] => {
      const payload = `{"type":"${type}","mime":"image/jpeg","sha256":"${digest(bytes)}","size":${bytes.length},${member}}`
      return [
        askWith('image/jpeg', assetsOf(id(6)) + query, bytes, 200, told(id(6), `n+${index}`, payload), 1),
        hears('a', frame('mail', `n+${index}`, payload)),
      ]
    }),
    leave('a'),
  ]),
  row('another type is refused, and nothing is sent', 'row 47', [
    ...known(id(7)),
    ...['text/html', '', 'image/svg+xml'].map(mime =>
      askWith(
        mime,
        assetsOf(id(7)),
        hello,
        415,
        problem(415, 'asset-type', 'Assets cannot have this type'),
        0,
      ),
    ),
    leave('a'),
  ]),
].map(each => ({ ...each, settings: lanes.settings }))

const sniffed: readonly Exchange[] = [
  row('the first bytes must be those of the type', '9', [
    ...known(id(8)),
    askWith(
      'image/png',
      assetsOf(id(8)),
      hello,
      415,
      problem(415, 'asset-mismatch', 'The bytes are not of the type'),
      0,
    ),
    leave('a'),
  ]),
]

export const backendRows: readonly Exchange[] = [...refusals, ...broadcasts, ...assetRows, ...sniffed].map(
  each => ({
    ...taxonomy,
    ...each,
  }),
)
