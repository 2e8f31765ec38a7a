// What goes first behind a socket that is full (contract §4, rows 23 and 24), and the taxonomy of the original's tests (row 61).
import { lanes, tested } from '../settings.ts'
import { frame, ids, said } from '../texts.ts'
import {
  type Exchange,
  enter,
  hears,
  leave,
  overtaken,
  pause,
  publish,
  publishAs,
  resume,
  row,
  sends,
} from '../vocabulary.ts'

const { A } = ids

/** Few and large, so that the sockets hold some of them, and no more. */
const large = `"text":"# ${'x'.repeat(300_000)}"`

const rows: readonly Exchange[] = [
  row('behind a full socket what is high goes next, then what is normal', 'rows 23 and 24', [
    ...enter('a', A, { low: 'n-1', nine: 'k-1', normal: 'm-1', high: 'h-1' }),
    pause('a'),
    publishAs('low', large, 60),
    publish('nine', '9'),
    publish('normal', '1'),
    publish('high', '0'),
    resume('a'),
    overtaken('a', {
      slow: { channel: 'low', cursor: 'n', count: 60 },
      fast: [frame('high', 'h', '0'), frame('normal', 'm', '1')],
      later: [frame('nine', 'k', '9')],
    }),
    leave('a'),
  ]),
].map(each => ({ ...each, settings: lanes.settings }))

const originals: readonly Exchange[] = [
  row('the taxonomy of the original’s tests is accepted', 'row 61', [
    ...enter('a', A, { data: 'n-1' }),
    sends('a', 'data', said('data', '{"msg":"hi"}')),
    hears('a', frame('data', 'n', '{"msg":"hi"}', A)),
    leave('a'),
  ]),
].map(each => ({ ...each, settings: tested.settings }))

export const laneRows: readonly Exchange[] = [...rows, ...originals]
