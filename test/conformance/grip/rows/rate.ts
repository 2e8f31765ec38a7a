// Contract §13.6: deliveries at a rate. Statistics and Prometheus have tests of their own, for they need other doors.
import { heard, held, subscribe } from '../socket-words.ts'
import { at, type GripRow, get, item, opened, over, publish, read, row, streams } from '../vocabulary.ts'
import { set } from './proxying.ts'

/** Which arrive in their order, whole. */
const numbers = Array.from({ length: 30 }, (_, index) => `${index},`)
const fewer = numbers.slice(0, 12)

export const rates: readonly GripRow[] = [
  row(
    '191',
    'items beyond the rate are delivered later, in their order',
    [at('/191', streams('c191', ''))],
    [
      [get('/191'), opened()],
      publish(
        ...numbers.map(content => item('c191', { 'http-stream': { content } })),
        item('c191', { 'http-stream': { action: 'close' } }),
      ),
      // Thirty 50 ms apart. A worker has its share of the rate, so that it may be longer.
      [read(), over(numbers.join(''), { fromMs: 1_300 })],
    ],
    set,
  ),
  held(
    '191',
    '/191w',
    'so it is with WebSockets',
    [subscribe('c191w')],
    [
      publish(...fewer.map(content => item('c191w', { 'ws-message': { content } }))),
      [
        read(),
        heard(
          fewer.map(content => `text:${content}`),
          [400, 30_000],
        ),
      ],
    ],
    set,
  ),
]
