// The offload pool: what is done at once, what goes to its thread, and what is refused.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { afterEach, describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { type HashOutcome, Offload, type OffloadOptions } from '../../../src/threads/offload.ts'
import { until } from '../../helpers/until.ts'

/** Least that goes to the thread. */
const largeBytes = 262_145

const logged: { code?: string }[] = []
const log: OffloadOptions['log'] = { error: (fields: object) => void logged.push(fields) }
const pools: Offload[] = []

function open(options: Partial<OffloadOptions> = {}): Offload {
  const pool = new Offload({ log, ...options })
  pools.push(pool)
  return pool
}

afterEach(async () => {
  logged.length = 0
  await Promise.all(pools.splice(0).map(pool => pool.close()))
})

const hashed = (pool: Offload, bytes: Uint8Array) =>
  new Promise<HashOutcome>(resolve => pool.hash(bytes, resolve))
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('the offload pool', () => {
  test('hashes what is small at once, without a thread, and leaves it in place', () => {
    const pool = open()
    const bytes = Buffer.alloc(largeBytes - 1, 'x')
    const outcomes: HashOutcome[] = []
    pool.hash(bytes, outcome => outcomes.push(outcome))
    deepEqual(outcomes, [{ ok: true, sha256: sha256(bytes), bytes }])
    equal(pool.counters.tasks, 0)
  })

  test('hashes what is larger in a thread, and gives the bytes back', async () => {
    const pool = open()
    const bytes = new Uint8Array(largeBytes).fill(7)
    const copy = bytes.slice()
    const outcome = hashed(pool, bytes)
    let isNow = true
    outcome.then(() => ok(!isNow))
    isNow = false
    deepEqual(await outcome, { ok: true, sha256: sha256(copy), bytes: copy })
    equal(bytes.length, 0, 'the caller has them no more: they were moved')
    deepEqual(pool.statistics(), { tasks: 1, refused: 0, failed: 0, threads: 1 })
  })

  test('copies a part of a larger buffer, and leaves that whole', async () => {
    const whole = Buffer.alloc(largeBytes + 100, 'y')
    const part = whole.subarray(50, 50 + largeBytes)
    const outcome = await hashed(open(), part)
    equal(part.length, largeBytes)
    ok(outcome.ok && outcome.sha256 === sha256(part) && part.equals(outcome.bytes))
  })

  test('does one after the other, and refuses what is too much', async () => {
    const pool = open({ tasksMax: 2 })
    const waiting = [1, 2].map(fill => hashed(pool, new Uint8Array(largeBytes).fill(fill)))
    const third = new Uint8Array(largeBytes)
    deepEqual(await hashed(pool, third), { ok: false, reason: 'full' })
    equal(third.length, largeBytes, 'whoever is refused has his bytes still')
    for (const outcome of await Promise.all(waiting)) ok(outcome.ok)
    ok((await hashed(pool, third)).ok)
    deepEqual(pool.counters, { tasks: 3, refused: 1, failed: 0 })
  })

  test('starts another thread after one that went for want of work', async () => {
    const pool = open({ idleMs: 1 })
    for (let round = 0; round < 3; round++) {
      ok((await hashed(pool, new Uint8Array(largeBytes))).ok)
      await until('the thread to end', () => pool.statistics().threads === 0)
    }
  })

  test('says so where its thread is lost, and goes on with another', async () => {
    const pool = open({
      entry: new URL('./fixtures/lost-offload.ts', import.meta.url),
    })
    deepEqual(await hashed(pool, new Uint8Array(largeBytes).fill(1)), { ok: false, reason: 'failed' })
    ok(logged.length > 0 && logged.every(({ code }) => code === 'offload-failed'))
    ok((await hashed(pool, new Uint8Array(largeBytes))).ok)
    equal(pool.counters.failed, 1)
  })

  test('is no obstacle to the end of the worker that has it', async () => {
    const worker = new Worker(new URL('./fixtures/pool-owner.ts', import.meta.url))
    const status = await new Promise(resolve => worker.on('exit', resolve))
    equal(status, 7)
  })

  test('takes nothing once it is closed, and ends what was under way', async () => {
    const pool = open()
    const outcome = hashed(pool, new Uint8Array(largeBytes))
    await Promise.all([pool.close(), pool.close()])
    deepEqual(await outcome, { ok: false, reason: 'ended' })
    deepEqual(await hashed(pool, new Uint8Array(largeBytes)), { ok: false, reason: 'ended' })
    equal(pool.statistics().threads, 0)
    deepEqual(logged, [])
  })
})
