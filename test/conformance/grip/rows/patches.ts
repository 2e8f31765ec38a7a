// Contract §13.7, second part: patches of what long polls have stored.
import {
  at,
  differs,
  type GripRow,
  get,
  pass,
  polls,
  publishResponse,
  read,
  row,
  type Step,
  said,
  waits,
} from '../vocabulary.ts'

const patched = (channel: string, ...operations: readonly object[]): Step =>
  publishResponse(channel, { 'body-patch': operations })
const document = (path: string, channel: string, body: string) => at(path, polls(channel, body))

export const patches: readonly GripRow[] = [
  row(
    '212',
    'a patch changes the stored body, whose line end stays',
    [document('/212', 'c212', '{"a":1}\n')],
    [
      [get('/212'), waits],
      pass(200),
      patched('c212', { op: 'replace', path: '/a', value: 2 }),
      [read(), said('200 OK', '{"a":2}\n')],
    ],
  ),
  row(
    '213',
    'a patch removes, moves, copies and tests',
    [document('/213', 'c213', '{"z":1,"l":[1,2],"a/b":3,"m~n":4,"o":{"p":5}}\r\n')],
    [
      [get('/213'), waits],
      pass(200),
      patched(
        'c213',
        { op: 'remove', path: '/z' },
        { op: 'test', path: '/a~1b', value: 3 },
        { op: 'replace', path: '/m~0n', value: 'x' },
        { op: 'move', from: '/o/p', path: '/q' },
        { op: 'copy', from: '/q', path: '/r' },
        { op: 'add', path: '/l/-', value: 3 },
      ),
      [read(), said('200 OK', '{"a/b":3,"l":[1,2,3],"m~n":"x","o":{},"q":5,"r":5}\r\n')],
    ],
  ),
  row(
    '214',
    'an element is inserted where one stands',
    [document('/214', 'c214', '{"l":[1,2]}')],
    [
      [get('/214'), waits],
      pass(200),
      patched('c214', { op: 'add', path: '/l/0', value: 3 }),
      [read(), said('200 OK', '{"l":[3,1,2]}')],
    ],
    differs('elements of patches', { 4: said('200 OK', '{"l":[3,2]}') }),
  ),
  row(
    '215',
    'a patch that fails leaves the stored body',
    [document('/215', 'c215', '{"a":1}')],
    [
      [get('/215'), waits],
      pass(200),
      patched('c215', { op: 'remove', path: '/none' }),
      [read(), said('200 OK', '{"a":1}')],
    ],
    differs('patches that fail', { 4: said('502 Bad Gateway', 'Error while proxying to origin.\n') }),
  ),
  row(
    '215',
    'filters get what a patch made of the stored body',
    [at('/215b', polls('c215b; filter=var-subst', '{"a":"%(user)s"}', [['Grip-Set-Meta', 'user=bob']]))],
    [
      [get('/215b'), waits],
      pass(200),
      patched('c215b', { op: 'add', path: '/b', value: '5%%' }),
      [read(), said('200 OK', '{"a":"bob","b":"5%"}')],
    ],
  ),
]
