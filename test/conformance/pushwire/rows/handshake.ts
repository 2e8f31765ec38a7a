// How a WebSocket begins: the first message, its answer, and what waits between them (contract §1.6, rows 1 to 5).
import { opcode, frame as rawFrame } from '../../../helpers/raw-websocket.ts'
import { examples, taxonomy } from '../settings.ts'
import { auth, authOk, authOkMembers, error, frame, ids, op, said } from '../texts.ts'
import {
  bytesOf,
  type Exchange,
  enter,
  hears,
  isIn,
  join,
  leave,
  over,
  row,
  say,
  sends,
} from '../vocabulary.ts'

const { A, B } = ids
const heads = { chat: 'chat' }
const authExpected = error('auth_expected', 'the first message must be auth')

/** So many bytes; the frame around the payload counts. */
function sized(bytes: number): string {
  const text = auth(A, ['chat'], ',"token":""')
  return text.replace('"token":""', `"token":"${'x'.repeat(bytes - text.length)}"`)
}

const answers: readonly Exchange[] = [
  row(
    'the first text that the server sends is auth_ok',
    'row 1',
    [
      join('a'),
      say('a', `{"channel":"system","payload":{"op":"auth","client_id":"${A}","capabilities":["chat"]}}`),
      isIn('a', A, ['chat'], authOk({ heads })),
      leave('a'),
    ],
    examples,
  ),
  row(
    'without capabilities a client is subscribed to every channel that it may read',
    '1.4',
    [
      join('a'),
      say('a', system(`"client_id":"${A}"`)),
      isIn('a', A, ['chat', 'demo'], authOk({ heads: { chat: 'chat', demo: 'demo' } })),
      leave('a'),
      join('b'),
      say('b', system(`"client_id":"${A}","capabilities":[]`)),
      isIn('b', A, ['chat', 'demo'], authOk({ heads: { chat: 'chat', demo: 'demo' } })),
      leave('b'),
    ],
    examples,
  ),
  row('a bare auth has a bare answer', 'row 2', [
    join('a'),
    say('a', `{"op":"auth","client_id":"${A}","capabilities":["chat"]}`),
    isIn('a', A, ['chat'], `{"op":"auth_ok",${authOkMembers({ heads })}}`),
    leave('a'),
  ]),
  row('the tag of the answer is that of auth', 'row 3', [
    join('a'),
    say('a', `{"channel":"system","payload":{"type":"auth","client_id":"${A}","capabilities":["chat"]}}`),
    isIn('a', A, ['chat'], `{"channel":"system","payload":{"type":"auth_ok",${authOkMembers({ heads })}}}`),
    leave('a'),
  ]),
  row('an external tag in Pascal case has an answer of its kind', 'row 4', [
    join('a'),
    say('a', `{"Auth":{"client_id":"${A}","capabilities":["chat"]}}`),
    isIn('a', A, ['chat'], `{"AuthOk":{${authOkMembers({ heads })}}}`),
    leave('a'),
  ]),
  row('null is what is missing, and members that nobody knows are passed over', '1.4', [
    join('a'),
    say(
      'a',
      auth(
        A,
        ['chat'],
        ',"token":null,"resume_cursor":null,"resume_cursors":null,"resume_epochs":null,"new":{"a":[1]}',
      ),
    ),
    isIn('a', A, ['chat'], authOk({ heads })),
    leave('a'),
  ]),
  row('a client id may be in upper case, and is said in lower case', '1.3', [
    join('a'),
    say('a', auth(A.toUpperCase(), ['chat'])),
    isIn('a', A, ['chat'], authOk({ heads })),
    sends('a', 'chat', said('chat', '1')),
    hears('a', frame('chat', 'chat+1', '1', A)),
    leave('a'),
  ]),
  row(
    'the system channel may be named and means nothing; what a client may not have is told behind auth_ok',
    '1.4',
    [
      join('a'),
      say('a', auth(A, ['system', 'nope', 'chat', 'chat', 'Chat'])),
      isIn('a', A, ['chat'], authOk({ heads })),
      hears('a', error('channel_not_allowed', 'channel not allowed: nope, Chat')),
      leave('a'),
    ],
  ),
  row('a client of no channel at all may speak', '1.4', [
    join('a'),
    say('a', auth(A, ['nope'])),
    isIn('a', A, [], authOk({ heads: {} }), error('channel_not_allowed', 'channel not allowed: nope')),
    say('a', op('ping')),
    hears('a', op('pong')),
    leave('a'),
  ]),
  row('a second auth is an error, and the connection stays', '1.4', [
    ...enter('a', A, heads),
    say('a', auth(B, ['data']), op('ping')),
    hears('a', error('auth_repeated', 'authenticated already'), op('pong')),
    leave('a'),
  ]),
]

function system(fields: string): string {
  return `{"channel":"system","payload":{"op":"auth",${fields}}}`
}

const refusals: readonly Exchange[] = [
  row('a first message that is a frame ends the connection', 'row 5', [
    join('a'),
    say('a', said('chat', '{"msg":"hi"}')),
    over('a', 1008, authExpected),
  ]),
  ...Object.entries({
    'another operation': op('ping'),
    'no JSON': '{"op":',
    'an empty text': '',
    'a text of JSON': '"ping"',
    'an operation of the server': op('auth_ok'),
    'an operation that nobody knows': op('login'),
  }).map(([what, text]) =>
    row(`a first message that is ${what} ends the connection`, '1.6', [
      join('a'),
      say('a', text),
      over('a', 1008, text === '"ping"' ? bare(authExpected, 'external') : authExpected),
    ]),
  ),
  row('a first message that is another operation is answered in its dialect', '1.5', [
    join('a'),
    say('a', '{"kind":"Ping"}'),
    over('a', 1008, '{"kind":"Error","message":"the first message must be auth","code":"auth_expected"}'),
  ]),
  ...['', ',"client_id":null', ',"client_id":7', ',"client_id":"me"', `,"client_id":"${A}0"`].map(field =>
    row(
      `an auth${field === '' ? ' without a client id' : ` with ${field.slice(1)}`} is refused like a bad token`,
      '1.4',
      [
        join('a'),
        say('a', `{"channel":"system","payload":{"op":"auth"${field}}}`),
        over('a', 1008, error('unauthorized', 'unauthorized')),
      ],
    ),
  ),
  ...Object.entries({
    resume_cursor: '"resume_cursor":-1',
    resume_cursors: '"resume_cursors":{"chat":9007199254740992}',
    resume_epochs: '"resume_epochs":{"chat":"é"}',
    capabilities: '"capabilities":"chat"',
    token: '"token":7',
  }).map(([field, text]) =>
    row(`an auth whose ${field} does not fit is no auth, and is told so`, '1.4, 3.3', [
      join('a'),
      say('a', `{"channel":"system","payload":{"op":"auth","client_id":"${A}",${text}}}`),
      over('a', 1008, error('invalid_field', `missing or invalid: ${field}`)),
    ]),
  ),
  row('a binary message ends the connection, before auth and behind it', '1.7', [
    join('a'),
    bytesOf('a', rawFrame(opcode.binary, 'x')),
    over('a', 1003, error('binary_not_agreed', 'binary messages were not agreed on')),
    ...enter('b', A, heads),
    bytesOf('b', rawFrame(opcode.binary, 'RP')),
    over('b', 1003, error('binary_not_agreed', 'binary messages were not agreed on')),
  ]),
  row('deviation: a text that is not UTF-8 ends the connection without a frame', '1.7', [
    join('a'),
    bytesOf('a', rawFrame(opcode.text, Buffer.from([0xff]))),
    over('a', 'cut'),
  ]),
  row('a first message has 32 KiB at most', '1.6', [
    join('a'),
    say('a', sized(32_768)),
    isIn('a', A, ['chat'], authOk({ heads })),
    leave('a'),
    join('b'),
    say('b', sized(32_769)),
    over('b', 1009),
  ]),
]

function bare(text: string, style: 'external'): string {
  const { op: name, ...fields } = JSON.parse(text).payload
  return JSON.stringify(style === 'external' ? { [name]: fields } : fields)
}

const pings = (count: number) => Array<string>(count).fill(op('ping'))
const pongs = (count: number) => Array<string>(count).fill(op('pong'))
/** An operation of so many bytes. */
const padded = (bytes: number) => {
  const text = op('ping', { pad: '' })
  return text.replace('""', `"${'x'.repeat(bytes - text.length)}"`)
}

/** All of it in one segment. Of three workers one owns chat and another one joined: not both have answered by then. */
const waiting: readonly Exchange[] = [
  row(
    'up to 16 messages wait for the answer to auth, and are heard in their order',
    '1.6',
    [
      join('a'),
      say('a', auth(A, ['chat']), ...pings(15), said('nope', '1')),
      isIn(
        'a',
        A,
        ['chat'],
        authOk({ heads }),
        ...pongs(15),
        error('unknown_channel', 'unknown channel: nope'),
      ),
      leave('a'),
    ],
    { workers: 3 },
  ),
  row(
    'more messages than that end the connection',
    '1.6',
    [
      join('a'),
      say('a', auth(A, ['chat', 'joined']), ...pings(17)),
      // It never claimed its id: the control stream was not live yet.
      over('a', 1008, error('auth_pending', 'too many messages before auth_ok')),
    ],
    { workers: 3 },
  ),
  row(
    'up to 64 KiB wait for the answer to auth',
    '1.6',
    [
      join('a'),
      say('a', auth(A, ['chat']), padded(65_536)),
      isIn('a', A, ['chat'], authOk({ heads }), op('pong')),
      leave('a'),
    ],
    { workers: 3 },
  ),
]

export const handshakes: readonly Exchange[] = [...answers, ...refusals, ...waiting].map(each => ({
  ...taxonomy,
  ...each,
}))
