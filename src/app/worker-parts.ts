// What one worker consists of.
import type { Engine } from '../engine/engine.ts'
import type { CorkHolder } from '../net/cork-holder.ts'
import type { Net } from '../net/net.ts'
import type { Server } from '../net/server.ts'
import type { WorkerRing } from '../ring/worker-ring.ts'
import type { Values } from '../settings/settings.ts'
import type { Log } from '../telemetry/log.ts'
import type { Offload } from '../threads/offload.ts'
import type { PortLink } from '../threads/port-link.ts'
import type { Room } from './frontend-context.ts'
import type { WorkerCluster } from './worker-cluster.ts'
import type { WorkerGates } from './worker-gates.ts'
import type { RingDoor } from './worker-ring.ts'
/** What a worker consists of, by the names of its parts. */
export interface Parts {
  readonly engine: Engine
  readonly cluster: WorkerCluster
  readonly net: Net
  readonly offload: Offload
  readonly log: Log<string>
  readonly rooms: Map<string, Room>
  readonly servers: Map<string, Server>
  readonly gates: WorkerGates
  /** Where WebSockets are served. */
  holder: CorkHolder | undefined
  readonly links: Map<number, PortLink>
  /** As they were read last. */
  values: Values
  /** By protocol: requests at this worker's shard ports for channels of other workers, which are served, or of other nodes. */
  readonly misrouted: Map<string, number>
  /** Where there are other nodes. */
  readonly elsewhere: WorkerRing | undefined
  ring: RingDoor | undefined
}
