// Entry of the threads that serve connections.
import { runWorker } from '../src/app/worker.ts'

await runWorker()
