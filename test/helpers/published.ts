// What a test says about publishes on a mesh: that they were done, and where they stand.

import type { PublishOutcome } from '../../src/engine/router.ts'
import { formatPosition } from '../../src/engine/words/position.ts'
import type { Published } from '../../src/engine/words/publication.ts'
import type { Mesh } from './mesh.ts'

/** The only outcome of a publish that must have been done. */
export function publishedOf(outcomes: readonly PublishOutcome[]): Published {
  const [outcome] = outcomes
  if (outcomes.length !== 1 || typeof outcome !== 'object' || 'fate' in outcome) {
    throw new Error(`one position was expected, not ${JSON.stringify(outcomes)}`)
  }
  return outcome
}

/** Publishes one after the other and says where each stands, as text. */
export function publishAll(mesh: Mesh, slot: number, channel: string, texts: readonly string[]): string[] {
  return texts.map(text => {
    const outcomes = mesh.publish(slot, channel, text)
    mesh.settle()
    return formatPosition(publishedOf(outcomes))
  })
}

/** `count` different texts, in order. */
export function texts(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `${from + index}`)
}

/** Bytes that history counts for a publication beside its payload, and for each channel that has any. */
export const historyEntryBytes = 600
export const historyListBytes = 256

/** What idempotency keys count, by channels with the lengths of their keys. */
export function keysBytesOf(...channels: readonly (readonly number[])[]): number {
  const perChannel = channels.map(lengths => lengths.reduce((sum, length) => sum + length + 208, 208))
  return perChannel.reduce((sum, bytes) => sum + bytes, 0)
}
