// Which server has a lane. One server that stands alone, or that Sentinels name, has the only lane; in a Redis Cluster each
// partition is a lane, and they come and go by themselves.
import type { Link } from './link.ts'

export interface Route {
  readonly lanes: number
  start(events: RouteSigns): void
  /** Undefined unless the lane is up. */
  linkOf(lane: number): Link | undefined
  /** The server says that it does not have the lane. What is open of it fails with `RouteSigns.down`. */
  moved(lane: number, text: string): void
  close(): void
}

export interface RouteSigns {
  up(lane: number): void
  /** Also of a lane that was not up, where the reason is another one. */
  down(lane: number, reason: string): void
  message(link: Link, channel: Buffer, payload: Buffer): void
  /** As a pulse tells it, of the server that knows all nodes. */
  nodes(nodes: readonly string[], isNew: boolean, about: ReadonlyMap<string, string>): void
}
