// What two processes of one node say to each other while the new one takes the place of the old one, and what a command says to
// the old one. Each message is packed and travels over a unix socket in the state directory.

/** Where the old process listens, in the folder of sockets. */
export const doorName = 'upgrade'

/** Says in the environment of a new process how many listening sockets it is handed: descriptors 3 and up. */
export const socketsVariable = 'RINGCAST_HANDOVER_FDS'

/** Tells a new process, in its environment, where the old one listens. */
export const predecessorVariable = 'RINGCAST_PREDECESSOR'

/**
 * Of everything that the two say to each other, links between workers and channels that are left among it. A process takes the
 * place of one with the same number alone: raise it where a message, or the form of a channel, means something else than before.
 */
export const upgradeForm = 1

export type ToPredecessor =
  /** A command: start a new process. Answered by `progress`, and by `done` or `refused` in the end. */
  | readonly ['upgrade']
  /** The new process is there, and reads its settings. */
  | readonly ['begun']
  /** It has its addresses and threads, and waits. */
  | readonly ['prepared', form: number, version: string]
  /** Its workers have the channels, and wait at these paths for readers: the owner map, and a path for each slot. */
  | readonly ['restored', ring: unknown, paths: readonly string[]]
  /** It accepts connections. */
  | readonly ['serving']

export type FromPredecessor =
  | readonly ['progress', text: string]
  | readonly ['done', text: string]
  | readonly ['refused', text: string]
  /** What each worker left, packed, and how many workers will come as readers. */
  | readonly ['left', channels: readonly Uint8Array[], readers: number]
  /** The state directory and the sockets of front-ends' own threads are the new one's. */
  | readonly ['yours']
