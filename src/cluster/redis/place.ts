// Where a server of Redis is, how it is talked to, and what the client is told of both.
import type { createClient } from '@redis/client'

export interface Place {
  readonly host: string
  readonly port: number
}

/** How servers are talked to, wherever they are. */
export interface Access {
  readonly username: string
  readonly password: string | undefined
  readonly isTls: boolean
  /** PEM; undefined: the system's. */
  readonly ca: string | undefined
  readonly timeoutMs: number
  /** As the server lists the connection. */
  readonly name: string
}

/** Reconnecting and queueing of the client's own are switched off. */
export function optionsOf({ host, port }: Place, access: Access): Parameters<typeof createClient>[0] {
  const { username, password, isTls, ca, timeoutMs, name } = access
  const socket = { host, port, connectTimeout: timeoutMs, reconnectStrategy: false } as const
  return {
    socket: isTls ? { ...socket, tls: true, ...(ca !== undefined && { ca }) } : socket,
    ...(username !== '' && { username }),
    ...(password !== undefined && { password }),
    name,
    RESP: 3,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    // Deadlines are ours, one look for all commands: the client makes a timer for each.
    commandOptions: { timeout: 0 },
  }
}
