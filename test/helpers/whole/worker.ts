// Thread entry of that daemon.
import { frontends, runWorker } from '../../../src/app/worker.ts'
import { frontend } from './frontend.ts'

await runWorker([...frontends, frontend])
