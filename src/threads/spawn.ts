// The one place that turns a thread's name into its entry file: `.ts` from a checkout, `.js` from a build.
import { Worker } from 'node:worker_threads'
import type { WorkerData } from './control.ts'
import type { SideData } from './side.ts'

/** Entry of the workers that serve connections. */
export const workerEntry = entryOf('worker')

/** Entry of the thread of a worker's offload pool. */
export const offloadEntry = entryOf('offload')

/** Entry of a front-end's own thread. */
const sideEntry = entryOf('side')

function entryOf(name: string): URL {
  const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  return new URL(`../../workers/${name}${ending}`, import.meta.url)
}

/**
 * Young generation of a worker. Node's own is twice as large, saves 2 % of the processor time of a publish, and costs
 * over a kilobyte of RAM per idle stream.
 */
const youngMiB = 24

/**
 * Starts a thread. Its old generation never gets a limit of its own: a worker that runs into one takes the process
 * down with no word (src/net/README.md, rule 10), so each worker watches its own and tells the primary.
 */
export function spawnWorker<App>(entry: URL, data: WorkerData<App>): Worker {
  return new Worker(entry, {
    workerData: data,
    name: `worker-${data.slot}`,
    resourceLimits: { maxYoungGenerationSizeMb: youngMiB },
  })
}

/** Starts the thread of a front-end. */
export function spawnSide<App>(data: SideData<App>): Worker {
  return new Worker(sideEntry, { workerData: data, name: `side-${data.name}` })
}
