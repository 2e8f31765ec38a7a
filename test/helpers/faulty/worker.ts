// Thread entry of the faulty daemon. It may have to wait for a file before it serves, or find its slot in one and fail.
import { existsSync, readFileSync } from 'node:fs'
import { frontends, runWorker } from '../../../src/app/worker.ts'
import { readWorkerData } from '../../../src/threads/station.ts'
import { until } from '../until.ts'
import { frontend } from './frontend.ts'

const { FAULTY_START_AFTER: awaited, FAULTY_FAILS: failing } = process.env

if (awaited !== undefined) await until(awaited, () => existsSync(awaited), 60_000)
if (failing !== undefined && existsSync(failing) && Number(readFileSync(failing)) === readWorkerData().slot)
  throw new Error('a failing start on demand')
await runWorker([...frontends, frontend])
