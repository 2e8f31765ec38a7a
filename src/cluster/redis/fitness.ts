// Whether a server is one that we can use, by what it says of itself.
import { Fault } from '../../std/fault.ts'

export interface Facts {
  /** Of Redis, or the one that Valkey is compatible with. */
  readonly version: string
  readonly role: string
  readonly isCluster: boolean
  readonly isLoading: boolean
  readonly memoryPolicy: string
  readonly memoryMax: number
}

const versionMajorMin = 7

/** `INFO`: lines of `name:value`. */
export function readFacts(info: string): Facts {
  const of = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1] ?? ''
  return {
    version: of('redis_version'),
    role: of('role'),
    isCluster: of('cluster_enabled') === '1' || of('redis_mode') === 'cluster',
    isLoading: of('loading') === '1',
    memoryPolicy: of('maxmemory_policy'),
    memoryMax: Number(of('maxmemory')),
  }
}

/** Throws with what is wrong. */
export function assertFit(facts: Facts, kind: 'plain' | 'sharded', warn: (text: string) => void): void {
  const { version, role, isCluster, isLoading, memoryPolicy, memoryMax } = facts
  if (Number.parseInt(version, 10) < versionMajorMin)
    throw unfit(`it is version ${version}, and 7.0 is needed`)
  if (isLoading) throw new Fault('broker-away', 'LOADING')
  if (role !== 'master') throw new Fault('broker-away', 'READONLY')
  if (kind === 'plain' && isCluster)
    throw unfit('it belongs to a Redis Cluster; name at least two of its servers, and it is used as one')
  if (kind === 'sharded' && !isCluster)
    throw unfit('it belongs to no Redis Cluster, though several servers are named')
  if (memoryPolicy !== '' && memoryPolicy !== 'noeviction' && memoryMax > 0)
    warn(
      `maxmemory-policy is ${memoryPolicy}: a channel that is evicted begins a new epoch, which is a gap for its subscribers. Set noeviction`,
    )
}

function unfit(text: string): Fault {
  return new Fault('broker-unfit', text)
}
