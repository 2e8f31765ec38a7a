// Contract §13.2, first part: what an origin is asked.
import {
  answer,
  at,
  differs,
  type GripRow,
  get,
  ok,
  opened,
  origin,
  read,
  row,
  signed,
  streams,
  text,
} from '../vocabulary.ts'

const features =
  /^status, session, link:next(?:, link:gone)?(?:, filter:skip-self, filter:skip-users, filter:require-sub, filter:build-id, filter:var-subst(?:, filter:http-check, filter:http-modify)?)?$/
const byDefault = { iss: 'pushpin', key: 'changeme' } as const

/** Several settings at once, since each daemon takes its time to start. */
export const set = {
  settings: {
    x_forwarded_for: 'truncate:1,append',
    accept_x_forwarded_protocol: 'true',
    set_x_forwarded_protocol: 'true',
    cdn_loop: 'mycdn',
    upstream_key: 'key-of-a-proxy-in-front-of-this-one',
    message_rate: '20',
  },
} as const
const nowSeconds = Math.floor(Date.now() / 1_000)
const trusted = signed(set.settings.upstream_key, { exp: nowSeconds + 3_600 })
const expired = signed(set.settings.upstream_key, { exp: nowSeconds - 10 })
const forged = signed('some-other-key-of-some-other-proxy', { exp: nowSeconds + 3_600 })

export const proxying: readonly GripRow[] = [
  row(
    '30',
    'every request is signed and tells what is understood',
    [],
    [
      [get('/30?a=%20b&c'), ok],
      origin('/30', { line: 'GET /30?a=%20b&c', signed: byDefault, has: [['Grip-Feature', features]] }),
    ],
  ),
  row(
    '31',
    'headers are passed on but those of the connection, and none is added',
    [],
    [
      [
        get('/31', [
          ['Connection', 'X-Drop'],
          ['X-Drop', '1'],
          ['TE', 'trailers'],
          ['Via', '1.0 fred'],
          ['Forwarded', 'for=1.1.1.1'],
          ['Proxy-Authorization', 'Basic eDp5'],
        ]),
        ok,
      ],
      origin('/31', {
        has: [
          ['TE', 'trailers'],
          ['Via', '1.0 fred'],
          ['Forwarded', 'for=1.1.1.1'],
          ['Proxy-Authorization', 'Basic eDp5'],
        ],
      }),
    ],
  ),
  row(
    '32',
    'an encoding is a matter of the connection',
    [],
    [
      [
        get('/32', [
          ['Accept-Encoding', 'gzip'],
          ['Content-Encoding', 'x'],
          ['Keep-Alive', 'timeout=5'],
        ]),
        ok,
      ],
      origin('/32', { lacks: ['Content-Encoding', 'Keep-Alive', 'Accept-Encoding'] }),
    ],
    differs('decompression', {
      2: { kind: 'received', requests: [{ lacks: ['Content-Encoding', 'Keep-Alive'] }] },
    }),
  ),
  row(
    '33',
    'a client cannot say that it came by TLS',
    [],
    [
      [get('/33', [['X-Forwarded-Proto', 'https']]), ok],
      origin('/33', { lacks: ['X-Forwarded-Proto', 'X-Forwarded-Protocol'] }),
    ],
  ),
  row(
    '34',
    'X-Forwarded-For stays as it is, behind what is added',
    [],
    [
      [get('/34', [['X-Forwarded-For', '9.9.9.9']]), ok],
      origin('/34', {
        has: [
          ['Grip-Feature', /./],
          ['X-Forwarded-For', '9.9.9.9'],
        ],
      }),
    ],
  ),
  row(
    '35',
    'X-Forwarded-For is shortened and continued by rule',
    [],
    [
      [get('/35', [['X-Forwarded-For', '1.1.1.1, 2.2.2.2']]), ok],
      origin('/35', { has: [['X-Forwarded-For', '2.2.2.2, 127.0.0.1']] }),
    ],
    set,
  ),
  row(
    '36',
    'a client is believed that it came by TLS',
    [],
    [
      [get('/36', [['X-Forwarded-Protocol', 'wss']]), ok],
      origin('/36', {
        has: [
          ['X-Forwarded-Proto', 'https'],
          ['X-Forwarded-Protocol', 'https'],
        ],
      }),
    ],
    set,
  ),
  row(
    '38',
    'CDN-Loop is continued',
    [],
    [[get('/38', [['CDN-Loop', 'a, b']]), ok], origin('/38', { has: [['CDN-Loop', 'a, b, mycdn']] })],
    {
      ...set,
      ...differs('no CDN-Loop', { 2: { kind: 'received', requests: [{ has: [['CDN-Loop', 'a, b']] }] } }),
    },
  ),
  row(
    '39',
    'a proxy in front speaks GRIP with the origin itself',
    [at('/39', streams('c39', 'for the proxy\n'))],
    [
      [
        get('/39', [
          ['Grip-Sig', trusted],
          ['Grip-Foo', '1'],
        ]),
        answer(
          '200 OK',
          [
            ['content-type', 'text/plain'],
            ['grip-hold', 'stream'],
            ['grip-channel', 'c39'],
          ],
          'for the proxy\n',
        ),
      ],
      origin('/39', {
        has: [
          ['Grip-Sig', trusted],
          ['Grip-Foo', '1'],
        ],
        lacks: ['Grip-Feature'],
      }),
    ],
    set,
  ),
  ...Object.entries({ expired, forged }).map(([what, token]) =>
    row(
      '40',
      `who has a token that is ${what} is a client`,
      [at(`/40-${what}`, streams(`c40-${what}`, 'held\n'))],
      [
        [
          get(`/40-${what}`, [
            ['Grip-Sig', token],
            ['Grip-Foo', '1'],
          ]),
          opened(),
        ],
        [read(), text('held\n')],
        origin(`/40-${what}`, { signed: byDefault, lacks: ['Grip-Foo'] }),
      ],
      set,
    ),
  ),
]
