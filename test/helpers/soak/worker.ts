// Thread entry of the daemon of an endurance run.
import { frontends, runWorker } from '../../../src/app/worker.ts'
import { frontend as faulty } from '../faulty/frontend.ts'
import { frontend as probe } from './probe.ts'

await runWorker([...frontends, faulty, probe])
