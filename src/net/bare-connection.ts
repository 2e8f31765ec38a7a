import type { Socket } from 'node:net'

/**
 * A connection that is not HTTP any more: its new owner listens, resumes, writes and ends it. Errors of it are ignored, for its
 * close tells as much. What came by a gate is destroyed by the gate's `close`.
 */
export interface BareConnection {
  /** Paused. */
  readonly socket: Socket
  /** Came behind the head that made it one. */
  readonly early: Buffer
}
