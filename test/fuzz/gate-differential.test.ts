// Damaged requests, cut at random: what a gate accepts, Node.js reads alike (test/helpers/gate/differential.ts says what that
// means). RINGCAST_FUZZ_RUNS is the number of inputs, RINGCAST_SEED the number of the first: one that is found is repeated
// alone by its own.
import { ok } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { compare } from '../helpers/gate/differential.ts'
import { inputOf } from '../helpers/gate/mutations.ts'
import { progress } from '../helpers/soak/budget.ts'

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
const runs = Number(process.env['RINGCAST_FUZZ_RUNS'] ?? 40_000)

/** Between two turns of the event loop: what an input leaves to be closed shall not pile up. */
const turnRuns = 10_000
/** A generator whose inputs are nearly all refused would show nothing. A quarter is usual. */
const acceptedMin = 0.1

test('Node.js reads alike whatever a gate accepts', async t => {
  t.diagnostic(`seed ${seed}, ${runs} inputs`)
  let accepted = 0
  let requests = 0
  for (let index = 0; index < runs; index++) {
    const count = judge(seed + index)
    requests += count
    if (count > 0) accepted += 1
    if (index % turnRuns === 0) await setImmediate()
    if (index % 1_000_000 === 999_999)
      progress(`gate: ${index + 1} inputs from ${seed} on, ${accepted} accepted`)
  }
  t.diagnostic(`${accepted} inputs with ${requests} requests were accepted`)
  ok(accepted >= runs * acceptedMin, `only ${accepted} of ${runs} inputs show anything`)
})

function judge(number: number): number {
  const { bytes, places } = inputOf(number)
  try {
    return compare(bytes, places)
  } catch (cause) {
    const text = JSON.stringify(bytes.toString('latin1'))
    throw new Error(`RINGCAST_SEED=${number} RINGCAST_FUZZ_RUNS=1 is a find: ${text}`, { cause })
  }
}
