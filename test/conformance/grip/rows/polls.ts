// Contract §13.3, second part: long-polls.
import {
  act,
  again,
  answer,
  at,
  differs,
  type Expect,
  type GripRow,
  get,
  instructs,
  ok,
  pass,
  polls,
  publishResponse,
  publishStream,
  read,
  row,
  said,
  silent,
  times,
  waits,
} from '../vocabulary.ts'

const five = [['Grip-Timeout', '5']] as const
/** The shortest timeout of the protocol, less the grain of two clocks. */
const fiveMs = 4_990
const late = (expected: ReturnType<typeof said>) => ({ ...expected, fromMs: fiveMs })
const asked = (path: string, count: number) => [{ kind: 'origin', path } as const, times(count)] as const
const twice: Expect = times(2)

export const longPolls: readonly GripRow[] = [
  row(
    '94',
    'JSON means a long-poll unless it says something else',
    [
      at(
        '/94',
        instructs({
          hold: { timeout: '5', channels: [{ name: 'c94' }] },
          response: {
            headers: [
              ['X-A', '1'],
              ['X-A', '2'],
            ],
            'body-bin': 'AP8=',
          },
        }),
      ),
    ],
    [
      [get('/94'), waits],
      [
        read(),
        {
          ...answer(
            '200 OK',
            [
              ['x-a', '1'],
              ['x-a', '2'],
            ],
            '',
          ),
          headers: [
            ['x-a', '1'],
            ['x-a', '2'],
            ['content-length', '2'],
          ],
          body: /^\u0000\ufffd$/,
          fromMs: fiveMs,
        },
      ],
      asked('/94', 1),
    ],
    differs('first subscription', { 3: twice }),
  ),
  row(
    '98',
    'a publication answers a long-poll with the headers that it was held with',
    [at('/98', polls('c98', 'timeout\n', [['X-A', '1']]))],
    [
      [get('/98'), waits],
      asked('/98', 1),
      pass(200),
      [read(), silent],
      publishResponse('c98', { body: 'done\n' }),
      [
        read(),
        answer(
          '200 OK',
          [
            ['content-type', 'text/plain'],
            ['x-a', '1'],
          ],
          'done\n',
        ),
      ],
      [again('/98b'), ok],
    ],
  ),
  row(
    '98',
    'its own headers and status come before those',
    [
      at(
        '/98c',
        polls('c98c', 'timeout\n', [
          ['X-A', '1'],
          ['X-B', '2'],
        ]),
      ),
    ],
    [
      [get('/98c'), waits],
      asked('/98c', 1),
      pass(200),
      publishResponse('c98c', {
        code: 202,
        reason: 'Yo',
        headers: { 'x-b': '3', 'Grip-X': '4', 'Content-Length': '77' },
        body: 'x',
      }),
      [
        read(),
        answer(
          '202 Yo',
          [
            ['content-type', 'text/plain'],
            ['x-a', '1'],
            ['x-b', '3'],
          ],
          'x',
        ),
      ],
    ],
  ),
  row(
    '99',
    'what is for streams does not answer',
    [at('/99', polls('c99', 'timeout\n'))],
    [
      [get('/99'), waits],
      asked('/99', 1),
      pass(200),
      publishStream('c99', 'for streams\n'),
      act('c99', 'close', 'http-response'),
      publishResponse('c99', { body: 'for long-polls\n' }),
      [read(), said('200 OK', 'for long-polls\n')],
    ],
  ),
  row(
    '100',
    'all clients of a channel are answered',
    [at('/100', polls('c100', 'timeout\n'))],
    [
      [get('/100', [], 'one'), waits],
      [get('/100', [], 'two'), waits],
      [get('/100', [], 'three'), waits],
      asked('/100', 3),
      pass(200),
      publishResponse('c100', { body: 'done\n' }),
      ...['one', 'two', 'three'].map(name => [read(name), said('200 OK', 'done\n')] as const),
    ],
  ),
  row(
    '101, 102',
    'what was held is the answer in the end',
    [at('/101', polls('c101', 'timeout\n', five))],
    [
      [get('/101'), waits],
      [read(), late(said('200 OK', 'timeout\n'))],
      asked('/101', 1),
      [again('/101b'), ok],
    ],
    differs('first subscription', { 3: twice }),
  ),
  row(
    '102',
    'no timeout is shorter than five seconds',
    [at('/102', polls('c102', 'timeout\n', [['Grip-Timeout', '1']]))],
    [
      [get('/102'), waits],
      [read(), late(said('200 OK', 'timeout\n'))],
    ],
  ),
]
