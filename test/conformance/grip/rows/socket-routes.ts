// Contract §13.1, last part: where WebSockets are led to, and those of the built-in target.
import {
  accepted,
  failedOpening,
  heard,
  joined,
  open,
  opening,
  opens,
  parted,
  posted,
  publishMessage,
  rejected,
  say,
  socket,
} from '../socket-words.ts'
import { at, type GripRow, origin, read, row } from '../vocabulary.ts'

export const socketRoutes: readonly GripRow[] = [
  row(
    '17',
    'the built-in target echoes, and subscribes',
    [],
    [
      [open('/t/ws?channel=c17'), accepted()],
      say('text:hi'),
      [read(), heard(['text:hi'])],
      publishMessage('c17', { content: 'pub' }),
      [read(), heard(['text:pub'])],
      say('close:1000 bye'),
      [read(), parted(['close:1000 bye'])],
    ],
  ),
  row(
    '18',
    'and has no other WebSocket',
    [],
    [[open('/t/no'), rejected('404 Not Found', [['content-type', 'text/plain']], 'no such test resource\n')]],
  ),
  row(
    '21',
    'with debug, a refusal names who was tried',
    [],
    [
      [
        open('/downdbg/21'),
        rejected(
          '502 Bad Gateway',
          [],
          'Unable to connect to any targets. Tried: 127.0.0.1:1, 127.0.0.1:2\n',
        ),
      ],
    ],
  ),
  row('19', 'without debug it names nobody', [], [[open('/down/19'), failedOpening]]),
  row(
    '22',
    'a target that is not there is passed over',
    [at('/fo/22ws', opening)],
    [joined('/fo/22ws'), posted('/fo/22ws', opens)],
  ),
  row(
    '13',
    'an address of ours is not for untrusted targets',
    [at('/unt/13ws', socket())],
    [[open('/unt/13ws'), failedOpening]],
  ),
  row(
    '29',
    'a host with rules of its own does not fall through to all hosts',
    [],
    [
      [
        open('/b29ws', { host: 'host2.test' }),
        rejected('502 Bad Gateway', [], 'No route for host: host2.test\n'),
      ],
    ],
  ),
  row(
    '4',
    'a rule without proto is for WebSockets as well, and over_http is not in it',
    [at('/th/4ws', socket())],
    [
      joined('/th/4ws'),
      say('text:hi'),
      [read(), heard(['text:e:hi'])],
      origin('/th/4ws', { has: [['Host', 'target.example']], line: 'GET /th/4ws' }),
    ],
  ),
]
