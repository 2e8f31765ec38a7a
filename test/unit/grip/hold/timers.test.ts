// Timers of holds: once, again and again with a spread, put off, and over for good.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Pace } from '../../../../src/frontends/grip/hold/pace.ts'
import { Timers } from '../../../../src/frontends/grip/hold/timers.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

describe('timers', () => {
  test('are due once, to the millisecond, and later where they are put off', () => {
    const clock = new FakeClock()
    const runs: number[] = []
    const timer = new Timers(clock).once(5_000, () => runs.push(clock.now()))
    clock.advance(4_000)
    timer.restart()
    clock.advance(20_000)
    deepEqual(runs, [9_000])
  })

  test('are over for good: neither run nor start anew', () => {
    const clock = new FakeClock()
    let runs = 0
    const timers = new Timers(clock)
    for (const timer of [timers.once(1_000, () => runs++), timers.every(1_000, () => runs++)]) {
      timer.cancel()
      timer.restart()
      timer.cancel()
    }
    clock.advance(10_000)
    equal(runs, 0)
  })

  test('that come again and again do so within 3 % of their time, and many at one moment spread', () => {
    const clock = new FakeClock()
    const timers = new Timers(clock)
    const times: number[][] = Array.from({ length: 130 }, () => [])
    for (const own of times) timers.every(10_000, () => own.push(clock.now()))
    clock.advance(100_000)
    for (const own of times) {
      ok(own.length >= 9)
      for (const [index, time] of own.entries()) {
        const waited = time - (own[index - 1] ?? 0)
        ok(Math.abs(waited - 10_000) < 300.5, `${waited}`)
      }
    }
    const firsts = Map.groupBy(times, ([first]) => first)
    equal(firsts.size, 13)
    for (const [, own] of firsts) equal(own.length, 10)
  })

  test('wait no longer than the clock can', () => {
    const clock = new FakeClock()
    const waits: number[] = []
    const after = clock.after.bind(clock)
    clock.after = (ms, run) => {
      waits.push(ms)
      return after(ms, run)
    }
    const timers = new Timers(clock)
    timers.once(2_147_483_647_000, () => {})
    timers.every(2_147_483_647_000, () => {})
    for (let ms = 1; ms < 1_100; ms++) timers.once(ms, () => {})
    timers.once(999_999_999, () => {})
    ok(Math.max(...waits) < 2 ** 31)
  })
})

describe('the pace', () => {
  test('serves a hundred, ten times a second, in the order in which they came', () => {
    const clock = new FakeClock()
    const pace = new Pace(clock)
    const runs: number[] = []
    for (let index = 0; index < 250; index++) pace.add(() => runs.push(index))
    clock.advance(99)
    equal(runs.length, 0)
    clock.advance(1)
    deepEqual([runs.length, runs[0], runs[99]], [100, 0, 99])
    clock.advance(100)
    equal(runs.length, 200)
    clock.advance(1_000)
    deepEqual([runs.length, pace.waiting], [250, 0])
  })

  test('forgets who is taken back, also by one whose turn came in front of it', () => {
    const clock = new FakeClock()
    const pace = new Pace(clock)
    const runs: string[] = []
    const takeBack: (() => void)[] = []
    pace.add(() => {
      runs.push('one')
      for (const run of takeBack) run()
      pace.add(() => runs.push('again'))
    })
    takeBack.push(pace.add(() => runs.push('two')))
    pace.add(() => runs.push('three'))()
    clock.advance(100)
    deepEqual(runs, ['one'])
    clock.advance(100)
    deepEqual(runs, ['one', 'again'])
  })
})
