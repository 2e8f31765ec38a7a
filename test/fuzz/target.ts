// What is fuzzed, and how: a target eats bytes, and whatever it throws is a find, and so is what costs too much. A find
// becomes a file in corpus/<target>/, which is replayed before anything new is tried. RINGCAST_SEED repeats a run.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { cpuMs, yardstickMs } from '../helpers/cost.ts'

export interface Target {
  /** Also the name of its folder in the corpus. */
  readonly name: string
  readonly inputs: fc.Arbitrary<Uint8Array>
  /** Its share of a run's inputs, beside the others' shares: 1 unless an input is dear. */
  readonly share?: number
  /** Throws on a find, or rejects; `bytes` own their buffer. */
  check(bytes: Buffer): void | Promise<void>
}

const corpus = join(import.meta.dirname, 'corpus')
/** All but a few inputs are shorter than 2 KB and done in less than one: what is slower has a cost that grows too fast. */
const costMsMax = 100
/** A machine that is slow or busy elsewhere is no find: an input must cost more than so many yardsticks, each time. */
const yardsMax = 50
const tries = 5

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))

/** Declares one test per target, `runs` inputs in total. `progress` hears of each target before it runs. */
export function fuzz(targets: readonly Target[], runs: number, progress = (_line: string) => {}): void {
  const shares = targets.reduce((sum, { share = 1 }) => sum + share, 0)
  for (const target of targets) {
    const numRuns = Math.ceil((runs * (target.share ?? 1)) / shares)
    test(`no bytes break it: ${target.name}`, async t => {
      progress(`fuzz: ${target.name}, ${numRuns} inputs, seed ${seed}`)
      await run(t, target, numRuns)
    })
  }
}

async function run(t: TestContext, target: Target, numRuns: number): Promise<void> {
  const known = corpusOf(target.name)
  t.diagnostic(`seed ${seed}, ${numRuns} inputs, ${known.length} of the corpus`)
  for (const { path, bytes } of known) await replay(target, path, bytes)
  await fc.assert(
    fc.asyncProperty(target.inputs, bytes => judge(target, bytes)),
    { seed, numRuns },
  )
}

async function judge(target: Target, bytes: Uint8Array): Promise<void> {
  const costs: string[] = []
  while (costs.length < tries) {
    const own = Buffer.from(bytes)
    const before = cpuMs()
    const checked = target.check(own)
    if (checked !== undefined) await checked
    const tookMs = cpuMs() - before
    if (tookMs <= costMsMax) return
    const yards = tookMs / yardstickMs()
    if (yards <= yardsMax) return
    costs.push(`${tookMs.toFixed(0)} ms (${yards.toFixed(1)} yardsticks)`)
  }
  assert.fail(`${bytes.length} bytes cost ${costs.join(', ')}`)
}

async function replay(target: Target, path: string, bytes: Buffer): Promise<void> {
  try {
    await judge(target, bytes)
  } catch (error) {
    throw new Error(`${path} is a find again`, { cause: error })
  }
}

function corpusOf(name: string): { path: string; bytes: Buffer }[] {
  const folders = readdirSync(corpus)
  if (!folders.includes(name)) return []
  const files = readdirSync(join(corpus, name)).sort()
  return files.map(file => {
    const path = join(corpus, name, file)
    return { path, bytes: readFileSync(path) }
  })
}
