// What says that this process was handed listening sockets: descriptors 3 and up, so many.
import type { Environment } from '../settings/settings.ts'
import { predecessorVariable, socketsVariable } from '../upgrade/words.ts'

/**
 * `LISTEN_…` are systemd's (sd_listen_fds(3)). Ours are for a parent, which cannot know its child's number before it starts it.
 * Whoever reads them takes them away: they are not meant for children.
 */
export const socketVariables: readonly string[] = [
  'LISTEN_FDS',
  'LISTEN_PID',
  'LISTEN_FDNAMES',
  socketsVariable,
  predecessorVariable,
]

/** One for each address, and for each worker of a gate, are some hundred. */
const countMax = 4_096

/** A sentence: it is no count. */
export function socketCount(environment: Environment, pid: number): number | string {
  const { LISTEN_FDS, LISTEN_PID, [socketsVariable]: handed } = environment
  const [variable, text] =
    handed === undefined
      ? ['LISTEN_FDS', LISTEN_PID === String(pid) ? LISTEN_FDS : undefined]
      : [socketsVariable, handed]
  if (text === undefined) return 0
  const count = /^\d{1,6}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY
  return count <= countMax
    ? count
    : `${variable} is ${text.slice(0, 20)}, which is no number up to ${countMax}`
}

export function withoutSocketVariables(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !socketVariables.includes(name)))
}
