// Limits small enough that a short sequence reaches them, and a namespace for each kind of channel.

import type { LaneLimits } from '../../src/engine/reader/lanes.ts'
import type { EngineSettings } from '../../src/engine/settings.ts'
import type { Namespace, Policy, Priority } from '../../src/engine/words/namespace.ts'
import { historyDefaults } from './mesh.ts'
import type { ChannelKind, ChannelLane, ModelConfig } from './model-ops.ts'

export const modelHistory = { ...historyDefaults, size: 4, ttlMs: 3_000 }

export const awaitedMs = 4_000

export const modelLanes: LaneLimits = { laneFramesMax: 3, laneBytesMax: 60, laneStepsMax: 2 }

const policies: Readonly<Record<ChannelKind, Policy>> = {
  d: 'disconnect',
  h: 'disconnect',
  o: 'drop-oldest',
  l: 'latest',
  c: 'catch-up',
}

/** By what follows the kind in a channel's name; the first that fits is its own. */
const priorities: readonly (readonly [ChannelLane, Priority])[] = [
  ['H', 'high'],
  ['L', 'low'],
  ['', 'normal'],
]

/** Channels are called `x`, kind, lane, owner. */
export function policyOf(channel: string): Policy {
  return Object.entries(policies).find(([kind]) => kind === channel[1])?.[1] ?? 'disconnect'
}

/** Publications that a channel keeps. */
export function historySizeOf(channel: string): number {
  return /^x[do]/.test(channel) ? 0 : modelHistory.size
}

/** The least is written first. */
export function laneOfChannel(channel: string): number {
  return { H: 0, L: 2 }[channel[2] ?? ''] ?? 1
}

export const modelNamespaces: readonly Partial<Namespace>[] = Object.entries(policies).flatMap(
  ([kind, policy]) =>
    priorities.map(([lane, priority]) => ({
      pattern: `x${kind}${lane}*`,
      policy,
      priority,
      historySize: historySizeOf(`x${kind}`),
    })),
)

export function modelSettings(config: ModelConfig): Partial<EngineSettings> {
  const { channels: _, historyBytesMax: __, clockMoves: ___, ...limits } = config
  return { ...limits, outboxBytesMax: 80, outboxAgeMsMax: 8_000, idempotencyMs: 86_400_000, awaitedMs }
}
