// What something costs, in a measure that does not depend on the machine or on what else it does at the moment.
import { createHash } from 'node:crypto'

/** Native work, which costs the first time what it costs later. */
const yard = Buffer.alloc(16_777_216)

/** Processor milliseconds of this process. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** Processor milliseconds of a work that is always the same: ten or so on a machine with nothing else to do. */
export function yardstickMs(): number {
  const from = cpuMs()
  createHash('sha256').update(yard).digest()
  return cpuMs() - from
}
