// What bounds a worker's broker, and how it is to be trusted; as the settings say.

export interface ClusterLimits {
  /** How long a publisher's answer waits for its own node at most. */
  readonly timeoutMs: number
  /** `replica`: what is acknowledged is known to a replica. */
  readonly acks: 'master' | 'replica'
  /** Of all drafts that wait or are under way. */
  readonly publishBytesMax: number
  /** How long a channel is followed that nobody here follows any more. */
  readonly lingerMs: number
  /** How long a key counts. */
  readonly idempotencyMs: number
  /** Of all histories of this worker. */
  readonly historyBytesMax: number
  /** `node`: nodes do not count subscribers for each other. */
  readonly presence: 'cluster' | 'node'
}
