// Contract §13.2, second half: clients whose requests are not the usual ones.

import type { ExpectedAnswer } from '../../words.ts'
import {
  act,
  answer,
  at,
  bytes,
  closed,
  differs,
  type Expect,
  type GripRow,
  get,
  ok,
  opened,
  origin,
  over,
  plain,
  publishStream,
  read,
  reply,
  row,
  said,
  streams,
  text,
  waits,
} from '../vocabulary.ts'

const many = (...answers: readonly ExpectedAnswer[]): Expect => ({ kind: 'answers', answers, publishes: 0 })
const dropped: Expect = { kind: 'dropped', publishes: 0 }
const goingOn: ExpectedAnswer = { ...answer('100 Continue', [], ''), headers: [] }
/** Says what is wrong, and closes. */
const early = (why: string, line = 'HTTP/1.0 400 Bad Request') =>
  many({
    kind: 'answer',
    status: Number(line.split(' ')[1]),
    line,
    headers: [
      ['content-type', 'text/plain'],
      ['content-length', '*'],
      ['connection', 'close'],
    ],
    body: why,
  })
const headers = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: 1\r\n`).join('')
/** Less the grain of two clocks. */
const minuteMs = 59_000
const hostLine = 'Host: t\r\n'

export const connections: readonly GripRow[] = [
  row(
    '55',
    'a client that waits for it is told to go on',
    [],
    [
      [
        bytes(`POST /55 HTTP/1.1\r\n${hostLine}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`, 'hello'),
        many(goingOn, ok),
      ],
      origin('/55', { body: 'hello', lacks: ['Expect'] }),
    ],
  ),
  row(
    '56',
    'HTTP/1.0 is answered in kind',
    [],
    [
      [bytes(`GET /56 HTTP/1.0\r\n${hostLine}\r\n`), many({ ...ok, line: 'HTTP/1.0 200 OK', closes: true })],
      origin('/56', { line: 'GET /56' }),
    ],
  ),
  row(
    '57',
    'pipelined requests are answered in order',
    [at('/57a', { ...plain('first\n'), delayMs: 200 }), at('/57b', plain('second\n'))],
    [
      [
        bytes(`GET /57a HTTP/1.1\r\n${hostLine}\r\nGET /57b HTTP/1.1\r\n${hostLine}\r\n`),
        many(said('200 OK', 'first\n'), said('200 OK', 'second\n')),
      ],
    ],
  ),
  row(
    '58',
    'a request behind a held stream waits',
    [at('/58', streams('c58', 'held\n'))],
    [
      [bytes(`GET /58 HTTP/1.1\r\n${hostLine}\r\nGET /58b HTTP/1.1\r\n${hostLine}\r\n`), opened()],
      [read(), text('held\n')],
      publishStream('c58', 'm\n'),
      [read(), text('m\n')],
      origin('/58b'),
      act('c58', 'close'),
      [read(), over()],
      [read(), ok],
    ],
  ),
  row(
    '59',
    'a client that ends its half has left',
    [at('/59', streams('c59', ''))],
    [
      [get('/59'), opened()],
      [{ kind: 'finish', subscriber: 'one' }, closed],
      publishStream('c59', 'too late\n'),
      [read(), closed],
    ],
  ),
  row(
    '60',
    'who names no host means this one',
    [],
    [[bytes('GET /60 HTTP/1.1\r\n\r\n'), many(ok)], origin('/60', { has: [['Host', 'localhost']] })],
  ),
  row(
    '61',
    'what is no request is refused',
    [],
    [[bytes('GARBAGE\r\n\r\n'), early('Failed to parse request: invalid token\n')]],
    differs('early errors', { 1: dropped }),
  ),
  row(
    '62',
    'a head of more than 8,192 bytes is refused',
    [],
    [
      [
        bytes(`GET /62 HTTP/1.1\r\n${hostLine}X-Long: ${'x'.repeat(9_000)}\r\n\r\n`),
        early('Request header size exceeded limit of 8192 bytes.\n'),
      ],
      origin('/62'),
    ],
    differs('early errors', { 1: dropped }),
  ),
  row(
    '63',
    '70 headers are too many',
    [],
    [
      [
        bytes(`GET /63 HTTP/1.1\r\n${hostLine}${headers(70)}\r\n`),
        early('Failed to parse request: too many headers\n'),
      ],
      origin('/63'),
    ],
    differs('early errors', { 1: dropped }),
  ),
  row('63', '64 are not', [], [[bytes(`GET /63b HTTP/1.1\r\n${hostLine}${headers(63)}\r\n`), many(ok)]]),
  row(
    '65',
    'the check of the original is an ordinary header',
    [],
    [[get('/65', [['Pushpin-Check', '1']]), ok], origin('/65', { has: [['Pushpin-Check', '1']] })],
    differs('licence notice', {
      1: {
        ...said('200 OK', ''),
        headers: [
          ['content-type', 'text/plain'],
          ['content-length', '*'],
        ],
        body: /./,
      },
      2: { kind: 'received', requests: [] },
    }),
  ),
  ...(
    [
      ['nothing is said', bytes('')],
      ['half a head came', bytes(`GET /64 HTTP/1.1\r\n${hostLine}X-A:`)],
    ] as const
  ).map(([what, send]) =>
    row(
      '64',
      `a connection on which ${what} is closed after a minute`,
      [],
      [
        [send, waits],
        [read(), { kind: 'closedLate', fromMs: minuteMs }],
      ],
      { long: 'everywhere' },
    ),
  ),
  row(
    '64',
    'so is one whose request was answered',
    [],
    [
      [bytes(`GET /64c HTTP/1.1\r\n${hostLine}\r\n`), waits],
      [read(), ok],
      [read(), { kind: 'closedLate', fromMs: minuteMs }],
    ],
    { long: 'everywhere' },
  ),
  row(
    'fault 22',
    'a body of no bytes leaves the connection',
    [],
    [
      [bytes(`POST /f22 HTTP/1.1\r\n${hostLine}Content-Length: 0\r\n\r\n`), many(ok)],
      [bytes(`GET /f22b HTTP/1.1\r\n${hostLine}\r\n`), many(ok)],
    ],
    differs('empty connection', {
      1: many({ ...ok, headers: [...ok.headers, ['connection', 'close']] }),
    }),
  ),
  row(
    'fault 5',
    'a body that its origin tore off is torn off for the client',
    [
      at('/f5', {
        pieces: [
          'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
          '',
        ],
        gapMs: 200,
        ends: 'reset',
      }),
    ],
    [
      [get('/f5'), opened()],
      [read(), text('half')],
      [read(), { kind: 'torn' }],
    ],
    differs('torn bodies', { 3: over() }),
  ),
  row(
    'fault 28',
    'a path is resolved before it chooses a rule',
    [],
    [[get('/ids/../th/f28'), ok], origin('/th/f28', { has: [['Host', 'target.example']] })],
    differs('paths as they are', {
      2: { kind: 'received', requests: [] },
    }),
  ),
  row(
    '73',
    'a connection that its client wants closed is closed',
    [at('/close', reply([], 'bye\n'))],
    [
      [
        get('/close', [['Connection', 'close']]),
        {
          ...said('200 OK', 'bye\n'),
          headers: [
            ['content-type', 'text/plain'],
            ['content-length', '4'],
            ['connection', 'close'],
          ],
        },
      ],
    ],
  ),
]
