// Nodes that share one broker: real daemons, each with workers of its own, on free ports.
import type { TestContext } from 'node:test'
import { AdminClient, adminSecret } from '../admin-client.ts'
import { type Daemon, type DaemonOptions, startDaemon } from '../daemon.ts'

export interface NodesOptions {
  /** Two if nothing is said. */
  readonly count?: number
  /** Of each node: two. */
  readonly workers?: number
  /** Where each finds the broker, by its number. */
  readonly url: string | ((index: number) => string)
  readonly environment?: DaemonOptions['environment']
  /** Beside that, of each by its number. */
  readonly own?: readonly DaemonOptions['environment'][]
  readonly main?: DaemonOptions['main']
}

export interface ClusterNode {
  readonly name: string
  readonly daemon: Daemon
  readonly admin: AdminClient
}

/** Some worker of it does not reach the broker, as the log says. */
export function isAway({ daemon }: ClusterNode): boolean {
  const told = daemon.log.filter(({ code }) => code === 'broker-away' || code === 'broker-back')
  return told.at(-1)?.['code'] === 'broker-away'
}

const names = ['A', 'B', 'C', 'D']

export async function startNodes(
  t: Pick<TestContext, 'after'>,
  options: NodesOptions,
): Promise<ClusterNode[]> {
  const { count = 2, workers = 2, url, environment = {}, own = [], main } = options
  const starting = names.slice(0, count).map(async (name, index): Promise<ClusterNode> => {
    const daemon = await startDaemon({
      workers,
      ...(main && { main }),
      environment: {
        RINGCAST_CLUSTER_MODE: 'redis',
        RINGCAST_CLUSTER_URL: typeof url === 'string' ? url : url(index),
        RINGCAST_ADMIN_SECRET: adminSecret,
        ...environment,
        ...own[index],
      },
    })
    t.after(() => daemon.stop())
    return { name, daemon, admin: new AdminClient(daemon.address('admin')) }
  })
  const started = await Promise.allSettled(starting)
  // All that did start are stopped by then, also where one did not.
  return started.map(each => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
}
