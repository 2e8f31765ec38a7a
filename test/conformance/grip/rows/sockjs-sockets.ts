// Contract §13.10, row 299: SockJS by WebSockets.
import {
  accepted,
  closeEvent,
  event,
  events,
  heard,
  nothing,
  open,
  opening,
  opens,
  parted,
  posted,
  say,
  settled,
  textEvent,
} from '../socket-words.ts'
import { at, type GripRow, read, row, silent } from '../vocabulary.ts'

export const sockjsSockets: readonly GripRow[] = [
  row(
    '299',
    'a WebSocket of SockJS carries frames',
    [at('/sjn/base/websocket', opening, events(textEvent('f"o') + event('BINARY', 'x')), nothing)],
    [
      [open('/sjn/base/1/299/websocket'), accepted()],
      [read(), heard(['text:o'])],
      say('text:["hi","b"]'),
      [read(), heard(['text:a["f\\"o"]', 'text:a["x"]'])],
      posted('/sjn/base/websocket', `${opens}${textEvent('hi')}${textEvent('b')}`),
    ],
  ),
  row(
    '299',
    'what is no list of texts ends it',
    [at('/sjo/base/websocket', opening, nothing)],
    [
      [open('/sjo/base/1/299b/websocket'), accepted()],
      [read(), heard(['text:o'])],
      say('text:{}'),
      [read(), parted()],
      posted('/sjo/base/websocket', `${opens}DISCONNECT\r\n`),
    ],
  ),
  row(
    '299',
    'a raw one is as any other',
    [at('/sjp/base/websocket', opening, events(textEvent('foo')), events(closeEvent(3001, 'zz')))],
    [
      [open('/sjp/base/websocket'), accepted()],
      settled,
      [read(), silent],
      say('text:hi'),
      [read(), heard(['text:foo'])],
      say('close:3001 zz'),
      [read(), parted(['close:3001 zz'])],
      posted('/sjp/base/websocket', `${opens}${textEvent('hi')}${closeEvent(3001, 'zz')}`),
    ],
  ),
  row(
    '299',
    'a close is none of its frames',
    [at('/sjq/base/websocket', opening, events(closeEvent(3001, 'zz')), nothing)],
    [
      [open('/sjq/base/1/299d/websocket'), accepted()],
      [read(), heard(['text:o'])],
      say('text:["x"]'),
      [read(), heard(['close:3001 zz'])],
      say('close:3001 zz'),
      [read(), parted()],
    ],
  ),
]
