// How long a refusal waits for a client that is still sending.
import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Lingering } from '../../../src/net/lingering.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { netDefaults } from '../../helpers/net.ts'

function open() {
  const clock = new FakeClock()
  const ends: boolean[] = []
  const settings = { ...netDefaults, lingerMsMax: 5_000, lingerBytesMax: 100 }
  return { clock, ends, lingering: new Lingering(clock, settings, wasInTime => ends.push(wasInTime)) }
}

describe('a refusal waits', () => {
  test('for the last byte, within the bound of bytes', () => {
    const { clock, ends, lingering } = open()
    lingering.dropped(100, false)
    deepEqual(ends, [])
    lingering.dropped(0, true)
    clock.advance(10_000)
    deepEqual(ends, [true])
  })

  test('for no byte beyond the bound', () => {
    const { ends, lingering } = open()
    lingering.dropped(101, false)
    deepEqual(ends, [false])
  })

  test('until the client rests for half a second', () => {
    const { clock, ends, lingering } = open()
    lingering.dropped(1, false)
    clock.advance(500)
    deepEqual(ends, [])
    clock.advance(500)
    deepEqual(ends, [true])
  })

  test('not for a client that never rests and never ends', () => {
    const { clock, ends, lingering } = open()
    for (let half = 1; half < 10; half++) {
      lingering.dropped(1, false)
      clock.advance(500)
      deepEqual(ends, [])
    }
    lingering.dropped(1, false)
    clock.advance(500)
    deepEqual(ends, [false])
  })

  test('for nothing once it is cancelled', () => {
    const { clock, ends, lingering } = open()
    lingering.cancel()
    clock.advance(60_000)
    deepEqual(ends, [])
  })
})
