// The daemon with the faulty front-end beside its own ones. SIGHUP is a bug in the primary.
import { startPrimary } from '../../../src/app/primary.ts'
import { frontends } from '../../../src/app/worker.ts'
import { frontend } from './frontend.ts'

const beatMs = process.env['FAULTY_BEAT_MS']

process.on('SIGHUP', () => {
  throw new Error('a bug in the primary on demand')
})

await startPrimary({
  environment: process.env,
  frontends: [...frontends, frontend],
  entry: new URL('./worker.ts', import.meta.url),
  ...(beatMs === undefined ? {} : { beatMs: Number(beatMs) }),
})
