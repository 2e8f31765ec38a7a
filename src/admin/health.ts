// Whether the node should be given work, and why not.
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
