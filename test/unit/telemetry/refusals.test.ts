// Lines about refusals: each can be explained, and no flood of them floods the log.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Log } from '../../../src/telemetry/log.ts'
import { RefusalLog } from '../../../src/telemetry/refusals.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

type Line = Readonly<Record<string, unknown>>

function open() {
  const clock = new FakeClock()
  const lines: Line[] = []
  let ids = 0
  const info = (fields: Line | string, text?: string) => {
    if (typeof fields !== 'string') lines.push({ ...fields, msg: text })
  }
  const log = { info } as unknown as Log // the only level that refusals use
  const refusals = new RefusalLog(log, clock)
  const request = {
    get id() {
      return `t1-${++ids}`
    },
  }
  const refuse = (code: string, times = 1, channel?: string) => {
    for (let i = 0; i < times; i++) refusals.refused(code, { protocol: 'toy', request, status: 401, channel })
  }
  /** How many refusals the lines speak of. */
  const told = () =>
    lines.reduce((sum, line) => sum + ('request' in line ? 1 : 0) + Number(line['suppressed'] ?? 0), 0)
  return { clock, lines, refuse, told, ids: () => ids }
}

describe('refusal lines', () => {
  test('a line says protocol, reason, request, status and channel', () => {
    const { lines, refuse } = open()
    refuse('not-authorized')
    refuse('not-authorized', 1, 'news')
    const common = { code: 'not-authorized', protocol: 'toy', status: 401, msg: 'refused' }
    deepEqual(lines, [
      { ...common, request: 't1-1' },
      { ...common, request: 't1-2', channel: 'news' },
    ])
  })

  test("a channel's name of 64 characters stands whole, a longer one is cut, never within a character", () => {
    const { lines, refuse } = open()
    refuse('a', 1, 'c'.repeat(64))
    refuse('a', 1, 'c'.repeat(65))
    refuse('a', 1, `${'c'.repeat(63)}😀`)
    const names = lines.map(line => line['channel'])
    deepEqual(names, ['c'.repeat(64), 'c'.repeat(64), `${'c'.repeat(63)}\ufffd`])
  })

  test('of a flood 5 lines are written, then one a second, which tells how many were left out', () => {
    const { clock, lines, refuse } = open()
    refuse('a', 5)
    equal(lines.length, 5)
    refuse('a', 95)
    equal(lines.length, 5)
    clock.advance(999)
    refuse('a')
    equal(lines.length, 5)
    clock.advance(1)
    refuse('a', 2)
    equal(lines.length, 6)
    equal(lines[5]?.['suppressed'], 96)
    clock.advance(1_000)
    refuse('a')
    equal(lines[6]?.['suppressed'], 1)
    clock.advance(1_000)
    refuse('a')
    equal('suppressed' in (lines[7] ?? {}), false)
  })

  test('a refusal without a line costs no id', () => {
    const { refuse, ids } = open()
    refuse('a', 100)
    equal(ids(), 5)
  })

  test('each code has an allowance of its own, and rest fills it up to 5 again', () => {
    const { clock, lines, refuse } = open()
    refuse('a', 10)
    refuse('b', 10)
    equal(lines.length, 10)
    clock.advance(9_000)
    refuse('a', 10)
    equal(lines.length, 15)
  })

  test('what was left out is told in the end, even if nothing is refused any more', () => {
    const { clock, lines, refuse, told } = open()
    refuse('a', 100)
    clock.advance(9_999)
    equal(lines.length, 5)
    clock.advance(1)
    deepEqual(lines[5], { code: 'a', protocol: 'toy', suppressed: 95, msg: 'refused' })
    equal(told(), 100)
    clock.advance(60_000)
    equal(lines.length, 6)
  })

  test('a flood over a minute leaves a line a second, and every refusal is told', () => {
    const { clock, lines, refuse, told } = open()
    for (let step = 0; step < 6_000; step++) {
      refuse('a', 3)
      clock.advance(10)
    }
    clock.advance(20_000)
    equal(told(), 18_000)
    equal(lines.length >= 60 && lines.length <= 67, true, `${lines.length} lines`)
  })

  test('codes beyond any list share one allowance', () => {
    const { lines, refuse } = open()
    for (let code = 0; code < 256; code++) refuse(`code ${code}`)
    equal(lines.length, 256)
    for (let code = 256; code < 1_000; code++) refuse(`code ${code}`)
    equal(lines.length, 261)
  })
})
