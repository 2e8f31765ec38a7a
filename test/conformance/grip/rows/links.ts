// Contract §13.4, first part: pages that continue a stream.
import {
  at,
  differs,
  type GripRow,
  get,
  next,
  opened,
  openedSomehow,
  origin,
  over,
  pass,
  plain,
  polls,
  publishStream,
  read,
  reply,
  row,
  type Step,
  streams,
  text,
  times,
  waits,
} from '../vocabulary.ts'

const asked = (path: string, count: number) => [{ kind: 'origin', path } as const, times(count)] as const
const last = (channel: string, id: string) => ['Grip-Last', `${channel}; last-id=${id}`] as const
const byDefault = { iss: 'pushpin', key: 'changeme' } as const
/**
 * Somebody is there already, and the original has looked for news of its own accord, which it does after a channel's first
 * subscription (contract §5.8). A long-poll shows when.
 */
const already = (path: string): readonly Step[] => [
  [get(path, [], 'before'), waits],
  pass(1_200),
  asked(path, 1),
]
const looked = differs('first subscription', { 3: times(2) })

export const links: readonly GripRow[] = [
  row(
    '120',
    'a page is fetched at once where nothing is held, and again by its timeout',
    [
      at('/120a', polls('c120', '')),
      at('/120', reply(next('/120n'), 'one\n')),
      at('/120n', streams('c120; prev-id=5', 'two\n', next('/120m', 3))),
      at('/120m', streams('c120; prev-id=6', 'three\n', next('/120e', 100))),
    ],
    [
      ...already('/120a'),
      [get('/120', [['X-A', '1']]), opened()],
      [read(), text('one\ntwo\n')],
      origin('/120n', { line: 'GET /120n', signed: byDefault, lacks: ['X-A', 'Grip-Last'] }),
      publishStream('c120', 'item\n', { id: '6', 'prev-id': '5' }),
      [read(), text('item\n')],
      [read(), text('three\n', [2_000, 10_000])],
      origin('/120m', { has: [last('c120', '6')] }),
    ],
    looked,
  ),
  row(
    '121',
    'a page that holds nothing is the last',
    [at('/121', reply(next('/121n'), 'one\n')), at('/121n', plain('two\n'))],
    [
      [get('/121'), opened()],
      [read(), over('one\ntwo\n')],
    ],
  ),
  row(
    '121',
    'a page may be empty, and a link relative',
    [
      at('/121r', reply(next('121s'), 'one\n')),
      at('/121s', { pieces: [`HTTP/1.1 204 No Content\r\nGrip-Link: <121t?x=1>; rel=next\r\n\r\n`] }),
      at('/121t', plain('three\n')),
    ],
    [[get('/121r'), opened()], [read(), over('one\nthree\n')], origin('/121t', { line: 'GET /121t?x=1' })],
  ),
  row(
    '122',
    'a page that fails is fetched six times',
    [at('/122', reply(next('/122n'), 'one\n')), at('/122n', plain('no\n', '503 Service Unavailable'))],
    [
      [get('/122'), opened()],
      [read(), over('one\n', { fromMs: 31_000 })],
      [
        { kind: 'origin', path: '/122n' },
        {
          kind: 'received',
          requests: Array(6).fill({ line: 'GET /122n' }),
          apart: [
            [990, 3_000],
            [1_990, 4_000],
            [3_990, 6_000],
            [7_990, 10_000],
            [15_990, 18_000],
          ],
        },
      ],
    ],
    { long: 'everywhere' },
  ),
  row(
    '122',
    'it goes on where the page comes in the end',
    [
      at('/122a', reply(next('/122b'), 'one\n')),
      at('/122b', plain('no\n', '503 Service Unavailable'), plain('two\n')),
    ],
    [[get('/122a'), opened()], [read(), over('one\ntwo\n', { fromMs: 990 })], asked('/122b', 2)],
  ),
  row(
    '123',
    'a page must not hold a long-poll',
    [at('/dbg/123', reply(next('/dbg/123n'), 'one\n')), at('/dbg/123n', polls('c123', 'two\n'))],
    [
      [get('/dbg/123'), opened()],
      [read(), over('one\n\n\nNext link returned non-stream hold.\n')],
    ],
    differs('page shown', { 2: over('one\ntwo\n\n\nNext link returned non-stream hold.\n') }),
  ),
  row(
    '124',
    'an id without a link is the end',
    [at('/124', streams('c124; prev-id=1', 'one\n'))],
    [
      [get('/124'), openedSomehow],
      [read(), over('one\n')],
    ],
  ),
  row(
    '125',
    'with debug it is said why',
    [at('/dbg/125', streams('c125; prev-id=1', 'one\n'))],
    [
      [get('/dbg/125'), openedSomehow],
      [read(), over("one\n\n\nchannel 'c125' specifies prev-id, but no next link found\n")],
    ],
  ),
]
