// Contract §13.10: what browsers of other sites are told.
import type { Headers } from '../../../helpers/raw-http.ts'
import { answer, ask, at, type GripRow, get, opened, origin, plain, reply, row } from '../vocabulary.ts'

const shared = (origin: string): Headers => [
  ['access-control-allow-credentials', 'true'],
  ['access-control-allow-origin', origin],
  ['access-control-max-age', '3600'],
]
const methods = ['access-control-allow-methods', 'OPTIONS, HEAD, GET, POST, PUT, DELETE'] as const
const type = ['content-type', 'text/plain'] as const

export const browsers: readonly GripRow[] = [
  row(
    '290',
    'an answer may be read by everybody',
    [at('/aco/290', plain('x\n'))],
    [[get('/aco/290'), answer('200 OK', [type, methods, ...shared('*')], 'x\n', { inOrder: true })]],
  ),
  row(
    '290',
    'with its own headers',
    [
      at(
        '/aco/290b',
        reply(
          [
            ['X-A', '1'],
            ['Grip-Hold', 'stream'],
          ],
          '',
        ),
      ),
    ],
    [
      [
        get('/aco/290b', [['Origin', 'http://a.test']]),
        opened([
          type,
          ['x-a', '1'],
          methods,
          ['access-control-expose-headers', 'X-A'],
          ...shared('http://a.test'),
        ]),
      ],
    ],
  ),
  row(
    '291',
    'a browser that asks first is answered by the origin',
    [at('/aco/291', plain('x\n'))],
    [
      [
        ask('OPTIONS', '/aco/291', [
          ['Origin', 'http://a.test'],
          ['Access-Control-Request-Method', 'PUT'],
          ['Access-Control-Request-Headers', 'X-A, X-B'],
        ]),
        answer(
          '200 OK',
          [
            type,
            ['access-control-allow-methods', 'PUT'],
            ['access-control-allow-headers', 'X-A, X-B'],
            ...shared('http://a.test'),
          ],
          'x\n',
        ),
      ],
      origin('/aco/291', { line: 'OPTIONS /aco/291' }),
    ],
  ),
  row(
    '292',
    'what the origin says itself is kept',
    [at('/aco/292', reply([['Access-Control-Allow-Origin', 'http://b.test']], 'x\n'))],
    [
      [
        get('/aco/292', [['Origin', 'http://a.test']]),
        answer('200 OK', [type, methods, ...shared('http://b.test')], 'x\n'),
      ],
    ],
  ),
]
