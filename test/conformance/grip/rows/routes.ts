// Contract §13.1: which rule a request goes by, and what rules make of it.
import {
  act,
  answer,
  ask,
  at,
  done,
  failed,
  failedFor,
  type GripRow,
  get,
  ok,
  opened,
  origin,
  over,
  pass,
  plain,
  publishStream,
  read,
  row,
  said,
  streams,
  text,
  times,
} from '../vocabulary.ts'

export const routes: readonly GripRow[] = [
  row(
    '1',
    'path_rem takes from the path and leaves the query',
    [],
    [[get('/rem/r1?x=1'), ok], origin('/r1', { line: 'GET /r1?x=1' })],
  ),
  row(
    '2',
    'replace_beg puts something else there',
    [],
    [[get('/rep/r2'), ok], origin('/new/baser2', { line: 'GET /new/baser2' })],
  ),
  row(
    '3',
    'as_host names the host for the origin',
    [],
    [[get('/ash/3'), ok], origin('/ash/3', { has: [['Host', 'example.com:8080']] })],
  ),
  row(
    '4',
    'so does host of a target',
    [],
    [[get('/th/4'), ok], origin('/th/4', { has: [['Host', 'target.example']] })],
  ),
  row(
    '5',
    'set headers replace those of the client, the last first; an empty one removes',
    [],
    [
      [
        get('/hd/5', [
          ['User-Agent', 'zz'],
          ['X-Two', 'client'],
        ]),
        ok,
      ],
      origin('/hd/5', {
        has: [
          ['X-Two', '2'],
          ['X-One', '1'],
        ],
        lacks: ['User-Agent'],
      }),
    ],
  ),
  row(
    '6',
    'no_grip keeps GRIP from the origin',
    [],
    [
      [
        get('/ng/6', [
          ['Grip-Sig', 'z'],
          ['Grip-Foo', '1'],
        ]),
        ok,
      ],
      origin('/ng/6', { lacks: ['grip-*'] }),
    ],
  ),
  row(
    '6',
    'and GRIP of the origin is left alone',
    [at('/ng/6b', streams('c6', 'body\n'))],
    [
      [
        get('/ng/6b'),
        answer(
          '200 OK',
          [
            ['content-type', 'text/plain'],
            ['grip-hold', 'stream'],
            ['grip-channel', 'c6'],
          ],
          'body\n',
        ),
      ],
    ],
  ),
  row(
    '7',
    'a rule has its own issuer and key',
    [],
    [[get('/sig/7'), ok], origin('/sig/7', { signed: { iss: 'other', key: 'secret' } })],
  ),
  row(
    '8',
    'a host is found in any case and whatever its port',
    [],
    [[get('/anything8', [['host', 'HOST1.TEST:9999']]), ok], origin('/anything8', { has: [['Host', 'h1']] })],
  ),
  row(
    '9',
    'Pushpin-Route chooses a rule by its id and is not passed on',
    [],
    [
      [get('/q9', [['Pushpin-Route', 'onlyid']]), ok],
      origin('/q9', { has: [['Host', 'onlyid']], lacks: ['Pushpin-Route'] }),
    ],
  ),
  row(
    '10',
    'an id that no rule has is no route',
    [],
    [
      [
        get('/q10', [
          ['Pushpin-Route', 'nosuch'],
          ['host', 'other'],
        ]),
        said('502 Bad Gateway', 'No route for host: other\n'),
      ],
      origin('/q10'),
    ],
  ),
  row(
    '11',
    'orig_headers copies what the client sent under marked names',
    [],
    [
      [
        get('/oh/11', [
          ['X-A', '1'],
          ['Eb9bf0f5-X-B', '2'],
        ]),
        ok,
      ],
      origin('/oh/11', {
        has: [
          ['X-A', '1'],
          ['eb9bf0f5-Host', 't'],
          ['eb9bf0f5-X-A', '1'],
          ['Eb9bf0f5-X-B', '2'],
        ],
      }),
    ],
  ),
  row(
    '12',
    'marked names of a client are removed elsewhere',
    [],
    [[get('/12', [['Eb9bf0f5-X-B', '2']]), ok], origin('/12', { lacks: ['eb9bf0f5-*'] })],
  ),
  row(
    '13',
    'an untrusted target must not be a private address',
    [],
    [[get('/unt/13'), failed], origin('/unt/13')],
  ),
  row(
    '14',
    'the test target answers at its root',
    [],
    [[get('/t/'), said('200 OK', 'Hello from the Pushpin test handler!\n')]],
  ),
  row(
    '15',
    'and says what it does not have',
    [],
    [[get('/t/nosuch'), said('404 Not Found', 'no such test resource\n')]],
  ),
  row(
    '16',
    'and opens streams',
    [],
    [
      [get('/t/stream?channel=c16'), opened()],
      [read(), text('[stream opened]\n')],
      publishStream('c16', 'x\n'),
      [read(), text('x\n')],
    ],
  ),
  row('19', 'nobody listens there', [], [[get('/down/19'), failed]]),
  row(
    '20',
    'with debug all targets are named',
    [],
    [[get('/downdbg/20'), failedFor('Unable to connect to any targets. Tried: 127.0.0.1:1, 127.0.0.1:2')]],
  ),
  row(
    '22',
    'the next target is tried where nobody listens',
    [],
    [
      [get('/fo/22'), ok],
      [{ kind: 'origin', path: '/fo/22' }, times(1)],
    ],
  ),
  row(
    '23',
    'an answer of 500 is an answer',
    [at('/two/23', plain('no\n', '500 Internal Server Error'))],
    [
      [get('/two/23'), said('500 Internal Server Error', 'no\n')],
      [{ kind: 'origin', path: '/two/23' }, times(1)],
    ],
  ),
  row(
    '24',
    'a reset behind the request is no reason to try another target',
    [at('/two/24', { pieces: ['HTTP/1.1 200 OK\r\nContent-'], delayMs: 50, ends: 'reset' })],
    [
      [ask('POST', '/two/24', [], { body: 'x' }), failed],
      [{ kind: 'origin', path: '/two/24' }, times(1)],
    ],
  ),
  row(
    '25',
    'void lines are passed over',
    [],
    [[get('/25', [['host', 'apple']]), ok], origin('/25', { has: [['Host', 'apple']] })],
  ),
  row(
    '26',
    'quoted values have commas and quotes in them',
    [],
    [[get('/quoted/26'), ok], origin('/quoted/26', { has: [['X-From', 'washington, "usa"']] })],
  ),
  row(
    '28',
    'a changed file is read while holds go on',
    [at('/28', streams('c28', ''))],
    [
      [get('/28'), opened()],
      [{ kind: 'routes', lines: '*,path_beg=/new28/,header=X-New:28' }, done],
      pass(2_500),
      [get('/new28/x', [], 'two'), ok],
      origin('/new28/x', { has: [['X-New', '28']] }),
      publishStream('c28', 'still here\n'),
      [read(), text('still here\n')],
      act('c28', 'close'),
      [read(), over()],
    ],
    { isAlone: true },
  ),
  row(
    '29',
    'a host with rules of its own does not fall through to all hosts',
    [],
    [
      [get('/b29', [['host', 'host2.test']]), said('502 Bad Gateway', 'No route for host: host2.test\n')],
      [get('/a29', [['host', 'host2.test']]), ok],
    ],
  ),
]
