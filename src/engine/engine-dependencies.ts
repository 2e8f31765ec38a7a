// What the engine of one worker is made of.
import type { Clock } from '../std/clock.ts'
import type { Random } from '../std/random.ts'
import { sequencingLimits } from './bounds.ts'
import type { Elsewhere } from './elsewhere.ts'
import type { Broker, BrokerEvents } from './owner/broker.ts'
import type { SequencerLimits } from './owner/sequencing.ts'
import type { Between, ShardDependencies } from './owner/shard.ts'
import type { LaneLimits } from './reader/lanes.ts'
import type { EngineSettings, HistorySettings } from './settings.ts'
import type { Access } from './words/access.ts'
import type { Slot } from './words/link.ts'
import type { Namespace } from './words/namespace.ts'
import type { Offset } from './words/position.ts'
import type { ChannelName } from './words/publication.ts'
import type { Loss } from './words/refusal.ts'

export interface EngineDependencies {
  readonly slot: Slot
  readonly clock: Clock
  readonly random: Random
  readonly settings: EngineSettings
  readonly history: HistorySettings
  /** The last one matches every channel. */
  readonly namespaces: readonly Namespace[]
  /** What each front-end may use, beside what the namespaces say; undefined: everything. */
  readonly access?: Access | undefined
  /** The owner map: one for the whole node. */
  ownerOf(channel: ChannelName): Slot
  /** First offset of a new epoch: it never runs backwards for a client that compares numbers (law 8). */
  seed(): Offset
  /** The engine serves: it has heard from all the workers that it was opened with. */
  opened(): void
  /** What tests put between the worker and its ledger. */
  readonly between?: Between | undefined
  /** Makes what orders the channels, where nodes are joined. Undefined: the node stands alone, and a ledger of its own does. */
  readonly broker?: ((events: BrokerEvents) => Broker) | undefined
  /** Undefined: this node owns all channels. */
  readonly elsewhere?: Elsewhere | undefined
  /** How drafts that say their order are held. */
  readonly sequencing?: Partial<SequencerLimits> | undefined
  /** What of higher priority may go ahead of what waits. */
  readonly lanes?: Partial<LaneLimits> | undefined
  /**
   * Called at the owner: the first worker with subscribers of the channel attached, or the last one left. `lingerMs`: how
   * long its order is remembered from then on. Nothing is said of a worker that ends.
   */
  interest?(channel: ChannelName, on: boolean, lingerMs: number): void
  /** For the log. Called for each subscriber, so it must be cheap. */
  lost?(loss: Loss): void
}

type OwnerLimits = Pick<
  Required<ShardDependencies>,
  | 'isElsewhere'
  | 'idempotency'
  | 'idleChannelsMax'
  | 'idlePrivateChannelsMax'
  | 'idlePrivateMs'
  | 'awaitedMs'
  | 'awaitedChannelsMax'
  | 'historyBytesMax'
  | 'sequencing'
>

/** What bounds the channels, and which of them they are, that a worker owns. */
export function ownerLimits({ elsewhere, settings, history, sequencing }: EngineDependencies): OwnerLimits {
  return {
    isElsewhere: channel => elsewhere?.owns(channel) === true,
    idempotency: settings,
    idleChannelsMax: settings.idleChannelsMax,
    idlePrivateChannelsMax: settings.idlePrivateChannelsMax,
    idlePrivateMs: settings.idlePrivateMs,
    awaitedMs: settings.awaitedMs,
    awaitedChannelsMax: settings.awaitedChannelsMax,
    historyBytesMax: history.workerBytesMax,
    sequencing: { ...sequencingLimits, ...sequencing },
  }
}
