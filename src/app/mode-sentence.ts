// How a node stands to others, as one sentence for its operator. Nothing of it is a secret.
import { parsePlaces } from '../cluster/places.ts'
import { formatAddress } from '../std/address.ts'
import type { Configuration } from './configuration.ts'
import { clusterSettingsOf } from './node.ts'

/** The settings have no mistakes. */
export function modeSentence({ values, ring }: Pick<Configuration, 'values' | 'ring'>): string {
  const { mode, url, prefix, acks } = clusterSettingsOf(values)
  if (mode === 'solo') return ring === undefined ? 'This node stands alone.' : ringSentence(ring)
  const named = parsePlaces(url)
  if (typeof named === 'string') throw new RangeError(`the address of the broker ${named}`)
  const { kind, places, isTls, masterName } = named
  const hosts = places.map(formatAddress).join(', ')
  const servers = places.length > 1 ? `Redis Cluster at ${hosts}` : `Redis at ${hosts}`
  const where = kind === 'servers' ? servers : `Redis, the master ${masterName} of the Sentinels at ${hosts}`
  const how = [...(isTls ? ['TLS'] : []), `prefix ${prefix}`, `acks by ${acks}`].join(', ')
  return `This node is joined to others by ${where} (${how}).`
}

function ringSentence({ nodes, self }: NonNullable<Configuration['ring']>): string {
  const all = nodes.nodes
  return `This node is ${all[self]?.name}, one of a ring of ${all.length}.`
}
