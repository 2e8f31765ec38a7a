// Contract §13.3, third part: long-polls whose origin is asked again.
import {
  act,
  answer,
  ask,
  at,
  control,
  differs,
  type Expect,
  type GripRow,
  get,
  item,
  origin,
  pass,
  plain,
  polls,
  post,
  publish,
  publishResponse,
  read,
  row,
  said,
  times,
  waits,
} from '../vocabulary.ts'

const five = [['Grip-Timeout', '5']] as const
/** The shortest timeout of the protocol, less the grain of two clocks. */
const fiveMs = 4_990
const late = (expected: ReturnType<typeof said>) => ({ ...expected, fromMs: fiveMs })
const asked = (path: string, count: number) => [{ kind: 'origin', path } as const, times(count)] as const
const twice: Expect = times(2)
function controlHeaders(length: number) {
  return [
    ['content-type', 'text/plain'],
    ['content-length', String(length)],
  ] as const
}

export const askedAgain: readonly GripRow[] = [
  row(
    '103',
    'a channel that was subscribed a moment ago is not subscribed for the first time',
    [at('/103', polls('c103', 'timeout\n'))],
    [
      [get('/103'), waits],
      pass(1_500),
      asked('/103', 1),
      publishResponse('c103', { body: '1\n' }),
      [read(), said('200 OK', '1\n')],
      [get('/103', [], 'two'), waits],
      pass(2_000),
      asked('/103', 2),
      publishResponse('c103', { body: '2\n' }),
      [read('two'), said('200 OK', '2\n')],
    ],
    differs('first subscription', { 3: twice, 8: times(3) }),
  ),
  row(
    '104',
    'who is asked again is asked the same',
    [at('/104', polls('c104', ''), plain('again\n'))],
    [
      [post('/104?q', 'hello=1', [['X-A', '1']]), waits],
      asked('/104', 1),
      pass(200),
      act('c104', 'hint', 'http-response'),
      [read(), said('200 OK', 'again\n')],
      origin(
        '/104',
        { line: 'POST /104?q', body: 'hello=1', has: [['X-A', '1']] },
        { line: 'POST /104?q', body: 'hello=1', has: [['X-A', '1']] },
      ),
    ],
  ),
  row(
    '105',
    'what is published while an origin is asked again answers',
    [at('/105', polls('c105', ''), { ...polls('c105', 'timeout\n', five), delayMs: 600 })],
    [
      [get('/105'), waits],
      asked('/105', 1),
      pass(200),
      act('c105', 'hint', 'http-response'),
      asked('/105', 2),
      pass(100),
      publishResponse('c105', { body: 'in between\n' }),
      [read(), said('200 OK', 'in between\n')],
    ],
    differs('lost while asking', { 8: late(said('200 OK', 'timeout\n')) }),
  ),
  row(
    '106',
    'a hint asks the origin again',
    [at('/106', polls('c106', ''), plain('now plain\n'))],
    [
      [get('/106'), waits],
      asked('/106', 1),
      pass(200),
      publish(item('c106', { 'http-response': { action: 'hint' } })),
      [read(), said('200 OK', 'now plain\n')],
      asked('/106', 2),
    ],
  ),
  row(
    '107',
    'recover asks for all that is held',
    [at('/107', polls('c107', ''), plain('recovered\n'))],
    [
      [get('/107'), waits],
      asked('/107', 1),
      pass(200),
      [control('POST', '/recover'), said('200 OK', 'Updated\n', { headers: controlHeaders(8) })],
      [read(), said('200 OK', 'recovered\n')],
    ],
    { isAlone: true },
  ),
  row(
    '108',
    'a publication names the headers that are left',
    [at('/108', polls('c108', '', [['X-A', '1']]))],
    [
      [get('/108'), waits],
      asked('/108', 1),
      pass(200),
      publishResponse('c108', {
        headers: [
          ['X-B', '2'],
          ['X-C', '3'],
          ['Grip-Expose-Headers', 'x-a'],
        ],
        body: 'x',
      }),
      [read(), answer('200 OK', [['x-a', '1']], 'x')],
    ],
    differs('expose inverted', {
      5: answer(
        '200 OK',
        [
          ['content-type', 'text/plain'],
          ['x-b', '2'],
          ['x-c', '3'],
        ],
        'x',
      ),
    }),
  ),
  row(
    '109',
    'a long-poll that failed the second time has failed',
    [at('/109', polls('c109', ''), { pieces: ['nonsense\r\n\r\n'], ends: 'close' })],
    [
      [ask('GET', '/109'), waits],
      asked('/109', 1),
      pass(200),
      act('c109', 'hint', 'http-response'),
      [read(), said('502 Bad Gateway', 'Error while proxying to origin.\n')],
    ],
  ),
]
