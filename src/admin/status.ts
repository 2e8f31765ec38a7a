// What this room is told of the node as a whole, and of this program.
import { type Counts, namedCounts, type WorkerStatistics } from '../telemetry/statistics.ts'

/** The node as a whole, everything included that happened before it was asked. */
export interface NodeStatus {
  readonly startedUnixMs: number
  readonly uptimeMs: number
  readonly workersWanted: number
  /** Slots whose worker takes connections. */
  readonly serving: readonly number[]
  /** The node is stopping. */
  readonly draining: boolean
  readonly primary: Counts
  /** Those that answered in time, by slot. */
  readonly workers: ReadonlyMap<number, WorkerStatistics>
  readonly cluster: ClusterStatus
}

/** How the node is joined to others. */
export interface ClusterStatus {
  /** `solo`: it is not. */
  readonly mode: string
  /** What the others call this start of the node. */
  readonly nodeId?: string
  /** Absent: every worker reaches the broker. */
  readonly away?: BrokerAway
  /** Absent: all that say so have the same version, namespaces and protocols. */
  readonly differs?: readonly NodeDifference[]
}

/** Another node of the cluster that is not like this one. */
export interface NodeDifference {
  readonly node: string
  /** Of `version`, `namespaces`, `protocols`. */
  readonly parts: readonly string[]
  /** Its own. */
  readonly version?: string
}

export interface BrokerAway {
  /** That do not reach it. */
  readonly workers: number
  /** For the longest of them. */
  readonly forMs: number
  /** Of one of them, a sentence without secrets. */
  readonly reason: string
  /** Too long for a node that is to be given work. */
  readonly isTooLong: boolean
}

/** The same as JSON text: slots and parts become names. */
export function statusJson(status: NodeStatus, version: string): string {
  const { workers, ...rest } = status
  const named = [...workers].map(([slot, statistics]) => [slot, namedCounts(statistics)])
  return JSON.stringify({ version, ...rest, workers: Object.fromEntries(named) })
}
