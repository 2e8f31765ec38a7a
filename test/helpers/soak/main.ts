// The daemon with bugs on demand and a probe beside its own front-ends.
import { startPrimary } from '../../../src/app/primary.ts'
import { frontends } from '../../../src/app/worker.ts'
import { frontend as faulty } from '../faulty/frontend.ts'
import { frontend as probe } from './probe.ts'

await startPrimary({
  environment: process.env,
  frontends: [...frontends, faulty, probe],
  entry: new URL('./worker.ts', import.meta.url),
})
