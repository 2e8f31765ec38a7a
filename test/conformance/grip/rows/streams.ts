// Contract §13.3, first part: streams that are held.
import {
  act,
  again,
  answer,
  ask,
  at,
  bytes,
  differs,
  type GripRow,
  get,
  item,
  ok,
  opened,
  over,
  pass,
  publish,
  publishStream,
  read,
  refusedInstruct,
  reply,
  row,
  said,
  silent,
  streams,
  text,
} from '../vocabulary.ts'

export const holds: readonly GripRow[] = [
  row(
    '70',
    'a held stream has the status, the headers and the body of its origin',
    [
      at(
        '/70',
        streams('c70', 'hi\n', [
          ['X-A', '1'],
          ['X-A', '2'],
        ]),
      ),
    ],
    [
      [
        get('/70'),
        opened([
          ['content-type', 'text/plain'],
          ['x-a', '1'],
          ['x-a', '2'],
        ]),
      ],
      [read(), text('hi\n')],
      pass(300),
      [read(), silent],
    ],
  ),
  row(
    '71',
    'then what is published',
    [at('/71', streams('c71', ''))],
    [
      [get('/71'), opened()],
      publishStream('c71', 'm\n'),
      [read(), text('m\n')],
      publish(item('c71', { 'http-stream': { 'content-bin': 'AP8=' } })),
      [read(), text('\u0000\u00ff')],
      publishStream('c71', ''),
      publish(item('c71', { 'http-response': { body: 'for long-polls' } })),
      publishStream('c71', 'n\n'),
      [read(), text('n\n')],
    ],
  ),
  row(
    '72',
    'a close ends it, and what stands behind the close is dropped',
    [at('/72', streams('c72', 'hi\n'))],
    [
      [get('/72'), opened()],
      publish(
        item('c72', { 'http-stream': { content: 'last\n' } }),
        item('c72', { 'http-stream': { action: 'close' } }),
        item('c72', { 'http-stream': { content: 'too late\n' } }),
      ),
      [read(), over('hi\nlast\n')],
      [again('/72b'), ok],
    ],
  ),
  row(
    '73',
    'a close ends the connection where the client wants that',
    [at('/73', streams('c73', 'hi\n'))],
    [
      [
        get('/73', [['Connection', 'close']]),
        opened([
          ['content-type', 'text/plain'],
          ['connection', 'close'],
        ]),
      ],
      [read(), text('hi\n')],
      act('c73', 'close'),
      [read(), over('', { closes: true })],
    ],
  ),
  row(
    '74',
    'a stream of HTTP/1.0 is bare up to the end of the connection',
    [at('/74', streams('c74', 'hi\n'))],
    [
      [
        bytes('GET /74 HTTP/1.0\r\nHost: t\r\n\r\n'),
        {
          kind: 'opened',
          channels: [],
          answer: {
            ...said('200 OK', ''),
            line: 'HTTP/1.0 200 OK',
            headers: [['content-type', 'text/plain']],
          },
        },
      ],
      [read(), text('hi\n')],
      publishStream('c74', 'm\n'),
      [read(), text('m\n')],
      act('c74', 'close'),
      [read(), over('', { closes: true })],
    ],
  ),
  row(
    '75',
    'a hold is no reason to send HEAD a body',
    [
      at('/75', {
        pieces: [
          'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nGrip-Hold: stream\r\nGrip-Channel: c75\r\nContent-Length: 3\r\n\r\n',
        ],
      }),
    ],
    [[ask('HEAD', '/75'), opened()], publishStream('c75', 'm\n'), pass(300), [read(), silent]],
    differs('HEAD', { 4: text('m\n') }),
  ),
  row(
    '76',
    'one stream has several channels',
    [at('/76', streams('c76a, c76b', ''))],
    [
      [get('/76'), opened()],
      publishStream('c76a', 'a\n'),
      [read(), text('a\n')],
      publishStream('c76b', 'b\n'),
      [read(), text('b\n')],
    ],
  ),
  row(
    '80',
    'Grip-Status is the status of a hold',
    [at('/80', streams('c80', 'tea\n', [['Grip-Status', '418']]))],
    [
      [get('/80'), opened(undefined, '418 Undefined Reason')],
      [read(), text('tea\n')],
    ],
  ),
  row(
    '81',
    'and of an answer',
    [at('/81', reply([['Grip-Status', '404']], 'nf\n'))],
    [[get('/81'), said('404 Not Found', 'nf\n')]],
  ),
  row(
    '82',
    'an answer of 204 has no body',
    [at('/82', reply([['Grip-Status', '204']], 'nothing\n'))],
    [[get('/82'), { ...answer('204 No Content', [], ''), headers: [['content-type', 'text/plain']] }]],
  ),
  row(
    '83',
    'only exposed headers reach the client',
    [
      at(
        '/83',
        streams('c83', 'hi\n', [
          ['X-A', '1'],
          ['X-B', '2'],
          ['X-C', '3'],
          ['X-D', '4'],
          ['Grip-Expose-Headers', 'X-A, X-B'],
          ['Grip-Expose-Headers', 'X-C'],
        ]),
      ),
    ],
    [
      [
        get('/83'),
        opened([
          ['x-a', '1'],
          ['x-b', '2'],
          ['x-c', '3'],
        ]),
      ],
    ],
  ),
  row(
    '84',
    'channels alone hold nothing',
    [at('/84', reply([['Grip-Channel', 'c84']], 'plain\n'))],
    [[get('/84'), said('200 OK', 'plain\n')]],
  ),
  row(
    '84',
    'neither does a link to nothing',
    [at('/84b', reply([['Grip-Link', '</n>']], 'plain\n'))],
    [[get('/84b'), said('200 OK', 'plain\n')]],
  ),
  row(
    '84a',
    'a channel may have no name',
    [at('/84a', streams('u1, , u2,', ''))],
    [
      [get('/84a'), opened()],
      publishStream('', 'none\n'),
      [read(), text('none\n')],
      publishStream('u1', '1\n'),
      [read(), text('1\n')],
      publishStream('u2', '2\n'),
      [read(), text('2\n')],
    ],
  ),
  row(
    '85',
    'a stream may have no channel',
    [at('/85', reply([['Grip-Hold', 'stream']], ''))],
    [[get('/85'), opened()], pass(500), [read(), silent]],
  ),
  row(
    '86',
    'an unknown filter does nothing',
    [at('/86', streams('c86; filter=no-such', ''))],
    [[get('/86'), opened()], publishStream('c86', 'm\n'), [read(), text('m\n')]],
  ),
  row(
    '87',
    'more than five filters are too many',
    [at('/dbg/87', streams(`c87${'; filter=skip-self'.repeat(6)}`, ''))],
    [[get('/dbg/87'), refusedInstruct("too many filters for channel 'c87'")]],
    differs('filters without a limit', { 1: opened() }),
  ),
]
