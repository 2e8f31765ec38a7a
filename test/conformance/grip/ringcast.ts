// How the table is played against ours, by the tests and by the soak.
import * as registry from '../../../src/frontends/registry.ts'
import { playTable } from './play-table.ts'
import { ringcastStarter } from './server.ts'
import type { GripRow } from './vocabulary.ts'

/** With one worker, where nothing crosses a link, and with three, where the clients of a row sit anywhere. */
const workerCounts = [1, 3] as const

export function playOurs(rows: readonly GripRow[]): void {
  if (!('grip' in registry)) return
  for (const workers of workerCounts)
    playTable(rows, { title: `workers: ${workers}`, start: ringcastStarter(workers), isOriginal: false })
}
