// Every decoder of GRIP eats arbitrary bytes, and valid ones damaged: 5,000 bodies and documents each, and more of what
// stands in headers and files. RINGCAST_FUZZ_RUNS is the number of inputs in total.
import { fuzz } from './target.ts'
import { targets } from './targets/grip-documents.ts'

fuzz(targets, Number(process.env['RINGCAST_FUZZ_RUNS'] ?? 26_050))
