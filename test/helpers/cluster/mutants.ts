// Faults that a test plays on who follows channels, to prove that its judge notices them.
import type { ClusterBrokerDependencies } from '../../../src/cluster/broker.ts'
import type { Carrier, Stretch } from '../../../src/cluster/carrier.ts'
import type { ClusterChannel } from '../../../src/cluster/cluster-channel.ts'
import { Following } from '../../../src/cluster/follower.ts'
import { type Epoch, type Offset, parseOffset } from '../../../src/engine/words/position.ts'

/**
 * A hole is passed over; what is delivered before the broker said where the channel is is taken as it comes; a page has the
 * last of what was asked for, and not the first; another term is gone on from without a word, although what was acknowledged
 * may be lost.
 */
export type FollowerMutation =
  | 'hole-unnoticed'
  | 'delivery-before-attach'
  | 'page-from-head'
  | 'quiet-new-term'

class Mutant extends Following<ClusterChannel> {
  readonly #mutation: FollowerMutation

  constructor(mutation: FollowerMutation, ...of: ConstructorParameters<typeof Following<ClusterChannel>>) {
    super(...of)
    this.#mutation = mutation
  }

  override delivery(channel: ClusterChannel, epoch: Epoch, offset: Offset, envelope: Uint8Array): void {
    const isLive = channel.asking === undefined && epoch === channel.epoch
    if (this.#mutation === 'hole-unnoticed' && isLive && offset > channel.next) channel.next = offset
    if (this.#mutation === 'delivery-before-attach' && channel.asking?.isOpening) {
      channel.asking = undefined
      channel.epoch = epoch
      channel.next = offset
    }
    super.delivery(channel, epoch, offset, envelope)
  }
}

export function mutantFollowing(
  mutation: FollowerMutation | undefined,
): Pick<ClusterBrokerDependencies, 'following'> {
  if (mutation === undefined) return {}
  const continues = mutation === 'quiet-new-term'
  return {
    following: (ways, options) => new Mutant(mutation, ways, { continues: options.continues || continues }),
  }
}

export function mutantCarrier<Of extends Carrier>(carrier: Of, mutation: FollowerMutation | undefined): Of {
  if (mutation !== 'page-from-head') return carrier
  const read = carrier.read.bind(carrier)
  carrier.read = (channel, epoch, from, to, done) =>
    read(channel, epoch, from, to, stretch => {
      done(typeof stretch === 'string' ? stretch : lastOf(stretch))
    })
  return carrier
}

function lastOf({ from, envelopes }: Stretch): Stretch {
  const skipped = Math.max(0, envelopes.length - 1)
  return { from: parseOffset(from + skipped), envelopes: envelopes.slice(skipped) }
}
