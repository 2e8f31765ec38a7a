// A million inputs for the decoders: those of decoders.test.ts, and rpushd's own, which read the number of theirs from
// the environment.
import { progress, scaled } from '../helpers/soak/budget.ts'
import { fuzz } from './target.ts'
import { targets } from './targets/all.ts'

fuzz(targets, scaled(800_000), progress)

process.env['RINGCAST_FUZZ_RUNS'] = String(scaled(200_000))
await import('./rpushd-decoders.test.ts')
