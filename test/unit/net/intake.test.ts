// Unfinished bodies: their bound together, and the deadline of each.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Intake } from '../../../src/net/intake.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { netDefaults } from '../../helpers/net.ts'

function open() {
  const clock = new FakeClock()
  const intake = new Intake(clock, { ...netDefaults, bodiesBytesMax: 1_000, bodyMsMax: 500 })
  const ends: string[] = []
  const client = (name: string) => ({ giveUp: (why: string) => void ends.push(`${name} ${why}`) })
  return { clock, intake, ends, client }
}

describe('unfinished bodies', () => {
  test('may fill the bound; one byte more, and the oldest is given up', () => {
    const { intake, ends, client } = open()
    const [a, b] = [client('a'), client('b')]
    intake.hold(a, 400)
    intake.hold(b, 600)
    deepEqual([ends, intake.counters.bodiesBytes], [[], 1_000])
    intake.hold(b, 601)
    deepEqual([ends, intake.counters.bodiesBytes], [['a crowded-out'], 601])
    intake.hold(b, 1_001)
    deepEqual([ends, intake.counters.bodiesBytes], [['a crowded-out', 'b crowded-out'], 0])
    equal(intake.counters.bodiesCrowdedOut, 2)
  })

  test('count no more once they are released, however often', () => {
    const { intake, ends, client } = open()
    const a = client('a')
    intake.hold(a, 900)
    intake.release(a)
    intake.release(a)
    intake.hold(client('b'), 1_000)
    deepEqual([ends, intake.counters.bodiesBytes], [[], 1_000])
  })

  test('are given up at their deadline, counted from their first byte', () => {
    const { clock, intake, ends, client } = open()
    const [a, b, c] = [client('a'), client('b'), client('c')]
    intake.hold(a, 1)
    clock.advance(300)
    intake.hold(b, 1)
    intake.hold(a, 2)
    intake.hold(c, 1)
    intake.release(c)
    clock.advance(199)
    deepEqual(ends, [])
    clock.advance(1)
    deepEqual(ends, ['a late'])
    clock.advance(300)
    deepEqual(ends, ['a late', 'b late'])
    deepEqual([intake.counters.bodiesLate, intake.counters.bodiesBytes], [2, 0])
    intake.hold(client('d'), 1)
    clock.advance(500)
    equal(ends.at(-1), 'd late')
  })
})
