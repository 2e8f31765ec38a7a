// Opens the carrier over Redis. The client is loaded here, so that a node that stands alone never loads it.
import type { Clock } from '../../std/clock.ts'
import type { Random } from '../../std/random.ts'
import type { Carrier } from '../carrier.ts'
import { RedisCarrier } from './carrier.ts'
import type { Place } from './connection.ts'
import { Keys } from './keys.ts'
import type { LinkWorld } from './link.ts'
import { createSingleRoute } from './single.ts'

export interface RedisSettings {
  /** `servers`: one that stands alone, or some of a Redis Cluster. */
  readonly kind: 'servers' | 'sentinels'
  readonly places: readonly Place[]
  readonly isTls: boolean
  /** What Sentinels call the master. */
  readonly masterName: string
  readonly username: string
  readonly password: string | undefined
  /** PEM; undefined: the system's. */
  readonly ca: string | undefined
  readonly prefix: string
  readonly partitions: number
  readonly timeoutMs: number
  readonly pingMs: number
  readonly acks: 'master' | 'replica'
}

export interface RedisOptions {
  readonly clock: Clock
  readonly random: Random
  /** Of this start of the node. */
  readonly node: string
  /** Of the worker. */
  readonly slot: number
  readonly settings: RedisSettings
  /** A sentence for operators; each is said once. */
  notice(text: string): void
}

/** What was said is remembered so far. */
const saidMax = 100

export async function openRedis(options: RedisOptions): Promise<Carrier> {
  const { createClient } = await import('@redis/client')
  return createRedisCarrier(createClient, options)
}

/** With the client that was loaded. */
export function createRedisCarrier(createClient: LinkWorld['createClient'], options: RedisOptions): Carrier {
  const { clock, random, node, slot, settings } = options
  const keys = new Keys(settings.prefix, settings.partitions)
  const { places, username, password, isTls, ca, timeoutMs, pingMs, acks } = settings
  const [first] = places
  if (first === undefined) throw new RangeError('no place of Redis is named')
  const worker = `${node}.${slot}`
  const said = new Set<string>()
  const notice = (text: string) => {
    if (said.has(text) || said.size >= saidMax) return
    said.add(text)
    options.notice(text)
  }
  const kind = 'plain'
  const access = { username, password, isTls, ca, timeoutMs, name: `ringcast-${worker}` }
  const world: LinkWorld = { createClient, clock, random, access, keys, pingMs, kind, node, worker, notice }
  const route = createSingleRoute(world, async () => first)
  return new RedisCarrier({ route, keys, kind, node, acks, timeoutMs, clock, random, notice })
}
