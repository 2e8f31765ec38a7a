// Limits small enough that a short sequence reaches them, and a namespace for each kind of channel.

import type { EngineSettings } from '../../src/engine/settings.ts'
import type { Namespace, Policy } from '../../src/engine/words/namespace.ts'
import { historyDefaults } from './mesh.ts'
import type { ChannelKind, ModelConfig } from './model-ops.ts'

export const modelHistory = { ...historyDefaults, size: 4, ttlMs: 3_000 }

export const awaitedMs = 4_000

const policies: Readonly<Record<ChannelKind, Policy>> = {
  d: 'disconnect',
  h: 'disconnect',
  o: 'drop-oldest',
  l: 'latest',
  c: 'catch-up',
}

/** Channels are called `x`, kind, owner. */
export function policyOf(channel: string): Policy {
  return Object.entries(policies).find(([kind]) => kind === channel[1])?.[1] ?? 'disconnect'
}

/** Publications that a channel keeps. */
export function historySizeOf(channel: string): number {
  return /^x[do]/.test(channel) ? 0 : modelHistory.size
}

export const modelNamespaces: readonly Partial<Namespace>[] = Object.entries(policies).map(
  ([kind, policy]) => ({
    pattern: `x${kind}*`,
    policy,
    historySize: historySizeOf(`x${kind}`),
  }),
)

export function modelSettings(config: ModelConfig): Partial<EngineSettings> {
  const { channels: _, historyBytesMax: __, clockMoves: ___, ...limits } = config
  return { ...limits, outboxBytesMax: 80, outboxAgeMsMax: 8_000, idempotencyMs: 86_400_000, awaitedMs }
}
