// Contract §8.3, §8.4 and §10: how much a message, and an answer of events, may be.
import { frame, opcode } from '../../../helpers/raw-websocket.ts'
import {
  cutThere,
  events,
  failsOpenly,
  heard,
  joined,
  nothing,
  opening,
  opens,
  posted,
  say,
  settled,
  textEvent,
} from '../socket-words.ts'
import { at, differs, type GripRow, read, row, silent } from '../vocabulary.ts'

export const socketSizes: readonly GripRow[] = [
  row(
    '241',
    'a message may be large',
    [at('/241', opening, nothing)],
    [
      joined('/241'),
      say(`text:${'x'.repeat(190_000)}`),
      posted('/241', opens + textEvent('x'.repeat(190_000))),
    ],
  ),
  row(
    '241',
    'but not larger than 200,000 bytes',
    [at('/241b', opening, nothing)],
    [
      joined('/241b'),
      say(frame(opcode.text, 'x'.repeat(150_000), { fin: false })),
      say(frame(opcode.continuation, 'x'.repeat(60_000), { fin: false })),
      ...failsOpenly,
    ],
    cutThere(4),
  ),
  row(
    '241',
    'which it may have',
    [at('/241c', opening, nothing)],
    [
      joined('/241c'),
      say(`text:${'x'.repeat(200_000)}`),
      posted('/241c', opens + textEvent('x'.repeat(200_000))),
    ],
  ),
  row(
    'fault 21',
    'an origin may answer with large messages',
    [at('/fault21', opening, events(textEvent('x'.repeat(400_000)) + textEvent('y'.repeat(400_000))))],
    [
      joined('/fault21'),
      say('text:1'),
      settled,
      [read(), heard([`text:${'x'.repeat(400_000)}`, `text:${'y'.repeat(400_000)}`])],
    ],
    differs('large messages', { 4: silent }),
  ),
  row(
    '235',
    'but not with more than a million bytes',
    [at('/235big', opening, events(textEvent('x'.repeat(1_000_000))))],
    [joined('/235big'), say('text:1'), ...failsOpenly],
    cutThere(3),
  ),
]
