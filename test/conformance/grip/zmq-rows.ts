// Contract §13.6, rows 180 to 186: what publishers push and publish by ZeroMQ, and what the command socket answers. Bytes are
// Latin-1; each row has channels of its own.
import {
  command,
  failed,
  hold,
  leave,
  ok,
  read,
  row,
  type ZmqFields,
  type ZmqRow,
  type ZmqStep,
} from './zmq-words.ts'

const push = (message: string): ZmqStep => ({ do: 'push', message })
const publish = (...frames: readonly string[]): ZmqStep => ({ do: 'publish', frames })
const told = (subscription: string): ZmqStep => ({ do: 'told', subscription })
const streamed = (content: string): ZmqFields => ({ 'http-stream': { content } })

export const zmqRows: readonly ZmqRow[] = [
  row('180', 'the example of the contract is pushed', [
    hold('chat'),
    push('T64:7:channel,4:chat,7:formats,33:11:http-stream,14:7:content,1:x,}}}'),
    read('x'),
  ]),
  row('180', 'without a T, as JSON, and bytes as they are', [
    hold('180'),
    push('64:7:channel,3:180,7:formats,34:11:http-stream,15:7:content,2:a\n,}}}'),
    read('a\n'),
    push('J{"channel":"180","formats":{"http-stream":{"content":"b\\n"}}}'),
    read('b\n'),
    push('T65:7:channel,3:180,7:formats,35:11:http-stream,16:7:content,3:\x01\x02\xff,}}}'),
    read('\x01\x02\xff'),
  ]),
  row(
    '180',
    'what is none is passed over',
    [
      hold('180c'),
      push('nothing'),
      push('T5:,'),
      push('J{"channel":"180c"}'),
      push('J{"channel":"180c","formats":{"http-stream":{"content":"sound\\n"}}}'),
      read('sound\n'),
    ],
    { isOurs: true },
  ),
  row('181', 'a publisher is told who listens, and heard in both forms', [
    hold('181'),
    told('+181'),
    publish('181', 'J{"formats":{"http-stream":{"content":"j\\n"}}}'),
    read('j\n'),
    publish('181', 'T48:7:formats,34:11:http-stream,15:7:content,2:t\n,}}}'),
    read('t\n'),
    publish('181', 'J{"channel":"other","formats":{"http-stream":{"content":"in front\\n"}}}'),
    read('in front\n'),
    leave(),
    told('-181'),
  ]),
  row('182', 'the sockets', [command({ method: 'get-zmq-uris', args: {} }, ok('URIS'))]),
  row('183', 'items are published by command', [
    hold('183'),
    command({ method: 'publish', args: { items: [{ channel: '183', formats: streamed('a\n') }] } }, ok(null)),
    read('a\n'),
  ]),
  row('183', 'items that are none are named', [
    command(
      { method: 'publish', args: {} },
      {
        ...failed('bad-request'),
        value: "Invalid format: object does not contain 'items'",
      },
    ),
    command(
      { method: 'publish', args: { items: {} } },
      {
        ...failed('bad-request'),
        value: "Invalid format: object contains 'items' with wrong type",
      },
    ),
    command(
      { method: 'publish', args: { items: [{ formats: streamed('x') }] } },
      {
        ...failed('bad-request'),
        value: "Invalid format: publish item object does not contain 'channel'",
      },
    ),
  ]),
  row('184', 'connections that are not there are not listed', [
    command({ method: 'conncheck', args: { ids: ['nobody'] } }, ok([])),
    command({ method: 'conncheck', args: { ids: [] } }, ok([])),
    command({ method: 'conncheck', args: {} }, failed('bad-request')),
  ]),
  row('185', 'who is not there cannot be refreshed, and a channel always can', [
    command({ method: 'refresh', args: { cid: 'nobody' } }, failed('item-not-found')),
    command({ method: 'refresh', args: { channel: 'nobody' } }, ok(null)),
    command({ method: 'refresh', args: {} }, failed('bad-request')),
  ]),
  row('186', 'a method that there is not', [
    command({ method: 'nosuch', args: {} }, failed('method-not-found')),
  ]),
]
