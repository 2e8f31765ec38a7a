// What stats know of channels: kept while somebody subscribes or uses them, dropped in the order of idleness.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { type ChannelBounds, ChannelTable } from '../../../src/frontends/rpushd/channel-table.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

const hour = 3_600_000
let clock: FakeClock
let lines: string[]

beforeEach(() => {
  clock = new FakeClock()
  lines = []
})

function createTable(bounds: Partial<ChannelBounds> = {}): ChannelTable {
  const log = { info: (line: string) => lines.push(line) } as unknown as Log // all that the table calls
  return new ChannelTable(clock, log, { channelsMax: 100, channelIdleTtlMs: hour, ...bounds })
}

function rowsOf(table: ChannelTable): readonly (readonly [string, number, number])[] {
  const { names, subscribers, idleMs } = table.report()
  const all = names === '' ? [] : names.split('\n')
  return all.map((name, index) => [name, subscribers[index] ?? -1, idleMs[index] ?? -1])
}

describe('use', () => {
  test('a publish makes a channel known, a stream makes it active, a leaver keeps it known', () => {
    const table = createTable()
    table.published('a')
    clock.advance(1_000)
    deepEqual(rowsOf(table), [['a', 0, 1_000]])
    const use = table.opened('a')
    table.opened('a')
    clock.advance(2_000)
    deepEqual(rowsOf(table), [['a', 2, 2_000]])
    table.closed(use)
    deepEqual(rowsOf(table), [['a', 1, 0]])
    clock.advance(500)
    table.closed(use)
    deepEqual(rowsOf(table), [['a', 0, 0]])
    equal(table.size, 1)
  })

  test('a publish refreshes a channel with and without subscribers; a stream refreshes its own', () => {
    const table = createTable()
    table.published('idle')
    const use = table.opened('active')
    clock.advance(5_000)
    table.published('idle')
    table.published('active')
    deepEqual(rowsOf(table), [
      ['idle', 0, 0],
      ['active', 1, 0],
    ])
    clock.advance(1_000)
    use.usedMs = clock.now()
    deepEqual(rowsOf(table)[1], ['active', 1, 0])
  })
})

describe('idle channels', () => {
  test('are dropped by the first sweep after their time, with a line each, but not while somebody subscribes', () => {
    const table = createTable()
    table.published('early')
    table.opened('kept')
    clock.advance(1_000)
    table.published('late')
    clock.advance(hour - 1_000)
    deepEqual(lines, ['dropping idle channel early'], 'the sweep after an hour')
    clock.advance(299_999)
    equal(lines.length, 1)
    clock.advance(1)
    deepEqual(lines, ['dropping idle channel early', 'dropping idle channel late'])
    deepEqual(
      rowsOf(table).map(([name]) => name),
      ['kept'],
    )
  })

  test('go at the next sweep where no time is given them', () => {
    const table = createTable({ channelIdleTtlMs: 0 })
    table.published('a')
    clock.advance(299_999)
    equal(table.size, 1)
    clock.advance(1)
    equal(table.size, 0)
  })

  test('are dropped over several turns where they are many', () => {
    const table = createTable({ channelsMax: 1_200, channelIdleTtlMs: 0 })
    for (let n = 0; n < 1_200; n++) table.published(`c${n}`)
    clock.advance(300_000)
    equal(lines.length, 500)
    clock.turn()
    equal(lines.length, 1_000)
    clock.turn()
    equal(table.size, 0)
    equal(clock.turn(), false)
  })

  test('are bounded: the longest idle goes first, and one in use is none', () => {
    const table = createTable({ channelsMax: 2 })
    table.opened('stream')
    table.published('a')
    table.published('b')
    table.published('a')
    deepEqual(rowsOf(table).length, 3)
    table.published('c')
    deepEqual(
      rowsOf(table).map(([name]) => name),
      ['stream', 'a', 'c'],
    )
    table.bounds = { channelsMax: 1, channelIdleTtlMs: hour }
    table.published('c')
    deepEqual(
      rowsOf(table).map(([name]) => name),
      ['stream', 'c'],
    )
    deepEqual(lines, [], 'a line for each would slow down the publisher')
  })
})
