// What this room is told of the node as a whole, and of this program.

/** The node as a whole, everything included that happened before it was asked. */
export interface NodeStatus {
  readonly startedUnixMs: number
  readonly uptimeMs: number
  readonly workersWanted: number
  /** Slots whose worker takes connections. */
  readonly serving: readonly number[]
  /** The node is stopping. */
  readonly draining: boolean
  readonly primary: Readonly<Record<string, number>>
  /** Per worker that answered in time, numbers by room and name. */
  readonly workers: ReadonlyMap<number, Readonly<Record<string, Readonly<Record<string, number>>>>>
}

/** The same as JSON text: slots become names. */
export function statusJson(status: NodeStatus, version: string): string {
  const { workers, ...rest } = status
  return JSON.stringify({ version, ...rest, workers: Object.fromEntries(workers) })
}
