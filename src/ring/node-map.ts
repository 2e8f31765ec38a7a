// Who owns a channel among the workers of all nodes: the map of the proxy over all shard ports. The worker inside a node
// follows from it, so one map serves both levels.
import {
  firstAtLeast,
  ketamaPoints,
  ketamaRing,
  type OwnerMap,
  plainOwners,
  plainRing,
  plainValues,
} from '../engine/ring.ts'

/** As a proxy sees one node. */
export interface NodeShape {
  readonly name: string
  /** Of each of its workers. */
  readonly weight: number
  /** `host:port` of each worker, in the order of the slots. */
  readonly labels: readonly string[]
}

/** The map as data: it crosses threads. */
export interface RingShape {
  readonly map: 'ketama' | 'plain'
  readonly nodes: readonly NodeShape[]
}

/** A worker among those of all nodes. */
export interface Place {
  /** Index in the list of nodes. */
  readonly node: number
  readonly slot: number
}

export function createNodeMap({ map, nodes }: RingShape): (key: Uint8Array | string) => Place {
  const places = placesOf(nodes)
  const ownerOf = workerMap({ map, nodes })
  const [first] = places
  if (first === undefined) throw new RangeError('a ring needs at least one node')
  return key => places[ownerOf(key)] ?? first
}

/** In the order in which the proxy lists them. */
function placesOf(nodes: readonly NodeShape[]): readonly Place[] {
  return nodes.flatMap(({ labels }, node) => labels.map((_, slot) => ({ node, slot })))
}

function workerMap({ map, nodes }: RingShape): OwnerMap {
  const { labels, weights } = listsOf(nodes)
  return map === 'ketama' ? ketamaRing(labels, weights) : plainRing(weights)
}

function listsOf(nodes: readonly NodeShape[]): {
  readonly labels: readonly string[]
  readonly weights: readonly number[]
} {
  return {
    labels: nodes.flatMap(node => node.labels),
    weights: nodes.flatMap(({ labels, weight }) => labels.map(() => weight)),
  }
}

/** The nodes that own a part of all keys, by the two maps that are compared, and how large that part is of 1. */
export interface Share {
  readonly before: string
  readonly after: string
  readonly part: number
}

/** All keys, by who owns them before and after: exactly, for a hash is as likely as another. */
export function sharesOf(before: RingShape, after: RingShape): readonly Share[] {
  if (before.map !== after.map) throw new RangeError('two kinds of maps have no parts in common')
  const parts = new Map<string, Share>()
  const note = (one: string, other: string, part: number) => {
    const key = JSON.stringify([one, other])
    parts.set(key, { before: one, after: other, part: (parts.get(key)?.part ?? 0) + part })
  }
  if (before.map === 'plain') notePlain(before, after, note)
  else noteKetama(before, after, note)
  return [...parts.values()]
}

type Note = (before: string, after: string, part: number) => void

function notePlain(before: RingShape, after: RingShape, note: Note): void {
  const owners = [before, after].map(({ nodes }) => plainOwners(listsOf(nodes).weights))
  const names = [before, after].map(namesOf)
  for (let value = 0; value < plainValues; value++) {
    const [one = '', other = ''] = owners.map((list, at) => names[at]?.[list[value % list.length] ?? 0] ?? '')
    note(one, other, 1 / plainValues)
  }
}

/** Between two neighbours among the points of both rings all hashes have one owner in each. */
function noteKetama(before: RingShape, after: RingShape, note: Note): void {
  const rings = [before, after].map(({ nodes }) => {
    const { labels, weights } = listsOf(nodes)
    return ketamaPoints(labels, weights)
  })
  const names = [before, after].map(namesOf)
  const ends = Uint32Array.from(rings.flatMap(({ values }) => [...values])).sort()
  const all = 2 ** 32
  let start = 0
  const segment = (upTo: number) => {
    const [one = '', other = ''] = rings.map(
      ({ values, owners }, at) => names[at]?.[owners[firstAtLeast(values, upTo)] ?? 0] ?? '',
    )
    note(one, other, (upTo + 1 - start) / all)
    start = upTo + 1
  }
  for (const end of ends) if (end >= start) segment(end)
  if (start < all) segment(all - 1)
}

/** Of the owners of labels. */
function namesOf({ nodes }: RingShape): readonly string[] {
  return nodes.flatMap(({ name, labels }) => labels.map(() => name))
}
