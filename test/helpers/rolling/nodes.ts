// Nodes that share one Redis and are restarted on their own ports.
import { equal } from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { adminSecret } from '../admin-client.ts'
import { type Daemon, type DaemonOptions, startDaemon } from '../daemon.ts'
import { freePorts } from '../proxies.ts'

/** A door of a protocol, or the admin listener. */
export interface Listener {
  readonly name: string
  readonly door?: string | undefined
}

export interface RollingNode {
  readonly name: string
  /** `host:port`, the same after each restart. */
  address(listener: Listener): string
  /** Resolves when it is ready again; it must have ended in good order. */
  restart(): Promise<void>
}

interface NodesOptions {
  readonly names: readonly string[]
  readonly listeners: readonly Listener[]
  readonly environment: NonNullable<DaemonOptions['environment']>
}

export async function startRollingNodes(
  t: TestContext,
  { names, listeners, environment }: NodesOptions,
): Promise<readonly RollingNode[]> {
  const ports = await freePorts(names.length * listeners.length)
  const starting = names.map((name, index) => {
    const own = new Map(
      listeners.map((listener, at) => [
        variableOf(listener),
        `127.0.0.1:${ports[index * listeners.length + at]}`,
      ]),
    )
    return startNode(t, name, own, { ...environment, ...Object.fromEntries(own) })
  })
  const started = await Promise.allSettled(starting)
  // All that did start are stopped by then, also where one did not.
  return started.map(each => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
}

/** The setting of its address. */
export function variableOf({ name, door }: Listener): string {
  return ['RINGCAST', name, ...(door === undefined ? [] : [door]), 'LISTEN'].join('_').toUpperCase()
}

async function startNode(
  t: TestContext,
  name: string,
  addresses: ReadonlyMap<string, string>,
  environment: NonNullable<DaemonOptions['environment']>,
): Promise<RollingNode> {
  const start = () =>
    startDaemon({
      workers: 1,
      environment: {
        RINGCAST_CLUSTER_MODE: 'redis',
        RINGCAST_ADMIN_SECRET: adminSecret,
        ...environment,
      },
    })
  let daemon: Daemon = await start()
  t.after(() => daemon.process.kill('SIGKILL'))
  const stop = async () => {
    equal(await daemon.stop(), 0, `${name} ended: ${daemon.errors.join('\n')}`)
    equal(daemon.errors.join('\n'), '', `${name} said`)
  }
  return {
    name,
    address: listener => addresses.get(variableOf(listener)) ?? '',
    async restart() {
      await stop()
      daemon = await start()
    },
  }
}
