// A worker's record of a channel that it follows at a broker.

import type { History } from '../engine/owner/history.ts'
import type { Keep } from '../engine/words/namespace.ts'
import { type Epoch, noEpoch, type Offset, parseOffset } from '../engine/words/position.ts'
import type { ChannelName } from '../engine/words/publication.ts'
import type { Linked } from '../std/linked-list.ts'
import { ownText } from '../std/own-text.ts'
import type { Asking } from './asking.ts'
import type { Follower } from './follower.ts'

/** Its neighbours are those of its lane; whichever was not heard of for longest comes first. */
export interface ClusterChannel extends Follower, Linked<ClusterChannel> {
  readonly name: ChannelName
  readonly lane: number
  /** The namespace's. */
  readonly keep: Keep
  epoch: Epoch
  /** Before it is opened: what its follower had of an earlier numbering, or 0. */
  next: Offset
  asking: Asking | undefined
  history: History<ClusterChannel> | undefined
  /** `followed`; or nobody follows it any more, and it is kept for a while; or it is gone. */
  state: 'followed' | 'lingers' | 'gone'
  isSubscribed: boolean
  /** This node's subscribers, as the broker was told. */
  told: number
}

export function createClusterChannel(
  name: ChannelName,
  lane: number,
  keep: Keep,
  next: Offset | undefined,
): ClusterChannel {
  return {
    name: ownText(name) as ChannelName, // the same one
    lane,
    keep,
    epoch: noEpoch,
    next: next ?? parseOffset(0),
    asking: undefined,
    history: undefined,
    state: 'followed',
    isSubscribed: false,
    told: 0,
    before: undefined,
    after: undefined,
  }
}

/** The highest offset that was ever seen of it: a new epoch begins far above. */
export function reachedOf({ next }: ClusterChannel): number {
  return Math.max(0, next - 1)
}
