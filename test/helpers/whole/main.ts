// The daemon with one more protocol, which declares all that one can.
import { startPrimary } from '../../../src/app/primary.ts'
import { frontends } from '../../../src/app/worker.ts'
import { frontend } from './frontend.ts'

await startPrimary({
  environment: process.env,
  frontends: [...frontends, frontend],
  entry: new URL('./worker.ts', import.meta.url),
})
