// Contract §13.10, rows 296 and 297: scripts that get the body alone, and those that wait.
import {
  answer,
  at,
  type GripRow,
  get,
  origin,
  pass,
  plain,
  polls,
  publishResponse,
  read,
  row,
  times,
  waits,
} from '../vocabulary.ts'
import { chunks, cors, script, somehow, type } from './jsonp.ts'

export const jsonpModes: readonly GripRow[] = [
  row(
    '296',
    'a body under a name of its own, and a usual callback',
    [at('/jb/296', plain('"POST"\n'))],
    [
      [get('/jb/296?bparam={}&_body=a'), somehow('/**/jpcb("POST");\n')],
      origin('/jb/296', {
        line: 'POST /jb/296?_body=a',
        has: [['content-type', 'application/json']],
        body: '{}',
      }),
    ],
  ),
  row(
    '296',
    'a callback under a name of its own, and one line end less',
    [at('/jb/296b', plain('"a"\n\r\n', '404 Not Found'))],
    [
      [get('/jb/296b?jc=a'), somehow('/**/a("a"\n);\n')],
      origin('/jb/296b', { line: 'POST /jb/296b', body: '' }),
    ],
  ),
  row(
    '296',
    'in pieces, too, the last line end is none of its own',
    [at('/jb/296c', { pieces: chunks('1\n', '+2\r\n'), gapMs: 200 })],
    [[get('/jb/296c?jc=a'), somehow('/**/a(1\n+2);\n')]],
  ),
  row(
    '296',
    'the usual name is none where there is another',
    [at('/jb/296d', plain('x\n'))],
    [[get('/jb/296d?callback=a'), answer('200 OK', cors, 'x\n')]],
  ),
  row(
    '296',
    'a usual method',
    [at('/jm/296e', plain('1\n'))],
    [
      [get('/jm/296e?callback=a&_body=b'), somehow('/**/a(1);\n')],
      origin('/jm/296e', { line: 'PUT /jm/296e', body: 'b' }),
    ],
  ),
  row(
    '296',
    'nothing is no argument',
    [at('/jm/296f', plain(''))],
    [
      [
        get('/jm/296f?callback=a'),
        answer(
          '500 Internal Server Error',
          [['content-type', 'text/plain']],
          'Upstream response could not be JSON-P encoded.\n',
        ),
      ],
    ],
  ),
  row(
    '297',
    'a long-poll is answered by a call',
    [
      at(
        '/aco/297',
        polls('c297', 'timeout\n', [
          ['X-A', '1'],
          ['X-A', '2'],
        ]),
      ),
    ],
    [
      [get('/aco/297?callback=cb'), waits],
      [{ kind: 'origin', path: '/aco/297' }, times(1)],
      pass(200),
      publishResponse('c297', { code: 202, body: 'pub\n', headers: { 'X-B': '2' } }),
      [
        read(),
        answer(
          '200 OK',
          [['x-a', '1'], ['x-a', '2'], ['x-b', '2'], type],
          '/**/cb({"body":"pub\\n","code":202,"headers":{"Content-Type":"text/plain","X-A":"1, 2","X-B":"2"},"reason":"Accepted"});\n',
        ),
      ],
    ],
  ),
  row(
    '297',
    'by the body alone',
    [at('/jm/297b', polls('c297b', 'timeout\n'))],
    [
      [get('/jm/297b?callback=cb'), waits],
      [{ kind: 'origin', path: '/jm/297b' }, times(1)],
      pass(200),
      publishResponse('c297b', { code: 202, body: '[1]\n' }),
      [read(), script('/**/cb([1]);\n')],
    ],
  ),
]
