// What one worker counts, by the part of it that counts: as it crosses threads, and as it is named where people read it.

/** Gauges and counters alike: those of several workers add up. */
export type Counts = Readonly<Record<string, number>>

export interface WorkerStatistics {
  readonly hub: Counts
  readonly shard: Counts
  readonly router: Counts
  /** Of all listeners together. */
  readonly traffic: Counts
  /** Work that was handed to a thread beside it. */
  readonly offload: Counts
  /** Front-ends, by name. */
  readonly protocols: ReadonlyMap<string, Counts>
  readonly admin: Counts
  /** By the name of the listener, which is that of a protocol and, behind a blank, of its door. */
  readonly listeners: ReadonlyMap<string, Counts>
  /** By the slot of the worker that the link leads to. */
  readonly links: ReadonlyMap<number, Counts>
}

/** Flat, with a name for each part: for the log and for JSON. Nobody reads the names back. */
export function namedCounts(statistics: WorkerStatistics): Readonly<Record<string, Counts>> {
  const { protocols, admin, listeners, links, ...engine } = statistics
  return {
    ...engine,
    ...Object.fromEntries(protocols),
    admin,
    ...Object.fromEntries([...listeners].map(([name, counts]) => [`net ${name}`, counts])),
    ...Object.fromEntries([...links].map(([to, counts]) => [`link to ${to}`, counts])),
  }
}
