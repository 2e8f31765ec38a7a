import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readOrders } from '../../../src/frontends/pushwire/handlers/webhook-orders.ts'

const to = '7d444840-9dc0-11d1-b245-5ffdce74fad2'

function read(text: string): unknown {
  const orders = readOrders(Buffer.from(text))
  if (typeof orders === 'string') return orders
  const said = ({ payload, ...rest }: { readonly payload: Uint8Array }) => ({
    ...rest,
    payload: `${payload}`,
  })
  return { send: orders.send.map(said), broadcast: orders.broadcast.map(said) }
}

describe('orders of an application', () => {
  test('may be none', () => {
    for (const text of ['', '{}', ' { "other": [1] } ', '{"send":null,"broadcast":[]}']) {
      deepEqual(read(text), { send: [], broadcast: [] }, text)
    }
  })

  test('have payloads as they stand', () => {
    const payload = '{"b": 12345678901234567890, "a":1.10, "b":"\\u0041"}'
    deepEqual(
      read(
        `{"send":[{"to":"${to.toUpperCase()}","channel":"d\\u0061ta","payload": ${payload} ,"x":{}}],"broadcast":[{"payload":null,"channel":"chat"},{"channel":"a","channel":"b","payload":[]}]}`,
      ),
      {
        send: [{ to, channel: 'data', payload }],
        broadcast: [
          { channel: 'chat', payload: 'null' },
          { channel: 'b', payload: '[]' },
        ],
      },
    )
  })

  test('are 64 of both kinds at most', () => {
    const item = '{"channel":"chat","payload":1}'
    const of = (count: number) =>
      read(
        `{"send":[{"to":"${to}","channel":"a","payload":2}],"broadcast":[${Array(count).fill(item).join()}]}`,
      ) as { broadcast: readonly object[] } // or a text, which has none
    equal(of(63).broadcast.length, 63)
    equal(of(64), 'more than 64 frames')
    equal(of(10_000), 'more than 64 frames')
  })

  for (const [text, why] of [
    ['ok', /not JSON/],
    ['"ok"', /no object/],
    ['[]', /no object/],
    ['null', /no object/],
    ['{"send":{}}', /no list/],
    ['{"broadcast":"chat"}', /no list/],
    ['{"broadcast":[1]}', /no list of objects/],
    ['{"broadcast":[{"channel":"a"}]}', /without channel or payload/],
    ['{"broadcast":[{"payload":1}]}', /without channel or payload/],
    ['{"broadcast":[{"channel":1,"payload":1}]}', /without channel or payload/],
    ['{"broadcast":[{"channel":null,"payload":1}]}', /without channel or payload/],
    [`{"send":[{"channel":"a","payload":1}]}`, /without to/],
    [`{"send":[{"to":"me","channel":"a","payload":1}]}`, /without to/],
    [`{"send":[{"to":"${to}","channel":"a"}]}`, /without to/],
    ['{"broadcast":[{"channel":"a","payload":"\\ud800"}]}', /not JSON/],
    [`{"a":${'['.repeat(200)}${']'.repeat(200)}}`, /not JSON/],
    ['{"send":[]', /not JSON/],
  ] as const) {
    test(`do not hold where they are ${text.slice(0, 60)}`, () => match(String(read(text)), why))
  }

  test('do not hold where they are not UTF-8', () => {
    equal(readOrders(Buffer.from('{"a":"\xff"}', 'latin1')), 'a body that is not UTF-8')
  })
})
