// What the state directory says of the clock: a node that is killed leaves a reserve of offsets, and that is no news.
import { deepEqual, ok } from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { State } from '../../../src/app/state.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import { makeFolder } from '../../fuzz/memory-folder.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

const minuteMs = 60_000
const hourMs = 3_600_000

/** Starts nodes on one folder, each when the one before it is gone. */
function succession() {
  const folder = makeFolder('state-')
  const codes: unknown[] = []
  const log: Log = {
    level: 'info',
    trace() {},
    debug() {},
    info() {},
    warn: ({ code }) => void codes.push(code),
    error: ({ code }) => void codes.push(code),
    fatal() {},
  }
  return {
    codes,
    start(clock: FakeClock): State {
      // The lock of one that was killed names a process that is gone; here it would be this one.
      rmSync(join(folder, 'lock'), { force: true })
      return new State(folder, clock, log)
    },
  }
}

function clockAt(unixMs: number): FakeClock {
  const clock = new FakeClock()
  clock.epochMs = unixMs
  return clock
}

describe('a node that starts', () => {
  const begin = 1_790_000_000_000

  test('after some that were killed goes on above their reserves, and says nothing of the clock', () => {
    const { codes, start } = succession()
    let last = 0
    for (let kills = 0; kills < 3; kills++) {
      const seed = start(clockAt(begin + kills * 1_000)).seed()
      ok(seed > last, `${seed} is not above ${last}`)
      last = seed
    }
    deepEqual(codes, [])
  })

  test('behind the time that an earlier run reached says so, whether that was killed or stopped', () => {
    const killed = succession()
    killed.start(clockAt(begin))
    killed.start(clockAt(begin - 1))
    deepEqual(killed.codes, ['clock-backwards'])

    const stopped = succession()
    const clock = clockAt(begin)
    const state = stopped.start(clock)
    clock.advance(10 * minuteMs)
    // Not even the stop forgets what was reached.
    clock.epochMs -= hourMs
    const last = state.seed()
    state.leave(new Map(), true)
    ok(stopped.start(clockAt(begin - minuteMs)).seed() >= last)
    deepEqual(stopped.codes, ['clock-backwards'])
  })
})
