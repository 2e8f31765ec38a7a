// The daemon that the rows are played against, original or ours: two addresses, and a routes file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
}

/** `settings` are options by the names that the original's configuration has for them. */
export type Starter = (routes: string, settings: Readonly<Record<string, string>>) => Promise<GripServer>

export const addressOf = ({ host, port }: Door): string => `${host}:${port}`

function doorOf(address: string): Door {
  const [host = '', port = ''] = address.split(':')
  return { host, port: Number(port) }
}

export const startOriginal: Starter = async (routes, settings) => {
  const { client, control, writeRoutes, stop } = await startPushpin(routes, settings)
  return { client: doorOf(client), control: doorOf(control), writeRoutes, stop }
}

/** Our own names for options are theirs, in our namespace. */
export function ringcastStarter(workers: number): Starter {
  return async (routes, settings) => {
    const folder = mkdtempSync(join(tmpdir(), 'grip-'))
    const path = join(folder, 'routes')
    writeFileSync(path, routes)
    const own = Object.entries(settings).map(([name, value]) => [
      `RINGCAST_GRIP_${name.toUpperCase()}`,
      value,
    ])
    const daemon = await startDaemon({
      workers,
      environment: {
        RINGCAST_ONLY: 'grip',
        RINGCAST_GRIP_LISTEN: '127.0.0.1:0',
        RINGCAST_GRIP_CONTROL_LISTEN: '127.0.0.1:0',
        RINGCAST_GRIP_ROUTES: path,
        RINGCAST_GRIP_SIG_KEY: 'changeme',
        ...Object.fromEntries(own),
      },
    })
    const control = daemon.log.find(
      line => line.msg === 'listening' && line['protocol'] === 'grip' && line['door'] === 'control',
    )
    return {
      client: doorOf(daemon.address('grip')),
      control: doorOf(String(control?.['address'])),
      writeRoutes: lines => writeFileSync(path, lines),
      async stop() {
        const code = await daemon.stop()
        rmSync(folder, { recursive: true, force: true })
        if (code !== 0 || daemon.errors.length > 0)
          throw new Error(`the daemon ended with ${code}: ${daemon.errors.join('\n')}`)
      },
    }
  }
}
