import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { History } from '../../../../src/engine/owner/history.ts'
import { parseOffset } from '../../../../src/engine/words/position.ts'
import { publication } from '../../../helpers/spread-scene.ts'

test('a hole makes what is before it gone, so that readers are told a gap', () => {
  const counters = { historyOverSize: 0, historyOverBytes: 0, historyExpired: 0 }
  const limits = { historySize: 10, historyTtlMs: 60_000, historyBytesMax: 1_000_000 }
  const [history, whole] = [new History('it', limits, counters), new History('another', limits, counters)]
  for (const offset of [1, 2, 4, 5]) history.push(publication(offset), 60_000)
  for (const offset of [4, 5]) whole.push(publication(offset), 60_000)
  deepEqual([history.oldest, history.size, history.bytes], [4, 2, whole.bytes])
  equal(history.range(parseOffset(2), parseOffset(6)), undefined)
  equal(history.range(parseOffset(4), parseOffset(6))?.length, 2)
})
