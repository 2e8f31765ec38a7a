// What a change of the list of nodes moves: which part of all channels leaves and joins each node, and which of some given.
import { createNodeMap, type RingShape, sharesOf } from './node-map.ts'

export interface NodeChange {
  readonly name: string
  /** Parts of 1, of all channels. */
  readonly before: number
  readonly after: number
  readonly leaves: number
  readonly joins: number
}

export interface Plan {
  /** Of both lists, those that are gone last. */
  readonly nodes: readonly NodeChange[]
  /** Part of all channels that has another node then. */
  readonly moves: number
}

export function planOf(before: RingShape, after: RingShape): Plan {
  const shares = sharesOf(before, after)
  const names = new Set([...after.nodes, ...before.nodes].map(({ name }) => name))
  const sum = (fits: (share: (typeof shares)[number]) => boolean) =>
    shares.filter(fits).reduce((total, { part }) => total + part, 0)
  return {
    nodes: [...names].map(name => ({
      name,
      before: sum(share => share.before === name),
      after: sum(share => share.after === name),
      leaves: sum(share => share.before === name && share.after !== name),
      joins: sum(share => share.after === name && share.before !== name),
    })),
    moves: sum(share => share.before !== share.after),
  }
}

/** A channel, and how many subscribe to it. */
export interface GivenChannel {
  readonly name: string
  readonly subscribers: number | undefined
}

/** Those that have another node then. */
export function movedOf(
  before: RingShape,
  after: RingShape,
  channels: readonly GivenChannel[],
): readonly GivenChannel[] {
  const [one, other] = [before, after].map(shape => {
    const placeOf = createNodeMap(shape)
    return (name: string) => shape.nodes[placeOf(name).node]?.name
  })
  return channels.filter(({ name }) => one?.(name) !== other?.(name))
}
