// Every decoder but those of rpushd, which have a file of their own, eats arbitrary bytes, and valid ones damaged.
// RINGCAST_FUZZ_RUNS is the number of inputs in total.
import { fuzz } from './target.ts'
import { targets } from './targets/all.ts'

fuzz(targets, Number(process.env['RINGCAST_FUZZ_RUNS'] ?? 20_000))
