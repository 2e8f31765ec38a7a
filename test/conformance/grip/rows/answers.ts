// Contract §13.2, second part: bodies in both directions, and what of an origin's answer reaches the client.
import {
  answer,
  at,
  done,
  failed,
  type GripRow,
  get,
  leave,
  ok,
  opened,
  origin,
  over,
  pass,
  plain,
  polls,
  post,
  publishStream,
  read,
  reply,
  row,
  said,
  streams,
  text,
  times,
} from '../vocabulary.ts'

const events = ['Content-Type', 'application/websocket-events'] as const
const large = 5_000_000
const lines = (count: number) => 'x'.repeat(count - 1).concat('\n')

export const answers: readonly GripRow[] = [
  row(
    '41',
    'clients do not send WebSocket events themselves',
    [],
    [
      [
        post('/41', 'OPEN\r\n', [events]),
        said('403 Forbidden', 'Client not allowed to send WebSocket events directly.\n'),
      ],
      origin('/41'),
    ],
  ),
  row(
    '42',
    'but where the target does not speak them',
    [],
    [[post('/ash/42', 'OPEN\r\n', [events]), ok], origin('/ash/42', { body: 'OPEN\r\n', has: [events] })],
  ),
  row(
    '43',
    'a large body is passed whole with its length',
    [at('/43', plain(lines(large)))],
    [[get('/43'), said('200 OK', lines(large))]],
  ),
  row(
    '44',
    'a body is passed on as it comes',
    [
      at('/44', {
        pieces: [
          'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n',
          '2\r\na\n\r\n',
          '2\r\nb\n\r\n',
          '2\r\nc\n\r\n',
          '0\r\n\r\n',
        ],
        // Longer than a reader that has two dozen rows beside it is late.
        gapMs: 2_500,
      }),
    ],
    [
      [get('/44'), opened()],
      [read(), text('a\n')],
      [read(), text('b\n', [100, 10_000])],
      [read(), text('c\n', [100, 10_000])],
      [read(), over()],
    ],
  ),
  row(
    '45',
    'an upload is passed whole with its length',
    [],
    [
      [post('/45', lines(3_000_000)), ok],
      origin('/45', { bodyBytes: 3_000_000, has: [['Content-Length', '3000000']] }),
    ],
  ),
  row(
    '46',
    'a body of 100,000 bytes can be asked with again',
    [at('/46', streams('c46', 'held\n'))],
    [
      [post('/46', lines(100_000)), opened()],
      [read(), text('held\n')],
    ],
  ),
  row(
    '47',
    'one of more cannot',
    [at('/47', streams('c47', 'held\n'))],
    [[post('/47', lines(100_001)), said('400 Bad Request', 'Request too large to accept GRIP instruct.\n')]],
  ),
  row(
    '48',
    'a stream may begin with a large body',
    [at('/48', streams('c48', lines(300_000)))],
    [
      [get('/48'), opened()],
      [read(), { kind: 'size', bytes: 300_000 }],
      // The original subscribes when it has written it all, which its client may see first.
      pass(300),
      publishStream('c48', 'later\n'),
      [read(), text('later\n')],
    ],
  ),
  row(
    '49',
    'what is stored for later may not be large',
    [at('/dbg/49', polls('c49', lines(150_000)))],
    [
      [
        get('/dbg/49'),
        {
          ...said('502 Bad Gateway', ''),
          headers: [
            ['content-type', 'text/plain'],
            ['content-length', '*'],
          ],
          body: /^GRIP instruct response too large from 127\.0\.0\.1:\d+\n$/,
        },
      ],
    ],
  ),
  row(
    '50',
    'an origin that closes has failed',
    [at('/50', { pieces: [], ends: 'close' })],
    [[post('/50', 'x'), failed]],
  ),
  row(
    '50',
    'an origin that talks nonsense has failed',
    [at('/50b', { pieces: ['nonsense\r\n\r\n'], ends: 'close' })],
    [[get('/50b'), failed]],
  ),
  row(
    '51',
    'reason and headers are those of the origin, repeated ones too',
    [
      at(
        '/51',
        reply(
          [
            ['Set-Cookie', 'a=1'],
            ['Set-Cookie', 'b=2'],
            ['Via', '1.1 origin'],
            ['Server', 'fixture/1'],
            ['Date', 'Tue, 15 Nov 1994 08:12:31 GMT'],
          ],
          'gone\n',
          '404 Custom Reason',
        ),
      ),
    ],
    [
      [
        get('/51'),
        answer(
          '404 Custom Reason',
          [
            ['content-type', 'text/plain'],
            ['set-cookie', 'a=1'],
            ['set-cookie', 'b=2'],
            ['via', '1.1 origin'],
            ['server', 'fixture/1'],
            ['date', 'Tue, 15 Nov 1994 08:12:31 GMT'],
          ],
          'gone\n',
        ),
      ],
    ],
  ),
  row(
    '52',
    '304 has no body',
    [at('/52a', { pieces: ['HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n'] })],
    [[get('/52a'), { ...answer('304 Not Modified', [], ''), headers: [['etag', '"x"']] }]],
  ),
  row(
    '52',
    'neither has 204',
    [at('/52b', { pieces: ['HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n'] })],
    [[get('/52b'), { ...answer('204 No Content', [], ''), headers: [['x-a', '1']] }]],
  ),
  row(
    '52',
    'a redirection is passed on and not followed',
    [at('/52c', reply([['Location', '/52d']], 'there\n', '302 Found'))],
    [
      [
        get('/52c'),
        answer(
          '302 Found',
          [
            ['content-type', 'text/plain'],
            ['location', '/52d'],
          ],
          'there\n',
        ),
      ],
      origin('/52d'),
    ],
  ),
  row(
    '53',
    'trailers are dropped',
    [
      at('/53', {
        pieces: [
          'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3\r\nabc\r\n',
          '0\r\nX-T: 1\r\n\r\n',
        ],
        gapMs: 200,
      }),
    ],
    [
      [
        get('/53'),
        opened([
          ['content-type', 'text/plain'],
          ['trailer', 'X-T'],
        ]),
      ],
      [read(), over('abc')],
    ],
  ),
  row(
    '54',
    'an origin is left when its client leaves',
    [at('/54', { pieces: [] })],
    [
      [get('/54'), { kind: 'waits' }],
      [{ kind: 'origin', path: '/54' }, times(1)],
      pass(200),
      [leave(), done],
      [{ kind: 'origin', path: '/54' }, { kind: 'hungUp' }],
    ],
    // Beside many others it takes the original a minute now and then.
    { long: 'there' },
  ),
  row(
    '67',
    'nobody who inspects requests is needed',
    [at('/67', plain('proxied\n'))],
    [[get('/67'), said('200 OK', 'proxied\n')]],
  ),
  row(
    '66',
    'an origin waits for a client that reads slowly',
    [at('/66', plain(lines(40_000_000)))],
    [
      [
        get('/66'),
        {
          ...opened(),
          answer: {
            ...said('200 OK', ''),
            headers: [
              ['content-type', 'text/plain'],
              ['content-length', '40000000'],
            ],
          },
        },
      ],
      [{ kind: 'pause', subscriber: 'one' }, done],
      pass(300),
      [{ kind: 'origin', path: '/66' }, { kind: 'throttled' }],
      [{ kind: 'resume', subscriber: 'one' }, done],
      [read(), { kind: 'size', bytes: 40_000_000 }],
    ],
    // It takes the original most of a minute to go on.
    { long: 'there' },
  ),
]
