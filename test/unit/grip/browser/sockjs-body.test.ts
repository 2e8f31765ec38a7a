// What a client of SockJS is told whose body does not come to its end.
import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { collectText } from '../../../../src/frontends/grip/browser/sockjs/body.ts'
import type { GateBody } from '../../../../src/net/gate/gate-exchange.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { intakeWith } from '../../../helpers/intake.ts'
import { FakeExchange } from '../proxy/given-origin.ts'

/** One piece, and nothing behind it. */
const torn = { read: (piece: (bytes: Buffer) => void) => piece(Buffer.alloc(600)) } as unknown as GateBody // nothing else is used

test('a body that is late, and one that others crowd out, are told apart', () => {
  const clock = new FakeClock()
  const intake = intakeWith(clock, { bodyMsMax: 1_000, bodiesBytesMax: 2_000 })
  const begin = () => {
    const exchange = new FakeExchange('/s', { method: 'POST', body: torn })
    collectText(exchange, intake, () => {})
    return exchange
  }
  const exchanges = Array.from({ length: 5 }, begin)
  clock.advance(1_000)
  const texts = exchanges.map(({ got }) => got.join())
  deepEqual(
    new Set(texts),
    new Set(['408 too many bodies at once, and this one is the oldest\n', '408 the body took too long\n']),
  )
  deepEqual(texts.at(-1), '408 the body took too long\n')
})
