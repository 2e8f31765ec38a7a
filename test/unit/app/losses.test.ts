// Lines about subscribers that do not get everything: with the bound that was met, and no flood of them.
import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LossLog } from '../../../src/app/losses.ts'
import { privateChannel } from '../../../src/engine/words/private.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

function open() {
  const clock = new FakeClock()
  const lines: unknown[] = []
  const info = (fields: object, text: string) => lines.push({ ...fields, msg: text })
  const log = { info } as unknown as Log // the only level that losses use
  return { clock, lines, losses: new LossLog(log, clock) }
}

describe('lines about losses', () => {
  test('a closed subscriber has its reason, its bound and its channel', () => {
    const { lines, losses } = open()
    losses.lost({ kind: 'closed', reason: 'slow', bound: 'outboxAge', channel: 'news' })
    const expected = { code: 'subscriber-slow', reason: 'slow', bound: 'outboxAge', channel: 'news' }
    deepEqual(lines, [{ ...expected, msg: 'a subscriber was closed' }])
  })

  test('one that is left behind has its channel, cut where it is long', () => {
    const { lines, losses } = open()
    losses.lost({ kind: 'skipped', channel: 'n'.repeat(1_000) })
    const expected = { code: 'publications-skipped', channel: 'n'.repeat(64) }
    deepEqual(lines, [{ ...expected, msg: 'a slow subscriber was left behind' }])
  })

  test('one of a private channel has its group, and nothing of whose it is', () => {
    const { lines, losses } = open()
    const id = '7d444840-9dc0-11d1-b245-5ffdce74fad2'
    losses.lost({ kind: 'skipped', channel: privateChannel('pushwire/data', id) })
    const expected = { code: 'publications-skipped', group: 'pushwire/data' }
    deepEqual(lines, [{ ...expected, msg: 'a slow subscriber was left behind' }])
  })

  test('of a flood few are written, and the others are counted', () => {
    const { clock, lines, losses } = open()
    for (let n = 0; n < 1_000; n++) losses.lost({ kind: 'closed', reason: 'gap', channel: 'news' })
    clock.advance(10_000)
    deepEqual(lines.slice(5), [{ code: 'subscriber-gap', suppressed: 995, msg: 'a subscriber was closed' }])
  })
})
