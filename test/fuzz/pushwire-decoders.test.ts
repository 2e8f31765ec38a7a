// Every decoder of pushwire eats arbitrary bytes, and valid ones damaged. RINGCAST_FUZZ_RUNS is the number of inputs in
// total.
import { fuzz } from './target.ts'
import { targets } from './targets/pushwire-messages.ts'

fuzz(targets, Number(process.env['RINGCAST_FUZZ_RUNS'] ?? 10_000))
