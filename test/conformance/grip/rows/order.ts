// Contract §13.4, third part: ids and the order that they say.
import {
  at,
  type GripRow,
  get,
  item,
  opened,
  pass,
  publish,
  publishStream,
  read,
  row,
  streams,
  text,
} from '../vocabulary.ts'

const latestMs = 20_000
const numbered = (channel: string, id: string, after: string | undefined, more: object = {}) =>
  item(
    channel,
    { 'http-stream': { content: `${id}\n` } },
    { id, ...(after === undefined ? {} : { 'prev-id': after }), ...more },
  )
const held = (number: string, path: string, name: string, steps: Parameters<typeof row>[3]) =>
  row(number, name, [at(`/${path}`, streams(`c${path}`, ''))], [[get(`/${path}`), opened()], ...steps])

export const order: readonly GripRow[] = [
  held('134', '134', 'what comes too early waits for what it follows', [
    publish(numbered('c134', '1', undefined)),
    publish(numbered('c134', '3', '2')),
    publish(numbered('c134', '4', '3')),
    [read(), text('1\n')],
    publish(numbered('c134', '2', '1')),
    [read(), text('2\n3\n4\n')],
  ]),
  held('135', '135', 'but five seconds at most', [
    publish(numbered('c135', '1', undefined)),
    [read(), text('1\n')],
    publish(numbered('c135', '7', '6')),
    // The original lets go of both in order of their time.
    pass(50),
    publish(numbered('c135', '8', '7')),
    [read(), text('7\n8\n', [4_900, latestMs])],
    publish(numbered('c135', '9', '8')),
    [read(), text('9\n')],
  ]),
  held('136', '136', 'what has no place does not wait', [
    publish(numbered('c136', '1', undefined)),
    publish(numbered('c136', '9', '8', { 'no-seq': true })),
    publish(numbered('c136', '2', '1')),
    [read(), text('1\n9\n2\n')],
  ]),
  held('137', '137', 'an id is published once', [
    publish(numbered('c137', '1', undefined)),
    publish(numbered('c137', '1', undefined)),
    publishStream('c137', 'x\n'),
    publishStream('c137', 'x\n'),
    publish(numbered('c137', '', undefined)),
    publish(numbered('c137', '', undefined)),
    publishStream('c137', 'end\n'),
    [read(), text('1\nx\nx\n\nend\n')],
  ]),
  row(
    '137',
    'on each channel',
    [at('/137b', streams('c137b, c137d', ''))],
    [
      [get('/137b'), opened()],
      publish(numbered('c137b', '1', undefined), numbered('c137d', '1', undefined)),
      [read(), text('1\n1\n')],
    ],
  ),
  held('138', '138', 'with a place or without', [
    publish(numbered('c138', '1', undefined)),
    publish(numbered('c138', '1', undefined, { 'no-seq': true })),
    publishStream('c138', 'end\n'),
    [read(), text('1\nend\n')],
  ]),
  row(
    '139',
    'what nobody was there for is no beginning',
    [at('/139', streams('c139', ''))],
    [
      publish(numbered('c139', '1', undefined)),
      [get('/139'), opened()],
      publish(numbered('c139', '7', '6')),
      [read(), text('7\n')],
    ],
  ),
  held('140', '140', 'a chain is sent in order, however it comes', [
    publish(numbered('c140', '1', undefined)),
    publish(
      numbered('c140', '5', '4'),
      numbered('c140', '3', '2'),
      numbered('c140', '6', '5'),
      numbered('c140', '4', '3'),
    ),
    publish(numbered('c140', '2', '1')),
    [read(), text('1\n2\n3\n4\n5\n6\n')],
  ]),
]
