// The daemon that the rows are played against, original or ours: two addresses, and a routes file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AdminClient, adminSecret } from '../../helpers/admin-client.ts'
import { startDaemon } from '../../helpers/daemon.ts'
import { startPushpin } from '../../helpers/original-pushpin.ts'

export interface Door {
  readonly host: string
  readonly port: number
}

export interface GripServer {
  readonly client: Door
  readonly control: Door
  /** In place of the routes that it was started with. */
  writeRoutes(lines: string): void
  stop(): Promise<void>
  /** Where it is not one. */
  readonly workers?: number
  /** Resolves when the channel has a subscriber, or after a second: some rows publish to nobody. */
  heard?(channel: string): Promise<void>
}

/** `settings` are options by the names that the original's configuration has for them. */
export type Starter = (routes: string, settings: Readonly<Record<string, string>>) => Promise<GripServer>

/** A subscription is there within milliseconds; who is not, does not come. */
const nobodyMs = 1_000

export const addressOf = ({ host, port }: Door): string => `${host}:${port}`

function doorOf(address: string): Door {
  const [host = '', port = ''] = address.split(':')
  return { host, port: Number(port) }
}

export const startOriginal: Starter = async (routes, settings) => {
  const { client, control, writeRoutes, stop } = await startPushpin(routes, settings)
  return { client: doorOf(client), control: doorOf(control), writeRoutes, stop }
}

/** Under the original's own name a key may be as short as its users have it. */
function variableOf(option: string): string {
  return /^(?:sig|upstream)_key$/.test(option)
    ? `PUSHPIN_${option.toUpperCase()}`
    : `RINGCAST_GRIP_${option.toUpperCase()}`
}

/** Our own names for options are theirs, in our namespace. */
export function ringcastStarter(workers: number): Starter {
  return async (routes, settings) => {
    const folder = mkdtempSync(join(tmpdir(), 'grip-'))
    const path = join(folder, 'routes')
    writeFileSync(path, routes)
    const own = Object.entries(settings).map(([name, value]) => [variableOf(name), value])
    const daemon = await startDaemon({
      workers,
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
        ...Object.fromEntries(own),
      },
    })
    const admin = new AdminClient(daemon.address('admin'))
    const control = daemon.log.find(
      line => line.msg === 'listening' && line['protocol'] === 'grip' && line['door'] === 'control',
    )
    return {
      client: doorOf(daemon.address('grip')),
      control: doorOf(String(control?.['address'])),
      writeRoutes: lines => writeFileSync(path, lines),
      workers,
      async heard(channel) {
        const path = `/v1/channels/${encodeURIComponent(channel)}/presence`
        const deadlineMs = performance.now() + nobodyMs
        while (performance.now() < deadlineMs) {
          if ((await admin.ask(path)).json().subscribers > 0) return
          await new Promise(resolve => setTimeout(resolve, 10))
        }
      },
      async stop() {
        const code = await daemon.stop()
        rmSync(folder, { recursive: true, force: true })
        if (code !== 0 || daemon.errors.length > 0)
          throw new Error(`the daemon ended with ${code}: ${daemon.errors.join('\n')}`)
      },
    }
  }
}
