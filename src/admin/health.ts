// Whether the node should be given work, and why not.
import type { Reply } from '../net/reply.ts'
import type { NodeStatus } from './status.ts'

interface Reason {
  readonly code: 'draining' | 'workers-missing'
  readonly text: string
}

export interface Readiness {
  readonly status: 'ready' | 'not-ready'
  /** Empty when ready. */
  readonly reasons: readonly Reason[]
}

export const live = '{"status":"live"}'

type Needed = Pick<NodeStatus, 'draining' | 'serving' | 'workersWanted'>

export function readinessOf({ draining, serving, workersWanted }: Needed): Readiness {
  const reasons: Reason[] = []
  if (draining) reasons.push({ code: 'draining', text: 'the node is stopping' })
  const missing = workersWanted - serving.length
  if (missing > 0) {
    reasons.push({ code: 'workers-missing', text: `${missing} of ${workersWanted} workers do not serve` })
  }
  return { status: reasons.length === 0 ? 'ready' : 'not-ready', reasons }
}

/** Of what the listener answers, this much is known while no worker serves: starting is living, but not ready. */
export function healthWithoutWorkers(path: string, workersWanted: number): Reply | undefined {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  if (path === '/livez') return { status: 200, headers, body: live }
  if (path !== '/readyz') return undefined
  const readiness = readinessOf({ draining: false, serving: [], workersWanted })
  return { status: 503, headers, body: JSON.stringify(readiness) }
}
