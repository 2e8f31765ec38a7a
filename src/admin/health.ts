// Whether the node should be given work, and why not.
import type { Reply } from '../net/reply.ts'
import type { ClusterStatus, NodeStatus } from './status.ts'

interface Reason {
  readonly code: 'draining' | 'workers-missing' | 'broker-away'
  readonly text: string
}

export interface Readiness {
  readonly status: 'ready' | 'not-ready'
  /** Empty when ready. */
  readonly reasons: readonly Reason[]
}

export const live = '{"status":"live"}'

type Needed = Pick<NodeStatus, 'draining' | 'serving' | 'workersWanted' | 'cluster'>

export function readinessOf({ draining, serving, workersWanted, cluster }: Needed): Readiness {
  const reasons: Reason[] = []
  if (draining) reasons.push({ code: 'draining', text: 'the node is stopping' })
  const missing = workersWanted - serving.length
  if (missing > 0) {
    reasons.push({ code: 'workers-missing', text: `${missing} of ${workersWanted} workers do not serve` })
  }
  reasons.push(...brokerReasons(cluster, workersWanted))
  return { status: reasons.length === 0 ? 'ready' : 'not-ready', reasons }
}

/** A short outage is none yet: it is one of all nodes at once, and a balancer would be left with nobody. */
function brokerReasons({ away }: ClusterStatus, workersWanted: number): readonly Reason[] {
  if (away === undefined || !away.isTooLong) return []
  const { workers, forMs, reason } = away
  const who =
    workers === workersWanted ? 'no worker reaches' : `${workers} of ${workersWanted} workers do not reach`
  return [{ code: 'broker-away', text: `${who} the broker for ${Math.round(forMs / 1_000)} s: ${reason}` }]
}

/** Of what the listener answers, this much is known while no worker serves: starting is living, but not ready. */
export function healthWithoutWorkers(path: string, workersWanted: number): Reply | undefined {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  if (path === '/livez') return { status: 200, headers, body: live }
  if (path !== '/readyz') return undefined
  const readiness = readinessOf({ draining: false, serving: [], workersWanted, cluster: { mode: 'solo' } })
  return { status: 503, headers, body: JSON.stringify(readiness) }
}
