// Thread entry of the faulty daemon. It may have to wait for a file before it serves.
import { existsSync } from 'node:fs'
import { frontends, runWorker } from '../../../src/app/worker.ts'
import { until } from '../until.ts'
import { frontend } from './frontend.ts'

const awaited = process.env['FAULTY_START_AFTER']

if (awaited !== undefined) await until(awaited, () => existsSync(awaited), 60_000)
await runWorker([...frontends, frontend])
