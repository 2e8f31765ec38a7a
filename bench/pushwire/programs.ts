// The daemon with pushwire, and beside it in the same process the door that publishes come by.
import { secrets } from '../../test/helpers/daemon.ts'
import { daemon, environments, type Program } from '../targets.ts'

/** One of the configuration, as an operator writes it. */
export interface PushwireChannel {
  readonly name: string
  readonly scope?: 'channel' | 'client'
  readonly handler?: 'none' | 'broadcast'
  readonly priority?: number
  readonly ring?: number
}

export const adminSecret = secrets.publish

const system = { name: 'system', system: true, priority: 0, wireId: 5 }

export function pushwireDaemon(
  channels: readonly PushwireChannel[],
  options: {
    readonly workers?: number
    /** In place of that of its workers. */
    readonly name?: string
    /** Publishes come from the application, on the admin listener. */
    readonly isOperated?: boolean
    readonly environment?: Readonly<Record<string, string>>
    readonly flags?: readonly string[]
  } = {},
): Program {
  const { workers = 1, isOperated = false, flags = [] } = options
  const program = daemon(workers, {
    protocol: 'pushwire',
    publishProtocol: isOperated ? 'admin' : 'pinghub',
    flags,
    environment: {
      ...environments.pinghub,
      RINGCAST_ONLY: 'pushwire,pinghub',
      RINGCAST_ADMIN_SECRET: adminSecret,
      RINGCAST_PUSHWIRE_SHARD_PORTS: 'off',
      RINGCAST_PUSHWIRE_SUBSCRIBE: '*',
      RINGCAST_PUSHWIRE_PUBLISH: '*',
      RINGCAST_PUSHWIRE_CHANNELS: JSON.stringify([system, ...channels]),
      ...options.environment,
    },
  })
  const { name = program.name } = options
  return { name, start: async main => ({ ...(await program.start(main)), name }) }
}
