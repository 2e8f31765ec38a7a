// Who has which slots, as a server of a Redis Cluster says it (`CLUSTER SHARDS`).
import type { Place } from './place.ts'
import { listOf, numberOf } from './replies.ts'

export interface SlotRange {
  readonly from: number
  /** The last one. */
  readonly to: number
  readonly place: Place
}

/** `asked`: where the answer came from; a server may not know its own address. Throws on what is no such answer. */
export function parseShards(reply: unknown, asked: Place, isTls: boolean): readonly SlotRange[] {
  return listOf(reply).flatMap(shard => {
    const bounds = listOf(memberOf(shard, 'slots')).map(numberOf)
    const nodes = listOf(memberOf(shard, 'nodes'))
    // A master that is failing has a replica in its place soon, and then it is named no more.
    const master = nodes.find(
      node => memberOf(node, 'role') === 'master' && memberOf(node, 'health') === 'online',
    )
    const place = master === undefined ? undefined : placeOf(master, asked, isTls)
    if (place === undefined) return []
    return bounds.flatMap((from, index) =>
      index % 2 === 0 ? [{ from, to: bounds[index + 1] ?? from, place }] : [],
    )
  })
}

/** Undefined: it does not speak as we do. */
function placeOf(node: unknown, asked: Place, isTls: boolean): Place | undefined {
  const port = memberOf(node, isTls ? 'tls-port' : 'port')
  if (typeof port !== 'number') return undefined
  const known = [memberOf(node, 'endpoint'), memberOf(node, 'ip')]
  const host = known.find(name => typeof name === 'string' && name !== '' && name !== '?')
  return { host: typeof host === 'string' ? host : asked.host, port }
}

/** Of a map, as the client decodes it. */
function memberOf(map: unknown, name: string): unknown {
  if (map instanceof Map) return map.get(name)
  return typeof map === 'object' && map !== null ? Reflect.get(map, name) : undefined
}
