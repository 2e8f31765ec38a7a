// The daemon that the rows are played against, original or ours: two addresses, and a routes file.
import { startGripNode } from '../../helpers/grip/node.ts'
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
    const own = Object.entries(settings).map(([name, value]) => [variableOf(name), value])
    const node = await startGripNode(routes, { workers, environment: Object.fromEntries(own) })
    const { client, control, writeRoutes, stop } = node
    return {
      client: doorOf(client),
      control: doorOf(control),
      writeRoutes,
      workers,
      async heard(channel) {
        const deadlineMs = performance.now() + nobodyMs
        while (performance.now() < deadlineMs) {
          if ((await node.subscribers(channel)) > 0) return
          await new Promise(resolve => setTimeout(resolve, 10))
        }
      },
      stop,
    }
  }
}
