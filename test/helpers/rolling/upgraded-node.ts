// One node whose process is replaced by a new one, as the command does it. All of its processes write where the first one did.
import { equal } from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { adminSecret } from '../admin-client.ts'
import { type EndedCommand, runCommand } from '../command.ts'
import { type Daemon, type DaemonOptions, defaults, startDaemon } from '../daemon.ts'
import { temporaryFolder } from '../installed.ts'
import { until } from '../until.ts'
import type { RollingNode } from './nodes.ts'

export interface UpgradedNode extends RollingNode {
  readonly daemon: Daemon
  /** What the command printed each time. */
  readonly printed: readonly string[]
  /** Of the process that serves now. */
  pid(): number
  upgrade(): Promise<EndedCommand>
}

/** It is stopped in the end. `address`: as its settings say. */
export async function startUpgradedNode(
  t: TestContext,
  name: string,
  options: Pick<RollingNode, 'address'> & {
    readonly environment: Readonly<Record<string, string>>
    readonly workers: number
  },
): Promise<UpgradedNode> {
  const own = {
    RINGCAST_ADMIN_SECRET: adminSecret,
    RINGCAST_STATE_DIR: temporaryFolder(t, 'state'),
    RINGCAST_WORKERS: String(options.workers),
    ...options.environment,
  }
  const daemonOptions: DaemonOptions = { workers: options.workers, environment: own }
  const daemon = await startDaemon(daemonOptions)
  const pid = () => Number(daemon.log.findLast(({ msg }) => msg === 'ready')?.['pid'])
  const stopped = () => daemon.log.filter(({ msg }) => msg === 'stopped').length
  t.after(async () => {
    process.kill(pid(), 'SIGTERM')
    await daemon.ended
  })
  const upgrade = () => runCommand(['upgrade'], { environment: { ...defaults, ...own } })
  const printed: string[] = []
  return {
    name,
    daemon,
    printed,
    pid,
    upgrade,
    address: options.address,
    async restart() {
      const [before, ended, said] = [pid(), stopped(), daemon.errors.length]
      const { code, out, errors } = await upgrade()
      equal(code, 0, `${errors}\n${daemon.errors.join('\n')}`)
      printed.push(out)
      await until('another process to serve', () => pid() !== before)
      await until('the process before to have ended', () => stopped() > ended)
      equal(daemon.errors.slice(said).join('\n'), '', `${name} said`)
    },
  }
}
