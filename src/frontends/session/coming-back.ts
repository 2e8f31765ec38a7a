// How a client that a stopping node sends away, or refuses, is told when to come back: in the reason of a close frame, or in an
// answer's `retry-after`.
import type { Reply } from '../../net/reply.ts'

/** Undefined: it was not for the stop, and nothing is said. */
export function closeReason(returnMs: number | undefined): string {
  return returnMs === undefined ? '' : `retry=${returnMs}`
}

/** A refusal that may be tried again is one with a `retry-after`: in whole seconds, rounded up, so at least 1. */
export function comingBack(reply: Reply, returnMs: number | undefined): Reply {
  const { headers } = reply
  if (returnMs === undefined || headers?.['retry-after'] === undefined) return reply
  return { ...reply, headers: { ...headers, 'retry-after': retryAfter(returnMs) } }
}

export function retryAfter(returnMs: number): string {
  return String(Math.max(1, Math.ceil(returnMs / 1_000)))
}
