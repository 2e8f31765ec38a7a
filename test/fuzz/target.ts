// What is fuzzed, and how: a target eats bytes, and whatever it throws is a find. A find becomes a file in
// corpus/<target>/, which is replayed before anything new is tried. RINGCAST_SEED repeats a run.
import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'

export interface Target {
  /** Also the name of its folder in the corpus. */
  readonly name: string
  readonly inputs: fc.Arbitrary<Uint8Array>
  /** Its share of a run's inputs, beside the others' shares: 1 unless an input is dear. */
  readonly share?: number
  /** Throws on a find; `bytes` own their buffer. */
  check(bytes: Buffer): void
}

const corpus = join(import.meta.dirname, 'corpus')
const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))

/** Declares one test per target, `runs` inputs in total. `progress` hears of each target before it runs. */
export function fuzz(targets: readonly Target[], runs: number, progress = (_line: string) => {}): void {
  const shares = targets.reduce((sum, { share = 1 }) => sum + share, 0)
  for (const target of targets) {
    const numRuns = Math.ceil((runs * (target.share ?? 1)) / shares)
    test(`no bytes break it: ${target.name}`, t => {
      progress(`fuzz: ${target.name}, ${numRuns} inputs, seed ${seed}`)
      run(t, target, numRuns)
    })
  }
}

function run(t: TestContext, target: Target, numRuns: number): void {
  const known = corpusOf(target.name)
  t.diagnostic(`seed ${seed}, ${numRuns} inputs, ${known.length} of the corpus`)
  for (const { path, bytes } of known) replay(target, path, bytes)
  fc.assert(
    fc.property(target.inputs, bytes => target.check(Buffer.from(bytes))),
    { seed, numRuns },
  )
}

function replay(target: Target, path: string, bytes: Buffer): void {
  try {
    target.check(bytes)
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
