// A node of ours that serves GRIP alone, on free ports and with a routes file of its own, open to every publisher as the
// original is.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AdminClient, adminSecret } from '../admin-client.ts'
import { type Daemon, startDaemon } from '../daemon.ts'
import { until } from '../until.ts'

export interface GripNodeOptions {
  readonly workers?: number
  /** As `DaemonOptions.main`. */
  readonly main?: URL
  readonly environment?: Readonly<Record<string, string | undefined>>
}

export interface GripNode {
  readonly daemon: Daemon
  /** `host:port` of the main door for clients. */
  readonly client: string
  /** The same of the control door. */
  readonly control: string
  /** Of every door with this name, in the order of the settings. */
  doors(name: string): readonly string[]
  /** In place of the routes that it was started with. */
  writeRoutes(lines: string): void
  publish(channel: string, formats: object): Promise<void>
  subscribers(channel: string): Promise<number>
  /** Rejects where it does not end in good order. */
  stop(): Promise<void>
}

export async function startGripNode(
  routes: string,
  { workers = 2, main, environment }: GripNodeOptions = {},
): Promise<GripNode> {
  const folder = mkdtempSync(join(tmpdir(), 'grip-'))
  const path = join(folder, 'routes')
  writeFileSync(path, routes)
  const daemon = await startDaemon({
    workers,
    ...(main !== undefined && { main }),
    environment: {
      RINGCAST_ONLY: 'grip',
      RINGCAST_ADMIN_SECRET: adminSecret,
      RINGCAST_GRIP_LISTEN: '127.0.0.1:0',
      RINGCAST_GRIP_CONTROL_LISTEN: '127.0.0.1:0',
      RINGCAST_GRIP_ROUTES: path,
      RINGCAST_GRIP_SIG_KEY: undefined,
      PUSHPIN_SIG_KEY: 'changeme',
      // As the original: whoever reaches the door publishes, and nobody is trusted.
      RINGCAST_GRIP_CONTROL_SECRET: undefined,
      RINGCAST_GRIP_UPSTREAM_KEY: undefined,
      ...environment,
    },
  }).catch(error => {
    rmSync(folder, { recursive: true, force: true })
    throw error
  })
  const admin = new AdminClient(daemon.address('admin'))
  const doors = (name: string | undefined) =>
    daemon.log
      .filter(line => line.msg === 'listening' && line['protocol'] === 'grip' && line['door'] === name)
      .map(line => String(line['address']))
  const [control = ''] = doors('control')
  return {
    daemon,
    client: daemon.address('grip'),
    control,
    doors,
    writeRoutes: lines => writeFileSync(path, lines),
    publish: (channel, formats) => publishAt(control, channel, formats),
    async subscribers(channel) {
      return (await admin.ask(`/v1/channels/${encodeURIComponent(channel)}/presence`)).json().subscribers
    },
    async stop() {
      const code = await daemon.stop()
      rmSync(folder, { recursive: true, force: true })
      if (code !== 0 || daemon.errors.length > 0)
        throw new Error(`the daemon ended with ${code}: ${daemon.errors.join('\n')}`)
    },
  }
}

/** `address`: of a control door. */
export async function publishAt(address: string, channel: string, formats: object): Promise<void> {
  const body = JSON.stringify({ items: [{ channel, formats }] })
  const response = await fetch(`http://${address}/publish/`, { method: 'POST', body })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
}

/** Nothing shows a client of a long-poll that it is held; the engine knows. */
export async function untilHeld(node: GripNode, channel: string, count = 1): Promise<void> {
  await until(`${count} at ${channel}`, async () => (await node.subscribers(channel)) === count)
}
