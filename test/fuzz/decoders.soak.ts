// A million inputs for the decoders: those of decoders.test.ts, and those that a protocol has in a file of its own, which
// read the number of theirs from the environment.
import { readdirSync } from 'node:fs'
import { progress, scaled } from '../helpers/soak/budget.ts'
import { fuzz } from './target.ts'
import { targets } from './targets/all.ts'

fuzz(targets, scaled(800_000), progress)

process.env['RINGCAST_FUZZ_RUNS'] = String(scaled(200_000))
for (const file of readdirSync(import.meta.dirname).filter(name => name.endsWith('-decoders.test.ts')))
  await import(`./${file}`)
