// What all links of a worker share.
import type { createClient } from '@redis/client'
import type { Clock } from '../../std/clock.ts'
import type { Random } from '../../std/random.ts'
import type { Access } from './access.ts'
import type { Keys } from './keys.ts'

export interface LinkWorld {
  readonly createClient: typeof createClient
  readonly clock: Clock
  readonly random: Random
  readonly access: Access
  readonly keys: Keys
  readonly pingMs: number
  /** Sharded in a Redis Cluster. */
  readonly kind: 'plain' | 'sharded'
  /** Id of this start of the node, and of the worker in it. */
  readonly node: string
  readonly worker: string
  /** What the node says of itself: see `aboutText`. */
  readonly about: string
  /** A sentence for operators, said once. */
  notice(text: string): void
}

export function verbOf(kind: LinkWorld['kind']): 'PUBLISH' | 'SPUBLISH' {
  return kind === 'plain' ? 'PUBLISH' : 'SPUBLISH'
}
