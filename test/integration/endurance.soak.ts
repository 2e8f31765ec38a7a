// Everything at once, for long: see test/helpers/soak. Losses, duplicates, order and descriptors are strict. Memory is
// held to a bound that a leak of a few hundred bytes a client would break; the target of 2 % is judged in the verdict alone.
import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { progress, scaled } from '../helpers/soak/budget.ts'
import { endure, verdictOf } from '../helpers/soak/endurance.ts'

/** Heap may differ by what happens to be under way, and by code that was compiled in between. */
const heapGrowthMiBMax = 12
/** Pages that an allocator keeps for later are no leak, but they must not go on growing. */
const rssGrowthMiBMax = 96

test('a daemon endures turnover, slow readers, deaths and restarts', async t => {
  const options = {
    turnover: scaled(200_000, 8_000),
    seconds: scaled(300),
    deaths: scaled(60, 6),
    restarts: scaled(20, 3),
  }
  progress(`endurance: ${JSON.stringify(options)}`)
  const readings = await endure(t, options)
  const verdict = verdictOf(readings)
  progress(`verdict: ${verdict}`)
  t.diagnostic(verdict)
  const [first] = readings
  const last = readings.at(-1)
  ok(first !== undefined && last !== undefined)
  ok(last.descriptors <= first.descriptors, `${last.descriptors - first.descriptors} descriptors leak`)
  ok(last.heapMiB - first.heapMiB < heapGrowthMiBMax, `the heap grew by ${last.heapMiB - first.heapMiB} MiB`)
  ok(last.rssMiB - first.rssMiB < rssGrowthMiBMax, `the process grew by ${last.rssMiB - first.rssMiB} MiB`)
})
