// Contract §13.4, second part: gaps and hints that ask for a page, and the end of holds.
import {
  act,
  at,
  differs,
  done,
  type GripRow,
  get,
  item,
  leave,
  next,
  opened,
  origin,
  over,
  pass,
  plain,
  polls,
  publish,
  publishResponse,
  publishStream,
  read,
  row,
  type Step,
  said,
  silent,
  streams,
  text,
  times,
  waits,
} from '../vocabulary.ts'

const asked = (path: string, count: number) => [{ kind: 'origin', path } as const, times(count)] as const
const last = (channel: string, id: string) => ['Grip-Last', `${channel}; last-id=${id}`] as const
const byDefault = { iss: 'pushpin', key: 'changeme' } as const
const gone = (path: string) => [['Grip-Link', `<${path}>; rel=gone`]] as const
const noGoneLink = { kind: 'received', requests: [] } as const
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
const queries = ['a', 'b', 'c', 'd'] as const
/** Of an answer on the way, and of the origin's handling of a client that has left. */
const shortly = 500

export const gaps: readonly GripRow[] = [
  row(
    '126',
    'a gap asks for the page, and what follows on it is sent',
    [
      at('/126a', polls('c126', '')),
      at('/126', streams('c126; prev-id=a', 'one\n', next('/126n'))),
      at('/126n', streams('c126; prev-id=c', 'b and c\n', next('/126n'))),
    ],
    [
      ...already('/126a'),
      [get('/126'), opened()],
      [read(), text('one\n')],
      publishStream('c126', 'c\n', { id: 'c', 'prev-id': 'b' }),
      [read(), text('b and c\n')],
      publishStream('c126', 'd\n', { id: 'd', 'prev-id': 'c' }),
      publishStream('c126', 'e\n', { id: 'e', 'prev-id': 'd' }),
      [read(), text('d\ne\n')],
      origin('/126n', { has: [last('c126', 'a')] }),
    ],
    looked,
  ),
  row(
    '127',
    'a gap asks a long-poll again',
    [at('/127', polls('c127; prev-id=a', ''), plain('b and c\n'))],
    [
      [get('/127'), waits],
      asked('/127', 1),
      pass(200),
      publishResponse('c127', { body: 'c\n' }, { id: 'c', 'prev-id': 'b' }),
      [read(), said('200 OK', 'b and c\n')],
      origin('/127', { lacks: ['Grip-Last'] }, { has: [last('c127', 'a')] }),
    ],
  ),
  row(
    '128',
    'who names an id that is not the last is asked again at once',
    [at('/128a', streams('c128', '')), at('/128', polls('c128; prev-id=a', ''), plain('b\n'))],
    [
      [get('/128a'), opened()],
      publishStream('c128', 'b\n', { id: 'b' }),
      [read(), text('b\n')],
      [get('/128', [], 'two'), waits],
      [read('two'), said('200 OK', 'b\n')],
      origin('/128', {}, { has: [last('c128', 'a')] }),
    ],
  ),
  row(
    '128',
    'so is a stream, by its link',
    [
      at('/128c', polls('c128c', '')),
      at('/128d', streams('c128c; prev-id=a', 'a\n', next('/128n'))),
      at('/128n', streams('c128c; prev-id=b', 'b\n', next('/128n'))),
    ],
    [
      ...already('/128c'),
      publishStream('c128c', 'b\n', { id: 'b' }),
      [get('/128d', [], 'two'), opened()],
      [read('two'), text('a\nb\n')],
      origin('/128n', { has: [last('c128c', 'a')] }),
    ],
    looked,
  ),
  row(
    '129',
    'a hint asks for the page',
    [
      at('/129a', polls('c129', '')),
      at('/129', streams('c129', 'one\n', next('/129n'))),
      at('/129n', plain('two\n')),
    ],
    [
      ...already('/129a'),
      [get('/129'), opened()],
      [read(), text('one\n')],
      act('c129', 'hint'),
      [read(), over('two\n')],
      asked('/129n', 1),
    ],
    looked,
  ),
  row(
    '129',
    'a hint means nothing where there is no page',
    [at('/129s', streams('c129s', 'one\n'))],
    [
      [get('/129s'), opened()],
      [read(), text('one\n')],
      act('c129s', 'hint'),
      publishStream('c129s', 'two\n'),
      [read(), text('two\n')],
    ],
  ),
  row(
    '130',
    'streams with one page share its request',
    [
      at('/130', polls('c130', '')),
      ...['a', 'b', 'c', 'd', 'e'].map(name => at(`/130${name}`, streams('c130', '', next('/130n')))),
      at('/130n', { ...plain('page\n'), delayMs: 500 }),
    ],
    [
      ...already('/130'),
      ...['a', 'b', 'c', 'd', 'e'].map(name => [get(`/130${name}`, [], name), opened()] as const),
      pass(200),
      act('c130', 'hint'),
      ...['a', 'b', 'c', 'd', 'e'].map(name => [read(name), over('page\n')] as const),
      [
        { kind: 'origin', path: '/130n' },
        { ...times(1), isSharedByWorker: true },
      ],
    ],
    looked,
  ),
  row(
    '130a',
    'pages that differ in their query are pages of their own',
    [
      at('/130q', polls('c130a', '')),
      ...queries.map(query => at(`/130q${query}`, streams('c130a', '', next(`/130p?${query}`)))),
      at('/130p', { ...plain('page\n'), delayMs: 150 }),
    ],
    [
      ...already('/130q'),
      ...queries.map(query => [get(`/130q${query}`, [], query), opened()] as const),
      pass(200),
      act('c130a', 'hint'),
      ...queries.map(query => [read(query), over('page\n')] as const),
      asked('/130p', 4),
    ],
    differs('queries of pages', { 3: times(2), 14: times(1) }),
  ),
  row(
    '5.6',
    'a page leaves channels and joins others',
    [at('/5.6', streams('c56a', 'one\n', next('/5.6n'))), at('/5.6n', streams('c56b', 'two\n'))],
    [
      [get('/5.6'), opened()],
      [read(), text('one\n')],
      act('c56a', 'hint'),
      [read(), text('two\n')],
      pass(300),
      publishStream('c56a', 'left\n'),
      publishStream('c56b', 'joined\n'),
      [read(), text('joined\n')],
    ],
  ),
  row(
    '131',
    'the end of a hold is told',
    [at('/131', streams('c131', 'one\n', gone('/131gone')))],
    [
      [get('/131'), opened()],
      [read(), text('one\n')],
      [leave(), done],
      pass(shortly),
      origin('/131gone', {
        line: 'POST /131gone',
        signed: byDefault,
        has: [['Content-Length', '0']],
        body: '',
      }),
    ],
    differs('gone links', { 5: noGoneLink }),
  ),
  row(
    '132',
    'also where it was published',
    [at('/132', streams('c132', 'one\n', gone('/132gone')))],
    [
      [get('/132'), opened()],
      act('c132', 'close'),
      [read(), over('one\n')],
      pass(shortly),
      origin('/132gone', { line: 'POST /132gone' }),
    ],
    differs('gone links', { 5: noGoneLink }),
  ),
  row(
    '133',
    'a long-poll that is asked again and then answered has ended twice',
    [at('/133', polls('c133', '', gone('/133gone')))],
    [
      [get('/133'), waits],
      asked('/133', 1),
      pass(200),
      act('c133', 'hint', 'http-response'),
      asked('/133', 2),
      pass(200),
      publishResponse('c133', { body: 'done\n' }),
      [read(), said('200 OK', 'done\n')],
      pass(shortly),
      asked('/133gone', 2),
    ],
    differs('gone links', { 10: noGoneLink }),
  ),
  row(
    '5.6',
    'what is published while a page loads is sent behind it',
    [
      at('/5.6q', streams('c56q', 'one\n', next('/5.6p'))),
      at('/5.6p', { ...streams('c56q', 'two\n'), delayMs: 500 }),
    ],
    [
      [get('/5.6q'), opened()],
      [read(), text('one\n')],
      act('c56q', 'hint'),
      asked('/5.6p', 1),
      publishStream('c56q', 'three\n'),
      [read(), text('two\nthree\n')],
      pass(200),
      [read(), silent],
    ],
  ),
  row(
    '5.5',
    'a hint discards what stands behind it',
    [at('/5.5', streams('c55', 'one\n'))],
    [
      [get('/5.5'), opened()],
      publish(
        item('c55', { 'http-stream': { content: 'two\n' } }),
        item('c55', { 'http-stream': { action: 'hint' } }),
      ),
      [read(), text('one\ntwo\n')],
    ],
  ),
]
