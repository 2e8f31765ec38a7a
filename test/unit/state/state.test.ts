// What a start takes from the state directory: the reserve of a node that was killed, which is no news, and channels, also
// as the version before left them.
import { deepEqual, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Estate } from '../../../src/state/estate.ts'
import { Legacies } from '../../../src/state/legacies.ts'
import { packChannels, parseChannels, State } from '../../../src/state/state.ts'
import { packExact } from '../../../src/std/msgpack.ts'
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
    folder,
    start(clock: FakeClock, generation?: () => number | undefined): State {
      // The lock of one that was killed names a process that is gone; here it would be this one.
      rmSync(join(folder, 'lock'), { force: true })
      const before = process.listeners('exit')
      const state = new State(folder, clock, log, generation)
      // What takes the lock away belongs to one node, and here there are many in one process.
      for (const listener of process.listeners('exit')) {
        if (!before.includes(listener)) process.removeListener('exit', listener)
      }
      return state
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

describe('channels of a node that shares them with others', () => {
  const channel = (name: string) => [name, 'e1', 5, 9, [], []] as const

  /** Names of what a node of that generation finds that one of the other left; undefined: it stands alone. */
  function found(left: number | undefined, now: number | undefined): readonly string[] {
    const { start } = succession()
    const clock = clockAt(1_790_000_000_000)
    const channels = packChannels([channel('news'), channel('\u0001group\u0001key')])
    start(clock, () => left).leave(new Map([[0, channels]]), true)
    const taken = start(clock, () => now).take(() => 0)
    return parseChannels(taken.get(0) ?? packChannels([])).map(([name]) => name)
  }

  test('are taken by a node with the same list, and by none with another one but what is private', () => {
    const all = ['news', '\u0001group\u0001key']
    deepEqual(found(3, 3), all)
    deepEqual(found(3, 4), ['\u0001group\u0001key'])
    deepEqual(found(3, 2), ['\u0001group\u0001key'])
  })

  test('are taken where there was no list, or is none any more', () => {
    for (const [left, now] of [
      [undefined, 1],
      [2, undefined],
      [undefined, undefined],
    ] as const)
      deepEqual(found(left, now), ['news', '\u0001group\u0001key'])
  })
})

describe('channels that another version left', () => {
  const now = 1_790_000_000_000
  const payload = Buffer.from('x')

  /** Writes the file as a node of that version does, and starts one a second later. */
  function taken(version: number, channels: unknown) {
    const { codes, folder, start } = succession()
    const packed = packExact(channels)
    const digest = createHash('sha256').update(String(now)).update(packed).digest()
    writeFileSync(join(folder, 'snapshot.0'), packExact([version, now, digest, packed]))
    const bytes = start(clockAt(now + 1_000))
      .take(() => 0)
      .get(0)
    return { codes, channels: bytes && parseChannels(bytes) }
  }

  const older = [
    [
      'c',
      'e',
      5,
      7,
      [
        [5, 'text', payload, 4_000],
        [6, 'json', payload, 3_000, { id: 'i' }],
      ],
      [['key', 6, 2_000]],
    ],
  ]

  test('are taken where it is the one before', () => {
    const bytes = new Uint8Array(payload)
    deepEqual(taken(2, older), {
      codes: [],
      channels: [
        [
          'c',
          'e',
          5,
          7,
          [
            [3_000, [5, 1, bytes]],
            [2_000, [6, 0, bytes, ['i', undefined]]],
          ],
          [['key', 6, 1_000]],
        ],
      ],
    })
  })

  test('are not where it is an older or a later one, or their form is not that of their version', () => {
    for (const version of [1, 4, 3]) {
      deepEqual(taken(version, older), { codes: ['snapshot-unreadable'], channels: undefined })
    }
  })
})

test('the order that publishers asked for is found by the next node, older by what passed', () => {
  const { codes, start } = succession()
  const clock = clockAt(1_790_000_000_000)
  const seen = [['a', 60_000]] as const
  const first = ['one', 'e', 0, 4, [], [], ['a', [], seen, 90_000]] as const
  const second = ['two', 'e', 0, 4, [], [], [undefined, [], seen, 0]] as const
  start(clock).leave(new Map([[0, packChannels([first, second])]]), true)
  clock.advance(20_000)
  const packed = start(clock)
    .take(() => 0)
    .get(0)
  deepEqual(parseChannels(packed ?? Buffer.alloc(0)), [
    ['one', 'e', 0, 4, [], [], ['a', [], [['a', 40_000]], 70_000]],
    ['two', 'e', 0, 4, [], [], [undefined, [], [['a', 40_000]], 0]],
  ])
  deepEqual(codes, [])
})

test('what was left is nothing to a node that others order the channels of, nor to whoever stands alone after it', () => {
  const { folder, start } = succession()
  const clock = clockAt(1_790_000_000_000)
  const channel = ['one', 'e', 0, 4, [], []] as const
  start(clock).leave(new Map([[0, packChannels([channel])]]), true)
  const joined = start(clock)
  deepEqual(joined.drop(), ['snapshot.0'])
  // One that never came to serve leaves it as it was.
  joined.giveBack()
  const again = start(clock)
  again.drop()
  const log = {} as Log // nothing fails
  const estate = new Estate(again, new Legacies(new Map([[1, packChannels([channel])]]), clock), log, false)
  deepEqual([estate.isWanted, estate.keep(new Map([[0, packChannels([channel])]]))], [false, true])
  deepEqual(
    start(clock).take(() => 0),
    new Map(),
  )
  deepEqual(
    readdirSync(folder).filter(name => name.startsWith('snapshot')),
    [],
  )
})
