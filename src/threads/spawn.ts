// The one place that turns a thread's name into its entry file: `.ts` from a checkout, `.js` from a build.
import { Worker } from 'node:worker_threads'
import type { WorkerData } from './control.ts'

/** Entry of the workers that serve connections. */
export const workerEntry = new URL(
  `../../workers/worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
)

/**
 * Starts a thread. It never gets a heap limit of its own: a worker that runs into one takes the process down with
 * no word (src/net/README.md, rule 10), so the primary watches the heap instead.
 */
export function spawnWorker<App>(entry: URL, data: WorkerData<App>): Worker {
  return new Worker(entry, { workerData: data, name: `worker-${data.slot}` })
}
