// One id, one connection: the newest stays, whatever carries it and wherever it is (contract §1.6, row 62); and what the
// application does to an id.
import { taxonomy } from '../settings.ts'
import { event, frame, goodbye, ids, op, superposed } from '../texts.ts'
import { ask, type Exchange, enter, hears, leave, over, publish, row, say, streams } from '../vocabulary.ts'

const { A, B } = ids
const heads = { chat: 'n' }
const replaced = event('system', undefined, superposed('goodbye', '"reason":"replaced"'))

/** Both ways of each pair, at one worker and at two. */
const pairs: readonly Exchange[] = (['owner', 'publisher'] as const).flatMap(at => [
  row(`the second WebSocket of an id ends the first (${at})`, 'row 62', [
    ...enter('a', A, heads, { at: 'owner' }),
    ...enter('b', A, heads, { at }),
    over('a', 4409, goodbye('replaced')),
    publish('chat', '1'),
    hears('b', frame('chat', 'n+1', '1')),
    leave('b'),
  ]),
  row(`an event stream of an id ends its WebSocket (${at})`, 'row 62', [
    ...enter('a', A, heads, { at: 'owner' }),
    ...streams('b', A, '&channels=chat', { heads }, { at }),
    over('a', 4409, goodbye('replaced')),
    leave('b'),
  ]),
  row(`a WebSocket of an id ends its event stream (${at})`, 'row 62', [
    ...streams('a', A, '&channels=chat', { heads }, { at: 'owner' }),
    ...enter('b', A, heads, { at }),
    over('a', 'last chunk', replaced),
    leave('b'),
  ]),
  row(`the second event stream of an id ends the first (${at})`, 'row 62', [
    ...streams('a', A, '&channels=chat', { heads }, { at: 'owner' }),
    ...streams('b', A, '&channels=chat', { heads }, { at }),
    over('a', 'last chunk', replaced),
    leave('b'),
  ]),
])

const others: readonly Exchange[] = [
  row('in their own case they are one id', 'row 62, 1.3', [
    ...enter('a', A, heads),
    ...streams('b', A.toUpperCase(), '&channels=chat', { heads }).map(([send, expect]) =>
      expect.kind === 'hears' && 'id' in expect
        ? ([send, { ...expect, id: A }] as const)
        : ([send, expect] as const),
    ),
    over('a', 4409, goodbye('replaced')),
    leave('b'),
  ]),
  row('other ids are left alone, and whoever was refused displaces nobody', '1.6', [
    ...enter('a', A, heads),
    ...enter('b', B, heads, { at: 'owner' }),
    say('a', op('ping')),
    hears('a', op('pong')),
    leave('a'),
    leave('b'),
  ]),
]

const byTheApplication: readonly Exchange[] = [
  row('the application ends the connections of an id, and knows who is there', '16, 1.7', [
    ...enter('a', A, heads),
    ask('GET', `clients/${A}`, undefined, 200, `{"client_id":"${A}","connected":true,"connections":1}`),
    ask('DELETE', `clients/${A.toUpperCase()}`, undefined, 200, `{"client_id":"${A}","connections":1}`, 1),
    over('a', 1008, goodbye('kicked')),
    ask('GET', `clients/${A}`, undefined, 200, `{"client_id":"${A}","connected":false,"connections":0}`),
    ...streams('s', A, '&channels=chat', { heads }),
    ask('DELETE', `clients/${A}`, undefined, 200, `{"client_id":"${A}","connections":1}`, 1),
    over('s', 'last chunk', event('system', undefined, superposed('goodbye', '"reason":"kicked"'))),
  ]),
]

export const displacements: readonly Exchange[] = [...pairs, ...others, ...byTheApplication].map(each => ({
  ...taxonomy,
  ...each,
}))
