// Everything at once, for long: see test/helpers/soak. Losses, duplicates, order and descriptors are strict. Memory is
// held to bounds that a leak of 10 bytes a client would break; the target of 2 % is judged in the verdict alone.
import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { progress, scaled } from '../helpers/soak/budget.ts'
import { endure } from '../helpers/soak/endurance.ts'
import { changeOf, verdictOf } from '../helpers/soak/verdict.ts'

/** Of some 40 MiB that three workers hold without code; a whole soak was seen to add 0.5. */
const heapGrowthMiBMax = 1.5
/** Of some 300 MiB. Pages of young generations and code are part of it: see the warm-up. */
const rssGrowthMiBMax = 24

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
  const grownBy = (measure: Parameters<typeof changeOf>[1]) => {
    const { baseline, end } = changeOf(readings, measure)
    return end - baseline
  }
  const descriptors = (readings.at(-1)?.descriptors ?? 0) - (readings[0]?.descriptors ?? 0)
  ok(descriptors <= 0, `${descriptors} descriptors leak`)
  ok(grownBy('heapMiB') < heapGrowthMiBMax, `the heap grew by ${grownBy('heapMiB')} MiB`)
  ok(grownBy('rssMiB') < rssGrowthMiBMax, `the process grew by ${grownBy('rssMiB')} MiB`)
})
