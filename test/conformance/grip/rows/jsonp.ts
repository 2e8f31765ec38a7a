// Contract §13.10, rows 293 to 295: requests that pages of other sites make by scripts.
import type { Headers } from '../../../helpers/raw-http.ts'
import type { ExpectedAnswer } from '../../words.ts'
import {
  answer,
  at,
  differs,
  type GripRow,
  get,
  instructs,
  openedSomehow,
  origin,
  plain,
  read,
  reply,
  row,
  streams,
  text,
} from '../vocabulary.ts'

export const cors: Headers = [
  ['content-type', 'text/plain'],
  ['access-control-allow-methods', 'OPTIONS, HEAD, GET, POST, PUT, DELETE'],
  ['access-control-allow-credentials', 'true'],
  ['access-control-allow-origin', '*'],
  ['access-control-max-age', '3600'],
]
const invalid = (name: string): ExpectedAnswer =>
  answer('400 Bad Request', cors, `Invalid ${name} parameter.\n`)
export const type = ['content-type', 'application/javascript'] as const
export const script = (body: string, more: Headers = []): ExpectedAnswer =>
  answer('200 OK', [type, ...more], body)
/** Whether a short answer of an origin is whole in time is a matter of chance in the original. */
export const somehow = (body: string): ExpectedAnswer => ({
  ...script(body),
  headers: [type],
  anyFraming: true,
})
const extended = (code: number, reason: string, headers: string, body: string): string =>
  `/**/cb({"code": ${code}, "reason": "${reason}", "headers": {${headers}}, "body": "${body}"});\n`
export const chunks = (...pieces: readonly string[]): readonly string[] => [
  'HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  ...pieces.map(piece => `${piece.length.toString(16)}\r\n${piece}\r\n`),
  '0\r\n\r\n',
]

const refusals = [
  ['an empty callback', '/aco/295?callback=', 'callback'],
  ['headers that are none', '/aco/295?callback=a&_headers={', '_headers'],
  ['headers without text', '/aco/295?callback=a&_headers={"a":1}', '_headers'],
  ['a method that is none', '/aco/295?callback=a&_method=%01', '_method'],
  ['an empty method', '/aco/295?callback=a&_method=', '_method'],
  ['an empty body', '/aco/295?callback=a&_body=', '_body'],
  ['an empty body of a name of its own', '/jb/295?bparam=', 'body'],
] as const

export const jsonp: readonly GripRow[] = [
  row(
    '293',
    'an answer becomes a call',
    [
      at(
        '/aco/293',
        reply(
          [
            ['X-B', '1'],
            ['X-A', '2'],
            ['X-A', '3'],
            ['Cache-Control', 'no-cache'],
          ],
          'a "b"\n',
          '201 Made',
        ),
      ),
    ],
    [
      [
        get('/aco/293?callback=cb&a=1', [['Accept', 'text/html']]),
        script(
          extended(
            201,
            'Made',
            '"Cache-Control":"no-cache","Content-Length":"6","Content-Type":"text/plain","X-A":"2","X-B":"1"',
            'a \\"b\\"\\n',
          ),
          [['cache-control', 'no-cache']],
        ),
      ],
      origin('/aco/293', { line: 'GET /aco/293?a=1', has: [['accept', '*/*']] }),
    ],
  ),
  row(
    '293',
    'the call may be to a path, and what else is asked for stays as it is',
    [at('/aco/293b', plain('x'))],
    [
      [
        get('/aco/293b?a+b&callback=a.b%5B0%5D&x=%26y&callback=q'),
        somehow(
          extended(200, 'OK', '"Content-Length":"1","Content-Type":"text/plain"', 'x').replace(
            'cb',
            'a.b[0]',
          ),
        ),
      ],
      origin('/aco/293b', { line: 'GET /aco/293b?a+b&x=%26y' }),
    ],
  ),
  row(
    '293',
    'a script in place of a name is not called',
    [at('/aco/293c', plain('x'))],
    [[get('/aco/293c?callback=alert(1)%2F%2F'), invalid('callback')]],
    differs('scripts as names', {
      1: somehow(
        extended(200, 'OK', '"Content-Length":"1","Content-Type":"text/plain"', 'x').replace(
          'cb',
          'alert(1)//',
        ),
      ),
    }),
  ),
  row(
    '293',
    'where there is no answer the call says so',
    [],
    [
      [
        get('/acodown/293d?callback=cb'),
        script(
          extended(
            502,
            'Bad Gateway',
            '"Content-Length":"53","Content-Type":"text/plain"',
            'Unable to connect to any targets. Tried: 127.0.0.1:1\\n',
          ),
        ),
      ],
    ],
  ),
  row(
    '293',
    'an answer in pieces becomes a script in pieces',
    [at('/aco/293e', { pieces: chunks('ab\n', 'c"d'), gapMs: 200 })],
    [[get('/aco/293e?callback=cb'), somehow(extended(200, 'OK', '"X-A":"1"', 'ab\\nc\\"d'))]],
  ),
  row(
    '293',
    'an answer to something else than GET is as it is',
    [at('/aco/293f', plain('x\n'))],
    [
      [
        { ...get('/aco/293f?callback=cb'), method: 'HEAD' },
        { ...answer('200 OK', cors, ''), headers: cors, anyFraming: true },
      ],
    ],
  ),
  row(
    '293',
    'a stream is as it is',
    [at('/aco/293g', streams('c293g', 'open\n'))],
    [
      [
        get('/aco/293g?callback=cb'),
        { ...openedSomehow, answer: { ...openedSomehow.answer, headers: cors } },
      ],
      [read(), text('open\n')],
    ],
  ),
  row(
    '293',
    'what an origin instructs is in the call',
    [at('/aco/293h', instructs({ response: { code: 203, headers: { 'X-C': '3' }, body: 'in\n' } }))],
    [
      [
        get('/aco/293h?callback=cb'),
        script(extended(203, 'Non-Authoritative Information', '"X-C":"3"', 'in\\n')),
      ],
    ],
  ),
  row(
    '294',
    'the query says method, headers and body',
    [at('/aco/294', plain('x\n'))],
    [
      [
        get(
          '/aco/294?callback=cb&_method=POST&_headers={"X-H":"1","Host":"evil","accept":"q"}&_body=hello%20w+x',
        ),
        somehow(extended(200, 'OK', '"Content-Length":"2","Content-Type":"text/plain"', 'x\\n')),
      ],
      origin('/aco/294', {
        line: 'POST /aco/294',
        has: [
          ['x-h', '1'],
          ['accept', '*/*'],
        ],
        body: 'hello w+x',
      }),
    ],
  ),
  row(
    '294',
    'without a callback it says nothing',
    [at('/aco/294b', plain('x\n'))],
    [
      [get('/aco/294b?_method=POST&_body=a'), answer('200 OK', cors, 'x\n')],
      origin('/aco/294b', { line: 'GET /aco/294b?_method=POST&_body=a' }),
    ],
  ),
  ...refusals.map(([name, target, parameter]) => row('295', name, [], [[get(target), invalid(parameter)]])),
]
