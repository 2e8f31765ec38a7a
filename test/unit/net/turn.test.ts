// Who has had more than its share of a turn, by a clock whose processor time the test spends.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NetSettings } from '../../../src/net/settings.ts'
import { Turn } from '../../../src/net/turn.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { netDefaults } from '../../helpers/net.ts'

function open(settings: Partial<NetSettings> = {}) {
  const clock = new FakeClock()
  let signs = 0
  const turn = new Turn(clock, { ...netDefaults, ...settings }, () => signs++)
  /** How many of `count` callbacks are admitted, each of which takes `ms`. */
  const send = (client: object, count: number, ms = 0, bytes = 0) => {
    let admitted = 0
    for (let sent = 0; sent < count; sent++) {
      if (turn.admits(client, bytes)) admitted++
      clock.stall(ms)
    }
    return admitted
  }
  return { clock, turn, send, signs: () => signs }
}

describe('one client', () => {
  test('may send as many messages in a turn as its count allows, and not one more', () => {
    const { clock, send } = open({ clientTurnCallbacksMax: 100 })
    const client = {}
    // The turn is known to have begun with the 32nd callback.
    equal(send(client, 131), 131)
    equal(send(client, 1), 0)
    clock.turn()
    equal(send(client, 131), 131, 'the next turn is another')
  })

  test('may take the processor for its time, which is looked at every 32 callbacks', () => {
    const { clock, send } = open({ clientTurnMsMax: 100, turnMsMax: 10_000 })
    const client = {}
    equal(send(client, 1_000, 1), 159)
    clock.turn()
    equal(send(client, 132, 1), 132)
  })

  test('pays for large messages as for several', () => {
    const { send } = open({ clientTurnMsMax: 100, turnMsMax: 10_000 })
    equal(send({}, 1_000, 20, 131_072), 6)
  })

  test('pays for its own time alone', () => {
    const { send } = open({ clientTurnMsMax: 100, turnMsMax: 10_000 })
    equal(send({}, 120, 1), 120)
    equal(send({}, 100, 1), 100)
  })

  test('that comes again in later turns with a few messages is never refused', () => {
    const { clock, send } = open({ clientTurnCallbacksMax: 32 })
    const client = {}
    for (let turns = 0; turns < 100; turns++) {
      equal(send(client, 3, 30), 3)
      clock.turn()
    }
  })
})

describe('all clients together', () => {
  test('get 32 callbacks each of a turn that took its time, and 4 of one that took it twice', () => {
    const { clock, turn, send } = open({ clientTurnMsMax: 10_000, turnMsMax: 200 })
    send({}, 256, 1)
    equal(turn.isLate, true)
    equal(send({}, 40), 32)
    send({}, 32, 10)
    send({}, 32, 10)
    equal(send({}, 40), 4)
    equal(turn.counters.turnsOverrun, 1)
    clock.turn()
    equal(turn.isLate, false)
    equal(send({}, 40), 40)
  })

  test('have so many requests of a turn answered at once', () => {
    const { clock, turn } = open({ turnRequestsMax: 50 })
    const first = Array.from({ length: 83 }, () => turn.putsOff())
    equal(first.lastIndexOf(false), 49)
    equal(turn.counters.requestsPutOff, 33)
    clock.turn()
    equal(turn.putsOff(), false)
  })
})

test('a sign of life leaves while the turn lasts', () => {
  const { send, signs } = open({ clientTurnMsMax: 10_000, turnMsMax: 10_000 })
  send({}, 32)
  equal(signs(), 0)
  send({}, 320)
  deepEqual(signs(), 10)
})
