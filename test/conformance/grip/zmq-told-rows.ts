// Contract §13.6, rows 184, 185 and 187 to 190, and §6.8: what commands do to live connections, and what statistics tell of them. The
// daemon has blocks of ten bytes, tells reports every second, and believes for a second in a channel without long polls.
import {
  asked,
  command,
  hold,
  leave,
  ok,
  poll,
  read,
  row,
  socket,
  statistic,
  sum,
  type ZmqFields,
  type ZmqRow,
  type ZmqStep,
} from './zmq-words.ts'

const publish = (channel: string, formats: object, more: object = {}): ZmqStep => ({
  do: 'push',
  message: `J${JSON.stringify({ channel, formats, ...more })}`,
})
const connected = (type: string, more: ZmqFields = {}): ZmqStep =>
  statistic('conn', { id: 'ID', type, 'peer-address': '127.0.0.1', ttl: 120, ...more })
const gone = (more: ZmqFields = {}): ZmqStep => statistic('conn', { id: 'ID', unavailable: true, ...more })
const subscribers = (channel: string, mode: string, count: number): ZmqStep =>
  statistic('sub', { channel, mode, subscribers: count, ttl: 60 })
const none = (channel: string, mode: string): ZmqStep =>
  statistic('sub', { channel, mode, unavailable: true })
const message = (channel: string, transport: string, count: number, blocks: number, more: ZmqFields = {}) =>
  statistic('message', { channel, transport, count, blocks, ...more })

export const toldRows: readonly ZmqRow[] = [
  row('184', 'connections that are there are listed, until they are not', [
    socket('184'),
    command({ method: 'conncheck', args: { ids: ['ID', 'nobody'] } }, ok(['ID'])),
    leave(),
    gone({ route: 'over' }),
    command({ method: 'conncheck', args: { ids: ['ID'] } }, ok([])),
  ]),
  row('185', 'the origin of a WebSocket that is refreshed gets an empty request', [
    socket('185'),
    command({ method: 'refresh', args: { cid: 'ID' } }, ok(null)),
    asked('185', 'OPEN\r\n', ''),
    command({ method: 'refresh', args: { channel: '185' } }, ok(null)),
    asked('185', 'OPEN\r\n', '', ''),
  ]),
  row('187', 'a stream is told of', [
    hold('187'),
    connected('http'),
    sum('activity', { count: 1 }),
    sum('counts', { 'requests-received': 1 }),
    subscribers('187', 'stream', 1),
  ]),
  row('187', 'a WebSocket is told of by its Connection-Id, with the id of its rule', [
    socket('187w'),
    connected('ws', { route: 'over' }),
    sum('activity', { count: 1, route: 'over' }),
    subscribers('187w', 'ws', 1),
    leave(),
    gone({ route: 'over' }),
    none('187w', 'ws'),
  ]),
  row('187', 'a channel has the subscribers of all connections', [
    hold('187n', 'one'),
    subscribers('187n', 'stream', 1),
    hold('187n', 'two'),
    subscribers('187n', 'stream', 2),
    hold('187n', 'three'),
    subscribers('187n', 'stream', 3),
    leave('two'),
    subscribers('187n', 'stream', 2),
    leave('three'),
    subscribers('187n', 'stream', 1),
    leave('one'),
    none('187n', 'stream'),
  ]),
  row('188', 'the last stream leaves', [
    hold('188'),
    connected('http'),
    subscribers('188', 'stream', 1),
    leave(),
    gone(),
    none('188', 'stream'),
  ]),
  row('188', 'the last long poll is answered, and its channel is told of for a while', [
    poll('188p'),
    connected('http'),
    subscribers('188p', 'response', 1),
    publish('188p', { 'http-response': { body: 'x' } }),
    message('188p', 'http-response', 1, 1),
    none('188p', 'response'),
  ]),
  row('189', 'an item with an id reaches a stream', [
    hold('189'),
    publish('189', { 'http-stream': { content: 'a' } }, { id: 'i1' }),
    read('a'),
    message('189', 'http-stream', 1, 1, { 'item-id': 'i1' }),
  ]),
  row('189', 'an item reaches several, of each kind', [
    hold('189m', 'one'),
    hold('189m', 'two'),
    hold('189m', 'three'),
    socket('189m', 'four'),
    poll('189m', 'five'),
    subscribers('189m', 'response', 1),
    publish(
      '189m',
      { 'http-stream': { content: 'a' }, 'http-response': { body: 'b' }, 'ws-message': { content: 'c' } },
      { id: 'i2' },
    ),
    message('189m', 'http-stream', 3, 3, { 'item-id': 'i2' }),
    message('189m', 'ws-message', 1, 1, { 'item-id': 'i2' }),
    message('189m', 'http-response', 1, 1, { 'item-id': 'i2' }),
  ]),
  row('190', 'blocks of ten bytes', [
    hold('190'),
    publish('190', { 'http-stream': { content: 'x'.repeat(26) } }),
    message('190', 'http-stream', 1, 3),
    publish('190', { 'http-stream': { content: 'x'.repeat(100) } }),
    message('190', 'http-stream', 1, 10),
  ]),
  // The original's own report comes after 10 s, and beside other tests now and then not within twenty.
  row(
    '§6.8',
    'a route that was busy is reported of',
    [
      socket('report'),
      publish('report', { 'ws-message': { content: 'x'.repeat(26) } }),
      sum('report', { route: 'over/report', connections: 1, sent: 1, 'blocks-sent': 3 }),
    ],
    { isOurs: true },
  ),
]
