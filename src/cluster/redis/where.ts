// Where a channel is, and what is kept of it, out of what scripts answer.
import { nextOffset } from '../../engine/words/position.ts'
import type { Inspected, Stretch, Where } from '../carrier.ts'
import type { Reply } from './connection.ts'
import { bytesOf, epochOf, isMissing, listOf, numberOf, offsetOf, textOf } from './replies.ts'

export function whereOf(reply: Reply): Where {
  const [epoch, first, last, previousEpoch, , previousLast, lastId] = listOf(reply)
  const previous = isMissing(previousEpoch)
    ? undefined
    : { epoch: epochOf(previousEpoch), next: nextOffset(offsetOf(previousLast)) }
  return {
    epoch: epochOf(epoch),
    first: offsetOf(first),
    next: nextOffset(offsetOf(last)),
    previous,
    lastId: isMissing(lastId) ? undefined : textOf(lastId),
  }
}

export function inspectedOf(reply: Reply): Inspected | undefined {
  if (isMissing(reply)) return undefined
  return { ...whereOf(reply), kept: numberOf(listOf(reply)[7]) }
}

export function stretchOf(reply: Reply): Stretch | 'other-epoch' {
  if (isMissing(reply)) return 'other-epoch'
  const [from, ...envelopes] = listOf(reply)
  return { from: offsetOf(from), envelopes: envelopes.map(bytesOf) }
}
