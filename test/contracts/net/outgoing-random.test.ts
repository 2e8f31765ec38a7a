// Calls by the thousand against an origin that answers, pauses, closes and resets by chance, while their callers pause, go on and
// leave by chance: each has at most one end, none is whole that is not, none hangs, and nothing ends the thread.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import type { Origins } from '../../../src/net/outgoing/origins.ts'
import { getOf, openTestOrigins } from '../../helpers/outgoing.ts'
import {
  type Chance,
  chanceOf,
  openRandomOrigin,
  type Plan,
  pause,
  planOf,
} from '../../helpers/random-origin.ts'
import { until } from '../../helpers/until.ts'

const callsMax = 1_500
const atOnce = 40

interface Outcome {
  body: Buffer[]
  ends: number
  failures: string[]
  isAborted: boolean
  afterAbort: number
}

async function play(origins: Origins, port: number, number: number, chance: Chance): Promise<Outcome> {
  const outcome: Outcome = { body: [], ends: 0, failures: [], isAborted: false, afterAbort: 0 }
  const told = () => {
    if (outcome.isAborted) outcome.afterAbort++
  }
  const later = () => void setTimeout(() => call.resume(), chance(15))
  const upload = {
    start(push: (piece: Uint8Array) => boolean, end: () => void) {
      push(Buffer.from('x'))
      setTimeout(end, chance(10))
    },
    drained() {},
    stop() {},
  }
  const more = chance(3) === 0 ? { method: 'POST', body: upload } : {}
  const call = origins.call(getOf(port, { path: `/${number}`, ...more }), {
    onHead() {
      told()
      if (chance(4) > 0) return
      call.pause()
      later()
    },
    onBody(piece) {
      told()
      outcome.body.push(piece)
      if (chance(3) > 0) return true
      later()
      return false
    },
    onEnd() {
      told()
      outcome.ends++
    },
    onFailure({ code }) {
      told()
      outcome.failures.push(code)
    },
  })
  if (chance(6) === 0) {
    await pause(chance(30))
    outcome.isAborted = outcome.ends + outcome.failures.length === 0
    call.abort()
  }
  const isOver = () => outcome.isAborted || outcome.ends + outcome.failures.length > 0
  await until(`the end of call ${number}`, isOver)
  return outcome
}

function judge({ body, ends, failures, isAborted, afterAbort }: Outcome, plan: Plan, name: string): void {
  equal(afterAbort, 0, name)
  if (isAborted) return
  equal(ends + failures.length, 1, name)
  const got = Buffer.concat(body)
  ok(plan.body.subarray(0, got.length).equals(got), `${name}: other bytes`)
  if (ends === 1) deepEqual([plan.isWhole, got.length], [true, plan.body.length], name)
}

test('calls and origins that do what they like', async t => {
  const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
  t.diagnostic(`seed ${seed}`)
  const chance = chanceOf(seed)
  const plans = new Map<number, Plan>()
  const origin = await openRandomOrigin(t, plans, chance)
  const origins = await openTestOrigins(t, { connectionsMax: 20, connectMs: 60_000 })
  let count = 0
  let ends = 0
  const lane = async () => {
    while (count < callsMax) {
      const number = count++
      const plan = planOf(chance, 97 + (number % 26))
      plans.set(number, plan)
      const outcome = await play(origins, origin.port, number, chance)
      judge(outcome, plan, `seed ${seed}, call ${number}`)
      ends += outcome.ends
      plans.delete(number)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  ok(ends > callsMax / 10, `${ends} ended well`)
  await until('no connection', () => origins.connections === 0)
})
