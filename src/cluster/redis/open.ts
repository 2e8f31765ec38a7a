// Opens the carrier over Redis. The client is loaded here, so that a node that stands alone never loads it.
import type { Clock } from '../../std/clock.ts'
import { Fault } from '../../std/fault.ts'
import type { Random } from '../../std/random.ts'
import { readRegularFile } from '../../std/regular-file.ts'
import { type About, aboutText, type Difference } from '../about.ts'
import type { Carrier } from '../carrier.ts'
import { Differences } from '../differences.ts'
import { parsePlaces } from '../places.ts'
import type { ClusterSettings } from '../settings.ts'
import { RedisCarrier } from './carrier.ts'
import { Keys } from './keys.ts'
import { locatePrimary } from './sentinel.ts'
import { createSingleRoute } from './single.ts'
import { SpreadRoute } from './spread.ts'
import type { LinkWorld } from './world.ts'

export type RedisSettings = Pick<
  ClusterSettings,
  'url' | 'username' | 'password' | 'caFile' | 'prefix' | 'partitions' | 'timeoutMs' | 'pingMs' | 'acks'
>

export interface RedisOptions {
  readonly clock: Clock
  readonly random: Random
  /** Of this start of the node. */
  readonly node: string
  /** Of the worker. */
  readonly slot: number
  /** Their mistakes were told before. */
  readonly settings: RedisSettings
  /** What this node says of itself. */
  readonly about: About
  /** A sentence for operators; each is said once. */
  notice(text: string): void
  /** Those nodes that are not alike, whenever that changes. */
  differs(differences: readonly Difference[]): void
}

/** What was said is remembered so far. */
const saidMax = 100

/** Bundles of all public authorities have a quarter of it. */
const caBytesMax = 1_048_576

/** Throws where the settings cannot be used: a file that is gone. */
export async function openRedis(options: RedisOptions): Promise<Carrier> {
  const { createClient } = await import('@redis/client')
  return createRedisCarrier(createClient, options)
}

/** With the client that was loaded. */
export function createRedisCarrier(
  createClient: LinkWorld['createClient'],
  { clock, random, node, slot, settings, about, notice, differs }: RedisOptions,
): Carrier {
  const { username, password, prefix, partitions, timeoutMs, pingMs, acks, caFile } = settings
  const named = parsePlaces(settings.url)
  if (typeof named === 'string') throw new Fault('broker-unfit', `the address of Redis ${named}`)
  const { places, isTls, masterName } = named
  const keys = new Keys(prefix, partitions)
  const worker = `${node}.${slot}`
  const ca = caFile === '' ? undefined : readAuthorities(caFile)
  const world: LinkWorld = {
    createClient,
    clock,
    random,
    access: { username, password: password[0], isTls, ca, timeoutMs, name: `ringcast-${worker}` },
    keys,
    pingMs,
    kind: named.kind === 'servers' && places.length > 1 ? 'sharded' : 'plain',
    node,
    worker,
    about: aboutText(about),
    notice: once(notice),
  }
  const route = routeOf(world, named.kind, places, masterName)
  const differences = new Differences(about, told => differs(told))
  return new RedisCarrier({ ...world, route, acks, timeoutMs, differences })
}

function routeOf(
  world: LinkWorld,
  kind: 'servers' | 'sentinels',
  places: Parameters<typeof locatePrimary>[1],
  masterName: string,
): SpreadRoute | ReturnType<typeof createSingleRoute> {
  if (world.kind === 'sharded') return new SpreadRoute(world, places)
  if (kind === 'sentinels') return createSingleRoute(world, () => locatePrimary(world, places, masterName))
  const [place] = places
  if (place === undefined) throw new RangeError('no server is named')
  return createSingleRoute(world, async () => place)
}

function readAuthorities(path: string): string {
  const reading = readRegularFile(path, { bytesMax: caBytesMax, follow: true })
  if (reading.ok) return reading.bytes.toString()
  throw new Fault('broker-unfit', `${path} cannot be read: ${reading.reason}`)
}

function once(notice: (text: string) => void): (text: string) => void {
  const said = new Set<string>()
  return text => {
    if (said.has(text) || said.size >= saidMax) return
    said.add(text)
    notice(text)
  }
}
