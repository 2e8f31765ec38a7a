// Contract §13.7, first part: filters, on streams and on long polls.
import {
  act,
  at,
  differs,
  type GripRow,
  get,
  item,
  next,
  opened,
  openedSomehow,
  origin,
  over,
  pass,
  plain,
  polls,
  publish,
  publishResponse,
  publishStream,
  read,
  reply,
  row,
  type Step,
  said,
  streams,
  text,
  waits,
} from '../vocabulary.ts'

const meta = (values: string): readonly (readonly [string, string])[] => [['Grip-Set-Meta', values]]
const bob = meta('user=bob')
const sentBy = (sender: string) => ({ meta: { sender } })
const withFilters = (channel: string, content: string, filters: readonly string[]): Step =>
  publish(item(channel, { 'http-stream': { content, 'content-filters': filters } }))

const dropping: readonly GripRow[] = [
  row(
    '200',
    'skip-self: who sent it does not get it back',
    [at('/200', streams('c200; filter=skip-self', '', bob))],
    [
      [get('/200'), opened()],
      publishStream('c200', 'own\n', sentBy('bob')),
      publishStream('c200', "al's\n", sentBy('al')),
      publishStream('c200', "nobody's\n"),
      [read(), text("al's\nnobody's\n")],
    ],
  ),
  row(
    '200',
    'skip-self: an action is nothing to who sent it, either',
    [at('/200a', streams('c200a; filter=skip-self', '', bob))],
    [
      [get('/200a'), opened()],
      publish(item('c200a', { 'http-stream': { action: 'close' } }, sentBy('bob'))),
      publishStream('c200a', 'open\n'),
      [read(), text('open\n')],
      act('c200a', 'close'),
      [read(), over()],
    ],
  ),
  row(
    '200',
    'skip-self: a long poll waits on',
    [at('/200b', polls('c200b; filter=skip-self', 'stored', bob))],
    [
      [get('/200b'), waits],
      pass(200),
      publishResponse('c200b', { body: 'own\n' }, sentBy('bob')),
      publishResponse('c200b', { body: 'other\n' }, sentBy('al')),
      [read(), said('200 OK', 'other\n')],
    ],
  ),
  row(
    '201',
    'skip-users: whoever is in the list gets nothing',
    [at('/201', streams('c201; filter=skip-users', '', bob))],
    [
      [get('/201'), opened()],
      publishStream('c201', 'not\n', { meta: { skip_users: 'x,bob' } }),
      publishStream('c201', 'nor\n', { meta: { skip_users: ' bob , y' } }),
      publishStream('c201', 'sent\n', { meta: { skip_users: 'x' } }),
      [read(), text('sent\n')],
    ],
  ),
  row(
    '202',
    'require-sub: who does not have the other channel gets nothing',
    [at('/202', streams('c202; filter=require-sub, c202b', ''))],
    [
      [get('/202'), opened()],
      publishStream('c202', 'not\n', { meta: { require_sub: 'c202c' } }),
      publishStream('c202', 'sent\n', { meta: { require_sub: 'c202b' } }),
      [read(), text('sent\n')],
    ],
  ),
]

const ids = [['Grip-Set-Meta', 'id_format="a:%(c206)s", id_encoding=hex'], ...next('/206n')] as const

const altering: readonly GripRow[] = [
  row(
    '204',
    'var-subst: values of the subscription stand in the content',
    [at('/204', streams('c204; filter=var-subst', '', meta('user=bob, foo="b a r"')))],
    [
      [get('/204'), opened()],
      publishStream('c204', 'o %(user)s %(foo)s 5%%\n'),
      [read(), text('o bob b a r 5%\n')],
    ],
  ),
  row(
    '205',
    'var-subst: an item with a name that nobody has is not for this client, and others are',
    [at('/205', streams('c205; filter=var-subst', '', bob))],
    [
      [get('/205'), opened()],
      publishStream('c205', 'o %(unknown)s\n'),
      publishStream('c205', 'o %(user)s\n'),
      [read(), text('o bob\n')],
    ],
    differs('filters that fail', { 4: over() }),
  ),
  row(
    '205',
    'var-subst: who debugs is told',
    [at('/dbg/205', streams('c205b; filter=var-subst', '', bob))],
    [
      [get('/dbg/205'), opened()],
      publishStream('c205b', 'o %(unknown)s\n'),
      [read(), over("\n\nfilter error: var-subst: No such variable 'unknown' at position 12\n")],
    ],
  ),
  row(
    '206',
    "build-id: the item's own id",
    [at('/206', streams('c206; prev-id=p0; filter=build-id', '', ids))],
    [
      [get('/206'), opened()],
      publishStream('c206', 'id %I %(z)I 5%%\n', { id: 'p1', 'prev-id': 'p0' }),
      [read(), text('id 613a7031 7a 5%\n')],
    ],
  ),
  row(
    '207',
    'build-id: a backslash takes the next character of a name as it is',
    [
      at(
        '/207',
        streams('food207\\fruit(type); prev-id=p0; filter=build-id', '', [
          ['Grip-Set-Meta', 'id_format="%(food207\\\\\\\\fruit(type\\\\))s"'],
          ...next('/207n'),
        ]),
      ),
    ],
    [
      [get('/207'), opened()],
      publishStream('food207\\fruit(type)', 'id %I\n', { id: 'p1', 'prev-id': 'p0' }),
      [read(), text('id p1\n')],
    ],
  ),
  row(
    'fault 12',
    'build-id: in the first body, the id at which it says that the client is',
    [
      at(
        '/f12',
        streams('cf12; prev-id=p0; filter=build-id', 'id %I\n', [
          ['Grip-Set-Meta', 'id_format="%(cf12)s"'],
          ...next('/f12n'),
        ]),
      ),
    ],
    [[get('/f12'), openedSomehow]],
    differs('ids of first bodies', { 1: said('200 OK', '') }),
  ),
  row(
    'fault 12',
    'build-id: a first body that needs an id that nobody knows is none, and nothing is held',
    [
      at(
        '/dbg/f12b',
        streams('cf12b; filter=build-id', 'id %I\n', [['Grip-Set-Meta', 'id_format="%(cf12b)s"']]),
      ),
    ],
    [
      [
        get('/dbg/f12b'),
        said(
          '200 OK',
          '\n\nfilter error: build-id: No ID specified and no default ID in context at position 4\n',
        ),
      ],
    ],
  ),
  row(
    '208',
    'content-filters that are those of the subscription',
    [at('/208', streams('c208; filter=skip-self; filter=var-subst', '', bob))],
    [
      [get('/208'), opened()],
      withFilters('c208', 'for %(user)s\n', ['var-subst']),
      [read(), text('for bob\n')],
    ],
  ),
  row(
    '209',
    'content-filters that are others: the item is not for this client',
    [at('/209', streams('c209; filter=var-subst', '', bob))],
    [
      [get('/209'), opened()],
      withFilters('c209', 'a\n', ['build-id']),
      withFilters('c209', 'b\n', ['var-subst', 'build-id']),
      withFilters('c209', 'c\n', []),
      publishStream('c209', 'any\n'),
      [read(), text('any\n')],
    ],
    differs('filters that fail', { 6: over() }),
  ),
]

const byUrl = (url: string) => meta(`user=bob, url="${url}"`)
const kept = plain('', '204 No Content')
const dropped = reply([['Action', 'drop']], 'x')

const asking: readonly GripRow[] = [
  row(
    '210',
    'http-check: the origin says whether an item is for this client, in order',
    [
      at('/210', streams('c210; filter=http-check', '', byUrl('210c'))),
      at('/210c', plain('x'), dropped, plain('no', '400 Bad Request'), kept),
    ],
    [
      [get('/210'), opened()],
      publishStream('c210', 'sent\n', sentBy('al')),
      publishStream('c210', 'dropped\n'),
      publishStream('c210', 'failed\n'),
      publishStream('c210', 'last\n'),
      [read(), text('sent\nlast\n')],
      origin(
        '/210c',
        {
          line: 'POST /210c',
          body: '',
          has: [
            ['Sub-Meta', '{"url":"210c","user":"bob"}'],
            ['Pub-Meta', '{"sender":"al"}'],
            ['Grip-Sig', /./],
          ],
        },
        {},
        {},
        {},
      ),
    ],
    differs('filters that ask', {
      6: text('sent\ndropped\nfailed\nlast\n'),
      7: { kind: 'received', requests: [] },
    }),
  ),
  row(
    '211',
    'http-modify: what the origin answers is the content, and with 204 it stays',
    [
      at('/211', streams('c211; filter=http-modify', '', byUrl('/211m'))),
      at('/211m', plain('other\n'), kept, plain('x'.repeat(100_001)), plain('end\n')),
    ],
    [
      [get('/211'), opened()],
      publishStream('c211', 'one\n', sentBy('al')),
      publishStream('c211', 'two\n'),
      publishStream('c211', 'too large\n'),
      publishStream('c211', 'three\n'),
      [read(), text('other\ntwo\nend\n')],
      origin(
        '/211m',
        { line: 'POST /211m', body: 'one\n', has: [['Pub-Meta', '{"sender":"al"}']] },
        { body: 'two\n', has: [['Pub-Meta', '{}']] },
        {},
        {},
      ),
    ],
    differs('filters that ask', {
      6: text('one\ntwo\ntoo large\nthree\n'),
      7: { kind: 'received', requests: [] },
    }),
  ),
]

export const filters: readonly GripRow[] = [...dropping, ...altering, ...asking]
