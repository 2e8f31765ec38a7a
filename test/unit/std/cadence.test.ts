import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Cadence } from '../../../src/std/cadence.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

function cadence() {
  const clock = new FakeClock()
  const runs: string[] = []
  return { clock, runs, beats: new Cadence<string>(clock, 100, item => runs.push(`${item}@${clock.now()}`)) }
}

describe('cadence', () => {
  test('each item runs once a period, counted from its own start', () => {
    const { clock, runs, beats } = cadence()
    beats.add('a')
    clock.advance(30)
    beats.add('b')
    clock.advance(220)
    deepEqual(runs, ['a@100', 'b@130', 'a@200', 'b@230'])
  })

  test('a removed item never runs again, and removing it twice is harmless', () => {
    const { clock, runs, beats } = cadence()
    const entry = beats.add('a')
    beats.add('b')
    clock.advance(100)
    beats.remove(entry)
    beats.remove(entry)
    clock.advance(100)
    deepEqual(runs, ['a@100', 'b@100', 'b@200'])
  })

  test('missed periods are not made up: after a stall the next run is a whole period away', () => {
    const { clock, runs, beats } = cadence()
    beats.add('a')
    clock.stall(350)
    clock.advance(0)
    clock.advance(100)
    deepEqual(runs, ['a@350', 'a@450'])
  })

  test('an item may be removed while others are served', () => {
    const clock = new FakeClock()
    const runs: string[] = []
    const beats: Cadence<string> = new Cadence(clock, 100, item => {
      runs.push(item)
      beats.remove(second)
    })
    beats.add('first')
    const second = beats.add('second')
    clock.advance(250)
    deepEqual(runs, ['first', 'first'])
  })
})
