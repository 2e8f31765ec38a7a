// Entry of the thread that a front-end has beside the workers.
import { runSide } from '../src/app/side.ts'

await runSide()
